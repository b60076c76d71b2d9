"""
Receivers that are dead in every way delay nothing and nobody: probes are as
punctual as in an undisturbed agent beside it, other receivers hear at once, and
afterwards everything arrives, in order.
"""

import pytest
from support.agent import endpoint
from support.cachet import Cachet
from support.receiver import Receiver
from support.target import Target
from support.wait import until

ENDPOINTS = 20

# Much looser than what is seen, since the machine is noisy.
RATIO, FLOOR_MS = 5, 50


def config(target, cachet, hook, slack):
    return {
        "endpoints": [
            endpoint(f"e{i}", target.at(f"/{i}"), component_id=i + 1,
                     frequency=0.2,
                     action=["CREATE_INCIDENT", "UPDATE_STATUS"])
            for i in range(ENDPOINTS)],
        "cachet": {"api_url": cachet.api_url, "token": cachet.token,
                   "timeout": 1},
        "reporters": [{"name": "hook", "type": "webhook", "url": hook.url,
                       "body": {"title": "{title}"}},
                      {"name": "ops", "type": "slack",
                       "url": slack.url + "/x", "rate_limit": 6000}]}


class House:
    """An agent with receivers of its own, all on one target."""

    def __init__(self, run, target):
        self.cachet = Cachet(components=range(1, ENDPOINTS + 1))
        self.hook, self.slack = Receiver(), Receiver()
        self.agent = run(config(target, self.cachet, self.hook, self.slack))

    def close(self):
        for server in (self.cachet, self.hook, self.slack):
            server.close()

    def late_ms(self):
        return self.agent.status()["worker"]["late_p99_ms"]

    def missed(self):
        return sum(e["missed"] for e in self.agent.status()["endpoints"])


DEATHS = {
    "refuse": None,
    "hang": dict(fault="hang"),
    "500": dict(status=500, body="x" * 5000),
    "429": dict(status=429, headers={"Retry-After": "2"}),
    "garbage": dict(fault="garbage"),
    "reset": dict(fault="reset"),
}


def die(server, how):
    if DEATHS[how] is None:
        server.refuse()
    else:
        server.fault(**DEATHS[how])


def revive(server, how):
    if DEATHS[how] is None:
        server.accept_again()
    else:
        server.heal()


@pytest.fixture
def houses(run):
    with Target() as target:
        both = House(run, target), House(run, target)
        yield target, *both
        for house in both:
            house.close()


def probed(target, times):
    mark = len(target.requests)
    until(lambda: len(target.requests) >= mark + times * 2 * ENDPOINTS,
          "probes")


def is_regular(target, sick, well):
    """For a while no more was missed than beside it; what a machine missed that
    stood still is no matter."""
    before = sick.missed(), well.missed()
    probed(target, 5)
    missed = [h.missed() - b for h, b in zip((sick, well), before)]
    return missed[0] <= max(RATIO * missed[1], ENDPOINTS)


def heard(slack):
    """How much it was told, be it in one message."""
    return sum(len(r.delivery.split(",")) for r in slack.taken)


@pytest.mark.parametrize("how", DEATHS)
def test_dead_receivers(houses, how):
    target, sick, well = houses
    probed(target, 2)
    die(sick.cachet, how)
    die(sick.hook, how)

    # Half of the endpoints go down, come up, and go down again.
    changing = range(0, ENDPOINTS, 2)
    for change in (target.down, target.up, target.down):
        mark = heard(sick.slack), heard(well.slack)
        for i in changing:
            change(f"/{i}")
        for house, before in zip((sick, well), mark):
            until(lambda h=house, b=before:
                  heard(h.slack) >= b + len(changing),
                  "Slack to hear of it")
        probed(target, 5)
    assert not sick.cachet.incidents and not sick.hook.taken
    # A machine that was busy for a moment is made up for by more probes.
    until(lambda: sick.late_ms() <= max(RATIO * well.late_ms(), FLOOR_MS),
          lambda: (sick.late_ms(), well.late_ms()), timeout=60, every=.5)
    print(f"{how}: p99 of lateness {sick.late_ms():.2f} ms, undisturbed "
          f"{well.late_ms():.2f} ms")
    until(lambda: is_regular(target, sick, well), "a while without misses")

    revive(sick.cachet, how)
    revive(sick.hook, how)
    for house in (sick, well):
        until(lambda h=house: len(h.hook.taken) >= 3 * len(changing),
              lambda h=house: h.agent.status()["reporters"], timeout=60)
        until(lambda h=house: len(h.cachet.incidents) == 2 * len(changing)
              and sum(i["status"] == 4 for i in h.cachet.incidents.values())
              == len(changing), lambda h=house: h.cachet.trace(), timeout=60)
    for i in changing:
        titles = [r.json()["title"] for r in sick.hook.taken
                  if r.json()["title"].startswith(f"e{i} ")]
        assert titles == [f"e{i} is unavailable", f"e{i} is operational",
                          f"e{i} is unavailable"]
        assert sick.cachet.status(i + 1) == 3
    assert len(sick.hook.by_delivery()) == 3 * len(changing)
