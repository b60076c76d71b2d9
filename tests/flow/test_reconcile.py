"""
What Cachet shows is compared with the truth and mended: at the start, after it
was away, and now and then; but what people changed is theirs.
"""

import json

import pytest
from support.agent import endpoint
from support.cachet import Cachet
from support.cachet_generations import GENERATIONS, Cachet3, Cachet23
from support.ports import free_port
from support.receiver import Receiver
from support.wait import until

BOTH = ["CREATE_INCIDENT", "UPDATE_STATUS"]
EVERY = pytest.mark.parametrize("kind", GENERATIONS.values(),
                                ids=GENERATIONS)


def unlimited(kind, **how):
    cachet = kind(**how)
    cachet.limit = None
    return cachet


def config(target, cachet, hook=None, endpoints=None, **more):
    found = {"endpoints": endpoints or [endpoint(
                 "foo", target.at(), action=BOTH, component_id=1)],
             "cachet": {"api_url": cachet.api_url, "token": cachet.token,
                        "timeout": 30, "rate_limit": 100000,
                        "reconcile_every": 0, **more}}
    if hook:
        found["reporters"] = [{"name": "hook", "type": "webhook",
                               "url": hook.url, "body": {"t": "{title}"}}]
    return found


def probed(target, times=3):
    mark = len(target.seen())
    until(lambda: len(target.seen()) >= mark + times, "probes")


def shows(cachet, component, **incidents):
    """Until the component, and the incidents i100=..., are so."""
    def found():
        return (cachet.status(), {
            f"i{n}": i["status"] for n, i in cachet.incidents.items()
            if f"i{n}" in incidents})
    until(lambda: found() == (component, incidents),
          lambda: f"{(component, incidents)}, not {found()}: "
                  f"{cachet.trace(reads=True)}")


def outage(target, cachet, agent):
    """One that is over."""
    probed(target)
    target.down()
    shows(cachet, 3, i100=1)
    target.up()
    shows(cachet, 1, i100=4)
    agent.wait_told()


def by_hand(cachet, number, status):
    """Somebody says so on the dashboard."""
    with cachet.lock:
        incident = cachet.incidents[number]
        incident["status"] = status
        if cachet.updates.get(number):
            cachet._new_update(incident, status, "by hand")


def looks(cachet):
    return len([r for r in list(cachet.requests) if r.method == "GET"
                and r.path.endswith("/incidents") and r.taken])


def looked(cachet, times=2):
    """So many looks that began from now on have ended."""
    each = 1 if isinstance(cachet, Cachet3) else 3
    mark = looks(cachet)
    until(lambda: looks(cachet) >= mark + (times + 1) * each, "looks")


def forget(agent):
    agent.stop()
    for path in agent.state.parent.iterdir():
        path.unlink()


@EVERY
def test_at_the_start(run, target, kind):
    """And nothing is touched that is not ours."""
    with unlimited(kind, components=(1, 2)) as cachet:
        agent = run(config(target, cachet))
        outage(target, cachet, agent)
        agent.stop()
        cachet.components[1].update(status=4, enabled=False)
        cachet.components[2].update(status=2)
        by_hand(cachet, 100, 1)
        same = cachet.add_incident("foo is unavailable", 1)
        other = cachet.add_incident(
            "bar is unavailable", 2, meta={
                "curlew": "019378c5-1a2b-7c3d-8e4f-5a6b7c8d9e0f",
                "endpoint": "foo"})
        agent.start()
        shows(cachet, 1, i100=4)
        agent.wait_told()
        assert cachet.status(2) == 2
        assert cachet.components[1]["enabled"] is False
        assert cachet.incidents[same]["status"] == 1
        assert cachet.incidents[other]["status"] == 2
        assert len(cachet.incidents) == 3


@EVERY
def test_after_it_was_away(run, target, kind):
    with unlimited(kind, components=(1, 2)) as cachet:
        agent = run(config(target, cachet, endpoints=[
            endpoint("foo", target.at(), action=BOTH, component_id=1),
            endpoint("bar", target.at("/bar"), action=["UPDATE_STATUS"],
                     component_id=2)]))
        outage(target, cachet, agent)
        looked_at_start(agent)
        cachet.refuse()
        target.down()
        agent.wait_log("could not tell")
        cachet.components[2]["status"] = 4
        by_hand(cachet, 100, 2)
        cachet.accept_again()
        shows(cachet, 3, i100=4, i101=1)
        until(lambda: cachet.status(2) == 1, lambda: cachet.components)
        assert len(cachet.incidents) == 2


