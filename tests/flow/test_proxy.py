"""
Probes and receivers through a proxy: chosen by the environment in both letter
cases, and never by libcurl's own reading of it.
"""

import pytest
from support.agent import announced, endpoint
from support.certificates import (Authority, SecureServer, context)
from support.proxy import Proxy
from support.wait import until


@pytest.fixture(name="proxy")
def make_proxy():
    with Proxy() as server:
        yield server


@pytest.fixture(name="authority", scope="module")
def make_authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def settled(make, url, env, **settings):
    """The endpoint, once something was announced of it; and its detail."""
    settings.setdefault("timeout", 10)  # the machine may be busy
    agent = make({"endpoints": [endpoint("foo", url, **settings)]},
                 env=env).start()
    return until(lambda: announced(agent), lambda: agent.status())


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy",
                                  "ALL_PROXY"])
def test_http(make, proxy, target, name):
    """The name of the far side is the proxy's to look up, not ours."""
    found, _ = settled(make, f"http://nowhere.invalid:{target.port}/a?b=c",
                       {name: proxy.url})
    assert found["status"] == "operational"
    assert proxy.requests[0] == (
        "GET", f"http://nowhere.invalid:{target.port}/a?b=c")
    assert target.requests[0].header("host") == \
        f"nowhere.invalid:{target.port}"


def test_not_for_the_other_scheme(make, proxy, target):
    found, _ = settled(make, target.at(), {"HTTPS_PROXY": proxy.url})
    assert found["status"] == "operational" and not proxy.requests


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
def test_https(make, proxy, authority, name):
    """By CONNECT; what the proxy answers to that is not the answer."""
    pair = authority.issue("site", hosts="DNS:site.invalid")
    with SecureServer(context(pair)) as server:
        found, _ = settled(make, server.url("site.invalid"), {
            name: proxy.url, "REQUESTS_CA_BUNDLE": str(authority.pem)})
    assert found["status"] == "operational" and found["code"] == 200
    assert proxy.requests[0] == ("CONNECT", f"site.invalid:{server.port}")


@pytest.mark.parametrize("none, goes", [
    ("127.0.0.1", "straight"), ("127.0.0.0/8", "straight"),
    ("*", "straight"), ("127.0.0.2", "through"), ("", "through")])
def test_no_proxy(make, proxy, target, none, goes):
    found, _ = settled(make, target.at(), {"HTTP_PROXY": proxy.url,
                                           "NO_PROXY": none})
    assert found["status"] == "operational"
    assert bool(proxy.requests) == (goes == "through")


def test_each_hop_by_itself(make, proxy, target):
    """A redirect leads out of where no proxy is needed, and in again."""
    target.set("/a", status=302, headers={
        "Location": f"http://nowhere.invalid:{target.port}/b"})
    found, _ = settled(make, target.at("/a"), {
        "HTTP_PROXY": proxy.url, "NO_PROXY": "127.0.0.1"})
    assert found["status"] == "operational"
    assert {r[1] for r in proxy.requests} == {
        f"http://nowhere.invalid:{target.port}/b"}


def test_user_and_password(make, target):
    with Proxy(user="me:pass word") as proxy:
        url = proxy.url.replace(" ", "%20")
        found, _ = settled(make, target.at(), {"HTTP_PROXY": url})
        assert found["status"] == "operational", proxy.headers
        assert not any(h.startswith("authorization") for h in
                       target.requests[0].headers)


def test_by_tls(make, target, authority):
    """HTTPS to the proxy, whose certificate counts."""
    pair = authority.issue("proxy")
    with Proxy(context=context(pair)) as proxy:
        found, _ = settled(make, target.at(), {
            "HTTP_PROXY": proxy.url, "CURL_CA_BUNDLE": str(authority.pem)})
        assert found["status"] == "operational" and proxy.requests
    with Proxy(context=context(pair)) as proxy:
        found, detail = settled(make, target.at(), {"HTTP_PROXY": proxy.url},
                                insecure=True)
        assert found["cause"] == "unreachable" and not proxy.requests
        assert "the proxy 127.0.0.1" in detail


def is_unreachable(found):
    assert (found["status"], found["cause"]) == (
        "partial_outage", "unreachable"), found
    assert found["message"].startswith("The URL is unreachable: GET http")
    return True


def test_it_refuses_a_tunnel(make):
    with Proxy(refuse=403) as proxy:
        found, detail = settled(make, "https://site.invalid/",
                                {"HTTPS_PROXY": proxy.url})
    assert is_unreachable(found) and "response 403" in detail


def test_it_wants_a_password(make):
    with Proxy(user="me:secret") as proxy:
        found, detail = settled(make, "https://site.invalid/", {
            "HTTPS_PROXY": f"http://me:wrong-password@127.0.0.1:{proxy.port}"})
    assert is_unreachable(found) and "407" in detail
    assert "wrong-password" not in detail


def test_it_answers_itself(make):
    """To http it says what any server may say."""
    with Proxy(refuse=502) as proxy:
        found, _ = settled(make, "http://site.invalid/",
                           {"HTTP_PROXY": proxy.url})
    assert (found["cause"], found["code"]) == ("http_status", 502)


def test_it_is_not_there(make, proxy):
    proxy.close()
    for url in "http://site.invalid/", "https://site.invalid/":
        found, detail = settled(make, url, {"ALL_PROXY": proxy.url})
        assert is_unreachable(found)
        assert f"no connection to the proxy 127.0.0.1:{proxy.port}" in detail


def test_it_is_silent(make):
    with Proxy(hang=True) as proxy:
        found, _ = settled(make, "https://site.invalid/",
                           {"HTTPS_PROXY": proxy.url}, timeout=0.3)
        assert (found["status"], found["cause"]) == (
            "partial_outage", "connect_timeout")
        found, _ = settled(make, "http://site.invalid/",
                           {"HTTP_PROXY": proxy.url}, timeout=0.3)
        assert (found["status"], found["cause"]) == (
            "performance_issues", "timeout")


def test_what_the_far_side_says_is_its_own(make, proxy, authority):
    """Through a tunnel: a bad certificate is not the proxy's fault."""
    pair = authority.issue("other", hosts="DNS:other.invalid")
    with SecureServer(context(pair)) as server:
        found, _ = settled(make, server.url("site.invalid"), {
            "HTTPS_PROXY": proxy.url,
            "REQUESTS_CA_BUNDLE": str(authority.pem)})
    assert (found["status"], found["cause"]) == (
        "partial_outage", "certificate")


def test_receivers_too(make, proxy, target, slack):
    target.down()
    agent = make({"endpoints": [endpoint("foo", target.at())],
                  "reporters": [{"name": "ops", "type": "slack",
                                 "url": f"http://hooks.invalid:"
                                 f"{slack.port}/x"}]},
                 env={"HTTP_PROXY": proxy.url, "no_proxy": "127.0.0.1"})
    agent.start()
    until(lambda: slack.requests, "a message")
    assert proxy.requests[0][1] == f"http://hooks.invalid:{slack.port}/x"


def test_what_is_no_proxy(make, target):
    agent = make({"endpoints": [endpoint("foo", target.at())]},
                 env={"https_proxy": "socks5://me:canary@127.0.0.1:1080"})
    agent.start(wait=False)
    assert agent.wait_end() == 1
    assert "https_proxy: " in agent.log and "canary" not in agent.log
