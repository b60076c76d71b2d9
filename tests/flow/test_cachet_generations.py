"""
Outage and recovery on every Cachet there is, also on one that is upgraded
meanwhile.
"""

import pytest
from support.agent import endpoint
from support.cachet import Cachet
from support.cachet_generations import (Cachet3, Cachet23, Cachet32024, become,
                                        unlimited)
from support.wait import until

BOTH = ["CREATE_INCIDENT", "UPDATE_STATUS"]

# What is written for an outage, and for its end.
WRITES = {
    Cachet23: (["I3"], ["V100"]),
    Cachet: (["I3"], ["R100", "U1"]),
    Cachet3: (["I3", "U3"], ["R100", "U1"]),
    Cachet32024: (["I3", "U3"], ["R100", "V100", "U1"]),
}
KINDS = list(WRITES)
IDS = ["2.3", "2.4", "3", "3-2024"]
VERSIONS = ["2.3", "2.4", "3", "3"]


def config(target, cachet, api_url=None, **more):
    return {"endpoints": [endpoint("foo", target.at(), action=BOTH,
                                   component_id=1)],
            "cachet": {"api_url": api_url or cachet.api_url,
                       "token": cachet.token, "timeout": 30, **more}}


def traced(agent, cachet, words):
    until(lambda: cachet.trace() == words,
          lambda: f"{words}, not {cachet.trace(reads=True)}")
    agent.wait_told("cachet/")


def probed(target, times=3):
    mark = len(target.seen())
    until(lambda: len(target.seen()) >= mark + times, "probes")


def outage(agent, target, cachet):
    agent.wait_well()
    target.down()
    down, up = WRITES[type(cachet)]
    traced(agent, cachet, down)
    incident = cachet.incidents[100]
    assert incident["status"] == 1 and incident["visible"] == 1
    assert cachet.status() == 3
    target.up()
    traced(agent, cachet, down + up)
    assert incident["status"] == 4 and incident["visible"] == 1
    assert cachet.status() == 1


@pytest.mark.parametrize("slash", ["", "/"], ids=["bare", "slash"])
@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_outage_and_recovery(run, target, kind, slash):
    with unlimited(kind) as cachet:
        agent = run(config(target, cachet, cachet.api_url + slash))
        outage(agent, target, cachet)
        assert not [r for r in cachet.requests if "version" in r.path]


@pytest.mark.parametrize("kind, version", zip(KINDS, VERSIONS),
                         ids=IDS)
def test_version_is_set(run, target, kind, version):
    """It is believed, and nothing is asked."""
    with unlimited(kind) as cachet:
        agent = run(config(target, cachet, version=version))
        outage(agent, target, cachet)
        assert not [r for r in cachet.requests
                    if r.path.endswith(("/ping", "/schedules"))]


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_address_of_another_generation(run, target, kind):
    with unlimited(kind) as cachet:
        path = "/api/v1" if issubclass(kind, Cachet3) else "/api"
        agent = run(config(target, cachet, cachet.url + path))
        outage(agent, target, cachet)


RULES = [{"type": "HTTP_STATUS", "status_range": "200-300"},
         {"type": "REGEX", "regex": ".*alive", "incident": "MAJOR"}]
WORSE = "Now major outage: "
OVER = "foo is operational"


def said(cachet):
    """At the incident, after its opening."""
    with cachet.lock:
        texts = [u["message"] for u in cachet.updates.get(100, [])]
        message = cachet.incidents[100]["message"]
        return message.split("\n\n")[1:] + texts


@pytest.mark.parametrize("lost", [False, True], ids=["", "lost"])
@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_it_gets_worse(run, target, kind, lost):
    """It is said once, also when the answer is lost."""
    target.set("/", body="alive")
    with unlimited(kind) as cachet:
        # What is lost is looked for when that time is over.
        settings = config(target, cachet, timeout=0.5 if lost else 30,
                          severity_updates=True)
        settings["endpoints"][0]["expectation"] = RULES
        agent = run(settings)
        agent.wait_well()
        target.set("/", status=500, body="alive")
        until(lambda: cachet.incidents and cachet.status() == 3,
              lambda: cachet.trace(reads=True))
        agent.wait_told("cachet/")
        if lost:
            route = "PUT" if kind is Cachet23 else "POST"
            cachet.fault(route, r"/incidents/100", times=1, effect=True,
                         fault="reset")
        target.set("/", status=200, body="dead")
        until(lambda: cachet.status() == 4 and said(cachet),
              lambda: cachet.trace(reads=True))
        agent.wait_told("cachet/")
        assert cachet.incidents[100]["status"] == 1
        target.set("/", status=200, body="alive")
        until(lambda: cachet.incidents[100]["status"] == 4
              and cachet.status() == 1,
              lambda: cachet.trace(reads=True))
        agent.wait_told("cachet/")
        worse, over = said(cachet)
        assert worse.startswith(WORSE) and over == OVER
        assert cachet.incidents[100]["visible"] == 1