def looked_at_start(agent):
    """Until the first comparison is over: all that is to come is a change."""
    until(lambda: agent.status()["reconcile"][0]["done"] > 0,
          lambda: agent.status())


@pytest.mark.parametrize("kind", [Cachet23, Cachet, Cachet3],
                         ids=["2.3", "2.4", "3"])
def test_what_people_changed_is_theirs(run, target, kind):
    with unlimited(kind) as cachet:
        agent = run(config(target, cachet, reconcile_every=0.1))
        outage(target, cachet, agent)
        looked(cachet)
        written = len(cachet.trace())
        cachet.components[1]["status"] = 2
        by_hand(cachet, 100, 3)
        agent.wait_log("left as it is.*what=component id=1")
        agent.wait_log("left as it is.*what=incident id=100")
        looked(cachet, 3)
        assert len(cachet.trace()) == written
        assert agent.log.count("left as it is") == 2
        # Until our next change.
        target.down()
        shows(cachet, 3, i100=3, i101=1)
        target.up()
        shows(cachet, 1, i100=3, i101=4)


@pytest.mark.parametrize("kind", [Cachet, Cachet3], ids=["2.4", "3"])
def test_creation_that_arrives_late(run, target, kind):
    """It bears our mark, and nobody knows of it: it is ours, and over."""
    with unlimited(kind) as cachet:
        agent = run(config(target, cachet, reconcile_every=0.1))
        outage(target, cachet, agent)
        looked(cachet)
        with cachet.lock:
            late = cachet.add_incident("foo is unavailable", 1,
                                       meta=cachet.incidents[100]["meta"])
        until(lambda: cachet.incidents[late]["status"] == 4,
              lambda: cachet.trace(reads=True))
        shows(cachet, 1, i100=4)


@EVERY
def test_strictly_it_is_put_back(run, target, kind):
    with unlimited(kind) as cachet:
        agent = run(config(target, cachet, reconcile="strict",
                           reconcile_every=0.1))
        outage(target, cachet, agent)
        looked(cachet)
        cachet.components[1]["status"] = 2
        by_hand(cachet, 100, 3)
        shows(cachet, 1, i100=4)
        target.down()
        shows(cachet, 3, i101=1)
        agent.wait_told()
        by_hand(cachet, 101, 4)
        shows(cachet, 3, i100=4, i101=1)


@pytest.mark.parametrize("how", ["gentle", "strict"])
@pytest.mark.parametrize("kind", [Cachet23, Cachet, Cachet3],
                         ids=["2.3", "2.4", "3"])
def test_deleted_is_never_made_again(run, target, kind, how):
    with unlimited(kind) as cachet:
        agent = run(config(target, cachet, reconcile=how,
                           reconcile_every=0.1))
        probed(target)
        target.down()
        shows(cachet, 3, i100=1)
        agent.wait_told()
        with cachet.lock:
            del cachet.incidents[100]
        agent.wait_log("left as it is.*what=incident id=100.*there=gone")
        agent.restart()
        looked(cachet)
        target.up()
        shows(cachet, 1)
        agent.wait_told()
        assert not cachet.incidents


def test_off(run, target):
    with unlimited(Cachet) as cachet:
        agent = run(config(target, cachet, reconcile="off",
                           reconcile_every=0.1))
        outage(target, cachet, agent)
        agent.stop()
        cachet.components[1]["status"] = 2
        mark = looks(cachet)
        agent.start()
        probed(target, 6)
        assert cachet.status() == 2 and looks(cachet) == mark + 3


class Small(Cachet):
    """It gives no more than 20 a page."""

    def _page(self, request, *rest):
        request.query["per_page"] = str(
            min(20, int(request.query.get("per_page", 20))))
        return super()._page(request, *rest)


class Small3(Cachet3):
    SIZE_MAX = 20


@pytest.mark.parametrize("kind", [Small, Small3], ids=["2.4", "3"])
def test_many_components(run, target, kind):
    """One paged list at the start, whatever their number."""
    numbers = range(1, 46)
    with unlimited(kind, components=numbers) as cachet:
        for number in numbers:
            cachet.components[number]["status"] = 4
        agent = run(config(target, cachet, endpoints=[
            endpoint(f"e{n}", target.at(f"/{n}"), action=["UPDATE_STATUS"],
                     component_id=n, frequency=30) for n in numbers]))
        until(lambda: all(cachet.status(n) == 1 for n in numbers),
              lambda: cachet.components)
        agent.wait_told()
        agent.stop()
        mark = len(cachet.requests)
        for number in (1, 21, 45):
            cachet.components[number]["status"] = 3
        agent.start()
        until(lambda: all(cachet.status(n) == 1 for n in numbers),
              lambda: cachet.components)
        agent.wait_told()
        asked = [r for r in cachet.since(mark) if "/components" in r.path]
        pages = [r.query["page"] for r in asked if "page" in r.query]
        assert pages == ["1", "2", "3"]
        # The three that differ are read and written, and no others.
        assert len(asked) == 3 + 3 * 2, asked


