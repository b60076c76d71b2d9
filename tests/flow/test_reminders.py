"""
What lasts is told again, until it is over or somebody looks after it.
"""

from support.agent import endpoint
from support.wait import until


def config(target, slack, **more):
    return {"endpoints": [endpoint("shop", target.at("/shop")),
                          endpoint("blog", target.at("/blog"))],
            "reporters": [
                {"name": "ops", "type": "slack", "url": slack.url,
                 "rate_limit": 6000},
                {"name": "quiet", "type": "slack", "url": slack.url + "/q",
                 "rate_limit": 6000}],
            "reminders": [{"after": "1s", "up_to": "1s",
                           "report_to": ["ops"]}], **more}


def told(slack, name, word):
    return [r.json()["text"] for r in slack.taken
            if name in r.json()["text"] and word in r.json()["text"]]


def seen(target, path, more):
    """So many more looks: what was to come meanwhile has come."""
    wanted = len(target.seen(path)) + more
    until(lambda: len(target.seen(path)) >= wanted, "probes")


def test_what_lasts_is_told_again(run, target, slack):
    agent = run(config(target, slack))
    until(lambda: target.seen("/shop"), "a probe")
    target.down("/shop")
    texts = until(lambda: (t := told(slack, "shop", "still down after"))
                  and len(t) > 1 and t, lambda: slack.texts())
    assert texts[0].startswith("shop is unavailable: still down after ")
    assert not told(slack, "blog", "still")
    assert not any("still" in r.json()["text"] for r in slack.taken
                   if r.path.endswith("/q"))

    # Somebody looks after it.
    assert agent.command("ctl", "ack", "shop", "--state", agent.state).returncode == 0
    until(lambda: agent.database(
        "SELECT 1 FROM delivery WHERE endpoint = 'shop'") == [], "all told")
    before = len(told(slack, "shop", "still"))
    seen(target, "/shop", 30)
    assert len(told(slack, "shop", "still")) == before

    # What is over is forgotten.
    target.up("/shop")
    until(lambda: told(slack, "shop", "operational"), lambda: slack.texts())
    assert agent.database("SELECT 1 FROM standing") == []
