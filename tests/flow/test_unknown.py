"""
The agent's own trouble is never told as the target's.
"""

import os
import shutil

import pytest
from support.agent import endpoint
from support.wait import until


def can(*command):
    return shutil.which(command[0]) and os.system(
        " ".join(command) + " >/dev/null 2>&1") == 0


@pytest.mark.skipif(not can("unshare", "-n", "true"),
                    reason="a network namespace needs root")
@pytest.mark.parametrize("url", ["http://192.0.2.1/", "http://[2001:db8::1]/"])
def test_no_route(make, url):
    agent = make({"endpoints": [endpoint("foo", url)]},
                 wrap=["unshare", "-n"]).start()
    until(lambda: agent.endpoint("foo")["cause"] == "no_route",
          lambda: agent.status())
    found = agent.endpoint("foo")
    assert found["seen"] == "unknown" and found["status"] == "unknown"
    assert agent.database("SELECT * FROM incident") == []


@pytest.mark.skipif(not can("prlimit", "--nofile=64:64", "true"),
                    reason="prlimit is not there")
def test_no_descriptors(make, target, slack):
    """Probes that hang use up what there is; the others are not "down"."""
    target.set("/hang", fault="hang")
    hanging = [endpoint(f"hang{i}", target.at("/hang"), timeout=30,
                        report_to=[]) for i in range(80)]
    agent = make({"endpoints": [*hanging, endpoint("foo", target.at())],
                  "reporters": [{"name": "ops", "type": "slack",
                                 "url": slack.url + "/x"}]},
                 wrap=["prlimit", "--nofile=64:64"]).start(wait=False)
    until(lambda: len(target.seen("/hang")) >= 20, "hanging probes")
    mark = target.connections
    until(lambda: target.connections == mark, "no more to come in", every=0.5)
    target.set("/hang")
    target.refuse()
    target.accept_again()
    until(lambda: target.seen(), "a probe of foo")
    until(lambda: agent.endpoint("foo")["status"] == "operational",
          lambda: agent.status())
    rows = agent.database("SELECT endpoint FROM incident")
    assert {"endpoint": "foo"} not in rows
    assert not slack.requests
