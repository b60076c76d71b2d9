"""
`curlew probe`: one look, for people, for programs, and for Nagios.
"""

import fcntl
import json
import os
import pty
import re
import socket
import ssl
import struct
import subprocess
import termios
import threading

import pytest
from support.agent import endpoint
from support.server import Answer
from support.wait import PATIENCE

STATUS = {"type": "HTTP_STATUS", "status_range": "200-300"}


def can(*command):
    return subprocess.run(command, stdout=subprocess.DEVNULL, check=False,
                          stderr=subprocess.DEVNULL).returncode == 0


def probe(agent, *words, unless="lag", **env):
    """Look; once more when the machine was too busy for it to be judged."""
    for _ in range(10):
        done = agent.command("probe", *words, **env)
        if not re.search(rf'^  cause +({unless})$|"cause":"({unless})"',
                         done.stdout, re.M):
            return done
    raise AssertionError(f"always late:\n{done.stdout}")


def probe_json(agent, *words, **env):
    done = probe(agent, "--json", *words, **env)
    assert done.stderr == "", done.stderr
    assert done.stdout.count("\n") == 1
    found = json.loads(done.stdout)
    assert found["exit_code"] == done.returncode, done.stdout
    return found


@pytest.fixture
def shop(make, target):
    """An agent that is not running, but for its configuration."""
    return make({"endpoints": [endpoint("shop", target.at("/shop")),
                               endpoint("API", target.at("/api"))]})


# What the server says, the options, the code, and how the first line begins.
TIME = r"time=\d+\.\d"
LOOKS = [
    ("good", Answer(), [], 0, "OK: {host}: 200 OK in "),
    ("an error", Answer(500), [], 2,
     r"CRITICAL: {host}: Unexpected HTTP status \(500\) \| " + TIME),
    ("an error that is wanted", Answer(500), ["--status", "2xx,500"], 0,
     "OK: {host}: 500 Internal Server Error in "),
    ("slow", Answer(delay=0.4), ["--latency", "0.1"], 1,
     r"WARNING: {host}: Latency above threshold: \d+\.\d"),
    ("fast enough", Answer(), ["--latency", "30s"], 0, "OK: "),
    ("a body that matches", Answer(body="<p>it\nis ok"),
     ["--regex", ".*ok"], 0, "OK: "),
    ("a body that does not", Answer(body="<p>it\nis ok"),
     ["--regex", "ok"], 2,
     r"CRITICAL: {host}: Regex did not match anything in the body \| time="),
    ("too slow", Answer(fault="hang"), ["--timeout", "0.3"], 1,
     r"WARNING: {host}: Request timed out \(no complete answer within "),
    ("a body that stalls", Answer(body="x" * 99, stall=9),
     ["-t", "300ms"], 2, "CRITICAL: {host}: The URL is unreachable: GET "),
    ("closed", Answer(fault="close"), [], 2,
     "CRITICAL: {host}: The URL is unreachable: GET "),
    ("no HTTP", Answer(fault="garbage"), [], 2, "CRITICAL: "),
    ("in a circle", Answer(302, headers={"Location": "/look"}), [], 2,
     r"CRITICAL: {host}: Unexpected HTTP response \| " + TIME),
]


@pytest.mark.parametrize("answer, options, code, summary",
                         [row[1:] for row in LOOKS],
                         ids=[row[0].replace(" ", "-") for row in LOOKS])
def test_look(shop, target, answer, options, code, summary):
    target.set("/look", answer)
    # Its short timeout may be over before the answer begins.
    unless = "lag|timeout" if answer.stall else "lag"
    done = probe(shop, *options, target.at("/look"), unless=unless)
    assert re.match(summary.format(host=target.host), done.stdout), done.stdout
    assert (done.returncode, done.stderr) == (code, ""), done.stdout
    assert "\033" not in done.stdout and "==" not in done.stdout
    first, *rest = done.stdout.splitlines()
    assert first.count("|") <= 1 and "|" not in "".join(rest)
    for phase in ("DNS", "connect", "TLS", "first byte", "transfer"):
        assert re.search(rf"^  {phase} +(-|\d+\.\d ms)( +failed)?$",
                         done.stdout, re.M), done.stdout


