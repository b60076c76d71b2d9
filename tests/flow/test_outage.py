"""
An outage is noticed, told to Cachet in the order of `action`, and taken back.
"""

import re

import pytest
from support.agent import endpoint
from support.cachet import Cachet
from support.server import Answer
from support.target import BAD, GOOD
from support.wait import until

BOTH = ["CREATE_INCIDENT", "UPDATE_STATUS"]


def config(cachet, *endpoints, **more):
    return {"endpoints": list(endpoints),
            "cachet": {"api_url": cachet.api_url, "token": cachet.token,
                       "timeout": 30}, **more}


def traced(agent, cachet, *words):
    """Until Cachet was written to exactly so, and no look at it is owed: a
    component is brought into line with what is true when its turn comes."""
    until(lambda: cachet.trace() == list(words),
          lambda: f"{list(words)}, not {cachet.trace(reads=True)}")
    agent.wait_told("cachet/")


def probed(target, path="/", times=3):
    """Until it was looked at that many times more."""
    mark = len(target.seen(path))
    until(lambda: len(target.seen(path)) >= mark + times, "probes")


@pytest.mark.parametrize("action, down, up", [
    (BOTH, ["I3"], ["R100", "U1"]),
    (BOTH[::-1], ["U3", "I3"], ["U1", "R100"]),
    (["UPDATE_STATUS"], ["U3"], ["U1"]),
    (["CREATE_INCIDENT"], ["I3"], ["R100", "U1"]),
    ([], [], []),
    (None, [], []),
], ids=["incident-first", "status-first", "status", "incident", "none",
        "absent"])
def test_actions(run, target, cachet, action, down, up):
    agent = run(config(cachet, endpoint("foo", target.at(), action=action,
                                        component_id=1)))
    agent.wait_well()
    traced(agent, cachet)
    target.down()
    probed(target)
    traced(agent, cachet, *down)
    assert cachet.status() == (3 if action else 1)
    target.up()
    probed(target)
    traced(agent, cachet, *down, *up)
    assert cachet.status() == 1
    assert all(i["status"] == 4 for i in cachet.incidents.values())


def test_incident_says_what_happened(run, target, cachet):
    agent = run(config(cachet, endpoint("foo", target.at(), action=BOTH,
                                        component_id=1)))
    agent.wait_well()
    target.down()
    traced(agent, cachet, "I3")
    incident = cachet.incidents[100]
    assert incident["name"] == "foo is unavailable"
    assert incident["message"] == "Unexpected HTTP status (500)"
    assert incident["status"] == 1 and incident["visible"] == 1
    assert incident["component_id"] == 1 and incident["mailed"]
    assert incident["meta"]["endpoint"] == "foo"
    assert len(incident["meta"]["curlew"]) == 36
    target.up()
    traced(agent, cachet, "I3", "R100", "U1")
    assert cachet.updates[100][0]["message"] == "foo is operational"


def test_messages_are_filled_in(run, target, cachet):
    words = {"incident_outage": "{name} ({component_id}) broke",
             "incident_operational": "{name} via {method} works"}
    agent = run(config(cachet, endpoint("foo", target.at(), action=BOTH,
                                        component_id=1), messages=words))
    agent.wait_well()
    target.down()
    traced(agent, cachet, "I3")
    assert cachet.incidents[100]["name"] == "foo (1) broke"
    target.up()
    traced(agent, cachet, "I3", "R100", "U1")
    assert cachet.updates[100][0]["message"] == "foo via GET works"


def test_private_incident_stays_private(run, target, cachet):
    agent = run(config(cachet, endpoint("foo", target.at(), action=BOTH,
                                        component_id=1,
                                        public_incidents=False)))
    agent.wait_well()
    target.down()
    traced(agent, cachet, "I3")
    target.up()
    traced(agent, cachet, "I3", "R100", "U1")
    assert cachet.incidents[100]["visible"] == 0


def test_every_outage_has_its_own_incident(run, target, cachet):
    agent = run(config(cachet, endpoint("foo", target.at(), action=BOTH,
                                        component_id=1)))
    agent.wait_well()
    words = []
    for number in (100, 101, 102):
        target.down()
        words += ["I3"]
        traced(agent, cachet, *words)
        target.up()
        words += [f"R{number}", "U1"]
        traced(agent, cachet, *words)
    assert len(cachet.by_mark()) == 3


def test_allowed_fails(run, target, cachet):
    """With 2, the third failure in a row speaks; a success starts anew."""
    target.script("/", [GOOD, BAD, BAD, GOOD, BAD, BAD, BAD])
    agent = run(config(cachet, endpoint("foo", target.at(), action=BOTH,
                                        component_id=1, allowed_fails=2)))
    traced(agent, cachet, "I3")
    told = next(r for r in cachet.requests if r.method == "POST")
    assert len([r for r in target.seen() if r.at < told.at]) >= 7
    target.up()
    traced(agent, cachet, "I3", "R100", "U1")


