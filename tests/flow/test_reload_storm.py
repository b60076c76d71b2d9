"""
Five hundred reloads of configurations that change at random, while two
thousand endpoints are probed: who is not touched notices nothing.
"""

import collections
import json
import os
import random
import re
import threading
import time

import pytest

from support.agent import endpoint
from support.target import Target
from support.wait import until

ENDPOINTS = 2000
RELOADS = int(os.environ.get("RELOADS", "500"))
PERIOD = 20  # seconds
STEADY = 500  # endpoints that no reload touches
SICK = 25  # of these, and as many of the others, are down


class Counting(Target):
    """Remembers when each path was asked for."""

    def __init__(self):
        super().__init__()
        self.times = collections.defaultdict(list)

    def answer(self, request):
        with self.lock:
            self.times[request.path].append(request.at)
        return super().answer(request)


@pytest.fixture
def counting():
    with Counting() as server:
        yield server


def named(target, number, **more):
    return endpoint(f"e{number}", target.at(f"/{number}"),
                    **{"frequency": PERIOD, "timeout": 10, **more})


def is_sick(number):
    return number < SICK or STEADY <= number < STEADY + SICK


class World:
    """Which of the endpoints there are, and how they are looked at."""

    def __init__(self, target, hook, seed):
        self.target, self.hook = target, hook
        self.random = random.Random(seed)
        self.more = {n: {} for n in range(ENDPOINTS)}

    def change(self):
        """Some go, some come, some are changed, the order is another one."""
        others = range(STEADY, ENDPOINTS)
        for number in self.random.sample(others, 40):
            if number in self.more and self.random.random() < 0.5:
                del self.more[number]
            else:
                self.more[number] = self.random.choice((
                    {}, {"timeout": 11}, {"allowed_fails": 1},
                    {"recover_after": 2},
                    {"expectation": [{"type": "REGEX", "regex": ".*"},
                                     {"type": "HTTP_STATUS",
                                      "status_range": "200-300"}]}))

    def configure(self, agent):
        """As JSON, which is YAML too, and fifty times faster to write."""
        agent.configure(json.dumps({"state": str(agent.state),
                                    **self.config()}))

    def config(self):
        numbers = list(self.more)
        self.random.shuffle(numbers)
        return {"endpoints": [named(self.target, n, **self.more[n])
                              for n in numbers],
                "webhooks": [{"url": self.hook.url + "/h",
                              "body": {"what": "{kind}", "who": "{name}"}}],
                "workers": 2}


def memory(agent):
    """Resident, in KiB."""
    with open(f"/proc/{agent.process.pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])


class Pulse:
    """How long the machine stood still, so that nobody here went on."""

    def __init__(self):
        self.still = 0
        self.over = threading.Event()
        threading.Thread(target=self._beat, daemon=True).start()

    def _beat(self):
        at = time.monotonic()
        while not self.over.wait(.1):
            now = time.monotonic()
            self.still += now - at if now - at > 1 else 0
            at = now


def check_ticks(times, still):
    """From the first look to the last there is one a period: one that is lost
    makes one too few, one that is doubled makes one too many.  How late each
    of them was is not asked; a machine may stand still for a while."""
    for number in range(STEADY):
        seen = times[f"/{number}"]
        periods = (seen[-1] - seen[0]) / PERIOD
        assert abs(len(seen) - 1 - periods) < 0.9 + still / PERIOD, \
            f"endpoint {number} was looked at {len(seen)} times in " \
            f"{periods:.2f} periods: {seen}"


def check_incidents(hook, world, agent):
    """Each opening is followed by at most one closing, and who is sick and
    still watched has just one incident open."""
    story = collections.defaultdict(list)
    for request in hook.taken:
        said = request.json()
        story[said["who"]].append(said["what"])
    for who, words in story.items():
        assert words == ["opened", "closed"] * (len(words) // 2) \
            + ["opened"] * (len(words) % 2), f"{who}: {words}"
    for number in range(SICK):
        assert story[f"e{number}"] == ["opened"]
    for number in range(ENDPOINTS):
        if not is_sick(number):
            assert f"e{number}" not in story
    for known in agent.status()["endpoints"]:
        number = int(known["name"][1:])
        is_open = len(story[known["name"]]) % 2 == 1
        assert is_open == (known["incident"] is not None), known
        assert number in world.more


def settle(agent, world):
    """Until each sick endpoint has told of itself."""
    def quiet():
        status = agent.status()
        sick = [e for e in status["endpoints"]
                if is_sick(int(e["name"][1:]))]
        return all(e["incident"] for e in sick) \
            and not any(r["waiting"] for r in status["reporters"])
    world.more = {n: {} for n in world.more}
    world.configure(agent)
    done = agent.command("ctl", "reload", "--config", agent.path)
    assert done.returncode == 0, done.stderr
    until(quiet, "all that is sick to be known", timeout=PERIOD * 4, every=.5)


def test_a_storm_of_reloads(run, counting, hook):
    seed = int(os.environ.get("SEED", "0")) or random.randrange(1, 10 ** 6)
    print("SEED", seed)
    world, pulse = World(counting, hook, seed), Pulse()
    for number in range(ENDPOINTS):
        if is_sick(number):
            counting.down(f"/{number}")
    agent = run(world.config())
    until(lambda: len(counting.times) == ENDPOINTS, "first probes",
          timeout=PERIOD * 3)

    sizes = []
    for count in range(RELOADS):
        world.change()
        world.configure(agent)
        done = agent.command("ctl", "reload", "--config", agent.path)
        assert done.returncode == 0, done.stderr
        if count in (RELOADS // 5, RELOADS - 1):
            sizes.append(memory(agent))
    settle(agent, world)
    pulse.over.set()
    check_ticks(counting.times, pulse.still)
    check_incidents(hook, world, agent)
    # What is freed is not given back at once; what leaked would be more.
    assert sizes[1] < sizes[0] * 1.3 + 4096, sizes
