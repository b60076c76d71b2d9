"""
The agent's own alert, when it cannot look at most of its endpoints.
"""

import re
import resource
import shutil

import pytest
from support.agent import endpoint
from support.cachet import TOKEN
from support.names import NameServer
from support.netns import network, why_not, wrap
from support.wait import until

REASON = why_not()
own_network = pytest.mark.skipif(REASON is not None, reason=str(REASON))

SERVER = "127.0.0.53"
OPENED = "curlew cannot look at most of its endpoints: "
ENDED = "curlew can look at its endpoints again; it was blind for "


@pytest.fixture(name="etc")
def make_etc(tmp_path):
    """In a network of its own; SERVER is asked for names."""
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "resolv.conf").write_text(f"nameserver {SERVER}\n")
    with network():
        yield folder


def by_names(target, *names, **more):
    return [endpoint(name, f"http://{name}.test:{target.port}/",
                     allowed_fails=1000, **more) for name in names]


def config(target, slack, hook, cachet):
    return {
        "blind_after": "300ms",
        "endpoints": [
            *by_names(target, "good-1", component_id=1,
                      action=["CREATE_INCIDENT", "UPDATE_STATUS"]),
            *by_names(target, "good-2", report_to=[]),
            endpoint("numeric", target.at("/numeric"))],
        "cachet": {"api_url": cachet.api_url, "token": TOKEN, "timeout": 1},
        "webhooks": [{"url": hook.url, "params": {
            "title": "{title}", "message": "{message}"}}],
        "reporters": [{"name": "ops", "type": "slack", "url": slack.url}]}


def told(slack, *begins):
    texts = slack.texts()
    return len(texts) == len(begins) and all(
        text.startswith(begin) for text, begin in zip(texts, begins))


@own_network
def test_dead_resolver(make, etc, target, slack, hook, cachet):
    """
    Told once, to whoever is reached; still open after a kill; closed once
    there are names again.
    """
    agent = make(config(target, slack, hook, cachet), wrap=wrap(etc)).start()
    until(lambda: told(slack, OPENED), lambda: (slack.requests, agent.log))
    assert re.fullmatch(OPENED + r"no name server answers \(2 of 3 endpoints, "
                        r"for \S+\)", slack.texts()[0])
    until(lambda: hook.taken, "the webhook of old")
    assert hook.taken[0].params["title"] == OPENED[:-2]
    agent.wait_told()

    status = agent.status()["blind"]
    assert (status["unseen"], status["of"]) == (2, 3)
    assert status["why"] == "no name server answers" and status["since"]
    text = agent.command("status", agent.path).stdout
    assert re.search(r"^BLIND for \S+: cannot look at 2 of 3: no name server "
                     "answers$", text, re.M), text
    assert status["incident"] == slack.taken[0].delivery.split(":")[0]
    agent.wait_log("most endpoints cannot be looked at.*cause=blind")

    agent.kill()
    agent.start()
    mark = len(target.seen("/numeric"))
    until(lambda: (agent.status()["blind"] or {}).get("unseen") == 2)
    until(lambda: len(target.seen("/numeric")) > mark + 10, "probes")
    again = agent.status()["blind"]
    assert (again["incident"], again["since"]) == (
        status["incident"], status["since"])
    assert told(slack, OPENED)

    with NameServer(SERVER):
        until(lambda: told(slack, OPENED, ENDED), slack.texts)
        until(lambda: len(hook.taken) == 2)
        assert slack.taken[1].delivery.startswith(status["incident"] + ":2:")
        until(lambda: agent.status()["blind"] is None)
        agent.wait_told()
    assert agent.database(
        "SELECT endpoint, closed_ms > 0 AS closed FROM incident") == [
            {"endpoint": "curlew/blind", "closed": 1}]
    assert agent.database("SELECT name FROM endpoint WHERE name LIKE "
                          "'curlew%'") == []
    assert not any(t.startswith("I") for t in cachet.trace())


@own_network
def test_ended_while_away(make, etc, target, slack, hook, cachet):
    """What was told is taken back by the next process."""
    agent = make(config(target, slack, hook, cachet), wrap=wrap(etc)).start()
    until(lambda: told(slack, OPENED), slack.texts)
    agent.wait_told()
    agent.stop()
    with NameServer(SERVER):
        agent.start()
        until(lambda: told(slack, OPENED, ENDED), slack.texts)
        agent.wait_told()
    deliveries = [r.delivery.split(":") for r in slack.taken]
    assert [d[1] for d in deliveries] == ["1", "2"]
    assert deliveries[0][0] == deliveries[1][0]


@own_network
def test_half_is_not_most(make, etc, target, slack):
    agent = make({"blind_after": "100ms", "endpoints": [
        *by_names(target, "good-1", "good-2"),
        endpoint("one", target.at("/one")), endpoint("two", target.at("/"))],
        "reporters": [{"name": "ops", "type": "slack", "url": slack.url}]},
        wrap=wrap(etc)).start()
    until(lambda: agent.endpoint("good-2")["seen"] == "unknown"
          and agent.endpoint("good-1")["seen"] == "unknown",
          lambda: agent.status())
    mark = len(target.seen("/one"))
    until(lambda: len(target.seen("/one")) > mark + 10, "probes")
    assert agent.status()["blind"] is None and not slack.requests


@pytest.mark.skipif(not shutil.which("prlimit"),
                    reason="prlimit is not there")
@pytest.mark.parametrize("after", ["300ms", 0])
def test_no_descriptors(make, target, slack, after):
    """Nobody can be told meanwhile: it comes afterwards, with its end."""
    agent = make({"blind_after": after,
                  "endpoints": [endpoint("foo", target.at())],
                  "reporters": [{"name": "ops", "type": "slack",
                                 "url": slack.url}]}).start()
    until(lambda: agent.endpoint("foo")["status"] == "operational")
    pid = agent.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (4, before[1]))
    agent.wait_log("could not look.*cause=no_descriptors")
    if after:
        agent.wait_log("most endpoints cannot be looked at.*curlew/blind")
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    until(lambda: agent.endpoint("foo")["seen"] == "operational")
    if not after:
        assert not slack.requests
        return
    until(lambda: told(slack, OPENED, ENDED), slack.texts)
    assert "it has no descriptors left (1 of 1 endpoints, " in slack.texts()[0]


def test_its_name_is_taken(make, target):
    agent = make({"endpoints": [endpoint("curlew/blind", target.at())]})
    done = agent.command("check", agent.path)
    assert done.returncode == 1
    assert "is what the agent calls itself" in done.stdout + done.stderr
