"""
Actions: a function is called with its secret and the words of a command, as
often as it takes and with one key; what comes of it is told, also when the
agent is killed meanwhile.
"""

import json
import os
import pwd
import signal
import subprocess

import pytest
from support.agent import binary, endpoint
from support.receiver import signature
from support.server import Answer, Server
from support.wait import until

SECRET = "canary-{function}-0001"
ME = pwd.getpwuid(os.getuid()).pw_name
NEEDS_FAULTS = pytest.mark.skipif(
    not binary().exists() or b"CURLEW_FAULT" not in binary().read_bytes(),
    reason="built without -DCURLEW_FAULTS")


class Function(Server):
    """Makes machines; /slow takes it on and tells elsewhere how it goes."""

    def answer(self, request):
        path = request.target
        if path == "/slow":
            return Answer(202, headers={"Location": "/operations/7"})
        if path == "/operations/7":
            asked = sum(r.target == path for r in self.requests)
            return Answer.of_json({"status": "running" if asked < 2 else
                                   "done", "message": f"step {asked}"})
        if path == "/echo":
            return Answer(200, json.dumps(dict(request.headers)))
        return Answer.of_json({"text": "vm1 is up\nat 192.0.2.7"})


@pytest.fixture
def function():
    with Function() as server:
        yield server


def config(target, function):
    headers = {"Authorization": "Bearer ${FUNCTION_SECRET}"}
    return {
        "endpoints": [endpoint("shop", target.at("/shop"))],
        "actions": [
            {"name": "create-vm", "command": "/cloudmaster",
             "about": "Makes one",
             "pattern": "create {vm} on {cloud}",
             "words": {"vm": "[a-z][a-z0-9-]*|\\.+|.*/.*", "cloud": "gcp|aws"},
             "url": function.url + "/create/{vm}", "headers": headers,
             "body": {"on": "{cloud}", "by": "{user}", "said": "{text}"},
             "secret": "canary-signing-0002", "timeout": 120},
            {"name": "slow", "url": function.url + "/slow",
             "headers": headers},
            {"name": "echo", "url": function.url + "/echo",
             "headers": headers},
            {"name": "once", "url": function.url + "/once", "repeat": False},
        ]}


@pytest.fixture
def agent(make, target, function):
    agent = make(config(target, function), env={"FUNCTION_SECRET": SECRET})
    agent.start()
    agent.wait_log(r'msg="probing"')
    return agent


def ctl(agent, *words, code=0):
    done = agent.command("ctl", *words, "--state", agent.state)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def begin(agent, *words):
    """`ctl run`, which waits."""
    # pylint: disable-next=consider-using-with
    return subprocess.Popen(
        [agent.program, "ctl", "run", *words, "--state", str(agent.state)],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=agent.folder, env=agent.environment())


def runs(agent):
    said = agent.command("ctl", "--json", "runs", "--state", agent.state)
    return json.loads(said.stdout)["runs"] if said.returncode == 0 else []


def wait_outcome(agent, *outcomes):
    until(lambda: [r["outcome"] for r in runs(agent)] == list(outcomes),
          lambda: f"{outcomes}, not {runs(agent)}")


def audit(agent):
    said = agent.command("ctl", "--json", "audit", "--state", agent.state)
    return [(r["who"], r["said"], r["outcome"])
            for r in json.loads(said.stdout)["audit"]]


def test_a_function_is_called_with_its_secret(agent, function):
    said = ctl(agent, "run", "create-vm", "Create", "vm1", "ON", "gcp")
    assert "create-vm is begun\n" in said
    assert "create-vm is done:\nvm1 is up\nat 192.0.2.7\n" in said
    first = function.requests[0]
    assert (first.method, first.target) == ("POST", "/create/vm1")
    assert first.header("authorization") == f"Bearer {SECRET}"
    assert first.json() == {"on": "gcp", "by": ME,
                            "said": "Create vm1 ON gcp"}
    assert first.header("x-curlew-signature") == signature(
        "canary-signing-0002", first)
    assert first.delivery == first.header("idempotency-key")

    # A word stays within its place, and is what it must be.
    ctl(agent, "run", "/cloudmaster", "create", "a/../../%2e%2e/é", "on aws")
    assert function.requests[1].target == (
        "/create/a%2F..%2F..%2F%252e%252e%2F%C3%A9")
    assert "to another place" in ctl(agent, "run", "create-vm .. gcp", code=1)
    assert '{cloud} cannot be "azure"' in ctl(
        agent, "run", "create-vm", "vm1", "azure", code=1)
    assert "say /cloudmaster create {vm} on {cloud}" in ctl(
        agent, "run", "/cloudmaster", "drop", "vm1", code=1)
    said = ctl(agent, "run", "/cloudmaster", "help")
    assert "run /cloudmaster create {vm} on {cloud} (Makes one)\n" in said
    assert "run /cloudmaster create vm1 on gcp\n" in said
    assert "{cloud}  one of gcp, aws\n" in said
    ctl(agent, "run", "create-vm", "/<b>&amp;\"'\\{vm}🚀", "gcp")
    assert function.requests[2].target == (
        "/create/%2F%3Cb%3E%26amp%3B%22%27%5C%7Bvm%7D%F0%9F%9A%80")
    assert "did you mean echo?" in ctl(agent, "run", "eco", code=1)
    assert "Bearer ..." in ctl(agent, "run", "echo")
    assert len(function.requests) == 4
    assert audit(agent)[-2:] == [
        (ME, "run create-vm Create vm1 ON gcp",
         "create-vm is done: vm1 is up at 192.0.2.7"),
        (ME, "run create-vm Create vm1 ON gcp", "create-vm is begun")]
    agent.stop()
    assert b"canary-" not in agent.traces()


