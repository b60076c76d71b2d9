"""
The agent's own trouble is never told as the target's.
"""

import os
import resource
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
def test_no_descriptors(run, target, slack):
    """Out of descriptors for a while: nobody is called "down" for it."""
    agent = run({"endpoints": [endpoint("foo", target.at())],
                 "reporters": [{"name": "ops", "type": "slack",
                                "url": slack.url + "/x"}]})
    until(lambda: agent.endpoint("foo")["status"] == "operational")
    pid = agent.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (4, before[1]))
    agent.wait_log("could not look.*endpoint=foo cause=no_descriptors")
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    mark = len(target.requests)
    until(lambda: len(target.requests) > mark + 2, "probes")
    assert agent.endpoint("foo")["status"] == "operational"
    assert agent.database("SELECT * FROM incident") == []
    assert not slack.requests


@pytest.mark.skipif(not can("prlimit", "--nofile=64:64", "true"),
                    reason="prlimit is not there")
def test_few_descriptors(make, target, slack):
    """Probes that hang use up what there is: others are late, not down."""
    target.set("/hang", fault="hang")
    hanging = [endpoint(f"hang{i}", target.at("/hang"), timeout=2,
                        report_to=[]) for i in range(80)]
    agent = make({"endpoints": [*hanging, endpoint("foo", target.at())],
                  "reporters": [{"name": "ops", "type": "slack",
                                 "url": slack.url + "/x"}]},
                 wrap=["prlimit", "--nofile=64:64"]).start()
    until(lambda: len(target.seen()) >= 2, "probes of foo")
    until(lambda: agent.endpoint("foo")["status"] != "unknown", agent.status)
    assert agent.endpoint("foo")["status"] == "operational"
    assert not slack.requests
