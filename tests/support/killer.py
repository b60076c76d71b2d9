"""
One agent that is killed again and again while its world changes, and what must
be true of the world when it is over.

usage: killer.py --program CURLEW --seed N --kills N [--control]

Prints one JSON document: how it was killed, and what is wrong.  The agent dies
at a fault point (a binary built with -DCURLEW_FAULTS) or at a random moment.
"""

import argparse
import json
import pathlib
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import time

if __package__ in (None, ""):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

# pylint: disable=wrong-import-position
from support.agent import Agent, endpoint                      # noqa: E402
from support.cachet import Cachet                              # noqa: E402
from support.receiver import Receiver                          # noqa: E402
from support.server import Answer                              # noqa: E402
from support.target import GOOD, Target                        # noqa: E402
from support.wait import until                                 # noqa: E402

POINTS = ["commit-before", "commit-after", "send-before", "send-after",
          "settle-before", "settle-after"]
ENDPOINTS = 4
ACTIONS = [["CREATE_INCIDENT", "UPDATE_STATUS"],
           ["UPDATE_STATUS", "CREATE_INCIDENT"], ["CREATE_INCIDENT"],
           ["CREATE_INCIDENT", "UPDATE_STATUS"]]
OPENED, CHANGED, CLOSED = 1, 2, 3
TIMEOUT = .3  # of Cachet
LIFE = 1.2    # seconds: the longest that a life may last
SETTLE = 150  # seconds: for the last life to bring everything into line