def test_numbers_are_as_plugins_print_them(shop, target):
    target.set("/look", body="12345")
    done = probe(shop, "--latency", "20", target.at("/look"))
    assert re.search(r"ms \| time=\d+\.\d{6}s;20;;0 size=5B;;;0$",
                     done.stdout.splitlines()[0])


def test_endpoint_of_the_configuration(make, target):
    target.set("/shop", Answer(500, "sorry"))
    agent = make({"endpoints": [
        endpoint("shop", target.at("/shop"), method="post",
                 header={"X-A": "b"}, allowed_fails=5, expectation=[
                     STATUS, {"type": "REGEX", "regex": "a|b"},
                     {"type": "LATENCY", "threshold": 30,
                      "incident": "MAJOR"}])]})
    done = probe(agent, "shop")
    assert done.returncode == 2 and done.stderr == ""
    assert re.match(r"CRITICAL: shop: Unexpected HTTP status \(500\) \| "
                    + TIME, done.stdout)
    assert ";;30;0 size=5B" in done.stdout
    for line in (r"endpoint    POST http://\S+/shop",
                 r"answer      500 Internal Server Error, 5 bytes",
                 r"HTTP_STATUS failed      200 to 299: Unexpected HTTP status "
                 r"\(500\); means partial outage",
                 "REGEX       failed      a\u00a6b: Regex did not match .*",
                 r"LATENCY     passed      at most 30 s",
                 r"status      partial outage at \S+Z",
                 r"cause       http_status",
                 r"  sorry"):
        assert re.search(rf"^  {line}$", done.stdout, re.M), done.stdout
    request = target.requests[0]
    assert (request.method, request.header("x-a")) == ("POST", "b")
    assert not agent.state.exists()


def test_where_the_configuration_is(shop, target, tmp_path):
    assert probe(shop, "API").returncode == 0
    assert len(target.seen("/api")) == 1
    other = tmp_path / "other.yml"
    other.write_text(json.dumps({
        "endpoints": [endpoint("other", target.at("/other"))]}))
    assert probe(shop, "--config", other, "other").returncode == 0
    assert probe(shop, "other", CURLEW_CONFIG=str(other)).returncode == 0
    assert len(target.seen("/other")) == 2


def test_a_name_goes_before_a_host(make, target):
    agent = make({"endpoints": [endpoint("shop.test", target.at("/shop"))]})
    assert probe(agent, "shop.test").returncode == 0
    assert target.seen("/shop")


def test_a_host_needs_no_scheme_and_no_configuration(shop, target):
    where = f"{target.host}/look"
    assert probe(shop, where).returncode == 0
    shop.configure("endpoints: [")
    assert probe(shop, where).returncode == 0
    shop.path.unlink()
    assert probe(shop, where).returncode == 0
    assert len(target.seen("/look")) == 3


def test_request_is_as_asked_for(shop, target):
    done = probe(shop, "-X", "put", "-H", "X-A: b:c ", "-HX-D:  e",
                 "-H", "User-Agent:", target.at("/look?q=1"))
    assert done.returncode == 0
    request = target.requests[0]
    assert (request.method, request.target) == ("PUT", "/look?q=1")
    assert request.header("x-a") == "b:c" and request.header("x-d") == "e"
    assert request.header("user-agent") is None


def test_hops(shop, target):
    target.set("/a", status=302, headers={"Location": "/b"})
    target.set("/b", status=302, headers={"Location": "/c"})
    done = probe(shop, target.at("/a"))
    assert done.returncode == 0
    for line in (rf"hop 1       302 Found from 127.0.0.1, to GET \S+/b",
                 rf"hop 2       302 Found from 127.0.0.1, to GET \S+/c",
                 rf"hop 1 +\d+\.\d ms", rf"hop 2 +\d+\.\d ms",
                 r"answer      200 OK, 11 bytes"):
        assert re.search(rf"^  {line}$", done.stdout, re.M), done.stdout
    found = probe_json(shop, target.at("/a"))
    assert [hop["code"] for hop in found["hops"]] == [302, 302, 200]
    assert [hop["url"][-2:] for hop in found["hops"]] == ["/a", "/b", "/c"]


