"""
`curlew status`: what the running agent knows.
"""

import json
import re
import signal
import sqlite3

from support.agent import endpoint
from support.wait import until


def two(target, **more):
    return {"endpoints": [endpoint("good", target.at("/good")),
                          endpoint("bad", target.at("/bad"))], **more}


def known(agent):
    """Until both were judged."""
    return until(lambda: [e["status"] for e in agent.status()["endpoints"]]
                 == ["operational", "partial_outage"] and agent.status(),
                 lambda: agent.status())


def test_json(run, target, slack):
    target.down("/bad")
    agent = run(two(target, reporters=[
        {"name": "ops", "type": "slack", "url": slack.url + "/x"}]))
    known(agent)
    until(lambda: agent.status()["reporters"][0]["told"] == 1,
          lambda: agent.status())
    status = agent.status()
    assert status["pid"] == agent.process.pid
    assert status["ready"] is True and status["unready"] is None
    assert status["state"] == str(agent.state)
    assert status["counts"]["total"] == 2
    assert status["counts"]["operational"] == 1
    assert status["counts"]["partial_outage"] == 1
    worker = status["worker"]
    assert worker["probes"] >= 2
    assert 0 <= worker["late_p50_ms"] <= worker["late_p99_ms"] \
        <= worker["late_max_ms"]
    reporter = status["reporters"][0]
    assert (reporter["id"], reporter["waiting"], reporter["suspended"]) == (
        "slack/ops", 0, False)
    good, bad = status["endpoints"]
    assert good["incident"] is None and good["code"] == 200
    assert good["latency_ms"] > 0
    assert bad["code"] == 500 and bad["cause"] == "http_status"
    assert bad["message"] == "Unexpected HTTP status (500)"
    assert re.fullmatch(r"[0-9a-f-]{36}", bad["incident"])
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", bad["since"])


def test_table(run, target):
    target.down("/bad")
    agent = run(two(target))
    known(agent)
    done = agent.command("status", agent.path)
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    bad = next(line for line in lines if re.search(r"\bbad\b", line))
    assert "partial outage" in bad
    assert any(re.search(r"\bgood\b", line) and "operational" in line
               for line in lines)
    assert "\x1b" not in done.stdout


def test_nobody_is_there(make, target):
    agent = make(two(target))
    done = agent.command("status", agent.path)
    assert done.returncode == 1 and done.stdout == ""
    assert "curlew run" in done.stderr or "not running" in done.stderr


def test_socket_in_the_runtime_directory(make, target):
    agent = make(two(target))
    folder = agent.folder / "run"
    folder.mkdir()
    agent.env["RUNTIME_DIRECTORY"] = str(folder)
    agent.start(wait=False)
    until((folder / "curlew.sock").exists, "the socket")
    until(lambda: agent.endpoint("good")["status"] == "operational")
    assert not (agent.state.parent / "curlew.sock").exists()


def test_survives_many_who_ask(run, target):
    agent = run(two(target))
    for _ in range(30):
        agent.status()
    assert agent.running


def test_thousand_endpoints(run, target):
    """The answer is longer than any buffer."""
    agent = run({"endpoints": [
        endpoint(f"endpoint number {i}", target.at(f"/{i}"), frequency=30)
        for i in range(1000)]})
    status = agent.status()
    assert [e["name"] for e in status["endpoints"]] == [
        f"endpoint number {i}" for i in range(1000)]
    assert status["counts"]["total"] == 1000


def test_evidence_is_bounded(run, target):
    target.set("/bad", status=500, body="x" * 100000)
    agent = run(two(target))
    known(agent)
    done = agent.command("status", "--json", agent.path)
    assert len(done.stdout) < 50000
    json.loads(done.stdout)


def healthy(agent):
    """Exit code and the one line."""
    done = agent.command("status", "--health", "--config", agent.path)
    assert done.stderr == "" and done.stdout.count("\n") == 1, done
    return done.returncode, done.stdout.rstrip("\n")


def test_health(run, target):
    target.down("/bad")
    agent = run(two(target))
    known(agent)
    until(lambda: healthy(agent) == (0, "healthy: 2 endpoints, 1 down"),
          lambda: healthy(agent))

    def said():
        done = agent.command("status", "--health", "--json", agent.path)
        return json.loads(done.stdout)
    until(lambda: said() == {
        "healthy": True, "why": None, "endpoints": 2, "down": 1}, said)
    path = agent.path
    done = agent.command("status", "--health", "good")
    assert done.returncode == 2 and "--health" in done.stderr
    agent.stop()
    code, line = healthy(agent)
    assert code == 1 and line.startswith("unhealthy: no agent is running")
    said = agent.command("status", "--health", "--json", path)
    assert said.returncode == 1
    assert json.loads(said.stdout)["healthy"] is False


def test_health_of_one_that_hangs(run, target):
    agent = run(two(target))
    until(lambda: healthy(agent)[0] == 0, lambda: healthy(agent))
    agent.process.send_signal(signal.SIGSTOP)
    try:
        assert healthy(agent) == (1, "unhealthy: the agent does not answer")
    finally:
        agent.process.send_signal(signal.SIGCONT)


def test_health_while_the_state_cannot_be_written(run, target):
    """Though nothing is to be written to it."""
    agent = run(two(target))
    until(lambda: healthy(agent)[0] == 0, lambda: healthy(agent))
    with sqlite3.connect(agent.state, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        until(lambda: healthy(agent)[1].startswith(
            f"unhealthy: cannot write {agent.state}: "),
            lambda: healthy(agent))
        assert healthy(agent)[0] == 1
        other.execute("ROLLBACK")
    other.close()
    until(lambda: healthy(agent)[0] == 0, lambda: healthy(agent))