class World:
    """The servers, and the weather: targets that change, answers that are
    lost."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.target = Target()
        self.cachet = Cachet(components=range(1, ENDPOINTS + 1))
        self.hook, self.old, self.slack = Receiver(), Receiver(), Receiver()
        self.receivers = {"webhook": self.hook, "old webhook": self.old,
                          "slack": self.slack}
        self.calm = threading.Event()
        self.weather = threading.Thread(target=self._blow, daemon=True)

    def config(self):
        rules = [{"type": "HTTP_STATUS", "status_range": "200-300"},
                 {"type": "REGEX", "regex": ".*well", "incident": "MAJOR"}]
        return {
            "endpoints": [
                endpoint(f"e{i}", self.target.at(f"/{i}"),
                         component_id=i + 1, action=ACTIONS[i],
                         expectation=rules) for i in range(ENDPOINTS)],
            "cachet": {"api_url": self.cachet.api_url,
                       "token": self.cachet.token, "timeout": TIMEOUT},
            "webhooks": [{"url": self.old.url,
                          "params": {"title": "{title}"}}],
            "reporters": [
                {"name": "hook", "type": "webhook", "url": self.hook.url,
                 "body": {"title": "{title}", "message": "{message}"}},
                {"name": "ops", "type": "slack",
                 "url": self.slack.url + "/x",
                 "rate_limit": 6000}]}  # a week's news in a minute

    def begin(self):
        for i in range(ENDPOINTS):
            self.target.set(f"/{i}", GOOD)
        lost = {"effect": True, "rng": self.rng}
        creation = ("POST", "/incidents$")
        self.cachet.fault(*creation, Answer(fault="reset"), chance=.25, **lost)
        self.cachet.fault(*creation, Answer(500), chance=.10, **lost)
        self.cachet.fault(*creation, Answer(fault="hang"), chance=.05, **lost)
        self.late = self.cachet.fault(
            *creation, Answer(fault="hang"), chance=.10, late=2 * TIMEOUT,
            **lost)
        self.cachet.fault("PUT|POST", "", Answer(500), chance=.1, **lost)
        self.cachet.fault("PUT|POST", "", Answer(503), chance=.05,
                          rng=self.rng)
        self.cachet.fault("GET", "/incidents", Answer(500), chance=.1,
                          rng=self.rng)
        for receiver in self.receivers.values():
            receiver.fault(answer=Answer(fault="reset"), chance=.1, **lost)
            receiver.fault(answer=Answer(500), chance=.1, rng=self.rng)
        self.weather.start()

    def _blow(self):
        answers = [GOOD, GOOD, GOOD, Answer(500, "not so well"),
                   Answer(body="ill")]
        while not self.calm.wait(self.rng.uniform(.02, .15)):
            path = f"/{self.rng.randrange(ENDPOINTS)}"
            self.target.set(path, self.rng.choice(answers))

    def settle(self):
        self.calm.set()
        self.weather.join()
        for server in (self.cachet, *self.receivers.values()):
            server.heal()
        for i in range(ENDPOINTS):
            self.target.set(f"/{i}", GOOD)

    def close(self):
        for server in (self.target, self.cachet, *self.receivers.values()):
            server.close()


def is_settled(agent):
    """Everybody is up, no incident is open, all was told; and the minute has
    passed after which Cachet is looked at once more."""
    return (not agent.database("SELECT 1 FROM endpoint WHERE announced != 1")
            and not agent.database(
                "SELECT 1 FROM incident WHERE closed_ms IS NULL")
            and not agent.database("SELECT 1 FROM delivery"))


def is_quiet(agent, world, quiet=3):
    """The same, seen from outside: without waiting for the disk, what lies on
    it says nothing while the agent runs."""
    counts = agent.status()["counts"]
    last = max((r.at for server in (world.cachet, *world.receivers.values())
                for r in server.requests), default=0)
    return (counts["operational"] == counts["total"]
            and time.monotonic() - last > quiet)


def readable(agent):
    """What is wrong with the state file, as it lies there; None if nothing."""
    if not agent.state.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        copy = str(pathlib.Path(folder) / "copy.db")
        for end in ("", "-wal"):
            source = pathlib.Path(str(agent.state) + end)
            if source.exists():
                shutil.copyfile(source, copy + end)
        base = sqlite3.connect(copy)
        try:
            answer = base.execute("PRAGMA integrity_check").fetchone()[0]
            return None if answer == "ok" else answer
        except sqlite3.DatabaseError as error:
            return str(error)
        finally:
            base.close()


def live_and_die(agent, rng, report):
    """One life.  False when the agent ended in another way than by force."""
    fault = {}
    if report["points"] is not None and rng.random() < .65:
        point = rng.choice(POINTS)
        fault["CURLEW_FAULT"] = f"{point}:{rng.randint(1, 8)}"
    length = LIFE if fault else rng.uniform(0, LIFE)
    agent.start(wait=False, **fault)
    deadline = time.monotonic() + length
    while time.monotonic() < deadline and agent.running:
        time.sleep(.005)
    by_itself = not agent.running
    code = agent.kill()
    if code != -signal.SIGKILL or (by_itself and not fault):
        report["wrong"].append(f"the agent ended with {code}: "
                               + agent.log[-2000:])
        return False
    report["kills"] += 1
    if by_itself:
        report["points"][point] = report["points"].get(point, 0) + 1
    else:
        report["random"] += 1
    return True


# What must be true at the end.


def story(agent):
    """Of each incident: its endpoint and its events, oldest first."""
    found = {}
    for row in agent.database("SELECT uuid, endpoint FROM incident "
                              "ORDER BY seq"):
        found[row["uuid"]] = (row["endpoint"], [])
    for row in agent.database("SELECT incident, seq, kind FROM event "
                              "WHERE incident IS NOT NULL ORDER BY seq"):
        found[row["incident"]][1].append((row["seq"], row["kind"]))
    return found


def check_receiver(name, receiver, incidents, kinds):
    """Everything arrived, under one key with one text, in order."""
    wrong = []
    known = {(uuid, seq): endpoint_name
             for uuid, (endpoint_name, events) in incidents.items()
             for seq, kind in events if kind in kinds}
    arrived, taken = {}, set()
    for key, requests in receiver.by_delivery().items():
        uuid, seq, _ = key.split(":")
        arrived[uuid, int(seq)] = None
        if any(r.taken for r in requests):
            taken.add((uuid, int(seq)))
        alone = [r for r in requests if r.delivery == key]
        if len({(r.target, r.body) for r in alone}) > 1:
            wrong.append(f"{name}: {key} came with different texts")
    wrong += [f"{name} was told {event} that the database does not know"
              for event in arrived if event not in known]
    wrong += [f"{name} was not told {event} of {known[event]}"
              for event in known if event not in taken]
    for endpoint_name in set(known.values()):
        seen = [e for e in arrived if known.get(e) == endpoint_name]
        right = [e for e in known if e in arrived
                 and known[e] == endpoint_name]
        if seen != right:
            wrong.append(f"{name} was told of {endpoint_name} out of order")
    return wrong


def check_cachet(cachet, incidents, late):
    """One incident an outage, each fixed; components as they are.  Only where
    a creation took effect late may there have been a second one."""
    wrong = []
    marks = cachet.by_mark()
    for uuid, (name, _) in incidents.items():
        found = marks.pop(uuid, [])
        if len(found) != 1:
            wrong.append(f"{len(found)} incidents at Cachet for {uuid} of "
                         f"{name}: {[i['id'] for i in found]}")
        wrong += [f"incident {i['id']} of {name} is not fixed"
                  for i in found if i["status"] != 4]
    wrong += [f"incident {i['id']} at Cachet is of no outage: {uuid}"
              for uuid, found in marks.items() for i in found]
    if len(cachet.deleted) > late:
        wrong.append(f"{len(cachet.deleted)} incidents were doubled and "
                     f"deleted, though only {late} were late")
    wrong += [f"component {c} shows {cachet.status(c)}"
              for c in cachet.components if cachet.status(c) != 1]
    return wrong


def check(world, agent):
    incidents = story(agent)
    changes, edges = (OPENED, CHANGED, CLOSED), (OPENED, CLOSED)
    return (check_receiver("webhook", world.hook, incidents, changes)
            + check_receiver("slack", world.slack, incidents, changes)
            + check_receiver("old webhook", world.old, incidents, edges)
            + check_cachet(world.cachet, incidents, world.late.hits))


def torment(agent, world, kills, report):
    rng = world.rng
    while report["kills"] < kills and live_and_die(agent, rng, report):
        broken = readable(agent)
        if broken:
            report["wrong"].append(f"the state file is broken: {broken}")
            return


def last_life(agent, world, report, control):
    agent.start()
    try:
        until(lambda: is_quiet(agent, world) if control else is_settled(agent),
              "everything to settle", SETTLE, every=.25)
        agent.stop()
    except AssertionError as error:
        waiting = agent.database("SELECT * FROM delivery")
        report["wrong"].append(f"{error}; waiting: {waiting}")
        if agent.process:
            agent.kill()
    incidents = story(agent)
    report["incidents"] = len(incidents)
    report["events"] = sum(len(e) for _, e in incidents.values())
    report["lost"] = sum(r.method == "POST" and not r.taken
                         and r.path.endswith("/incidents")
                         for r in world.cachet.requests)
    report["repeats"] = sum(len(r.requests) - len(r.by_delivery())
                            for r in world.receivers.values())
    report["late"] = world.late.hits
    report["deleted"] = len(world.cachet.deleted)
    report["wrong"] += check(world, agent)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--kills", type=int, required=True)
    parser.add_argument("--control", action="store_true",
                        help="commit without waiting for the disk")
    chosen = parser.parse_args()

    world = World(chosen.seed)
    faulty = b"CURLEW_FAULT" in pathlib.Path(chosen.program).read_bytes()
    report = {"seed": chosen.seed, "kills": 0, "random": 0,
              "points": {} if faulty else None, "wrong": []}
    env = {"CURLEW_SYNCHRONOUS": "NORMAL"} if chosen.control else {}
    agent = Agent(world.config(), program=chosen.program, env=env)
    try:
        world.begin()
        torment(agent, world, chosen.kills, report)
        world.settle()
        last_life(agent, world, report, chosen.control)
        if report["wrong"] and not chosen.control:
            report["log"] = agent.log[-20000:]
    finally:
        agent.close()
        world.close()
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
