"""
Several Cachets: an endpoint is in those that it names, as another component in
each; what endpoints share shows the worst of them, in each Cachet by itself.
"""

import pytest
from support.agent import endpoint
from support.cachet import Cachet
from support.cachet_generations import Cachet3, Cachet23, Cachet32024
from support.server import Answer
from support.wait import until

from test_reload import reload

BOTH = ["CREATE_INCIDENT", "UPDATE_STATUS"]
KINDS = pytest.mark.parametrize("kind", [Cachet23, Cachet, Cachet3],
                                ids=["2.3", "2.4", "3"])


@pytest.fixture(name="public")
def make_public():
    with Cachet(components=(1, 2)) as cachet:
        yield cachet


@pytest.fixture(name="inside")
def make_inside():
    with Cachet3(components=(1, 2), first_incident=500) as cachet:
        yield cachet


def section(name, cachet, **more):
    return {"name": name, "api_url": cachet.api_url, "token": cachet.token,
            "timeout": 30, **more}


def config(*endpoints, **cachets):
    return {"endpoints": list(endpoints),
            "cachet": [section(*c) for c in cachets.items()]}


def shop(target, where, path="/", **more):
    more.setdefault("action", BOTH)
    return endpoint("shop", target.at(path), cachet=where, **more)


def shows(cachet, *statuses):
    """Of its components, from the first on."""
    def now():
        return tuple(cachet.status(i + 1) for i in range(len(statuses)))
    until(lambda: now() == statuses, lambda: f"{now()}, not {statuses}: "
          f"{cachet.trace(reads=True)}")


def probed(target, path="/", times=2):
    mark = len(target.seen(path))
    until(lambda: len(target.seen(path)) >= mark + times, "probes")


def fixed(cachet, number):
    until(lambda: cachet.incidents[number]["status"] == 4,
          lambda: cachet.trace(reads=True))


def test_another_component_in_each(run, target, public, inside):
    """Also when the agent starts anew meanwhile."""
    where = {"public": {"component_id": 2}, "inside": {"component_id": 1}}
    agent = run(config(shop(target, where), public=public, inside=inside))
    agent.wait_well()
    target.down()
    shows(public, 1, 3)
    shows(inside, 3, 1)
    until(lambda: 100 in public.incidents and 500 in inside.incidents)
    assert public.incidents[100]["component_id"] == 2
    assert inside.incidents[500]["component_id"] == 1
    agent.wait_told("cachet/")
    assert [(r["name"], r["id"]) for r in agent.status()["reporters"]] == [
        ("cachet/public", f"cachet/{public.api_url}"),
        ("cachet/inside", f"cachet/{inside.api_url}")]
    assert "cachet/public" in agent.command("status", agent.path).stdout
    assert "reporter=cachet/public" in agent.log
    agent.stop()
    target.up()
    agent.start()
    shows(public, 1, 1)
    shows(inside, 1, 1)
    fixed(public, 100)
    fixed(inside, 500)
    agent.wait_told("cachet/")
    assert (len(public.incidents), len(inside.incidents)) == (1, 1)


def test_one_is_away(run, target, public, inside):
    agent = run(config(shop(target, ["public", "inside"], component_id=1),
                       public=public, inside=inside))
    probed(target)
    public.refuse()
    target.down()
    shows(inside, 3)
    assert public.status() == 1
    public.accept_again()
    shows(public, 3)
    agent.wait_told("cachet/")


def test_each_is_told_only_of_its_own(run, target, public, inside):
    """Both endpoints have a component 1."""
    other = endpoint("other", target.at("/other"), cachet="inside",
                     action=BOTH, component_id=1)
    agent = run(config(shop(target, "public", "/shop", component_id=1), other,
                       public=public, inside=inside))
    probed(target, "/shop")
    target.down("/shop")
    shows(public, 3)
    target.down("/other")
    shows(inside, 3)
    target.up("/shop")
    shows(public, 1)
    fixed(public, 100)
    agent.wait_told("cachet/")
    assert inside.status() == 3 and inside.incidents[500]["status"] == 1
    assert [i["component_id"] for i in public.incidents.values()] == [1]


def rules():
    return [{"type": "HTTP_STATUS", "status_range": "200-300",
             "incident": "MAJOR"},
            {"type": "REGEX", "regex": ".*alive", "incident": "PERFORMANCE"}]


@KINDS
def test_the_worst_of_those_that_share_it(run, target, kind):
    """After a reload and a restart as well."""
    slow = endpoint("slow", target.at("/slow"), component_id=1,
                    action=["UPDATE_STATUS"], expectation=rules())
    dead = endpoint("dead", target.at("/dead"), component_id=1,
                    action=["UPDATE_STATUS"], expectation=rules())
    calm = endpoint("calm", target.at("/slow"), component_id=2,
                    action=["UPDATE_STATUS"])
    for path in ("/slow", "/dead"):
        target.set(path, body="alive")
    with kind(components=(1, 2)) as cachet:
        made = {"endpoints": [slow, dead, calm], "cachet": {
            "api_url": cachet.api_url, "token": cachet.token}}
        agent = run(made)
        probed(target, "/slow")
        target.set("/slow", body="limping")
        shows(cachet, 2)
        target.set("/dead", status=500, body="alive")
        shows(cachet, 4, 1)
        agent.wait_told("cachet/")
        # The worse one moves to the other component, and back.
        reload(agent, {**made, "endpoints": [
            slow, {**dead, "component_id": 2}, calm]})
        shows(cachet, 2, 4)
        reload(agent, made)
        shows(cachet, 4, 1)
        agent.wait_told("cachet/")
        agent.stop()
        target.set("/dead", body="alive")
        agent.start()
        shows(cachet, 2, 1)
        target.set("/slow", body="alive")
        shows(cachet, 1, 1)