def test_old_incident_keeps_its_text(run, target):
    """2.3 has no updates: the incident itself says both."""
    with Cachet23() as cachet:
        cachet.components[1]["enabled"] = False
        agent = run(config(target, cachet))
        outage(agent, target, cachet)
        assert cachet.incidents[100]["message"] == \
            "Unexpected HTTP status (500)\n\nfoo is operational"


def test_disabled_component_stays_so(run, target):
    settings = {"action": ["UPDATE_STATUS"], "component_id": 1}
    with Cachet23() as cachet:
        cachet.components[1]["enabled"] = False
        agent = run({**config(target, cachet), "endpoints": [
            endpoint("foo", target.at(), **settings)]})
        agent.wait_well()
        target.down()
        traced(agent, cachet, ["U3"])
        target.up()
        traced(agent, cachet, ["U3", "U1"])
        assert cachet.components[1]["enabled"] is False


def test_visitors_see_it(run, target):
    """3.x: what an incident does to its component ends with it."""
    settings = {"action": ["CREATE_INCIDENT"], "component_id": 1}
    with Cachet3() as cachet:
        agent = run({**config(target, cachet), "endpoints": [
            endpoint("foo", target.at(), **settings)]})
        agent.wait_well()
        target.down()
        traced(agent, cachet, ["I3"])
        assert (cachet.status(), cachet.visible_status()) == (1, 3)
        target.up()
        traced(agent, cachet, ["I3", "R100"])
        assert (cachet.status(), cachet.visible_status()) == (1, 1)


@pytest.mark.parametrize("before", [Cachet23, Cachet], ids=["2.3", "2.4"])
def test_upgrade_while_an_incident_colours_its_component(run, target, before):
    """What an older one has set at the creation, nobody else puts back."""
    settings = {"action": ["CREATE_INCIDENT"], "component_id": 1}
    with unlimited(before) as cachet:
        agent = run({**config(target, cachet, reconcile="off"), "endpoints": [
            endpoint("foo", target.at(), **settings)]})
        agent.wait_well()
        target.down()
        traced(agent, cachet, ["I3"])
        assert cachet.status() == 3
        agent.kill()
        become(cachet, Cachet3)
        agent.start()
        target.up()
        until(lambda: cachet.incidents[100]["status"] == 4
              and cachet.status() == 1,
              lambda: cachet.trace(reads=True))


@pytest.mark.parametrize("before, after", [
    (Cachet23, Cachet), (Cachet, Cachet3), (Cachet23, Cachet3),
    (Cachet3, Cachet), (Cachet32024, Cachet3),
], ids=["2.3-2.4", "2.4-3", "2.3-3", "3-2.4", "2024-3"])
def test_upgrade_in_the_middle(run, target, before, after):
    with unlimited(before) as cachet:
        agent = run(config(target, cachet))
        agent.wait_well()
        target.down()
        traced(agent, cachet, WRITES[before][0])
        agent.wait_told("cachet/")
        become(cachet, after)
        target.up()
        until(lambda: cachet.incidents[100]["status"] == 4
              and cachet.status() == 1,
              lambda: cachet.trace(reads=True))
        agent.wait_told("cachet/")
        assert len(cachet.incidents) == 1

        # From now on it is a Cachet of the other kind.
        target.down()
        until(lambda: cachet.status() == 3 and 101 in cachet.incidents,
              lambda: cachet.trace(reads=True))
        assert cachet.incidents[101]["visible"] == 1
        target.up()
        until(lambda: cachet.incidents[101]["status"] == 4
              and cachet.status() == 1,
              lambda: cachet.trace(reads=True))
        assert len(cachet.incidents) == 2


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
@pytest.mark.parametrize("effect, how", [
    (False, {"fault": "reset"}), (True, {"fault": "reset"}),
    (True, {"status": 500}),
], ids=["before", "after", "500"])
def test_answer_to_the_creation_is_lost(run, target, kind, effect, how):
    with unlimited(kind) as cachet:
        cachet.fault("POST", "/incidents$", times=1, effect=effect,
                     **how)
        agent = run(config(target, cachet, timeout=0.3))
        agent.wait_well()
        target.down()
        until(lambda: cachet.incidents and cachet.status() == 3,
              lambda: cachet.trace(reads=True))
        target.up()
        until(lambda: cachet.status() == 1 and all(
            i["status"] == 4 for i in cachet.incidents.values()),
            lambda: cachet.trace(reads=True))
        assert len(cachet.incidents) + len(cachet.deleted) == 1, \
            cachet.trace(reads=True)


