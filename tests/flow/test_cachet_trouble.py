"""
Cachet answers badly, late, or not at all: there is one incident an outage all
the same.
"""

import signal
from collections import Counter

import pytest
from support.agent import endpoint
from support.cachet import TOKEN
from support.server import Answer
from support.wait import until

BOTH = ["CREATE_INCIDENT", "UPDATE_STATUS"]
SHORT = 0.3  # where that much passes before what was lost is looked for


def config(target, cachet, token=TOKEN, component=1, timeout=30):
    return {"endpoints": [endpoint("foo", target.at(), action=BOTH,
                                   component_id=component)],
            "cachet": {"api_url": cachet.api_url, "token": token,
                       "timeout": timeout}}


def probed(target, times=3):
    mark = len(target.seen())
    until(lambda: len(target.seen()) >= mark + times, "probes")


def outage(target, cachet):
    """Down, until Cachet has an incident; up, until it is all over."""
    probed(target)
    target.down()
    until(lambda: cachet.incidents and cachet.status() == 3,
          lambda: cachet.trace(reads=True))
    probed(target)
    target.up()
    until(lambda: cachet.status() == 1 and all(
        i["status"] == 4 for i in cachet.incidents.values()),
        lambda: cachet.trace(reads=True))


@pytest.mark.parametrize("fault", [
    dict(status=500), dict(status=503), dict(fault="reset"),
    dict(fault="close"), dict(fault="hang"), dict(fault="garbage"),
    dict(status=200, body="<html>welcome</html>"),
    dict(status=302, headers={"Location": "/login"}),
], ids=["500", "503", "reset", "close", "hang", "garbage", "html", "login"])
@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
def test_creation_goes_wrong_once(run, target, cachet, fault, effect):
    """Whether it had its effect or not: exactly one incident at the end."""
    cachet.fault("POST", "/incidents$", Answer(**fault), times=1,
                 effect=effect)
    run(config(target, cachet, timeout=SHORT))
    outage(target, cachet)
    assert len(cachet.incidents) + len(cachet.deleted) == 1, \
        cachet.trace(reads=True)


def test_creation_comes_too_soon(run, target, cachet):
    cachet.fault("POST", "/incidents$", Answer(
        429, headers={"Retry-After": "1"}), times=1)
    run(config(target, cachet))
    outage(target, cachet)
    assert list(cachet.incidents) == [100]


@pytest.mark.parametrize("path", ["/updates$", "/components/1$"])
@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
def test_other_writes_go_wrong_once(run, target, cachet, path, effect):
    run(config(target, cachet, timeout=SHORT))
    probed(target)
    cachet.fault("POST|PUT", path, Answer(500), times=1, effect=effect)
    outage(target, cachet)
    assert len(cachet.incidents) == 1


def test_look_up_goes_wrong_too(run, target, cachet):
    run(config(target, cachet, timeout=SHORT))
    probed(target)
    cachet.fault("POST", "/incidents$", Answer(fault="reset"), times=1,
                 effect=True)
    cachet.fault("GET", "/incidents$", Answer(500), times=2)
    outage(target, cachet)
    assert len(cachet.incidents) == 1


def test_away_for_a_whole_outage(run, target, cachet):
    """What was missed is told with one incident, closed at once."""
    run(config(target, cachet))
    probed(target)
    cachet.refuse()
    target.down()
    probed(target)
    target.up()
    probed(target)
    cachet.accept_again()
    until(lambda: [i["status"] for i in cachet.incidents.values()] == [4],
          lambda: cachet.trace(reads=True))
    until(lambda: cachet.status() == 1)


def test_component_flaps_while_cachet_is_away(run, target, cachet):
    """Behind a failed attempt only the latest state goes out."""
    settings = config(target, cachet)
    settings["endpoints"][0]["action"] = ["UPDATE_STATUS"]
    agent = run(settings)

    def wait_status(status):
        until(lambda: agent.endpoint("foo")["status"] == status, agent.status)
    agent.wait_well()
    cachet.refuse()
    for _ in range(4):
        target.down()
        wait_status("partial_outage")
        target.up()
        wait_status("operational")
    target.down()
    wait_status("partial_outage")
    cachet.accept_again()
    until(lambda: cachet.status() == 3, cachet.trace)
    assert cachet.trace() == ["U3"]


