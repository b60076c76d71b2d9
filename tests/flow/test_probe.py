"""
What a probe makes of what it sees: status, cause, code and message.
"""

import socket

import pytest
from support.agent import endpoint
from support.server import Answer
from support.wait import until

STATUS = {"type": "HTTP_STATUS", "status_range": "200-300"}
MEANS = {1: "operational", 2: "performance_issues", 3: "partial_outage",
         4: "major_outage"}


def look(run, url, wanted=None, **settings):
    """Probe `url` until something is announced of it, or what is wanted, a
    status and a cause; the endpoint."""
    agent = run({"endpoints": [endpoint("foo", url, **settings)]})

    def found():
        now = agent.endpoint("foo")
        if wanted:
            return (now["status"], now["cause"]) == wanted and now
        # The last look may have been too late to tell anything.
        return now["status"] != "unknown" and now["cause"] != "lag" and now
    return until(found, lambda: f"{wanted}, not {agent.status()}")


ANSWERS = [
    ("good", Answer(), {}, 1, None, ""),
    ("204", Answer(204, b""), {}, 1, None, ""),
    ("404", Answer(404), {}, 3, "http_status", "Unexpected HTTP status (404)"),
    ("503", Answer(503), {}, 3, "http_status", "Unexpected HTTP status (503)"),
    ("upper end is excluded", Answer(200),
     {"expectation": [{"type": "HTTP_STATUS", "status_range": "100-200"}]},
     3, "http_status", "Unexpected HTTP status (200)"),
    ("one number", Answer(404),
     {"expectation": [{"type": "HTTP_STATUS", "status_range": 404}]},
     1, None, ""),
    ("major", Answer(500),
     {"expectation": [{**STATUS, "incident": "MAJOR"}]},
     4, "http_status", "Unexpected HTTP status (500)"),
    ("regex matches", Answer(body="<p>hello</p>"),
     {"expectation": [{"type": "REGEX", "regex": ".*hello"}]}, 1, None, ""),
    ("regex is anchored at the start", Answer(body="<p>hello</p>"),
     {"expectation": [{"type": "REGEX", "regex": "hello"}]},
     3, "regex", "Regex did not match anything in the body"),
    ("worst wins", Answer(500, "bad"),
     {"expectation": [STATUS, {"type": "REGEX", "regex": "good",
                               "incident": "MAJOR"}]},
     4, "regex", "Regex did not match anything in the body"),
    ("among equals the first", Answer(500, "bad"),
     {"expectation": [STATUS, {"type": "REGEX", "regex": "good"}]},
     3, "http_status", "Unexpected HTTP status (500)"),
    ("latency", Answer(delay=0.4),
     {"expectation": [{"type": "LATENCY", "threshold": 0.1}], "timeout": 60},
     2, "latency", "Latency above threshold: "),
    ("latency is fine", Answer(),
     {"expectation": [{"type": "LATENCY", "threshold": 60}], "timeout": 90},
     1, None, ""),
    ("timeout", Answer(fault="hang"), {"timeout": 0.2},
     2, "timeout", "Request timed out"),
    ("closed", Answer(fault="close"), {},
     3, "closed", "The URL is unreachable: GET "),
    ("reset", Answer(fault="reset"), {},
     3, "closed", "The URL is unreachable: GET "),
    ("garbage", Answer(fault="garbage"), {},
     3, "protocol", "The URL is unreachable: GET "),
    ("body stalls", Answer(body="x" * 1000, stall=10), {"timeout": 0.2},
     3, "body_timeout", "The URL is unreachable: GET "),
    ("method of the configuration", Answer(fault="close"),
     {"method": "post"}, 3, "closed", "The URL is unreachable: post "),
    ("broken redirect", Answer(302, headers={"Location": "ftp://x/"}), {},
     3, "redirect", "Unexpected HTTP response"),
    ("for ever in a circle", Answer(302, headers={"Location": "/"}),
     {"timeout": 60}, 3, "redirect", "Unexpected HTTP response"),
]


