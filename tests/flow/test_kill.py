"""
kill -9, at every fault point and at random moments, while targets change and
answers are lost: nothing that was announced is missing anywhere, Cachet has
exactly one incident an outage, and the state file can always be read.

CURLEW_KILLS sets how often (default 320), CURLEW_SEED with what luck.
"""

import json
import os
import random
import subprocess
import sys

import pytest
from support import killer
from support.agent import binary

KILLS = int(os.environ.get("CURLEW_KILLS", 320))
SEED = int(os.environ.get("CURLEW_SEED", random.randrange(10 ** 6)))
AT_ONCE = 4


def torment(program, kills, *options):
    """Kill several agents at once; their reports."""
    share = -(-kills // AT_ONCE)
    running = [subprocess.Popen(
        [sys.executable, killer.__file__, "--program", str(program),
         "--seed", str(SEED + i), "--kills", str(share), *options],
        stdout=subprocess.PIPE, text=True) for i in range(AT_ONCE)]
    return [json.loads(process.communicate()[0]) for process in running]


def summary(reports):
    """One line for people."""
    def total(key):
        return sum(r.get(key, 0) for r in reports)
    points = {}
    for report in reports:
        for point, n in (report["points"] or {}).items():
            points[point] = points.get(point, 0) + n
    return (f"seed {SEED}: {total('kills')} kills ({total('random')} at "
            f"random, {points}), {total('incidents')} incidents, "
            f"{total('events')} events, {total('lost')} answers lost, "
            f"{total('late')} late, {total('repeats')} repeats, "
            f"{total('deleted')} deleted")


def insist(reports):
    print(summary(reports))
    for report in reports:
        assert not report["wrong"], (
            f"{len(report['wrong'])} wrong with seed {report['seed']}:\n"
            + "\n".join(report["wrong"][:20]) + "\n\n"
            + report.get("log", "")[-4000:])


def is_faulty(program):
    return program.exists() and b"CURLEW_FAULT" in program.read_bytes()


def test_kill():
    reports = torment(binary(), KILLS)
    insist(reports)
    assert sum(r["kills"] for r in reports) >= KILLS
    assert sum(r["incidents"] for r in reports) >= KILLS / 10
    assert sum(r["lost"] for r in reports) >= KILLS / 20
    if is_faulty(binary()) and KILLS >= 300:
        hit = {point for r in reports for point in r["points"]}
        assert hit == set(killer.POINTS)


LOSSY = binary("tests/support/curlew-lossy")
needs_lossy = pytest.mark.skipif(not LOSSY.exists(),
                                 reason="curlew-lossy is not built")


@needs_lossy
def test_kill_where_nothing_survives_that_was_not_synced():
    """A power cut takes what the disk was not told to keep."""
    insist(torment(LOSSY, KILLS // 4))


@needs_lossy
def test_kill_control():
    """The same without waiting for the disk: the loss must show, or the test
    above shows nothing."""
    reports = torment(LOSSY, KILLS // 8, "--control")
    wrong = [complaint for r in reports for complaint in r["wrong"]]
    print(summary(reports))
    print(f"{len(wrong)} wrong, such as: {wrong[:3]}")
    assert any("does not know" in w or "incidents at Cachet" in w
               or "of no outage" in w for w in wrong), wrong[:5]
