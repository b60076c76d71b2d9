"""
Certificates, good and bad: what is made of them, and what `curlew status NAME`
says is wrong.
"""

import contextlib
import re
import shutil
import socket
import ssl
import threading

import pytest
from support.agent import announced, endpoint
from support.certificates import (DAY, Authority, SecureServer, context,
                                  openssl, self_signed)
from support.wait import until


@pytest.fixture(name="authority", scope="module")
def make_authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(name="between", scope="module")
def make_between(authority):
    return Authority(authority.folder, "between", by=authority)


def look(make, url, trusted=None, env=None, **settings):
    """The endpoint once it was announced, and its detail."""
    settings.setdefault("timeout", 10)  # the machine may be busy
    agent = make({"endpoints": [endpoint("foo", url, **settings)]}, env={
        **({"REQUESTS_CA_BUNDLE": str(trusted)} if trusted else {}),
        **(env or {})}).start()
    found, text = until(lambda: announced(agent), lambda: agent.status())
    detail = re.search(r"^  detail     (.*)$", text, re.M)
    return found, detail.group(1) if detail else ""


DATE = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
REFUSED = "the certificate is not accepted: "


@pytest.mark.parametrize("validity, says", [
    ({"begins": -3 * DAY, "ends": -2 * DAY}, f"it expired on {DATE}"),
    ({"begins": 2 * DAY, "ends": 3 * DAY}, f"it is not valid before {DATE}"),
    ({"hosts": "DNS:a.test,DNS:*.b.test,IP:192.0.2.1"},
     r"it is for a\.test, \*\.b\.test, 192\.0\.2\.1 and not for 127\.0\.0\.1"),
], ids=["expired", "not-yet-valid", "wrong-host"])
def test_bad(make, authority, validity, says):
    with SecureServer(context(authority.issue("site", **validity))) as server:
        found, detail = look(make, server.url(), authority.pem)
        is_refused(found, server)
        assert re.fullmatch(REFUSED + says, detail), detail


def is_refused(found, server):
    assert (found["status"], found["cause"]) == (
        "partial_outage", "certificate"), found
    assert found["message"] == f"The URL is unreachable: GET {server.url()}"
    assert found["code"] is None and server.requests == 0


def test_wrong_host_among_many(make, authority):
    """Names of a certificate may be hundreds."""
    hosts = ",".join(f"DNS:a-rather-long-name-{i}.test" for i in range(200))
    with SecureServer(context(authority.issue("x", hosts=hosts))) as server:
        found, detail = look(make, server.url(), authority.pem)
        is_refused(found, server)
    assert ", ... and not for 127.0.0.1" in detail and len(detail) < 320


def test_self_signed(make, tmp_path, authority):
    with SecureServer(context(self_signed(tmp_path))) as server:
        found, detail = look(make, server.url(), authority.pem)
        is_refused(found, server)
    assert detail == REFUSED + "it is self-signed, by CN=lonely"


def test_an_authority_that_is_not_trusted(make, authority):
    """As the system's bundle is what is trusted."""
    pair = authority.issue("site", chain=[authority])
    with SecureServer(context(pair)) as server:
        found, detail = look(make, server.url())
        is_refused(found, server)
    assert detail == (REFUSED
                      + "its authority CN=Test root is not trusted here")


def test_incomplete_chain(make, authority, between):
    with SecureServer(context(between.issue("site"))) as server:
        found, detail = look(make, server.url(), authority.pem)
        is_refused(found, server)
    assert detail == (REFUSED + "the chain is not complete: that of its issuer "
                      "CN=Test between is neither sent by the server nor "
                      "trusted here")


def test_complete_chain(make, authority, between):
    pair = between.issue("site", chain=[between])
    with SecureServer(context(pair)) as server:
        found, detail = look(make, server.url(), authority.pem)
    assert (found["status"], found["code"], detail) == (
        "operational", 200, "")


