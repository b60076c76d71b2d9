"""
What every flow test has at hand: servers to point at, and a way to run the
agent.  Afterwards each agent must end well, have kept its secrets, and have
written nothing but logfmt.
"""

import pathlib
import re
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

# pylint: disable=wrong-import-position
from support.agent import Agent                                # noqa: E402
from support.cachet import TOKEN, Cachet                       # noqa: E402
from support.receiver import Receiver                          # noqa: E402
from support.target import Target                              # noqa: E402

VALUE = r'(?:"(?:[^"\\]|\\.)*"|[^ "=]*)'
LOGFMT = re.compile(rf'time=\S+ level=(?:debug|info|warn|error) '
                    rf'msg="(?:[^"\\]|\\.)*"(?: [a-z_]+={VALUE})*')


def check_log(text):
    for line in text.splitlines():
        assert LOGFMT.fullmatch(line), f"not logfmt: {line}"


@pytest.fixture
def target():
    with Target() as server:
        yield server


@pytest.fixture
def cachet():
    with Cachet() as server:
        yield server


@pytest.fixture
def hook():
    with Receiver() as server:
        yield server


@pytest.fixture
def slack():
    with Receiver() as server:
        yield server


@pytest.fixture
def make(tmp_path):
    """make(config, ...) -> an Agent that is not started."""
    agents = []

    def build(config, **how):
        folder = how.pop("folder", None)
        if folder is None:
            folder = tmp_path / f"agent{len(agents)}"
            folder.mkdir()
        agents.append(Agent(config, folder=folder, **how))
        return agents[-1]

    yield build
    try:
        for agent in agents:
            if agent.running:
                agent.stop()
            check_log(agent.log)
            assert TOKEN.encode() not in agent.traces()
    finally:
        for agent in agents:
            agent.close()


@pytest.fixture
def run(make):
    """run(config, ...) -> an Agent that is up."""
    return lambda config, **how: make(config, **how).start()
