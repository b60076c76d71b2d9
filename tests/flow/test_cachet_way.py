"""
A Cachet behind a certificate that not everybody trusts, and behind a proxy that
wants a header of its own: for every request to it, the first one included.
"""

import pytest
from support.agent import endpoint
from support.cachet import Cachet
from support.cachet_generations import Cachet3, Cachet23
from support.certificates import Authority, context
from support.wait import until

KINDS = pytest.mark.parametrize("kind", [Cachet23, Cachet, Cachet3],
                                ids=["2.3", "2.4", "3"])
SECRET = "canary-header-Zm9vOmJhcg"
HEADERS = {"X-Gate": SECRET, "Authorization": "Basic canary-basic-Zm9v"}


@pytest.fixture(name="authority", scope="module")
def make_authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(name="tls", scope="module")
def make_tls(authority):
    return context(authority.issue("cachet"))


def config(target, cachet, **more):
    return {"endpoints": [endpoint("foo", target.at(), component_id=1, action=[
                "UPDATE_STATUS", "CREATE_INCIDENT"])],
            "cachet": {"api_url": cachet.api_url, "token": cachet.token,
                       "timeout": 10, **more}}


def outage(agent, target, cachet):
    until(lambda: target.requests, "a probe")
    target.down()
    until(lambda: cachet.incidents and cachet.status() == 3,
          lambda: agent.log)
    target.up()
    until(lambda: cachet.incidents[100]["status"] == 4
          and cachet.status() == 1, lambda: agent.log)
    agent.wait_told("cachet/")


@KINDS
def test_certificate_of_its_own(run, target, authority, tls, kind):
    with kind(tls=tls) as cachet:
        agent = run(config(target, cachet, ca_file=str(authority.pem)))
        outage(agent, target, cachet)


def test_any_certificate(run, target, tls):
    with Cachet(tls=tls) as cachet:
        outage(run(config(target, cachet, insecure=True)), target, cachet)


def test_certificate_that_is_not_trusted(run, target, tls, tmp_path):
    other = Authority(tmp_path, "other")
    with Cachet(tls=tls) as cachet:
        agent = run(config(target, cachet, ca_file=str(other.pem)))
        agent.wait_log("receiver could not be asked.*certificate")
        until(lambda: target.requests, "a probe")
        target.down()
        agent.wait_log("could not tell, will retry.*certificate")
        assert not cachet.requests


def test_only_its_own_calls(run, target, authority, tls):
    """What Cachet is trusted by says nothing of endpoints."""
    with Cachet(tls=tls) as cachet:
        shop = endpoint("shop", cachet.url + "/")
        made = config(target, cachet, ca_file=str(authority.pem))
        agent = run({**made, "endpoints": [*made["endpoints"], shop]})
        until(lambda: agent.endpoint("shop")["status"] == "partial_outage",
              agent.status)
        outage(agent, target, cachet)


@KINDS
def test_headers(run, target, kind):
    with kind() as cachet:
        agent = run(config(target, cachet, headers=HEADERS))
        outage(agent, target, cachet)
        requests = list(cachet.requests)
        assert requests
        assert {r.header("x-gate") for r in requests} == {SECRET}
        authorization = HEADERS["Authorization"]
        if kind is Cachet3:
            authorization = f"Bearer {cachet.token}"
        # Whether it is a Cachet 3 may have been asked before that was known.
        assert {r.header("authorization") for r in requests
                if not r.path.endswith(("/schedules", "/ping"))} \
            == {authorization}
        assert SECRET.encode() not in agent.traces()
        assert b"canary-basic" not in agent.traces()


@pytest.mark.parametrize("says", [SECRET, f"no {SECRET} here",
                                  "canary-basic-Zm9v is not it"])
def test_headers_are_not_repeated(run, target, says):
    """A server that quotes them is not quoted."""
    with Cachet() as cachet:
        cachet.fault("POST", "/incidents$", status=400,
                     body='{"errors": [{"detail": "%s"}]}' % says)
        agent = run(config(target, cachet, headers=HEADERS))
        until(lambda: target.requests, "a probe")
        target.down()
        agent.wait_log("rejected by the receiver.*repeat a header")
        assert b"canary-" not in agent.traces()
