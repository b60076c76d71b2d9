"""
What the agent promised is kept across restarts and across kills.
"""

import yaml
from support.agent import endpoint
from support.cachet import TOKEN
from support.wait import until

ACTION = ["CREATE_INCIDENT", "UPDATE_STATUS"]


def config(target, cachet, hook, path="/", **more):
    return {"endpoints": [endpoint("foo", target.at(path), component_id=1,
                                   action=ACTION, **more)],
            "cachet": {"api_url": cachet.api_url, "token": TOKEN,
                       "timeout": 30},
            "reporters": [{"name": "hook", "type": "webhook",
                           "url": hook.url, "body": {"t": "{title}"}}]}


def probed(target, path="/", times=3):
    mark = len(target.seen(path))
    until(lambda: len(target.seen(path)) >= mark + times, "probes")


def down(agent, target, cachet, hook):
    agent.wait_well()
    target.down()
    until(lambda: cachet.trace() == ["I3"] and len(hook.taken) == 1,
          lambda: (cachet.trace(), hook.requests))
    agent.wait_told()


def settled(agent):
    until(lambda: not agent.database(
        "SELECT 1 FROM part WHERE state = 0 OR begun_ms > 0"), "the outbox")


def test_restart_in_an_outage(run, target, cachet, hook):
    agent = run(config(target, cachet, hook))
    down(agent, target, cachet, hook)
    agent.restart()
    probed(target)
    assert cachet.trace() == ["I3"] and len(hook.requests) == 1
    target.up()
    until(lambda: cachet.trace() == ["I3", "R100", "U1"], cachet.trace)
    until(lambda: len(hook.taken) == 2)
    opened, closed = (r.delivery.split(":") for r in hook.taken)
    assert opened[0] == closed[0] and (opened[1], closed[1]) == ("1", "2")


def test_crash_in_an_outage_that_ends_meanwhile(run, target, cachet, hook):
    agent = run(config(target, cachet, hook))
    down(agent, target, cachet, hook)
    agent.kill()
    target.up()
    agent.start()
    until(lambda: cachet.trace() == ["I3", "R100", "U1"], cachet.trace)
    until(lambda: [r.json()["t"] for r in hook.taken] == [
        "foo is unavailable", "foo is operational"], lambda: hook.requests)


def test_right_incident_is_closed_among_others(run, target, cachet, hook):
    """Those of people are left alone, before and after a restart."""
    planned = cachet.add_incident("planned work", 2)
    same = cachet.add_incident("foo is unavailable", 4)
    agent = run(config(target, cachet, hook))
    agent.wait_well()
    target.down()
    until(lambda: cachet.trace() == ["I3"])
    agent.wait_told("cachet/")
    until(lambda: len(hook.taken) == 1)
    later = cachet.add_incident("foo looks strange to me", 1)
    agent.restart()
    target.up()
    until(lambda: cachet.trace() == ["I3", "R102", "U1"], cachet.trace)
    assert [cachet.incidents[i]["status"] for i in (planned, same, later)] \
        == [2, 4, 1]


def test_restart_while_the_webhook_is_down(run, target, cachet, hook):
    hook.refuse()
    agent = run(config(target, cachet, hook))
    agent.wait_well()
    target.down()
    until(lambda: cachet.trace() == ["I3"])
    agent.wait_told("cachet/")
    agent.restart()
    target.up()
    until(lambda: "U1" in cachet.trace(), cachet.trace)
    agent.kill()
    hook.accept_again()
    agent.start()
    until(lambda: len(hook.taken) >= 2, lambda: hook.requests)
    settled(agent)
    assert [r.json()["t"] for r in hook.taken] == [
        "foo is unavailable", "foo is operational"]
    assert len(hook.by_delivery()) == 2


def test_allowed_fails_are_counted_across_a_restart(run, target, cachet,
                                                    hook):
    agent = run(config(target, cachet, hook, allowed_fails=1000))
    agent.wait_well()
    target.down()
    until(lambda: agent.endpoint("foo")["fails"] >= 5, agent.status)
    agent.stop()
    fails = agent.database("SELECT fails FROM endpoint")[0]["fails"]
    assert fails >= 5
    agent.start()
    until(lambda: agent.endpoint("foo")["fails"] > fails, agent.status)
    agent.stop()
    assert agent.database("SELECT fails FROM endpoint")[0]["fails"] > fails


def test_removed_endpoint_is_closed_as_no_longer_monitored(run, target,
                                                           cachet, hook):
    agent = run(config(target, cachet, hook))
    down(agent, target, cachet, hook)
    agent.stop()
    without = config(target, cachet, hook, path="/other")
    without["endpoints"][0]["name"] = "bar"
    agent.configure(without)
    agent.start()
    until(lambda: "R100" in cachet.trace(), cachet.trace)
    assert cachet.incidents[100]["status"] == 4
    until(lambda: len(hook.taken) == 2)
    assert hook.taken[1].delivery.split(":")[0] \
        == hook.taken[0].delivery.split(":")[0]


def test_removed_reporter_is_forgotten(run, target, cachet, hook):
    """Its deliveries are cancelled and counted; nobody else suffers."""
    hook.refuse()
    agent = run(config(target, cachet, hook))
    agent.wait_well()
    target.down()
    until(lambda: cachet.trace() == ["I3"])
    agent.wait_told("cachet/")
    agent.stop()
    rest = config(target, cachet, hook)
    del rest["reporters"]
    agent.configure(rest)
    agent.start()
    hook.accept_again()
    target.up()
    until(lambda: cachet.trace() == ["I3", "R100", "U1"], cachet.trace)
    assert not hook.taken
    agent.wait_log("cancelled deliveries of reporters that are gone")


def test_added_reporter_hears_only_of_later_incidents(run, target, cachet,
                                                      hook, slack):
    agent = run(config(target, cachet, hook))
    down(agent, target, cachet, hook)
    agent.stop()
    more = yaml.safe_load(agent.path.read_text())
    more["reporters"].append({"name": "ops", "type": "slack",
                              "url": slack.url + "/x"})
    agent.configure(more)
    agent.start()
    target.up()
    until(lambda: len(hook.taken) == 2)
    target.down()
    until(lambda: len(slack.taken) == 1)
    assert not any("operational" in r.body.decode() for r in slack.taken)


def test_empty_state_finds_the_open_incident_again(run, target, cachet,
                                                   hook):
    """The state file is lost: no second incident, the old one is closed."""
    agent = run(config(target, cachet, hook))
    down(agent, target, cachet, hook)
    agent.stop()
    for path in agent.state.parent.iterdir():
        path.unlink()
    agent.start()
    probed(target)
    target.up()
    until(lambda: cachet.incidents[100]["status"] == 4, cachet.trace)
    until(lambda: cachet.status() == 1)
    assert list(cachet.incidents) == [100]


def test_empty_state_and_the_outage_is_over(run, target, cachet, hook):
    agent = run(config(target, cachet, hook))
    down(agent, target, cachet, hook)
    agent.stop()
    for path in agent.state.parent.iterdir():
        path.unlink()
    target.up()
    agent.start()
    until(lambda: cachet.incidents[100]["status"] == 4, cachet.trace)
    until(lambda: cachet.status() == 1)
    assert list(cachet.incidents) == [100]
