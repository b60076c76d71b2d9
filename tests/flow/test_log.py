"""
How the log looks: for people, for programs, for the journal of systemd.
"""

import json
import os
import pty
import re
import signal
import subprocess

import pytest
from support.agent import endpoint
from support.wait import PATIENCE, until


def small(target):
    return {"endpoints": [endpoint("foo", target.at())]}


@pytest.fixture
def logged(make, target, tmp_path):
    """logged(words, env) -> what a short run of it wrote to stderr."""
    def run(words=(), stderr=None, **env):
        agent = make(small(target))
        path = tmp_path / "log"
        with open(path, "wb") as file:
            process = subprocess.Popen(
                [agent.program, "run", *words, str(agent.path)], cwd=agent.folder,
                stdin=subprocess.DEVNULL, stderr=stderr or file, env=agent.environment(
                    **{name: text.format(os.fstat(file.fileno())) for name, text in env.items()}))
            mark = len(target.requests)
            until(lambda: len(target.requests) > mark, "a probe")
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        return path.read_text()
    return run


def test_json(logged):
    for log in logged(["--log-format", "json"]), logged(CURLEW_LOG_FORMAT="json"):
        lines = [json.loads(line) for line in log.splitlines()]
        start = next(line for line in lines if line["msg"] == "curlew starts")
        assert start["endpoints"] == 1
        assert {line["level"] for line in lines} <= {"info", "warn"}


def test_the_option_goes_before_the_environment(logged):
    log = logged(["--log-level", "error", "--log-format", "logfmt"],
                 CURLEW_LOG_LEVEL="debug", CURLEW_LOG_FORMAT="json")
    assert log == ""
    assert "level=debug" in logged(CURLEW_LOG_LEVEL="debug")


def test_the_journal_is_told_priorities(logged):
    log = logged(JOURNAL_STREAM="{0.st_dev}:{0.st_ino}")
    assert log and all(re.match(r"<[46]>time=", line) for line in log.splitlines())
    # Somebody else's journal, that this one's parent wrote to.
    assert logged(JOURNAL_STREAM="8:1").startswith("time=")


def test_colours_on_a_terminal(logged):
    ours, theirs = pty.openpty()
    try:
        logged(stderr=theirs, TERM="xterm")
        shown = os.read(ours, 65536).decode()
        assert "\033[32minfo\033[0m" in shown
        logged(stderr=theirs, TERM="xterm", NO_COLOR="1")
        assert "\033" not in os.read(ours, 65536).decode()
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize("env", [{"CURLEW_LOG_LEVEL": "loud"}, {"CURLEW_LOG_FORMAT": "xml"}],
                         ids=lambda env: next(iter(env)))
def test_what_is_not_known_is_refused(make, target, env):
    agent = make(small(target))
    done = agent.command("run", agent.path, **env)
    assert done.returncode == 2
    (name, value), = env.items()
    assert f"{name} {value}: expected" in done.stderr
