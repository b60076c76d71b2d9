"""
The program as a process: verbs, signals, the listener, one process a file.
"""

import os
import re
import signal
import socket

import pytest
from support.agent import endpoint
from support.ports import free_port
from support.wait import until


def small(target, **more):
    return {"endpoints": [endpoint("foo", target.at())], **more}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT],
                         ids=["TERM", "INT"])
def test_stops_cleanly(run, target, how):
    agent = run(small(target))
    until(lambda: target.requests, "a probe")
    agent.stop(how)
    assert not (agent.state.parent / "curlew.sock").exists()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT],
                         ids=["TERM", "INT"])
def test_stops_while_a_receiver_and_a_target_hang(run, target, hook, how):
    """Within the bound, and what was not told is told by the next one."""
    hang = hook.fault(fault="hang")
    agent = run({"endpoints": [
        endpoint("foo", target.at()),
        endpoint("slow", target.at("/slow"), timeout=600, report_to=[])],
        "reporters": [{"name": "hook", "type": "webhook", "url": hook.url,
                       "body": {"t": "{title}"}}]})
    target.set("/slow", fault="hang")
    target.down()
    until(lambda: hook.requests, "an attempt")
    agent.stop(how)
    hook.heal(hang)
    agent.start()
    until(lambda: hook.taken, "another attempt")
    assert hook.requests[0].delivery == hook.taken[0].delivery


def test_run_is_the_default_verb_and_finds_its_file(make, target):
    agent = make(small(target))
    done = agent.command("--version")
    assert done.returncode == 0
    agent.start(CURLEW_CONFIG=str(agent.path))
    until(lambda: target.requests, "a probe")


def test_second_process_on_the_same_state_is_refused(make, run, target):
    first = run(small(target))
    second = make({**small(target), "state": str(first.state)}).start(
        wait=False)
    assert second.wait_end() == 1
    line = second.log.strip().splitlines()[-1]
    assert "level=error" in line and str(first.state) in line, line
    assert re.search(r"another|already|in use", line), line
    first.endpoint("foo")


def test_file_of_another_program_is_refused(make, target):
    agent = make(small(target))
    agent.state.write_text("this is no database, but it is long enough. " * 99)
    agent.start(wait=False)
    assert agent.wait_end() == 1
    assert str(agent.state) in agent.log


def test_stale_socket_is_replaced(run, target):
    agent = run(small(target))
    agent.kill()
    assert (agent.state.parent / "curlew.sock").exists()
    agent.start()
    until(lambda: agent.endpoint("foo")["status"] == "operational")


def test_healthy_and_ready(run, target):
    agent = run(small(
        target, server={"listen": f"127.0.0.1:{free_port()}"}))
    status, text = until(lambda: agent.ask("/-/healthy")[0] == 200
                         and agent.ask("/-/healthy"))
    assert status == 200 and text.strip()
    until(lambda: agent.ask("/-/ready")[0] == 200,
          lambda: agent.ask("/-/ready"))
    assert agent.ask("/nothing")[0] == 404


def test_not_ready_while_it_waits_for_cachet(run, target, cachet):
    cachet.fault(fault="hang")
    agent = run({"endpoints": [endpoint("foo", target.at(), component_id=1,
                                        action=["UPDATE_STATUS"])],
                 "cachet": {"api_url": cachet.api_url, "token": cachet.token},
                 "server": {"listen": f"127.0.0.1:{free_port()}"}})

    def waits():
        answers = agent.ask("/-/ready"), agent.ask("/-/healthy")
        if answers[0][0] == 200:  # we stood still meanwhile: once more
            agent.restart()
        return answers[0][0] == 503 and answers
    ready, healthy = until(waits, lambda: agent.log)
    assert ready[1].strip() and healthy[0] == 200
    until(lambda: agent.ask("/-/ready")[0] == 200,
          lambda: agent.ask("/-/ready"))


def test_busy_port_is_told(make, target):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        agent = make(small(target, server={"listen": f"127.0.0.1:{port}"}))
        agent.start(wait=False)
        assert agent.wait_end() == 1
    assert str(port) in agent.log


def test_hangup_does_not_end_it(run, target):
    agent = run(small(target))
    until(lambda: target.requests, "a probe")
    agent.process.send_signal(signal.SIGHUP)
    mark = len(target.requests)
    until(lambda: len(target.requests) > mark + 3, "probes")


def test_version_names_the_libraries(make, target):
    done = make(small(target)).command("--version")
    assert done.returncode == 0
    assert re.match(r"curlew \d+\.\d+", done.stdout)
    for name in ("libcurl", "ares", "SQLite", "PCRE2", "libev",
                 "microhttpd", "jansson", "OpenSSL", "yaml"):
        assert name.lower() in done.stdout.lower(), name


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"],
                                   ["check", "--help"], ["status", "--help"],
                                   ["demo", "--help"]],
                         ids=lambda words: words[0].strip("-"))
def test_help_teaches(make, target, words):
    done = make(small(target)).command(*words)
    assert done.returncode == 0 and done.stderr == ""
    assert "usage: curlew" in done.stdout.lower()
    assert len(done.stdout.splitlines()) > 5


@pytest.mark.parametrize("words", [["runn"], ["--colour"],
                                   ["status", "--jsno"]],
                         ids=lambda words: words[-1].strip("-"))
def test_usage_errors(make, target, words):
    done = make(small(target)).command(*words)
    assert done.returncode == 2 and done.stdout == ""
    assert words[-1] in done.stderr


def test_missing_file(make, target):
    agent = make(small(target))
    for verb in ("run", "check"):
        done = agent.command(verb, "nowhere.yml")
        assert done.returncode == 1
        assert "nowhere.yml" in done.stderr


def test_nothing_is_left_open(run, target):
    """Over some hundred probes."""
    agent = run({"endpoints": [endpoint(f"e{i}", target.at(f"/{i}"))
                               for i in range(20)]})
    folder = f"/proc/{agent.process.pid}/fd"
    until(lambda: len(target.requests) > 100, "probes")
    before = len(os.listdir(folder))
    until(lambda: len(target.requests) > 600, "probes")
    assert len(os.listdir(folder)) <= before + 25