@pytest.mark.parametrize("before, after", [
    (Cachet23, Cachet), (Cachet23, Cachet3), (Cachet, Cachet3),
    (Cachet32024, Cachet3),
], ids=["2.3-2.4", "2.3-3", "2.4-3", "2024-3"])
def test_upgrade_before_the_lost_creation_is_looked_for(run, target, before,
                                                        after):
    """It bears no mark where there were none, and is ours all the same."""
    with unlimited(before) as cachet:
        cachet.fault("POST", "/incidents$", times=1, effect=True,
                     fault="reset")
        agent = run(config(target, cachet, timeout=0.3))
        agent.wait_well()
        cachet.fault("GET", "/incidents$", status=503)
        target.down()
        until(lambda: any(w.startswith("L!") for w in cachet.trace(True)),
              lambda: cachet.trace(reads=True))
        become(cachet, after)
        cachet.limit = 10 ** 5
        cachet.heal()
        until(lambda: cachet.status() == 3, cachet.trace)
        target.up()
        until(lambda: cachet.status() == 1 and all(
            i["status"] == 4 for i in cachet.incidents.values()),
            lambda: cachet.trace(reads=True))
        assert list(cachet.incidents) == [100] and not cachet.deleted, \
            cachet.trace(reads=True)


@pytest.mark.parametrize("kind", [Cachet, Cachet3], ids=["2.4", "3"])
def test_reads_need_the_token(run, target, kind):
    """always_authenticate of 2.4, api_protected of 3.x"""
    with unlimited(kind) as cachet:
        cachet.locked = True
        agent = run(config(target, cachet))
        outage(agent, target, cachet)


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_no_put_gets_through(run, target, kind):
    """A proxy refuses it: it goes as a POST that says what it is."""
    with unlimited(kind) as cachet:
        cachet.fault("PUT", "", status=405, body="<h1>Not Allowed</h1>")
        agent = run(config(target, cachet))
        agent.wait_well()
        target.down()
        until(lambda: cachet.incidents and cachet.status() == 3,
              lambda: cachet.trace(reads=True))
        target.up()
        until(lambda: cachet.status() == 1
              and cachet.incidents[100]["status"] == 4,
              lambda: cachet.trace(reads=True))


# All that the cleaner of 2.x would take apart.
STRANGE = [
    "100%25 a%20b", "99.9% defined", "5%\ta\nd", "a < b && c > d", "<b",
    "<script>x</script>", "eval(x)", "profile (nfs)", "e v a l (x)",
    "alert ('y') <b onclick=z>", "javascript: document.cookie", "<!-- x -->",
    "<?php system('ls') ?>", "vbscript:data:text/html;base64,x", "tab\there",
    "<img src=x onerror=y>", "käse & \"brot\"", "Redirect 301", "java script:",
    "the app let us", "see window.location", 'id="\\d+"', "x" * 233 + " y z",
    "ev\x01al(y)", " blanks ", "data : x base64 y, z", "%\x01 20",
]


@pytest.mark.parametrize("kind", [Cachet23, Cachet], ids=["2.3", "2.4"])
def test_strange_texts_arrive(run, target, kind):
    """As they were sent, so that incidents are found by their names."""
    rules = [{"type": "HTTP_STATUS", "status_range": "200-300"}]
    with unlimited(kind) as cachet:
        settings = config(target, cachet, timeout=0.3)
        settings["endpoints"] = [
            endpoint(name, target.at(), action=["CREATE_INCIDENT"],
                     component_id=1, expectation=rules) for name in STRANGE]
        cachet.fault("POST", "/incidents$", effect=True, status=500,
                     times=len(STRANGE))
        run(settings)
        probed(target, len(STRANGE) * 2)
        target.down()
        until(lambda: len(cachet.incidents) >= len(STRANGE),
              lambda: cachet.trace(reads=True))
        target.up()
        until(lambda: all(i["status"] == 4
                          for i in cachet.incidents.values()),
              lambda: [i for i in cachet.incidents.values()
                       if i["status"] != 4])
        sent = {r.json()["name"] for r in cachet.requests
                if r.method == "POST" and r.path.endswith("/incidents")}
        assert {i["name"] for i in cachet.incidents.values()} == sent
        assert len(cachet.incidents) == len(STRANGE) == len(sent)