def test_expired_authority(make, tmp_path, authority):
    late = Authority(tmp_path, "late")
    authority.sign(late.key, late.pem, "Test late",
                   "basicConstraints=critical,CA:TRUE",
                   begins=-3 * DAY, ends=-DAY)
    pair = late.issue("site", chain=[late])
    with SecureServer(context(pair)) as server:
        found, detail = look(make, server.url(), authority.pem)
        is_refused(found, server)
    assert re.fullmatch(REFUSED + f"that of CN=Test late expired on {DATE}",
                        detail), detail


def test_stalling(make):
    """Connected, and then nothing: a timeout, not an outage."""
    with SecureServer() as server:
        found, detail = look(make, server.url(), timeout=0.3)
    assert (found["status"], found["cause"], found["message"]) == (
        "performance_issues", "timeout", "Request timed out")
    assert detail.startswith("the TLS handshake did not end within ")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_protocol(make, authority):
    """What OpenSSL of Debian no longer speaks."""
    made = context(authority.issue("site"))
    made.set_ciphers("ALL:@SECLEVEL=0")
    with SecureServer(made, ssl.TLSVersion.TLSv1_1) as server:
        found, detail = look(make, server.url(), authority.pem)
    assert (found["status"], found["cause"]) == ("partial_outage", "tls")
    assert detail.startswith("the TLS handshake failed: ")


def test_no_tls_at_all(make):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def greet():
            with contextlib.suppress(OSError):
                while True:
                    sock, _ = listener.accept()
                    sock.sendall(b"220 mail.test at your service\r\n")
                    sock.shutdown(socket.SHUT_WR)
        threading.Thread(target=greet, daemon=True).start()
        port = listener.getsockname()[1]
        found, detail = look(make, f"https://127.0.0.1:{port}/")
    assert (found["status"], found["cause"]) == ("partial_outage", "tls")
    assert detail.startswith("the TLS handshake failed: ")


def test_insecure(make, tmp_path):
    """By itself, without headers beside it."""
    with SecureServer(context(self_signed(tmp_path))) as server:
        found, _ = look(make, server.url(), insecure=True)
        assert found["status"] == "operational" and server.requests
        found, _ = look(make, server.url(), insecure=True,
                        header={"X-A": "b"})
        assert found["status"] == "operational"


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_trusted_file(make, authority, name):
    with SecureServer(context(authority.issue("site"))) as server:
        found, _ = look(make, server.url("localhost"),
                        env={name: str(authority.pem)})
    assert found["status"] == "operational"


def test_trusted_folder(make, tmp_path, authority):
    folder = tmp_path / "trusted"
    folder.mkdir()
    shutil.copy(authority.pem, folder)
    openssl("rehash", folder)
    with SecureServer(context(authority.issue("site"))) as server:
        found, _ = look(make, server.url(), folder)
    assert found["status"] == "operational"


def test_the_first_of_two_counts(make, tmp_path, authority):
    other = tmp_path / "other"
    other.mkdir()
    with SecureServer(context(authority.issue("site"))) as server:
        found, _ = look(make, server.url(), Authority(other).pem,
                        env={"CURL_CA_BUNDLE": str(authority.pem)})
        assert found["cause"] == "certificate"


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_what_is_not_honoured(make, tmp_path, authority, name):
    """As in the old tool."""
    folder = tmp_path / "trusted"
    folder.mkdir()
    shutil.copy(authority.pem, folder)
    openssl("rehash", folder)
    with SecureServer(context(authority.issue("site"))) as server:
        found, _ = look(make, server.url(), env={
            name: str(folder if name.endswith("DIR") else authority.pem)})
        assert found["cause"] == "certificate"


def test_a_bundle_that_is_not_there(make, tmp_path, target):
    agent = make({"endpoints": [endpoint("foo", target.at())]},
                 env={"REQUESTS_CA_BUNDLE": str(tmp_path / "gone.pem")})
    agent.start(wait=False)
    assert agent.wait_end() == 1
    assert "gone.pem, cannot be read" in agent.log
