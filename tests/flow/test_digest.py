"""
How everything is, told every so often.
"""

import re

from support.agent import endpoint
from support.wait import until


def config(target, slack, *digests):
    return {"endpoints": [endpoint("shop", target.at("/shop")),
                          endpoint("blog", target.at("/blog"))],
            "reporters": [
                {"name": "ops", "type": "slack", "url": slack.url,
                 "rate_limit": 6000},
                {"name": "hook", "type": "webhook", "url": slack.url + "/h",
                 "body": {"text": "{title}"}}],
            "digests": list(digests)}


def digests(slack):
    """Those that were taken: the text, and a line for each endpoint."""
    found = []
    for request in slack.taken:
        said = request.json()
        if re.search(r" are | could not be ", said["text"]):
            lines = "\n".join(a["text"] for a in said["attachments"])
            found.append((said["text"], lines.splitlines()))
    return found


def test_the_state_of_all(run, target, slack):
    run(config(target, slack, {"every": "1s"}))
    until(lambda: ("All 2 are well") in [t for t, _ in digests(slack)],
          lambda: slack.texts())
    target.down("/shop")
    title, lines = until(lambda: next(
        (d for d in digests(slack) if d[0] == "1 of 2 are not well"), None),
        lambda: slack.texts())
    assert len(lines) == 2, title
    assert re.fullmatch(r"\*<\S+/shop\|shop>\*: (partial|major) outage since "
                        r"[-\d]+ [:\d]+ UTC, uptime \d+\.\d\d %", lines[0])
    assert re.match(r"\*<\S+/blog\|blog>\*: operational since ", lines[1])
    assert not any("are well" in r.body.decode() for r in slack.requests
                   if r.path == "/h")


def test_quiet_while_all_is_well(run, target, slack):
    run(config(target, slack, {"every": "1s", "quiet": True,
                               "report_to": ["ops"]}))
    until(lambda: len(target.seen("/blog")) > 2, "probes")
    target.down("/shop")
    until(lambda: "1 of 2 are not well" in [t for t, _ in digests(slack)],
          lambda: slack.texts())
    assert not any(t.startswith("All ") for t, _ in digests(slack))


def test_what_is_muted_does_not_count(run, target, slack):
    agent = run(config(target, slack, {"every": "1s"}))
    until(lambda: "All 2 are well" in [t for t, _ in digests(slack)],
          lambda: slack.texts())
    target.down("/shop")
    until(lambda: "1 of 2 are not well" in [t for t, _ in digests(slack)],
          lambda: slack.texts())
    done = agent.command("ctl", "mute", "shop", "--state", agent.state)
    assert done.returncode == 0, done.stderr
    _, lines = until(lambda: next(
        (d for d in digests(slack) if d[0] == "All 1 are well; muted: 1"), None),
        lambda: slack.texts())
    assert re.match(r"\*<\S+/shop\|shop>\*: (partial|major) outage since "
                    r"[-\d]+ [:\d]+ UTC, muted, uptime ", lines[0])


def test_no_pile_of_old_ones(run, target, slack):
    """While the receiver is away only one waits, and it is told then."""
    agent = run(config(target, slack, {"every": "1s"}))
    until(lambda: digests(slack), lambda: slack.texts())
    slack.refuse()
    agent.wait_log("could not tell.*reporter=slack/ops")
    wait = len(target.seen("/blog")) + 20
    until(lambda: len(target.seen("/blog")) > wait, "a while")
    assert len(agent.database(
        "SELECT 1 FROM delivery WHERE endpoint = 'curlew/digest'")) == 1
    before = len(digests(slack))
    slack.accept_again()
    until(lambda: len(digests(slack)) > before, lambda: slack.texts())
