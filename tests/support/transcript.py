"""
Exchanges with real Cachets, read from tests/support/transcripts, sent again to
a fake, and compared: statuses, the headers that matter, and JSON, with values;
of what is another one each time (guids, the present, the port) the kind.
"""

import ast
import datetime
import http.client
import json
import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parent / "transcripts"
HEADERS = ("content-type", "location", "x-ratelimit-limit",
           "x-ratelimit-remaining", "retry-after")
KINDS = {"json": "application/json", "multipart":
         "multipart/form-data; boundary=XBOUND",
         "form": "application/x-www-form-urlencoded"}
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HUMAN = re.compile(r"\d+ (second|minute|hour|day|month|year)s? "
                   r"(ago|from now)")
HOST = re.compile(r"http://127\.0\.0\.1:\d+")
PRESENT = 180  # seconds: so long did all take
NEAR = 3  # seconds


class Exchange:
    def __init__(self, text):
        head, _, reply = text.partition("\n<- ")
        name, line, *body = head.split("\n")
        self.name = name.removeprefix("###").strip()
        match = re.match(r"(\w+) (\S+)\s*(?:\[(\w+)\])?\s*(\(no auth\))?\s*"
                         r"(\{.*\})?$", line)
        self.method, self.target, self.encoding, anonymous, headers = \
            match.groups()
        self.headers = ast.literal_eval(headers) if headers else {}
        self.anonymous = anonymous is not None
        self.body = "\n".join(body).strip().removeprefix("body: ")
        first, _, answer = reply.partition("\n")
        status, _, headers = first.partition(" ")
        self.status = int(status)
        self.reply_headers = ast.literal_eval(headers)
        self.reply = answer.strip()

    @property
    def present(self):
        """When it was, as its answer tells it; "": it does not."""
        found = re.findall(r'"updated(?:_at)?":(?:\{[^}]*"string":)?'
                           r'"([^"]+)"', self.reply)
        return max(found, default="")

    def sent(self, token, authorization):
        """Method, target, headers and body, as an agent would send them."""
        headers = {"Accept": "application/json"}
        if self.encoding in KINDS:
            headers["Content-Type"] = KINDS[self.encoding]
        if not self.anonymous:
            headers.update(authorization(token))
        headers.update({k: v and v.replace("<token>", token)
                        for k, v in self.headers.items()})
        headers = {k: v for k, v in headers.items() if v is not None}
        return self.method, self.target, headers, self.body.encode() or None


def read(name):
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return [Exchange(block) for block in re.split(r"(?m)^(?=###)", text)
            if block.strip()]


def ask(port, method, target, headers, body):
    """(status, headers, text)"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        found = {k.lower(): v for k, v in answer.getheaders()}
        return answer.status, found, answer.read().decode()
    finally:
        connection.close()


def time_of(text):
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None


def same_text(expected, found, now):
    """Present times may differ by a little."""
    if GUID.fullmatch(expected):
        return GUID.fullmatch(found)
    if HUMAN.fullmatch(expected):
        return HUMAN.fullmatch(found)
    was, here = time_of(expected), time_of(found)
    if was and here and abs((was - now).total_seconds()) <= PRESENT:
        return abs((here - was).total_seconds()) <= NEAR
    return HOST.sub("host", expected) == HOST.sub("host", found)


def differences(expected, found, now, at=""):
    """Sentences."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(expected.keys() - found.keys()):
            yield f"{at}.{key} is missing"
        for key in sorted(found.keys() - expected.keys()):
            yield f"{at}.{key} is too much"
        for key in sorted(expected.keys() & found.keys()):
            yield from differences(expected[key], found[key], now,
                                   f"{at}.{key}")
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield f"{at} has {len(found)} items, not {len(expected)}"
        for i, (one, other) in enumerate(zip(expected, found)):
            yield from differences(one, other, now, f"{at}[{i}]")
    elif isinstance(expected, str) and isinstance(found, str):
        if not same_text(expected, found, now):
            yield f"{at} is {found!r}, not {expected!r}"
    elif isinstance(expected, bool) != isinstance(found, bool) \
            or expected != found:
        yield f"{at} is {found!r}, not {expected!r}"


def compare(exchange, status, headers, text, now):
    if status != exchange.status:
        yield f"status {status}, not {exchange.status}: {text[:200]}"
        return
    for name in HEADERS:
        expected = exchange.reply_headers.get(name)
        if str(expected and HOST.sub("host", expected)) \
                != str(headers.get(name) and HOST.sub("host", headers[name])):
            yield f"{name}: {headers.get(name)}, not {expected}"
    if not exchange.reply.startswith("{"):
        if bool(exchange.reply) != bool(text):
            yield f"body {text[:80]!r}, not {exchange.reply[:80]!r}"
        return
    try:
        found = json.loads(text)
    except ValueError:
        yield f"no JSON: {text[:80]!r}"
        return
    yield from differences(json.loads(exchange.reply), found, now)
