"""
The listener with TLS, and behind proxies: certificates that change while it
runs, clients that are slow or speak something else, and who a request is from.
"""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess

import pytest
from support import certificates, sender
from support.wait import until

TOKEN = "canary-token-0001"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
DOWN = {"key": "k", "state": "down"}


@pytest.fixture(name="pki")
def make_pki(tmp_path):
    return certificates.Authority(tmp_path)


def install(pair, folder):
    """As tools that renew do it: the new file takes the place of the old."""
    for file, name in zip(pair, ("tls.pem", "tls.key")):
        shutil.copy(file, folder / f"{name}.new")
        os.replace(folder / f"{name}.new", folder / name)


def config(hook, folder, tls=None, **server):
    return {
        "reporters": [{"name": "hook", "type": "webhook", "url": hook.url,
                       "body": {"name": "{name}"}}],
        # A test that had to wait must not find what is open closed.
        "server": {"listen": "127.0.0.1:0", "timeout": 300, **server,
                   **({} if tls is False else {"tls": {
                       "certificate": str(folder / "tls.pem"),
                       "key": str(folder / "tls.key"), **(tls or {})}})},
        "inbound": [{"name": "cron", "type": "generic", "path": "/in",
                     "token": TOKEN}]}


def port_of(agent, tls="yes"):
    agent.wait_log(r'msg="probing"')
    return int(agent.wait_log(
        rf'msg="listening" address=\S+:(\d+) tls={tls}')[1])


def trusting(pki):
    return ssl.create_default_context(cafile=str(pki.pem))


def dial(pki, port, **versions):
    context = trusting(pki)
    for name, value in versions.items():
        setattr(context, name, value)
    raw = socket.create_connection(("127.0.0.1", port), timeout=30)
    return context.wrap_socket(raw, server_hostname="127.0.0.1")


def shown(pki, port):
    """The name in the certificate that a new connection is shown."""
    with dial(pki, port) as connection:
        return dict(pair[0] for pair in connection.getpeercert()["subject"]
                    )["commonName"]


def say(connection, body=None, path="/in", headers=None):
    connection.request("POST", path, json.dumps(body or DOWN),
                       headers or BEARER)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def secure(pki, port):
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=30,
                                       context=trusting(pki))


def answers(pki, port):
    """With a short timeout, whoever is held up is cut off."""
    try:
        return say(secure(pki, port)) == 200
    except (OSError, http.client.HTTPException):
        return False