def test_a_name_changes(run, target, public, inside):
    """It is the same Cachet."""
    def made(name):
        return config(shop(target, [name, "inside"], component_id=1),
                      **{name: public}, inside=inside)

    agent = run(made("public"))
    agent.wait_well()
    target.down()
    shows(public, 3)
    agent.wait_told("cachet/")
    reload(agent, made("visitors"))
    probed(target)
    agent.wait_told("cachet/")
    assert public.trace() == ["I3"]
    target.up()
    shows(public, 1)
    fixed(public, 100)
    fixed(inside, 500)
    assert (len(public.incidents), len(inside.incidents)) == (1, 1)


def test_an_endpoint_leaves_one_of_them(run, target, public, inside):
    """What is open there is closed, and opened anew where it still is."""
    def made(*names):
        return config(shop(target, list(names), component_id=1),
                      public=public, inside=inside)

    agent = run(made("public", "inside"))
    agent.wait_well()
    target.down()
    shows(public, 3)
    shows(inside, 3)
    agent.wait_told()
    reload(agent, made("inside"))
    fixed(public, 100)
    fixed(inside, 500)
    until(lambda: 501 in inside.incidents and inside.status() == 3,
          lambda: inside.trace())
    shows(public, 1)
    agent.wait_told()
    # Back again: what it is is shown at once, and what opens later is told.
    reload(agent, made("public", "inside"))
    shows(public, 3)
    target.up()
    shows(public, 1)
    fixed(inside, 501)
    agent.wait_told()
    assert (len(public.incidents), len(inside.incidents)) == (1, 2)
    target.down()
    until(lambda: (len(public.incidents), len(inside.incidents)) == (2, 3),
          lambda: public.trace())


def test_one_more_and_one_less(run, target, public, inside):
    """From the only one, without a name, to a list; and back."""
    alone = {"endpoints": [shop(target, None, component_id=1)],
             "cachet": {"api_url": public.api_url, "token": public.token}}
    agent = run(alone)
    agent.wait_well()
    target.down()
    shows(public, 3)
    agent.wait_told("cachet/")
    reload(agent, config(shop(target, ["public", "inside"], component_id=1),
                         public=public, inside=inside))
    shows(inside, 3)
    agent.wait_told("cachet/")
    assert not inside.incidents and public.trace() == ["I3"]
    reload(agent, alone)
    target.up()
    shows(public, 1)
    fixed(public, 100)
    agent.wait_told("cachet/")
    assert len(public.incidents) == 1
    assert inside.status() == 3  # who is gone is told nothing


def test_a_list_at_the_next_start(run, target, public, inside):
    """An incident of before is closed where it is; what was removed is closed
    there, and nowhere else."""
    usual = {"component_id": 1, "action": BOTH}
    agent = run({
        "endpoints": [endpoint("a", target.at("/a"), **usual),
                      endpoint("b", target.at("/b"),
                               **{**usual, "component_id": 2})],
        "cachet": {"api_url": public.api_url, "token": public.token}})
    probed(target, "/a")
    target.down("/a")
    target.down("/b")
    shows(public, 3, 3)
    agent.wait_told("cachet/")
    agent.stop()
    inside.components[2]["status"] = 3  # somebody else's
    target.up("/a")
    agent.configure(config(
        endpoint("a", target.at("/a"), cachet="public", **usual),
        inside=inside, public=public))
    agent.start()
    shows(public, 1, 1)
    fixed(public, 100)
    fixed(public, 101)
    agent.wait_told("cachet/")
    assert inside.trace() == [] and len(public.incidents) == 2


def test_the_environment_is_not_for_a_name(make, target, public, inside):
    agent = make(config(shop(target, "public", component_id=1), public=public,
                        inside=inside),
                 env={"CACHET_API_URL": "http://127.0.0.1:1",
                      "CACHET_TOKEN": "canary-of-nobody"})
    done = agent.command("check", agent.path)
    assert "CACHET_API_URL is set, and has no effect" in done.stderr
    assert "CACHET_TOKEN is set, and has no effect" in done.stderr
    agent.start()
    agent.wait_well()
    target.down()
    shows(public, 3)
    agent.wait_told("cachet/")


def test_each_is_asked_at_start(make, target, public, inside):
    """About what endpoints have there, and nothing else."""
    where = {"public": {"component_id": 2}, "inside": {"component_id": 9}}
    agent = make(config(shop(target, where), public=public, inside=inside))
    agent.start(wait=False)
    assert agent.wait_end() == 1
    assert ("cachet/inside: shop: Component with id [9] does not exist"
            in agent.log)
    asked = {r.path for r in public.requests if "/components/" in r.path}
    assert asked <= {"/api/v1/components/2"}


def test_who_is_to_be_asked_slowly_holds_up_nobody(make, target, public):
    """At the start: one by one within its limit, and the other beside it."""
    many = range(1, 91)
    with Cachet32024(components=many) as slow:
        for number in many:
            slow.add_metric(number)
        slow.fault(method="GET", path=r"/api/metrics$", status=500)
        for path in ("/schedules$", "/components/9$"):  # from far away
            public.fault(path=path, answer=Answer(404, "", delay=0.5))
        agent = make(config(
            shop(target, {"public": {"component_id": 9}}),
            *(endpoint(f"e{n}", target.at(), action=["PUSH_METRICS"],
                       cachet={"slow": {"component_id": n, "metric_id": n}})
              for n in many), slow=slow, public=public)).start(wait=False)
        assert agent.wait_end() == 1
        assert "cachet/public: shop: Component with id [9]" in agent.log