def test_blips_below_the_threshold_are_not_told(run, target, cachet):
    target.script("/", [GOOD, BAD, BAD, GOOD, BAD, BAD, GOOD, BAD, GOOD])
    agent = run(config(cachet, endpoint("foo", target.at(), action=BOTH,
                                        component_id=1, allowed_fails=2)))
    until(lambda: len(target.seen()) > 12, "probes")
    assert cachet.trace() == []


def test_severity_changes_are_mirrored(run, target, cachet, slack):
    """The incident stays the same one; the component follows."""
    rules = [{"type": "HTTP_STATUS", "status_range": "200-300"},
             {"type": "REGEX", "regex": ".*alive", "incident": "MAJOR"}]
    target.set("/", body="alive")
    agent = run(config(cachet, endpoint("foo", target.at(), action=BOTH,
                                        component_id=1, expectation=rules),
                       reporters=[{"name": "ops", "type": "slack",
                                   "url": slack.url + "/x"}]))

    def heard():
        """Each is told of, be it in one message."""
        return sum(len(r.delivery.split(",")) for r in slack.taken)
    agent.wait_well()
    target.set("/", status=500, body="alive")
    traced(agent, cachet, "I3")
    target.set("/", status=200, body="dead")
    traced(agent, cachet, "I3", "U4")
    target.set("/", status=500, body="alive")
    traced(agent, cachet, "I3", "U4", "U3")
    target.set("/", body="alive")
    traced(agent, cachet, "I3", "U4", "U3", "R100", "U1")
    until(lambda: heard() == 4, lambda: slack.texts())


def test_component_that_was_bad_at_start_is_brought_into_line(run, target,
                                                              cachet):
    cachet.components[1]["status"] = 3
    agent = run(config(cachet, endpoint("foo", target.at(), action=BOTH,
                                        component_id=1)))
    traced(agent, cachet, "U1")


def test_down_from_the_start(run, target, cachet):
    target.down()
    agent = run(config(cachet, endpoint("foo", target.at(), action=BOTH[::-1],
                                        component_id=1)))
    traced(agent, cachet, "U3", "I3")


def test_operators_change_in_steady_state_is_respected(run, target, cachet):
    agent = run(config(cachet, endpoint("foo", target.at(), action=BOTH,
                                        component_id=1)))
    until(lambda: agent.endpoint("foo")["status"] == "operational")
    until(lambda: agent.status()["reconcile"][0]["done"] > 0, agent.status)
    agent.wait_told("cachet/")
    cachet.components[1]["status"] = 2
    probed(target, times=6)
    assert cachet.status() == 2 and cachet.trace() == []


def test_shared_component_shows_the_worst(run, target, cachet):
    slow = [{"type": "REGEX", "regex": ".*well", "incident": "PERFORMANCE"}]
    agent = run(config(cachet,
                       endpoint("bad", target.at("/bad"),
                                action=["UPDATE_STATUS"], component_id=1),
                       endpoint("meh", target.at("/meh"),
                                action=["UPDATE_STATUS"], component_id=1,
                                expectation=slow)))
    probed(target, "/bad")
    probed(target, "/meh")
    target.set("/meh", body="ill")
    until(lambda: cachet.status() == 2)
    target.down("/bad")
    until(lambda: cachet.status() == 3)
    target.set("/meh", body="well")
    probed(target, "/meh", 4)
    assert cachet.status() == 3
    target.set("/meh", body="ill")
    probed(target, "/meh", 4)
    target.up("/bad")
    until(lambda: cachet.status() == 2)
    target.set("/meh", body="well")
    until(lambda: cachet.status() == 1)


def test_endpoints_do_not_wait_for_one_another(run, target):
    with Cachet(components=(1, 2)) as cachet:
        agent = run(config(cachet,
                           endpoint("one", target.at("/1"), action=BOTH,
                                    component_id=1),
                           endpoint("two", target.at("/2"), action=BOTH,
                                    component_id=2)))
        agent.wait_well()
        target.down("/1")
        traced(agent, cachet, "I3")
        target.down("/2")
        traced(agent, cachet, "I3", "I3")
        target.up("/2")
        traced(agent, cachet, "I3", "I3", "R101", "U1@2")
        assert cachet.status(1) == 3


def test_latency_is_an_outage_of_its_own_kind(run, target, cachet):
    rules = [{"type": "LATENCY", "threshold": 0.3}]
    # It is slow from the start: on a busy machine a quick one may be, too.
    target.set("/", Answer(delay=0.5))
    agent = run(config(cachet, endpoint("foo", target.at(), action=BOTH,
                                        component_id=1, expectation=rules,
                                        timeout=60)))
    traced(agent, cachet, "I2")
    assert cachet.incidents[100]["name"] == "foo has degraded performance"
    assert re.match(r"Latency above threshold: \d+\.\d",
                    cachet.incidents[100]["message"])
