"""
The whole course of an outage on every Cachet there is, through restarts, an
hour without Cachet, creations that arrive late, and a state file that is gone:
one incident, closed at its end, and the component as it should be.
"""

import re
import sqlite3

import pytest
from support.agent import endpoint
from support.cachet_generations import GENERATIONS, unlimited
from support.wait import until

RULES = [{"type": "HTTP_STATUS", "status_range": "200-300"},
         {"type": "REGEX", "regex": ".*alive", "incident": "MAJOR"}]
HOUR = 3600
AFTER_VERIFICATION = 61  # seconds
SHORT = 0.3  # where that much passes before what was lost is looked for

every_cachet = pytest.mark.parametrize("kind", GENERATIONS.values(),
                                       ids=GENERATIONS)


def config(target, cachet, timeout=30):
    target.set("/", body="alive")
    return {"endpoints": [endpoint(
                "foo", target.at(), component_id=1, expectation=RULES,
                action=["CREATE_INCIDENT", "UPDATE_STATUS"])],
            "cachet": {"api_url": cachet.api_url, "token": cachet.token,
                       "timeout": timeout}}


def probed(target, times=3):
    mark = len(target.seen())
    until(lambda: len(target.seen()) >= mark + times, "probes")


def down(target, body="alive"):
    """Partial, or a major outage with a body that is not alive."""
    target.set("/", status=500 if body == "alive" else 200, body=body)


def up(target):
    target.set("/", body="alive")


def shows(cachet, component, *incidents):
    """Wait until it is so."""
    until(lambda: cachet.status() == component and sorted(
        i["status"] for i in list(cachet.incidents.values()))
        == sorted(incidents),
        lambda: (cachet.status(), cachet.incidents, cachet.trace(True)))


def age(agent, seconds):
    """All that the agent, which is not running, remembers is that much
    older."""
    with sqlite3.connect(agent.state) as base:
        tables = [row[0] for row in base.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            columns = [row[1] for row in base.execute(
                f"PRAGMA table_info({table})")
                if re.fullmatch("(at|since|opened|closed|created|due|begun)"
                                "_ms", row[1])]
            for name in columns:
                base.execute(f"UPDATE {table} SET {name} = {name} - ? "
                             f"WHERE {name} > ?",
                             (seconds * 1000, seconds * 1000))
    base.close()


def recorded(agent, incidents, ended):
    """So many outages, and ends of them, a kill takes no more."""
    until(lambda: agent.database(
        "SELECT count(*) AS n, total(closed_ms > 0) AS ended FROM incident")
        == [{"n": incidents, "ended": ended}], lambda: agent.log)


def told(agent):
    """An incident is told of; where there was a doubt, it is verified yet."""
    until(lambda: agent.database("SELECT 1 FROM receipt WHERE ref != ''"),
          "a receipt")


def forget(agent):
    for end in ("", "-wal", "-shm"):
        path = agent.state.with_name(agent.state.name + end)
        path.unlink(missing_ok=True)


@every_cachet
def test_course(run, target, kind):
    """It gets worse, the agent is killed, it gets better."""
    with unlimited(kind) as cachet:
        agent = run(config(target, cachet))
        probed(target)
        down(target)
        shows(cachet, 3, 1)
        down(target, body="dead")
        shows(cachet, 4, 1)
        agent.wait_told("cachet/")
        agent.kill()
        agent.start()
        probed(target)
        down(target)
        shows(cachet, 3, 1)
        up(target)
        shows(cachet, 1, 4)
        agent.wait_told("cachet/")
        assert list(cachet.incidents) == [100] and not cachet.deleted
        assert cachet.incidents[100]["visible"] == 1


@every_cachet
def test_cachet_is_away_for_an_hour(run, target, kind):
    """Longer than any pause between attempts, and a restart in it."""
    with unlimited(kind) as cachet:
        agent = run(config(target, cachet))
        probed(target)
        agent.wait_told("cachet/")
        cachet.refuse()
        down(target)
        recorded(agent, 1, 0)
        for body in ("dead", "alive"):
            agent.kill()
            age(agent, HOUR)
            down(target, body)
            agent.start()
            probed(target)
        up(target)
        recorded(agent, 1, 1)
        down(target)
        recorded(agent, 2, 1)
        agent.kill()
        age(agent, HOUR)
        cachet.accept_again()
        agent.start()
        until(lambda: cachet.status() == 3 and 1 in [
            i["status"] for i in list(cachet.incidents.values())],
            lambda: (cachet.incidents, cachet.trace(True)))
        up(target)
        shows(cachet, 1, 4, 4)
        names = [w for w in cachet.trace() if w[0] == "I"]
        assert len(names) == 2, cachet.trace(True)


@every_cachet
def test_creation_arrives_late(run, target, kind):
    """The first one arrives when the second is told of; it is deleted.  Then
    all is forgotten, and the incident is found again."""
    with unlimited(kind) as cachet:
        cachet.fault("POST", "/incidents$", times=1, fault="close")
        agent = run(config(target, cachet, SHORT))
        probed(target)
        down(target)
        shows(cachet, 3, 1)
        told(agent)
        late = next(r for r in cachet.requests if r.method == "POST")
        with cachet.lock:
            cachet.answer(late)
        shows(cachet, 3, 1, 1)
        agent.kill()
        age(agent, AFTER_VERIFICATION)
        agent.start()
        shows(cachet, 3, 1)
        agent.wait_told("cachet/")
        assert list(cachet.incidents) == [100], cachet.trace(True)

        agent.kill()
        forget(agent)
        agent.start()
        probed(target)
        up(target)
        shows(cachet, 1, 4)
        agent.wait_told("cachet/")
        assert len(cachet.incidents) == 1


@every_cachet
def test_kill_while_it_is_created(run, target, kind):
    """The answer finds nobody.  Then all is forgotten, and the outage ends
    meanwhile."""
    with unlimited(kind) as cachet:
        hang = cachet.fault("POST", "/incidents$", fault="hang", effect=True)
        agent = run(config(target, cachet, SHORT))
        probed(target)
        down(target)
        until(lambda: cachet.incidents, "an incident")
        agent.kill()
        cachet.heal(hang)
        agent.start()
        shows(cachet, 3, 1)
        told(agent)
        assert list(cachet.incidents) == [100], cachet.trace(True)

        agent.kill()
        forget(agent)
        up(target)
        agent.start()
        shows(cachet, 1, 4)
        agent.wait_told("cachet/")
        assert len(cachet.incidents) == 1
