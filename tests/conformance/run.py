"""
Whether curlew does what cachet-url-monitor did, or should have done.

A line a case; the last line is `N passed, N failed`.  Cases that are meant to
end otherwise count as passed, and the line says why; those for which something
is still to be built are listed and not counted.

usage: run.py [--jobs N] [--verbose] [CASE...]      ($CURLEW is the program)
"""

import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import traceback

import between
import dynamic
import known
import static
from notation import Differs
from play import World

ROOT = pathlib.Path(__file__).resolve().parents[2]


IN_VAIN = 8  # seconds for what probably comes in vain


def program():
    return os.environ.get("CURLEW", str(ROOT / "build" / "release" / "curlew"))


@dataclasses.dataclass
class Outcome:
    case: object
    good: bool
    why: str = ""
    story: str = ""
    attempts: int = 1
    seconds: float = 0
    broken: bool = False  # the runner is


def play_once(case):
    with tempfile.TemporaryDirectory(prefix="curlew-case") as folder:
        world = World(case, program(), folder)
        try:
            world.play()
        except (AssertionError, Differs, subprocess.TimeoutExpired) as trouble:
            return Outcome(case, False, str(trouble), world.story())
        except Exception:  # a mistake of the runner's own
            return Outcome(case, False, traceback.format_exc(), world.story(),
                           broken=True)
        finally:
            world.close()
    return Outcome(case, True)


def play(case):
    began = time.monotonic()
    if case.number in known.DIFFERS:
        case = dataclasses.replace(case, **known.DIFFERS[case.number][1])
    if case.number in known.NOT_YET:
        case = dataclasses.replace(case, patience=IN_VAIN)
    for attempt in range(1, case.attempts + 1):
        outcome = play_once(case)
        outcome.attempts = attempt
        if outcome.good:
            break
    outcome.seconds = time.monotonic() - began
    return outcome


def state_of(outcome):
    number = outcome.case.number
    if not outcome.good:
        waits = number in known.NOT_YET and not outcome.broken
        return "not yet" if waits else "FAILED"
    return "differs" if number in known.DIFFERS else "passed"


def notes_of(outcome):
    number = outcome.case.number
    state = state_of(outcome)
    notes = []
    if state == "not yet":
        notes.append(known.NOT_YET[number])
    elif state == "differs":
        notes.append(known.DIFFERS[number][0])
    elif state == "FAILED":
        notes.append(outcome.why)
    elif number in known.NOT_YET:
        notes.append("can be taken out of NOT_YET")
    if outcome.attempts > 1:
        notes.append(f"played {outcome.attempts} times")
    return "; ".join(notes)


def tell(outcome, verbose):
    state = state_of(outcome)
    notes = notes_of(outcome)
    print(f"{outcome.case.number:6} {state:8} {outcome.case.title}"
          + (f": {notes}" if notes else "")
          + (f" [{outcome.seconds:.1f} s]" if verbose else ""))
    if state == "FAILED" or (verbose and not outcome.good):
        for line in outcome.story.splitlines()[:60]:
            print("       | " + line)
    sys.stdout.flush()


def order(number):
    found = re.fullmatch(r"C(\d+)(\w*)", number)
    return int(found[1]), found[2]


def chosen(names):
    cases = dynamic.cases() + static.cases() + between.cases()
    cases.sort(key=lambda case: order(case.number))
    if names:
        cases = [c for c in cases if any(
            c.number == name or c.number.rstrip("abcdefghij") == name
            for name in names)]
    return cases


def main():
    parser = argparse.ArgumentParser(description="Play the conformance cases.")
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--verbose", action="store_true",
                        help="how long each took, and the story of each that "
                        "is not there yet")
    parser.add_argument("cases", nargs="*", help="such as C2; all by default")
    options = parser.parse_args()
    if not os.access(program(), os.X_OK):
        sys.exit(f"{program()} is no program; set CURLEW")
    cases = chosen(options.cases)
    began = time.monotonic()
    count = {"passed": 0, "differs": 0, "not yet": 0, "FAILED": 0}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for outcome in pool.map(play, cases):
            count[state_of(outcome)] += 1
            tell(outcome, options.verbose)
    print(f"in {time.monotonic() - began:.0f} s; of those passed "
          f"{count['differs']} differ and say why; {count['not yet']} wait "
          "for what is not built yet")
    passed = count["passed"] + count["differs"]
    print(f"{passed} passed, {count['FAILED']} failed")
    sys.exit(1 if count["FAILED"] or not passed else 0)


if __name__ == "__main__":
    main()