def test_json(shop, target):
    target.set("/shop", Answer(503, "a|b", headers={
        "Content-Type": "text/plain"}))
    found = probe_json(shop, "shop")
    assert found.pop("latency_ms") > 0
    assert found.pop("advice") and found.pop("probed").endswith("Z")
    phases = found.pop("phases")
    assert list(phases) == ["dns_ms", "connect_ms", "tls_ms", "wait_ms",
                            "transfer_ms"]
    hop = found["hops"].pop()
    assert hop.pop("phases") == phases
    assert abs(sum(phases.values()) - hop.pop("total_ms")) < 0.01
    assert hop == {
        "method": "GET", "url": target.at("/shop"), "address": "127.0.0.1",
        "code": 503, "reason": "Service Unavailable",
        "content_type": "text/plain", "size": 3, "size_is_more": False,
        "failure": None, "detail": None}
    assert found.pop("evidence").endswith("\r\n\r\na|b")
    message = "Unexpected HTTP status (503)"
    assert found == {
        "endpoint": "shop", "method": "GET", "url": target.at("/shop"),
        "status": "partial_outage", "state": "CRITICAL", "exit_code": 2,
        "cause": "http_status", "message": message, "code": 503, "hops": [],
        "address": "127.0.0.1",
        "expectations": [{"type": "HTTP_STATUS", "wanted": "200 to 299",
                          "incident": "partial_outage", "met": False,
                          "why": message}]}


def test_json_without_an_answer(shop, target):
    target.refuse()
    found = probe_json(shop, "shop")
    assert (found["state"], found["cause"]) == ("CRITICAL", "refused")
    assert found["code"] is None and found["latency_ms"] is None
    assert found["hops"][0]["failure"] == "refused"
    assert "refuses connections" in found["hops"][0]["detail"]
    assert found["expectations"][0]["met"] is None


def test_bytes_that_are_no_text(shop, target):
    target.set("/shop", Answer(500, b"\xff\x1b[31m", headers={
        "Content-Type": "text/\xff\x9b31m", "X-A": "\x1b[31m"}))
    assert probe_json(shop, "shop")["code"] == 500
    done = probe(shop, "shop")
    assert "\033" not in done.stdout and "\x9b" not in done.stdout


def test_json_of_what_is_good(shop):
    found = probe_json(shop, "shop")
    assert found["status"] == "operational" and found["state"] == "OK"
    assert [found[key] for key in ("cause", "message", "advice", "evidence")
            ] == [None] * 4
    assert found["expectations"][0]["met"] is True


def test_refused(shop, target):
    target.refuse()
    done = probe(shop, target.at("/x"))
    assert done.returncode == 2
    assert f"(127.0.0.1:{target.port} refuses connections)" in done.stdout
    assert re.search(r"^  connect .* failed$", done.stdout, re.M)
    assert re.search(r"^  HTTP_STATUS not judged ", done.stdout, re.M)
    assert f"nothing takes connections on port {target.port}" in done.stdout


def test_secrets_are_covered(shop, target):
    target.set("/a", status=302, headers={
        "Location": target.at("/b").replace("//", "//me:canary1@"),
        "Set-Cookie": "a=canary2"})
    target.set("/b", Answer(500, headers={"Set-Cookie": "b=canary3"}))
    url = target.at("/a").replace("//", "//me:canary4@")
    for words in ([], ["--json"]):
        done = probe(shop, *words, "-H", "Authorization: canary5",
                     "-H", "X-Api-Key: canary6", url)
        assert done.returncode == 2
        assert "canary" not in done.stdout + done.stderr
    assert target.seen("/a")[0].header("authorization").startswith("Basic ")
    assert target.seen("/a")[0].header("x-api-key") == "canary6"
    done = probe(shop, "-H", "canary7", target.at("/a"))
    assert done.returncode == 3 and "canary" not in done.stdout + done.stderr


