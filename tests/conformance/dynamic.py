"""
The cases of cases.json: what the original did, and what curlew should do.
"""

import json
import pathlib
import re

from play import Case

FILE = pathlib.Path(__file__).with_name("cases.json")

# Cases whose expectation is not in the file, or is written otherwise there.
EXPECTED = {64: "G ; P", 100: "G ; P G U3 ; P G U1"}


def header_is(path, name, value):
    def check(world):
        for request in world.probed.requests:
            if request.path == path and request.header(name) != value:
                raise AssertionError(
                    f"{name} is {request.header(name)!r}, not {value!r}")
    return check


MORE = {
    31: {"says": (r"The URL is unreachable: GET http://@PROBE@/p",)},
    32: {"says": ("Request timed out",)},
    72: {"doubtful": True},
    96: {"checks": (header_is("/p", "x-a", "b"),)},
    97: {"checks": (header_is("/p", "x-a", "5"),)},
    104: {"checks": (header_is("/q", "authorization", "Bearer z"),)},
    106: {"exit": 1, "expect": "G G99!404", "path": "/a",
          "says": (r"Component with id \[99\] does not exist",)},
}


def is_timed(case):
    """Some answer comes late, and that is what it is about."""
    late = any(step.get("delay") or any(
        isinstance(c, float) for c in step.get("chunks", ()))
        for step in case["script"])
    return late or re.search(r"threshold: 0\.", case["config"]) is not None


def case_of(found):
    number = found["n"]
    fields = {
        "number": f"C{number}", "title": found["title"],
        "config": found["config"],
        "expect": found["model"], "requests": found.get("model_reqs"),
        "timed": is_timed(found),
        **{key: found[key] for key in (
            "script", "paths", "rules", "hook_rules", "components", "seeds",
            "env")}}
    if number in EXPECTED:
        fields.update(expect=EXPECTED[number], requests=None)
    if number in MORE:
        fields.update(MORE[number])
    return Case(**fields)


def cases():
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return [case_of(case) for case in found]
