"""
An outage that begins and ends while Cachet is away is told as one incident,
fixed when it is created, with the time at which it began as each Cachet wants
to have it.
"""

import calendar
import re
import time

import pytest
from support.agent import endpoint
from support.cachet_generations import GENERATIONS, unlimited
from support.wait import until
from test_cachet_course import HOUR, age

FORMATS = {"created_at": "%d/%m/%Y %H:%M", "occurred_at": "%Y-%m-%d %H:%M"}
ISO = "%Y-%m-%dT%H:%M:%SZ"
SAID = "%Y-%m-%d %H:%M:%S"


def config(target, cachet, **more):
    target.set("/")
    return {"endpoints": [endpoint(
                "foo", target.at(), component_id=1,
                action=["CREATE_INCIDENT", "UPDATE_STATUS"])],
            "cachet": {"api_url": cachet.api_url, "token": cachet.token,
                       "timeout": 30, **more}}


def outages(agent, n):
    """That many have ended."""
    return len(agent.database(
        "SELECT 1 FROM incident WHERE closed_ms > 0")) == n


def began(request):
    """In seconds, by what a creation says."""
    key = next(k for k in FORMATS if k in request.params)
    text = request.params[key]
    form = ISO if "T" in text else FORMATS[key]
    assert "T" in text or request.header("time-zone") == "UTC"
    return calendar.timegm(time.strptime(text, form))


@pytest.mark.parametrize("kind", GENERATIONS.values(), ids=GENERATIONS)
def test_flaps_while_cachet_is_away(run, target, kind):
    with unlimited(kind) as cachet:
        agent = run(config(target, cachet))
        until(lambda: agent.endpoint("foo")["status"] == "operational",
              "a first look")
        agent.wait_told("cachet/")
        cachet.refuse()
        for n in (1, 2, 3):
            target.set("/", status=500)
            until(lambda: agent.endpoint("foo")["incident"], "an outage")
            target.set("/")
            until(lambda n=n: outages(agent, n), "its end")
        agent.kill()
        age(agent, HOUR)
        mark = len(cachet.requests)
        cachet.accept_again()
        agent.start()
        agent.wait_told("cachet/")

        asked = list(cachet.requests)[mark:]
        made = [r for r in asked if r.method != "GET"]
        assert [r.path.rpartition("/")[2] for r in made] \
            == ["incidents"] * 3, asked
        for request in made:
            assert request.params["status"] == 4
            said = re.search(r"\n\nFrom (.*) to .* UTC \(\d+m?s\)\.",
                             request.params["message"])
            since = calendar.timegm(time.strptime(said[1], SAID))
            assert began(request) in (since, since - since % 60)
            assert abs(time.time() - since) < HOUR
        assert {i["status"] for i in cachet.incidents.values()} == {4}
        assert cachet.status() == 1