MISUSES = [
    ([], "the NAME of an endpoint or a URL"),
    (["--jsn", "shop"], "did you mean --json?"),
    (["--timeout"], "needs a value"),
    (["shop", "API"], 'what is "API" meant to be?'),
    (["-X", "GET", "shop"], "--method is for a URL"),
    (["--timeout", "soon", "http://h/"], "--timeout soon: expected seconds"),
    (["--timeout", "0", "http://h/"], "--timeout 0: expected seconds"),
    (["--latency", "soon", "http://h/"], "--latency: expected a length"),
    (["--status", "good", "http://h/"], "--status: expected a status"),
    (["--regex", "a(", "http://h/"], "--regex: not a regular expression"),
    (["-H", "a b: c", "http://h/"], '"a b" cannot be the name of a header'),
    (["-H", "A: b\nC: d", "http://h/"], 'the value of "A" has line ends'),
    (["-X", "G T", "http://h/"], "expected a method"),
    (["ftp://h/"], "http and https"),
    (["http://h:99999/"], "a port is"),
]


@pytest.mark.parametrize("words, sentence", MISUSES)
def test_misuse_is_not_critical(shop, words, sentence):
    done = shop.command("probe", *words)
    assert done.returncode == 3 and done.stdout == ""
    assert done.stderr.startswith("curlew probe: ")
    assert sentence in done.stderr


def test_what_cannot_be_found_is_unknown(shop):
    done = shop.command("probe", "shp")
    assert done.returncode == 3
    assert done.stdout == ('UNKNOWN: there is no endpoint "shp" in config.yml;'
                           ' did you mean "shop"?\n')
    done = shop.command("probe", "--json", "shp")
    assert json.loads(done.stdout)["state"] == "UNKNOWN"
    assert "did you mean" in json.loads(done.stdout)["error"]
    shop.configure("endpoints: 5")
    done = shop.command("probe", "shop")
    assert done.returncode == 3 and done.stdout.startswith("UNKNOWN: config.")
    assert "config.yml:1:" in done.stderr
    shop.path.unlink()
    done = shop.command("probe", "shop")
    assert done.returncode == 3 and "no configuration" in done.stdout


def test_help_teaches(shop):
    done = shop.command("probe", "--help")
    assert done.returncode == 0 and "examples:" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    assert "probe NAME|URL" in shop.command("--help").stdout


def on_terminal(agent, *words, columns=100, **env):
    """What a terminal of that width gets to see."""
    above, below = pty.openpty()
    fcntl.ioctl(below, termios.TIOCSWINSZ,
                struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [agent.program, "probe", *words], stdin=subprocess.DEVNULL,
        stdout=below, stderr=below, cwd=agent.folder,
        env=agent.environment(TERM="xterm", **env))
    os.close(below)
    text = b""
    while True:
        try:
            piece = os.read(above, 65536)
        except OSError:
            break
        if not piece:
            break
        text += piece
    os.close(above)
    process.wait(PATIENCE)
    return text.decode()


def test_bars_and_colours_are_for_terminals(shop):
    text = on_terminal(shop, "shop")
    assert text.startswith("\033[32mOK\033[0m: shop: ") and "==" in text
    text = on_terminal(shop, "shop", NO_COLOR="1")
    assert "\033" not in text and "==" in text
    text = on_terminal(shop, "shop", columns=45)
    assert "\033" in text and "==" not in text


# TLS.


