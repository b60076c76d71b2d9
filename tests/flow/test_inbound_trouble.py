"""
Alerts of other monitors in bad times: thousands at once, and an agent that is
killed between hearing of one and telling it.
"""

import collections
import http.client
import json
import re
import threading

import pytest
from support import sender
from support.agent import binary
from support.receiver import Receiver
from support.robots import DingTalk, Feishu, WeCom
from support.wait import PATIENCE, until

TOKEN = "canary-token-0001"
SECRET = "SECcanary-robot-secret"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def held(kind):
    """Such a receiver that answers nobody before its gate is opened."""
    class Held(kind):
        gate = None

        def answer(self, request):
            assert self.gate.wait(5 * PATIENCE)
            return super().answer(request)
    return Held


@pytest.fixture
def targets():
    """One of each, behind one gate."""
    gate = threading.Event()
    found = {"slack": held(Receiver)(), "webhook": held(Receiver)(),
             "dingtalk": held(DingTalk)("canary-robot", SECRET, "!"),
             "feishu": held(Feishu)("canary-robot", SECRET, "!"),
             "wecom": held(WeCom)("canary-robot")}
    for target in found.values():
        target.gate = gate
    yield found
    gate.set()
    for target in found.values():
        target.close()


def config(targets, *kinds, **more):
    reporters = []
    for kind in kinds:
        target = targets[kind]
        reporter = {"name": kind, "type": kind, "timeout": 300, **more,
                    "url": getattr(target, "hook", target.url)}
        if kind in ("dingtalk", "feishu"):
            reporter |= {"secret": SECRET, "keyword": "!"}
        if kind == "webhook":
            reporter |= {"secret": SECRET, "body": {"text": "{title}"}}
        reporters.append(reporter)
    return {"reporters": reporters, "server": {"listen": "127.0.0.1:0"},
            "inbound": [{"name": "cron", "type": "generic", "path": "/in",
                         "token": TOKEN}]}


EVENTS, SUBJECTS = 5000, 500
PER_MINUTE = 6000
SLACK = 20  # it signs, and sends a little later


def named(request):
    """Whose events a request tells, each as often as it is told."""
    return [key for key in request.delivery.split(",") if key]


def assert_paced(requests):
    """By what the agent itself says of the time, in what it signs: no window
    holds more than it may."""
    times = sorted(int(r.query["timestamp"]) for r in requests)
    worst = times[0] * PER_MINUTE / 60000  # the fullest window up to here
    for n, time in enumerate(times):
        mark = time * PER_MINUTE / 60000 - n
        worst = max(worst, mark)
        assert worst - mark < SLACK, "faster than it may be"


def test_a_storm_of_five_thousand(run, targets):
    """All are answered while nobody can be told, and all are told: several in
    a message, at the pace of each target."""
    kinds = ("slack", "dingtalk", "feishu", "wecom")
    agent = run(config(targets, *kinds, rate_limit=PER_MINUTE))
    bodies = [json.dumps({"key": f"k{i}", "name": f"host{i % SUBJECTS}",
                          "state": "down", "message": f"m{i:04}."})
              for i in range(EVENTS)]
    assert sender.send_all(agent, "/in", bodies, BEARER, 16) == {200: EVENTS}
    targets["slack"].gate.set()
    agent.wait_told(timeout=5 * PATIENCE)

    for kind in kinds:
        requests = targets[kind].requests
        times = collections.Counter(k for r in requests for k in named(r))
        assert len(times) == EVENTS and set(times.values()) == {1}, kind
        assert len(requests) < EVENTS / 14, kind
    assert_paced(targets["dingtalk"].requests)
    for kind in kinds[1:]:
        text = "".join(m["text"] for m in targets[kind].messages)
        assert len(set(re.findall(r"m\d{4}\.", text))) == EVENTS, kind
    rows = agent.database("SELECT count(*) AS n FROM problem")
    assert rows == [{"n": EVENTS}]


def test_many_in_each_message_are_taken_whole(run, hook):
    agent = run({**config({"webhook": hook}, "webhook"), "inbound": [{
        "name": "prom", "type": "alertmanager", "path": "/prom",
        "token": TOKEN, "rate_limit": 0}]})
    requests, each = 500, 10
    bodies = [json.dumps({"alerts": [
        {"status": "firing", "fingerprint": f"f{n}-{i}",
         "labels": {"instance": f"host{n % 40}", "alertname": f"a{i}"}}
        for i in range(each)]}) for n in range(requests)]
    assert sender.send_all(agent, "/prom", bodies, BEARER) == {200: requests}
    rows = agent.database("SELECT count(*) AS n FROM problem")
    assert rows == [{"n": requests * each}]
    subject = next(e for e in agent.status()["endpoints"]
                   if e["name"] == "prom/host39")
    assert subject["problems"] > each
    assert "prom/host39" in agent.command("status", agent.path).stdout


FAULTY = binary().exists() and b"CURLEW_FAULT" in binary().read_bytes()
POINTS = ["inbound_read:1", "commit-before:1", "commit-after:1",
          "inbound_durable:1", "send-before:1", "send-before:4",
          "send-after:1", "send-after:3", "send-after:5", "settle-before:1",
          "settle-before:3", "settle-after:1"]


@pytest.mark.skipif(not FAULTY, reason="it is built without fault points")
@pytest.mark.parametrize("point", POINTS)
def test_killed_between_hearing_and_telling(make, targets, point):
    """Everybody hears, and who can tell a repetition hears of it once."""
    targets["slack"].gate.set()
    agent = make(config(targets, *targets, rate_limit=PER_MINUTE))
    down = {"key": "k", "state": "down", "id": "1"}
    agent.start(CURLEW_FAULT=point, wait=False)
    try:
        sender.send(agent, "/in", down, BEARER)
    except (OSError, http.client.HTTPException):
        pass
    agent.process.wait(PATIENCE)
    agent.stderr.write_text("")
    agent.start()
    # It was not answered, or it was: the sender may repeat it.
    for body in (down, {**down, "state": "up", "id": "2"}):
        assert sender.send(agent, "/in", body, BEARER).status == 200
        agent.wait_told()
    keys = {kind: {key for r in target.requests for key in named(r)}
            for kind, target in targets.items()}
    assert {len(found) for found in keys.values()} == {2}, keys
    for kind in ("dingtalk", "feishu", "wecom"):
        told = [m["text"] for m in targets[kind].messages]
        assert len(told) in (2, 3), told  # these cannot tell
    assert agent.database("SELECT count(*) AS n FROM problem") == [{"n": 0}]