def test_as_often_as_it_takes_with_one_key(agent, function):
    function.fault("POST", "/create", times=1, status=500, body="not yet")
    function.fault("POST", "/create", times=1, answer=Answer(fault="close"))
    said = ctl(agent, "run", "create-vm", "vm1", "gcp")
    assert "create-vm is done" in said
    assert len(function.requests) == 3
    assert len({r.delivery for r in function.requests}) == 1

    function.fault("POST", "/once", status=500, body="broken")
    assert "once failed: it answered 500: broken" in ctl(
        agent, "run", "once", code=1)
    assert len(function.requests) == 4


def test_what_runs_outlives_a_reload(agent, target, function):
    held = function.fault("POST", "/create", status=503, body="closed")
    waiting = begin(agent, "create-vm", "vm1", "gcp")
    until(lambda: function.requests, "a request")
    less = config(target, function)
    less["actions"] = less["actions"][1:]
    less["actions"][0]["timeout"] = 30
    agent.configure(less)
    assert "actions:\nadded            0\nremoved          1  create-vm\n" \
        "changed          1  slow\n" in ctl(agent, "reload")
    function.heal(held)
    said, _ = waiting.communicate(timeout=60)
    assert (waiting.returncode, "create-vm is done" in said) == (0, True), said
    assert len({r.delivery for r in function.requests}) == 1
    assert "there is no action" in ctl(agent, "run", "create-vm", code=1)


def test_killed_in_the_middle(agent, function):
    hang = function.fault("POST", answer=Answer(fault="hang"))
    waiting = begin(agent, "create-vm", "vm1", "gcp")
    lost = begin(agent, "once")
    left = begin(agent, "slow")
    until(lambda: len(function.requests) == 3, "three requests")
    wait_outcome(agent, "goes_on", "goes_on", "goes_on")
    left.send_signal(signal.SIGINT)
    assert "it goes on; `curlew ctl runs`" in left.communicate()[1]
    assert left.returncode == 1
    agent.kill()
    function.heal(hang)
    agent.start()

    # Who waits hears of it all the same.
    said, _ = waiting.communicate(timeout=60)
    assert (waiting.returncode, "create-vm is done" in said) == (0, True), said
    said, _ = lost.communicate(timeout=60)
    assert (lost.returncode, "not known whether" in said) == (1, True), said
    until(lambda: all(r["outcome"] != "goes_on" for r in runs(agent)),
          lambda: runs(agent))
    by_name = {r["name"]: r for r in runs(agent)}
    assert by_name["slow"]["result"] == "step 2"
    sent = [(r.target, r.delivery) for r in function.requests
            if r.method == "POST"]
    assert len(sent) == 5 and len(set(sent)) == 3, sent
    assert sum(path == "/once" for path, _ in sent) == 1


@NEEDS_FAULTS
@pytest.mark.parametrize("point", ["commit-before", "commit-after",
                                   "action-before", "action-after",
                                   "action-answer"])
def test_killed_at(make, target, function, point):
    agent = make(config(target, function), env={"FUNCTION_SECRET": SECRET})
    agent.start()
    agent.wait_log(r'msg="probing"')
    ctl(agent, "mute")  # what came before is durable
    agent.stop()
    passed = 1 if point.startswith("action") else 2
    agent.start(CURLEW_FAULT=f"{point}:{passed}")
    agent.wait_log(r'msg="probing"')
    waiting = begin(agent, "create-vm", "vm1", "gcp")
    try:
        agent.wait_end()
    finally:
        waiting.kill()
        waiting.communicate()
    agent.process = None
    agent.start()
    recorded = bool(agent.database("SELECT * FROM run"))
    if recorded:
        wait_outcome(agent, "done")
    assert recorded or not function.requests
    assert recorded or point.startswith("commit")
    assert len({r.delivery for r in function.requests}) <= 1