@pytest.mark.parametrize("answer, settings, status, cause, message",
                         [row[1:] for row in ANSWERS],
                         ids=[row[0].replace(" ", "-") for row in ANSWERS])
def test_answer(run, target, answer, settings, status, cause, message):
    target.set("/", answer)
    # Of a short timeout the first may be over before the answer begins.
    wanted = (MEANS[status], cause) if cause == "body_timeout" else None
    found = look(run, target.at(), wanted, **settings)
    assert (found["status"], found["cause"]) == (MEANS[status], cause), found
    assert (found["message"] or "").startswith(message), found
    if message.endswith(" "):
        assert target.host in found["message"] or "Latency" in message


def test_refused(run, target):
    target.refuse()
    found = look(run, target.at())
    assert (found["status"], found["cause"]) == ("partial_outage", "refused")
    assert found["message"].startswith("The URL is unreachable: GET http")


def test_connect_timeout(run):
    """A full backlog drops the handshake."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        busy = [socket.socket() for _ in range(8)]
        for sock in busy:
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
        found = look(run, f"http://127.0.0.1:{port}/", timeout=0.3)
        for sock in busy:
            sock.close()
    assert (found["status"], found["cause"]) == (
        "partial_outage", "connect_timeout")


def test_name_that_cannot_be_resolved_is_no_crash(run):
    agent = run({"endpoints": [endpoint("foo", "http://no.such.invalid/",
                                        timeout=0.3)]})
    until(lambda: agent.endpoint("foo")["cause"] in (
        "name_not_found", "name_lookup", "resolver", "no_route"),
        lambda: agent.status())


def test_localhost_is_resolved(run, target):
    found = look(run, f"http://localhost:{target.port}/")
    assert found["status"] == "operational"


def test_redirect_is_followed(run, target):
    target.set("/a", status=302, headers={"Location": "/b"})
    target.set("/b", body="arrived")
    found = look(run, target.at("/a"), expectation=[
        STATUS, {"type": "REGEX", "regex": "arrived"}])
    assert found["status"] == "operational"
    assert target.seen("/b")


def test_redirect_to_elsewhere_does_not_take_credentials_along(run, target,
                                                               hook):
    target.set("/a", status=302, headers={"Location": hook.url + "/b"})
    found = look(run, target.at("/a"),
                 header={"Authorization": "canary-auth"})
    assert found["status"] == "operational"
    assert target.seen("/a")[0].header("authorization") == "canary-auth"
    assert hook.requests[0].header("authorization") is None


def test_request_is_as_configured(run, target):
    look(run, target.at("/p?q=1"), method="post",
         header={"X-A": "b", "Host": "example.test"})
    request = target.requests[0]
    assert (request.method, request.target) == ("POST", "/p?q=1")
    assert request.header("x-a") == "b"
    assert request.header("host") == "example.test"


def test_each_probe_has_a_fresh_connection(run, target):
    look(run, target.at())
    until(lambda: len(target.requests) >= 5)
    asked = len(target.requests)
    assert target.connections >= asked


def test_endless_body_is_bounded(run, target):
    target.set("/", body="x" * (4 << 20))
    found = look(run, target.at(), timeout=60,
                 expectation=[STATUS, {"type": "REGEX", "regex": "x"}])
    assert found["status"] == "operational"


def test_never_two_at_once(run, target):
    """A probe that is slower than its frequency: ticks are missed, counted,
    and not made up for."""
    target.set("/", delay=0.3)
    agent = run({"endpoints": [endpoint("foo", target.at(), timeout=60)]})
    until(lambda: len(target.requests) >= 4)
    times = [r.at for r in target.requests]
    assert all(b - a >= 0.29 for a, b in zip(times, times[1:]))
    until(lambda: agent.endpoint("foo")["missed"] > 0,
          lambda: agent.endpoint("foo"))
