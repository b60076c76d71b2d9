"""
What was done, in the notation of the conformance cases.

An evaluation is written as words: P a probe of /p; G a read of a component,
L a search for incidents, m a read of a metric; In an incident created with
component status n, Rk an update of incident k, Vk a change of it, Un component
1 set to n, Mk a point for metric k, H a webhook.  "!" and a status, or x for a
connection that was reset, stand behind what failed; " ; " between evaluations,
of which the first is the start.
"""

import re
import urllib.parse

WORD = re.compile(r"[A-Za-z]\w*(?:\([^)]*\))?(?:!\w+)?")
READS = "GLm"
PROBES = "P"

# What else may stand in a request: the mark by which an incident is found
# again, and a number that is in the path as well.
FREE = {"meta", "id"}


class Effect:
    """A request that changes something, or a probe."""

    def __init__(self, role, word, params=None):
        self.role = role
        self.word = word
        self.params = params

    def __repr__(self):
        return self.word

    @property
    def failed(self):
        return "!" in self.word


def cachet_word(method, path, params):
    """None: of no interest."""
    path = path.replace("/api/v1", "", 1)
    found = re.search(r"/(\d+)", path)
    number = found[1] if found else ""
    here = "" if number == "1" else number
    if method == "POST" and path == "/incidents":
        return f"I{params.get('component_status', '')}"
    if method == "POST" and path.endswith("/updates"):
        return f"R{number}"
    if method == "POST" and path.endswith("/points"):
        return f"M{number}"
    if method == "PUT" and path.startswith("/components/"):
        at = f"@{number}" if here else ""
        return f"U{params.get('status')}{at}"
    if method == "PUT" and path.startswith("/incidents/"):
        return f"V{number}"
    if method == "DELETE":
        return f"D{number}"
    if path.startswith("/components/"):
        return f"G{here}"
    if path.startswith("/metrics/"):
        return f"m{number}"
    return "L" if path == "/incidents" else None


def probe_word(method, target):
    if method == "GET":
        return "P" if target == "/p" else f"P({target})"
    return f"P({method} {target})"


def hook_word(target, params):
    path = urllib.parse.urlsplit(target).path
    return "H" if path == "/h" else f"H({path})"


def word_of(role, method, target, params):
    if role == "probe":
        return probe_word(method, target)
    if role == "hook":
        return hook_word(target, params)
    return cachet_word(method, urllib.parse.urlsplit(target).path, params)


def mark_of(answered):
    """The end of the word, by what the request was answered with."""
    if answered == 200 or answered is None:
        return ""
    return "!x" if answered == "reset" else f"!{answered}"


def plain(value):
    """JSON, query and form alike."""
    if value is True or value == "True":
        return "1"
    if value is False or value == "False":
        return "0"
    return str(value)


class Differs(Exception):
    """What was expected, and what was seen."""


def compare_param(key, wanted, seen):
    if key == "value":
        return float(seen) >= 0
    if key == "timestamp":
        return re.fullmatch(r"\d{10}", seen) is not None
    if key == "message":
        # A latency is never twice the same, nor is a port.
        wanted = re.sub(r"\d+\.\d{4}", "SECONDS", wanted)
        seen = re.sub(r"\d+\.\d{4}", "SECONDS", seen)
    return wanted == seen


def compare_params(wanted, seen):
    if wanted.params is None:
        return
    there = {k: plain(v) for k, v in seen.params.items()}
    for key, value in wanted.params.items():
        if key in FREE:
            continue
        if key not in there:
            raise Differs(f"{seen}: {key} is missing")
        if not compare_param(key, plain(value), there[key]):
            raise Differs(
                f"{seen}: {key} is {there[key]!r}, not {value!r}")
    more = set(there) - set(wanted.params) - FREE
    if more:
        raise Differs(f"{seen}: nobody wants {', '.join(sorted(more))}")


def compare(what, wanted, seen):
    """Two sequences of effects."""
    if [e.word for e in wanted] != [e.word for e in seen]:
        raise Differs(f"{what}: expected {show(wanted)}, saw {show(seen)}")
    for one, other in zip(wanted, seen):
        compare_params(one, other)


def show(effects):
    return " ".join(e.word for e in effects) or "nothing"


def read(text):
    """The words of each evaluation of a written trace; the start is first."""
    return [WORD.findall(part) for part in re.split("[;|]", text)]


def role_of(word):
    return {"P": "probe", "H": "hook"}.get(word[0], "cachet")


class Expected:
    """Evaluations with the effects that each should have."""

    def __init__(self, text, requests=None):
        words = read(text)
        self.words = words
        found = iter(requests or ())
        self.effects = [
            [self._effect(word, requests and next(found)) for word in part]
            for part in words]

    @staticmethod
    def _effect(word, request):
        role = role_of(word)
        if not request or role == "probe":
            return Effect(role, word)
        parts = urllib.parse.urlsplit(request["target"])
        return Effect(role, word, dict(urllib.parse.parse_qsl(
            parts.query, keep_blank_values=True)))

    @property
    def evaluations(self):
        return len(self.words) - 1

    def probes(self):
        return [e for part in self.effects for e in part
                if e.word[0] in PROBES]

    def told(self, role, until=None):
        """What a receiver should have been told by the end of evaluation
        number `until`."""
        last = len(self.effects) if until is None else until + 1
        return [e for part in self.effects[:last] for e in part
                if e.role == role and e.word[0] not in READS]

    def failed_before(self, evaluation):
        """Something was refused earlier, and may be tried again any time:
        all but a metric's point."""
        return any("!" in word and word[0] != "M" for part in self.words[:evaluation]
                   for word in part)

    def evaluation_of(self, letter, number):
        """In which evaluation the word with this letter comes for the
        number-th time, from 0."""
        for evaluation, part in enumerate(self.words):
            for word in part:
                if word[0] == letter:
                    if number == 0:
                        return evaluation
                    number -= 1
        return 0