def test_list_hangs(run, target):
    """It is not waited for longer than five seconds, and asked for later."""
    with unlimited(Cachet) as cachet:
        cachet.components[1]["status"] = 4
        fault = cachet.fault("GET", "/components$", fault="hang")
        agent = run(config(target, cachet, timeout=10))
        agent.wait_log("could not be asked, going on")
        agent.wait_log("probing")
        probed(target)
        cachet.heal(fault)
        shows(cachet, 1)


@EVERY
def test_lost_past_is_taken_up(run, target, kind):
    """Neither doubled nor told again, but closed everywhere."""
    with unlimited(kind) as cachet, Receiver() as hook:
        agent = run(config(target, cachet, hook))
        probed(target)
        target.down()
        shows(cachet, 3, i100=1)
        until(lambda: len(hook.taken) == 1)
        agent.wait_told()
        forget(agent)
        agent.start()
        probed(target, 6)
        agent.wait_told()
        assert list(cachet.incidents) == [100] and len(hook.requests) == 1
        until(lambda: agent.endpoint("foo")["status"] == "partial_outage",
              lambda: agent.endpoint("foo"))
        target.up()
        shows(cachet, 1, i100=4)
        until(lambda: len(hook.taken) == 2)
        agent.wait_told()
        assert hook.taken[1].json()["t"] == "foo is operational"
        assert list(cachet.incidents) == [100] and len(hook.requests) == 2
        opened, closed = (r.delivery.split(":") for r in hook.taken)
        assert opened[1:] != closed[1:]
        assert (opened[0] == closed[0]) == (kind in (Cachet, Cachet3))


@EVERY
def test_lost_past_that_is_over(run, target, kind):
    """Those of people stay; what is hidden is found all the same."""
    with unlimited(kind) as cachet, Receiver() as hook:
        settings = config(target, cachet, hook)
        settings["endpoints"][0]["public_incidents"] = False
        agent = run(settings)
        probed(target)
        target.down()
        shows(cachet, 3, i100=1)
        agent.wait_told()
        planned = cachet.add_incident("planned work", 2)
        assert cachet.incidents[100]["visible"] == 0
        forget(agent)
        target.up()
        agent.start()
        shows(cachet, 1, i100=4)
        until(lambda: len(hook.taken) == 2)
        agent.wait_told()
        assert hook.taken[1].json()["t"] == "foo is operational"
        assert cachet.incidents[planned]["status"] == 2


@pytest.mark.parametrize("kind", [Cachet, Cachet3], ids=["2.4", "3"])
def test_lost_past_with_a_twin(run, target, kind):
    """A creation that arrived twice, of which nobody knows any more."""
    with unlimited(kind) as cachet:
        agent = run(config(target, cachet, reconcile="off"))
        probed(target)
        target.down()
        shows(cachet, 3, i100=1)
        agent.wait_told()
        forget(agent)
        with cachet.lock:
            cachet.incidents[101] = {**cachet.incidents[100], "id": 101}
        agent.start()
        shows(cachet, 3, i100=4, i101=1)
        target.up()
        shows(cachet, 1, i100=4, i101=4)


def test_what_was_taken_up_is_ours(run, target):
    """Though its mark is of a past that nobody remembers."""
    with unlimited(Cachet) as cachet:
        agent = run(config(target, cachet))
        probed(target)
        target.down()
        shows(cachet, 3, i100=1)
        agent.wait_told()
        forget(agent)
        cachet.refuse()
        agent.start()
        agent.wait_log("could not tell")
        cachet.accept_again()
        agent.wait_told()
        target.up()
        shows(cachet, 1, i100=4)
        agent.wait_told()
        agent.stop()
        by_hand(cachet, 100, 1)
        agent.start()
        shows(cachet, 1, i100=4)
        assert len(cachet.incidents) == 1


@pytest.mark.parametrize("kind", [Cachet23, Cachet, Cachet3],
                         ids=["2.3", "2.4", "3"])