@pytest.fixture
def secure(tmp_path):
    """A server whose certificate nobody vouches for; its URL."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
         "30", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out",
         cert], check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(sock):
        try:
            with context.wrap_socket(sock, server_side=True) as safe:
                while b"\r\n\r\n" not in safe.recv(65536):
                    pass
                safe.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                             b"Connection: close\r\n\r\nok")
        except OSError:
            pass

    def accept():
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(sock,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}/", cert
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def test_certificate_that_nobody_knows(shop, secure):
    url, cert = secure
    done = probe(shop, url)
    assert done.returncode == 2
    assert "the certificate is not accepted: " in done.stdout
    assert re.search(r"^  TLS +\d+\.\d ms  failed$", done.stdout, re.M)
    assert "openssl s_client -connect 127.0.0.1:" in done.stdout
    assert "--insecure" in done.stdout

    done = probe(shop, "--insecure", url)
    assert done.returncode == 0 and done.stdout.startswith("OK: 127.0.0.1:")
    assert re.search(r"^  TLS +\d+\.\d ms$", done.stdout, re.M)
    assert probe(shop, url, REQUESTS_CA_BUNDLE=str(cert)).returncode == 0


def test_certificates_that_cannot_be_read(shop, secure):
    done = probe(shop, secure[0], REQUESTS_CA_BUNDLE="/no/such/file")
    assert done.returncode == 3
    assert done.stdout.startswith("UNKNOWN: ")


# The network of this machine.


@pytest.mark.skipif(not can("unshare", "-n", "true"),
                    reason="a network namespace needs root")
def test_no_route(make):
    agent = make("endpoints: []", wrap=["unshare", "-n"])
    done = probe(agent, "http://192.0.2.1/")
    assert done.returncode == 3
    assert done.stdout.startswith("UNKNOWN: 192.0.2.1: The agent could not "
                                  "look: no route from here to 192.0.2.1")
    assert "ip route" in done.stdout


@pytest.fixture
def with_resolver(make, tmp_path):
    """with_resolver(address) -> an agent that asks that name server."""
    def build(address, config="endpoints: []", nsswitch=None):
        path = tmp_path / "resolv.conf"
        path.write_text(f"nameserver {address}\n")
        mount = f"mount --bind {path} /etc/resolv.conf"
        if nsswitch:
            path = tmp_path / "nsswitch.conf"
            path.write_text(nsswitch)
            mount += f" && mount --bind {path} /etc/nsswitch.conf"
        return make(config, wrap=["unshare", "-m", "sh", "-c",
                                  f'{mount} && exec "$@"', "sh"])
    return build


def answer_no_such_name(sock):
    """The question again, as an answer: NXDOMAIN."""
    while True:
        try:
            question, whence = sock.recvfrom(512)
        except OSError:
            return
        if not question:
            return
        sock.sendto(question[:2] + b"\x81\x83" + question[4:6]
                    + b"\0\0\0\0\0\0" + question[12:], whence)


MOUNTS = can("unshare", "-m", "mount", "--bind", "/etc/hosts",
             "/etc/resolv.conf")


@pytest.mark.skipif(not MOUNTS, reason="a mount namespace needs root")
def test_unknown_name_is_its_trouble(with_resolver):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        try:
            server.bind(("127.0.0.77", 53))
        except OSError:
            pytest.skip("port 53 cannot be had")
        threading.Thread(target=answer_no_such_name, args=(server,),
                         daemon=True).start()
        done = probe(with_resolver("127.0.0.77"), "http://shop.test/")
        server.sendto(b"", server.getsockname())  # it ends
    assert done.returncode == 2, done.stdout
    assert re.search(r"^  cause +name_not_found$", done.stdout, re.M)
    assert re.search(r"^  DNS +\d+\.\d ms  failed$", done.stdout, re.M)
    assert "`dig shop.test`" in done.stdout


@pytest.mark.skipif(not MOUNTS, reason="a mount namespace needs root")
def test_dead_resolver_is_ours(with_resolver):
    done = probe(with_resolver("127.0.0.78"), "http://shop.test/")
    assert done.returncode == 3, done.stdout
    assert done.stdout.startswith(
        "UNKNOWN: shop.test: The agent could not look: ")
    assert re.search(r"^  cause +resolver$", done.stdout, re.M)
    assert "/etc/resolv.conf" in done.stdout


@pytest.mark.skipif(not MOUNTS or not os.path.exists("/etc/nsswitch.conf"),
                    reason="a mount namespace needs root")
def test_names_as_the_system_looks_them_up(with_resolver):
    """It asks no name server, and so does not find that they are dead."""
    agent = with_resolver("127.0.0.78", {
        "endpoints": [endpoint("shop", "http://shop.test/")],
        "resolver": "system"}, nsswitch="hosts: files\n")
    done = probe(agent, "shop")
    assert done.returncode == 2, done.stdout
    assert re.search(r"^  cause +name_not_found$", done.stdout, re.M)
