"""
The actions of an endpoint, on every Cachet: in the order of the configuration,
and none of them stopped by another one that does not work.
"""

import pytest
from support.agent import endpoint
from support.cachet import Cachet
from support.cachet_generations import Cachet3, Cachet23
from support.wait import until

KINDS = pytest.mark.parametrize("kind", [Cachet23, Cachet, Cachet3],
                                ids=["2.3", "2.4", "3"])
PATHS = {"CREATE_INCIDENT": ("POST", "/incidents"),
         "UPDATE_STATUS": ("PUT", "/components/1"),
         "PUSH_METRICS": ("POST", "/metrics/1/points")}


def config(target, cachet, *actions):
    return {"endpoints": [endpoint("foo", target.at(), component_id=1,
                                   metric_id=1, action=list(actions))],
            "cachet": {"api_url": cachet.api_url, "token": cachet.token,
                       "timeout": 30}}


def done(cachet, action):
    method, end = PATHS[action]
    return [r for r in list(cachet.requests)
            if r.method == method and r.path.endswith(end)]


def worked(cachet, action):
    """An incident of Cachet 2 sets the component as well."""
    return done(cachet, action) or (action == "UPDATE_STATUS"
                                    and cachet.status() == 3)


@KINDS
@pytest.mark.parametrize("broken", list(PATHS))
def test_one_that_fails_stops_no_other(run, target, kind, broken):
    others = [a for a in PATHS if a != broken]
    method, end = PATHS[broken]
    with kind() as cachet:
        cachet.add_metric(1)
        cachet.fault(method, end + "$", status=400)
        run(config(target, cachet, broken, *others))
        until(lambda: len(target.seen()) > 2, "probes")
        target.down()
        # Cachet 3 gets a point in a few minutes, not one for each probe.
        awaited = [a for a in PATHS
                   if kind is not Cachet3 or a != "PUSH_METRICS"]
        for action in awaited:
            until(lambda a=action: worked(cachet, a),
                  lambda: cachet.trace(reads=True))


@KINDS
def test_in_their_order(run, target, kind):
    with kind() as cachet:
        cachet.add_metric(1)
        agent = run(config(target, cachet, "UPDATE_STATUS", "CREATE_INCIDENT"))
        until(lambda: len(target.seen()) > 2, "probes")
        # What waits behind something older holds up nothing.
        until(lambda: not agent.database("SELECT 1 FROM delivery"))
        target.down()
        until(lambda: done(cachet, "CREATE_INCIDENT"))
        first = done(cachet, "UPDATE_STATUS")[0]
        assert first.at <= done(cachet, "CREATE_INCIDENT")[0].at