def test_nothing_is_searched_for_twice(run, target, kind):
    """After the list at the start there is no look for each endpoint."""
    with unlimited(kind, components=range(1, 10)) as cachet:
        agent = run(config(target, cachet, endpoints=[
            endpoint(f"e{n}", target.at(f"/{n}"), action=BOTH,
                     component_id=n) for n in range(1, 10)]))
        until(lambda: all(e["status"] == "operational"
                          for e in agent.status()["endpoints"]))
        agent.wait_told()
        assert looks(cachet) == (1 if kind is Cachet3 else 3)


# Somebody asks.

def test_on_request(run, target):
    with unlimited(Cachet) as cachet:
        agent = run(config(target, cachet))
        outage(target, cachet, agent)
        looked_at_start(agent)
        done = agent.command("reconcile", "--dry-run", agent.path)
        assert (done.returncode, done.stdout, done.stderr) == \
            (0, "all is as it should be\n", "")
        cachet.components[1]["status"] = 2
        by_hand(cachet, 100, 3)
        written = len(cachet.trace())

        done = agent.command("reconcile", "-n", "--strict", agent.path)
        assert done.returncode == 3, done
        head, *rows = [line.split() for line in done.stdout.splitlines()]
        assert head == "WHAT ID ENDPOINT THERE TRUTH WOULD BE".split()
        assert rows == ["incident 100 foo open over closed".split(),
                        "component 1 foo performance issues operational set"
                        .split()]

        # Nothing was done, and gently it would not be.
        done = agent.command("reconcile", "--dry-run", agent.path)
        assert done.returncode == 3
        assert done.stdout.count("left to people") == 2
        done = agent.command("reconcile", agent.path)
        assert done.returncode == 0
        assert done.stdout.count("left to people") == 2
        assert len(cachet.trace()) == written

        done = agent.command("reconcile", "--strict", "--json", agent.path)
        assert done.returncode == 0
        assert [r["act"] for r in json.loads(done.stdout)["rows"]] == \
            ["closed", "set"]
        shows(cachet, 1, i100=4)
        agent.wait_told()
        done = agent.command("reconcile", "--dry-run", "--strict", agent.path)
        assert (done.returncode, done.stdout) == (0, "all is as it should be\n")
        found = agent.status()["reconcile"][0]
        assert (found["mended"], found["left"]) == (2, 2)


def test_on_request_but_nobody_answers(run, make, target):
    with unlimited(Cachet) as cachet:
        agent = make(config(target, cachet, timeout=0.5))
        done = agent.command("reconcile", agent.path)
        assert done.returncode == 1 and "no agent is running" in done.stderr
        agent.start()
        looked_at_start(agent)
        cachet.fault("GET", "/components$", status=500)
        done = agent.command("reconcile", "--dry-run", agent.path)
        assert done.returncode == 1
        assert "Cachet answered 500" in done.stderr
        done = agent.command("reconcile", agent.path, "more")
        assert done.returncode == 2


def test_on_request_without_a_cachet(run, target):
    agent = run({"endpoints": [endpoint("foo", target.at())]})
    probed(target)
    done = agent.command("reconcile", agent.path)
    assert done.returncode == 0
    assert "no receiver" in done.stdout


def test_metrics(run, target):
    with unlimited(Cachet) as cachet:
        settings = config(target, cachet)
        settings["server"] = {"listen": f"127.0.0.1:{free_port()}"}
        agent = run(settings)
        outage(target, cachet, agent)
        looked_at_start(agent)
        status, text = agent.ask("/metrics/agent")
        assert status == 200
        name = f'reporter="cachet/{cachet.api_url}"'
        assert f'curlew_reconciliations_total{{{name},outcome="done"}} 1' \
            in text
        assert f'curlew_reconcile_differences_total{{{name},outcome="left"}}' \
            " 0" in text


@pytest.mark.parametrize("listed", [True, False])
def test_a_limit_holds_at_the_start(run, target, listed):
    """One list of all metrics; or one by one, as far as the limit goes."""
    many = range(1, 71)
    with GENERATIONS["3-2024"](components=many) as cachet:
        for number in many:
            cachet.add_metric(number)
        if not listed:
            cachet.fault(method="GET", path=r"/api/metrics$", status=500)
        agent = run(config(target, cachet, rate_limit=0, endpoints=[
            endpoint(f"e{n}", target.at(), action=["PUSH_METRICS"],
                     component_id=n, metric_id=n) for n in many]))
        agent.wait_log('msg="probing"')
        seen = [r.answered for r in list(cachet.requests)]
        assert len(seen) > 4 and 429 not in seen, cachet.trace(reads=True)
