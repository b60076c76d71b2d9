"""
The agent runs what `curlew migrate` and `curlew import` write: all of their
golden files, at once, where there is no network.
"""

import os
import shutil

import pytest

from support.agent import ROOT

FILES = sorted(path for folder in ("migrate", "import")
               for path in (ROOT / "tests" / "conf" / folder).glob("*.out.yml"))
AT_ONCE = 5


def has_namespaces():
    return shutil.which("unshare") and os.system("unshare -n true >/dev/null 2>&1") == 0


@pytest.mark.skipif(not has_namespaces(), reason="a network namespace needs root")
@pytest.mark.parametrize("first", range(0, len(FILES), AT_ONCE))
def test_the_agent_runs_it(make, first):
    agents = []
    for path in FILES[first:first + AT_ONCE]:
        agent = make("", wrap=["unshare", "-n"])
        agent.configure(f"{path.read_text()}\nstate: {agent.state}\n")
        agents.append(agent.start(wait=False, CACHET_TOKEN="abc"))
    for agent in agents:
        agent.wait_log('msg="probing"')
    for agent in agents:
        agent.stop()