def test_a_request_over_tls_and_another_certificate(run, hook, pki, tmp_path):
    install(pki.issue("first"), tmp_path)
    agent = run(config(hook, tmp_path, {"listen": "127.0.0.1:0"}))
    port, plain = port_of(agent), port_of(agent, "no")
    open_one = secure(pki, port)
    assert say(open_one) == 200
    until(lambda: hook.taken)
    assert shown(pki, port) == "first"
    with dial(pki, port, maximum_version=ssl.TLSVersion.TLSv1_2) as old:
        assert old.version() == "TLSv1.2"
    with dial(pki, port) as new:
        assert new.version() == "TLSv1.3"
    assert sender.send_to(f"127.0.0.1:{plain}", "/in", DOWN,
                          BEARER).status == 200

    # It is noticed, and what is open goes on with the former one.
    install(pki.issue("second"), tmp_path)
    until(lambda: shown(pki, port) == "second")
    assert say(open_one) == 200
    open_one.close()

    # What is broken changes nothing, and neither does a key of another.
    (tmp_path / "tls.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    agent.wait_log("going on with the one before.*tls.pem has no certificate")
    assert shown(pki, port) == "second"
    install((pki.issue("third")[0], pki.issue("fourth")[1]), tmp_path)
    agent.wait_log(r"tls.key is not that of the certificate in \S*tls.pem")
    (tmp_path / "tls.key").unlink()
    agent.process.send_signal(signal.SIGHUP)
    agent.wait_log("cannot read .*tls.key: No such file")
    assert shown(pki, port) == "second"
    install(pki.issue("fifth"), tmp_path)
    agent.process.send_signal(signal.SIGHUP)
    until(lambda: shown(pki, port) == "fifth")
    with open(tmp_path / "tls.key", "rb") as key:
        assert key.read().splitlines()[1] not in agent.traces()


def ends(pem):
    """In seconds since 1970, as OpenSSL has it."""
    said = subprocess.run(["openssl", "x509", "-in", pem, "-noout", "-enddate"],
                          capture_output=True, text=True, check=True).stdout
    return ssl.cert_time_to_seconds(said.strip().split("=")[1])


def test_when_it_ends_and_a_folder_that_the_sandbox_does_not_know(
        run, hook, pki, tmp_path):
    where, other = tmp_path / "where", tmp_path / "elsewhere"
    for folder in (where, other):
        folder.mkdir()
        install(pki.issue(folder.name), folder)
    agent = run(config(hook, where, {"listen": "127.0.0.1:0"}))
    name = "curlew_listener_certificate_expiry_timestamp_seconds"
    port, address = port_of(agent), f"127.0.0.1:{port_of(agent, 'no')}"

    def told():
        text = sender.send_to(address, "/metrics", method="GET").body
        return float(re.search(rf"^{name} (\S+)$", text, re.M)[1])
    assert told() == ends(where / "tls.pem")
    install(pki.issue("later", ends=9 * certificates.DAY), where)
    until(lambda: told() == ends(where / "tls.pem"))

    agent.configure(config(hook, other, {"listen": "127.0.0.1:0"}))
    agent.process.send_signal(signal.SIGHUP)
    agent.wait_log("reloaded")
    agent.wait_log(r"going on with the one before|another certificate.*elsewhere")
    if shown(pki, port) != "elsewhere":  # where the kernel can, it is closed
        agent.wait_log("going on with the one before.*elsewhere/tls.pem.*"
                       "sandbox.*restart the agent")


def test_another_path_by_a_reload_that_came_over_tls(run, hook, pki, tmp_path):
    install(pki.issue("first"), tmp_path)
    agent = run(config(hook, tmp_path))
    assert "tls=no" not in agent.stderr.read_text()
    port = port_of(agent)
    both, key = pki.issue("second")
    both.write_text(both.read_text() + key.read_text())
    moved = config(hook, tmp_path)
    moved["server"]["tls"] = {"certificate": str(both)}
    agent.configure(moved)
    connection = secure(pki, port)
    assert say(connection, path="/-/reload") == 200
    until(lambda: shown(pki, port) == "second")
    assert say(connection) == 200
    # The new path is looked after as well.
    again, key = pki.issue("third")
    both.write_text(again.read_text() + key.read_text())
    until(lambda: shown(pki, port) == "third")


def locked(folder):
    certificates.openssl("pkey", "-in", folder / "tls.key", "-aes128",
                         "-passout", "pass:canary", "-out", folder / "locked")
    return (folder / "locked").read_text()


@pytest.mark.parametrize("spoil, why", [
    (lambda folder: (folder / "tls.pem").unlink(), "tls.pem: No such file"),
    (lambda folder: (folder / "tls.key").write_text("no"),
     "tls.key has no private key in PEM"),
    (lambda folder: (folder / "tls.key").write_text(locked(folder)),
     "tls.key has a password"),
    (lambda folder: (folder / "tls.pem").write_bytes(b"x" * 300_000),
     "tls.pem is longer than 256 KiB"),
    (lambda folder: ((folder / "tls.pem").unlink(),
                     os.mkfifo(folder / "tls.pem")), "tls.pem is no file"),
], ids=["missing", "no key", "password", "long", "pipe"])
def test_it_does_not_start_without(make, hook, pki, tmp_path, spoil, why):
    install(pki.issue("first"), tmp_path)
    spoil(tmp_path)
    agent = make(config(hook, tmp_path))
    agent.start(wait=False)
    assert agent.wait_end() == 1
    assert "server.tls: " in agent.stderr.read_text()
    assert why in agent.stderr.read_text()


def closed(connection):
    """Once it is, whatever was said before; never an answer of HTTP."""
    said = b""
    try:
        while more := connection.recv(4096):
            said += more
    except ConnectionError:
        pass
    return b"HTTP" not in said or b" 400 " in said


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_who_is_slow_or_speaks_something_else(run, hook, pki, tmp_path):
    install(pki.issue("first"), tmp_path)
    agent = run(config(hook, tmp_path, timeout=1))
    port = port_of(agent)
    slow = [socket.create_connection(("127.0.0.1", port), timeout=60)
            for _ in range(5)]
    slow[1].sendall(b"\x16\x03\x01")
    plain = socket.create_connection(("127.0.0.1", port), timeout=60)
    plain.sendall(b"POST /in HTTP/1.1\r\nHost: a\r\n\r\n")
    assert closed(plain)
    until(lambda: answers(pki, port))  # while others do not go on
    with pytest.raises(OSError):  # that of ssl is one
        dial(pki, port, minimum_version=ssl.TLSVersion.TLSv1,
             maximum_version=ssl.TLSVersion.TLSv1_1)
    assert all(closed(connection) for connection in slow)
    assert agent.command("status", agent.path).returncode == 0


def test_no_more_connections_than_there_is_room_for(run, hook, pki, tmp_path):
    install(pki.issue("first"), tmp_path)
    agent = run(config(hook, tmp_path, timeout=1))
    port = port_of(agent)
    many = [socket.create_connection(("127.0.0.1", port), timeout=60)
            for _ in range(135)]
    assert agent.command("status", agent.path).returncode == 0
    assert all(closed(connection) for connection in many)
    until(lambda: answers(pki, port))


def test_behind_a_proxy(run, hook, tmp_path):
    agent = run(config(hook, tmp_path, False,
                       trusted_proxies=["127.0.0.1", "10.0.0.0/8"],
                       rate_limit=1))
    address = sender.where(agent)

    def ask(**headers):
        headers = {k.replace("_", "-"): v for k, v in headers.items()}
        return sender.send_to(address, "/in", DOWN, {**BEARER, **headers})

    # Each client has a limit of its own, whatever it says itself.
    assert ask(X_Forwarded_For="6.6.6.6, 198.51.100.7").status == 200
    refused = ask(X_Forwarded_For="198.51.100.7, 10.2.2.2")
    assert refused.status == 503 and int(refused.headers["Retry-After"]) >= 1
    agent.wait_log(r"was not taken.*client=198\.51\.100\.7 ")
    assert ask(Forwarded="for=198.51.100.8").status == 200
    assert ask(X_Forwarded_For="2001:db8::1").status == 200
    assert ask(X_Forwarded_For="2001:db8::2").status == 503  # one network

    # Nobody is this machine through it, even if it says nothing.
    for headers in ({}, {"X-Forwarded-For": "127.0.0.1"},
                    {"Forwarded": "for=127.0.0.1"}):
        assert sender.send_to(address, "/-/reload", "",
                              headers).status == 403


def test_a_proxy_that_is_not_trusted(run, hook, tmp_path):
    agent = run(config(hook, tmp_path, False, rate_limit=1))
    address = sender.where(agent)
    found = [sender.send_to(address, "/in", DOWN, {
        **BEARER, "X-Forwarded-For": f"198.51.100.{n}"}).status
        for n in range(2)]
    assert found == [200, 503]
    agent.wait_log(r"was not taken.*client=127\.0\.0\.1 ")
    assert sender.send_to(address, "/-/reload", "", {
        "X-Forwarded-For": "127.0.0.1"}).status == 403
    assert sender.send_to(address, "/-/reload").status == 200