def test_incident_that_an_operator_deleted(run, target, cachet):
    agent = run(config(target, cachet))
    agent.wait_well()
    target.down()
    until(lambda: cachet.trace() == ["I3"])
    agent.wait_told("cachet/")
    del cachet.incidents[100]
    target.up()
    until(lambda: cachet.status() == 1, cachet.trace)
    target.down()
    until(lambda: len(cachet.incidents) == 1, cachet.trace)


def test_wrong_token_at_start(make, target, cachet):
    agent = make(config(target, cachet, token="canary-wrong-token")).start(
        wait=False)
    assert agent.wait_end() == 1
    assert "token" in agent.log and "canary" not in agent.log
    assert not target.requests


def test_component_that_does_not_exist_at_start(make, target, cachet):
    agent = make(config(target, cachet, component=999)).start(wait=False)
    assert agent.wait_end() == 1
    assert "foo: Component with id [999] does not exist." in agent.log
    assert not target.requests


@pytest.mark.parametrize("how", ["restart", "reload"])
def test_token_is_refused_later(run, target, cachet, how):
    """The target is suspended, people are told once, the rest goes on; and who
    has mended it need not wait."""
    agent = run(config(target, cachet))
    agent.wait_well()
    cachet.token = "another"
    target.down()
    until(lambda: any("!401" in w for w in cachet.trace()), cachet.trace)
    agent.wait_log("the receiver refuses us.*token")
    probed(target, 5)
    assert len(cachet.trace()) == 1
    cachet.token = TOKEN
    if how == "restart":
        agent.kill()
        agent.start()
    else:
        agent.process.send_signal(signal.SIGHUP)
    until(lambda: len(cachet.incidents) == 1, cachet.trace)


@pytest.mark.parametrize("trouble", ["refuse", "500", "hang", "html"])
def test_cachet_is_away_at_start(run, target, cachet, trouble):
    """Probing begins regardless, after five seconds at most."""
    if trouble == "refuse":
        cachet.refuse()
    elif trouble == "500":
        cachet.fault(status=500)
    elif trouble == "hang":
        cachet.fault(fault="hang")
    else:
        cachet.fault(answer=Answer(200, "<html>hello</html>"))
    run(config(target, cachet, timeout=SHORT))
    probed(target)
    target.down()
    probed(target)
    if trouble == "refuse":
        cachet.accept_again()
    else:
        cachet.heal()
    until(lambda: cachet.status() == 3 and len(cachet.incidents) == 1,
          lambda: cachet.trace(reads=True))


def test_redirect_of_the_api_is_not_followed_with_the_token(run, target,
                                                            cachet, hook):
    elsewhere = hook.url.replace("127.0.0.1", "localhost")
    cachet.fault("POST", "/incidents$", Answer(
        302, headers={"Location": elsewhere + "/api/v1/incidents"}))
    run(config(target, cachet))
    probed(target)
    target.down()
    until(lambda: "I3!302" in cachet.trace(), cachet.trace)
    probed(target)
    assert not hook.requests


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_api_that_moved_on_its_host(run, target, cachet, hook, status):
    """Whatever the redirect, the same request goes there, and it is said."""
    hook.answer = lambda request: Answer(
        status, headers={"Location": cachet.url + request.target})
    found = config(target, cachet)
    found["cachet"]["api_url"] = hook.url + "/api/v1"
    agent = run(found)
    agent.wait_well()
    target.down()
    until(lambda: "I3" in cachet.trace(), cachet.trace)
    agent.wait_told("cachet/")
    target.up()
    until(lambda: cachet.trace()[-1:] == ["U1"], cachet.trace)
    done = Counter((r.method, r.target, r.body) for r in cachet.requests)
    asked = Counter((r.method, r.target, r.body) for r in hook.requests)
    assert done <= asked  # several are under way at once
    assert all(r.header("x-cachet-token") for r in cachet.requests)
    told = [line for line in agent.log.splitlines() if "redirect" in line]
    assert 1 <= len(told) <= 2
    assert all(f"api_url={cachet.api_url}" in line for line in told)


def test_api_that_moves_for_ever(run, target, cachet, hook):
    hook.answer = lambda request: Answer(
        308, headers={"Location": "/x" + request.target})
    found = config(target, cachet)
    found["cachet"]["api_url"] = hook.url + "/api/v1"
    agent = run(found)
    probed(target)
    target.down()
    until(lambda: "which is not followed" in agent.log, lambda: agent.log)
    assert max(r.target.count("/x") for r in hook.requests) == 5
