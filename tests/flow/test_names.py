"""
Names, with name servers of every kind, in a network that has nothing else.
"""

import subprocess

import pytest
from support.agent import endpoint
from support.names import NameServer
from support.netns import network, why_not, wrap
from support.wait import until

REASON = why_not()
pytestmark = pytest.mark.skipif(REASON is not None, reason=str(REASON))

SERVER = "127.0.0.53"
HOSTS = "127.0.0.1 localhost\n::1 localhost\n"


@pytest.fixture(autouse=True)
def inside():
    with network():
        yield


@pytest.fixture(name="names")
def make_names():
    with NameServer(SERVER) as server:
        yield server


@pytest.fixture(name="etc")
def make_etc(tmp_path):
    """Files that stand for those in /etc; write(name, text) writes one."""
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "hosts").write_text(HOSTS)
    (folder / "resolv.conf").write_text(f"nameserver {SERVER}\n")
    return folder


@pytest.fixture(name="play")
def make_play(make, etc):
    """play(config) -> an Agent that is up, and sees `etc`."""
    return lambda config, **how: make(config, wrap=wrap(etc), **how).start()


def named(target, *names, **more):
    return [endpoint(name, f"http://{name}:{target.port}/", **more)
            for name in names]


def looked(agent, late=False):
    """name -> (seen, cause), once all were looked at, and none too late to
    tell, unless that is fine."""
    def found():
        return agent.status()["endpoints"]
    until(lambda: all(e["probed"] and (late or e["cause"] != "lag")
                      for e in found()), found, timeout=60)
    return {e["name"]: (e["seen"], e["cause"]) for e in found()}


def wait_looked(agent, wanted):
    """Until all look so: the machine may stand still for a moment, and then a
    name server is too late."""
    until(lambda: looked(agent) == wanted,
          lambda: f"{wanted}, not {looked(agent)}")


UP = ("operational", None)
NOT_FOUND = ("partial_outage", "name_not_found")
NO_ANSWER = ("partial_outage", "name_lookup")
NO_ROUTE = ("unknown", "no_route")
OUTCOMES = {
    **dict.fromkeys((
        "good", "slow", "liefirst", "truncated", "both", "halffail",
        "alias"), UP),
    **dict.fromkeys((
        "nx", "empty", "text", "badsize", "loop", "pair"), NOT_FOUND),
    **dict.fromkeys((
        "silent", "servfail", "refused", "wrongid", "wrongname", "garbage",
        "looped", "cut", "nostream"), NO_ANSWER),
    "six": NO_ROUTE,
}


def default_route(words):
    subprocess.run(["ip", *words.split(), "route", "add", "default", "dev",
                    "lo"], check=True, capture_output=True)


@pytest.mark.parametrize("route", [None, "-4"])
def test_manners(play, names, target, route):
    """Whatever a name server does to one name, it does to no other."""
    wanted = {f"{manner}.test": found for manner, found in OUTCOMES.items()}
    if route:
        default_route(route)
        wanted["halfdead.test"] = UP    # the dead half is not asked for
    in_vain = [n for n, found in wanted.items() if found == NO_ANSWER]
    agent = play({"endpoints": [
        *named(target, *in_vain, timeout=4),
        *named(target, *(n for n in wanted if n not in in_vain), timeout=60)]})
    wait_looked(agent, wanted)
    assert names.streams
    # Those that are up were so at every look.
    mark = len(target.requests)
    until(lambda: len(target.since(mark)) > 200, "more probes")
    assert {n: f for n, f in looked(agent).items() if f == UP} == {
        n: f for n, f in wanted.items() if f == UP}
    told = {r["endpoint"] for r in agent.database(
        "SELECT endpoint FROM incident")}
    assert told <= {n for n, found in wanted.items()
                    if found in (NOT_FOUND, NO_ANSWER)}


def test_the_system_asks(play, etc, names, target):
    """By nsswitch.conf, in threads: the hosts file, then name servers."""
    (etc / "nsswitch.conf").write_text("hosts: files dns\n")
    (etc / "hosts").write_text(HOSTS + "127.0.0.1 listed.test\n")
    (etc / "resolv.conf").write_text(
        f"nameserver {SERVER}\noptions timeout:1 attempts:1\n")
    wanted = {"good.test": UP, "slow.test": UP, "truncated.test": UP,
              "listed.test": UP, "liefirst.test": UP, "nx.test": NOT_FOUND,
              "empty.test": NOT_FOUND, "silent.test": NO_ANSWER,
              "servfail.test": NO_ANSWER, "six.test": NO_ROUTE}
    agent = play({"resolver": "system", "endpoints": named(
        target, *wanted, timeout=8, frequency=1)})
    wait_looked(agent, wanted)
    assert "listed.test" not in names.names()


def test_the_system_is_dead(play, etc, target):
    (etc / "resolv.conf").write_text("nameserver 127.0.0.54\n")
    agent = play({"resolver": "system",
                  "endpoints": named(target, "a.test", "b.test", timeout=5,
                                     allowed_fails=9)})
    until(lambda: set(looked(agent).values()) == {("unknown", "resolver")},
          lambda: looked(agent))
    assert agent.database("SELECT * FROM incident") == []


def test_hosts_file(play, etc, names, target):
    """It comes first, and a change of it counts at once."""
    (etc / "hosts").write_text(HOSTS + "127.0.0.1 nx.test Other.Name\n")
    agent = play({"endpoints": named(target, "nx.test", "other.name")})
    wait_looked(agent, {"nx.test": UP, "other.name": UP})
    assert not names.asked
    (etc / "hosts").write_text(HOSTS + "127.0.0.1 nx.test\n")
    until(lambda: agent.endpoint("other.name")["cause"] == "name_not_found",
          lambda: agent.status())
    assert agent.endpoint("nx.test")["seen"] == "operational"


def test_search_list(play, etc, target):
    known = {"shop.two.test": "good", "a.b": "nx", "a.b.one.test": "good"}
    with NameServer(SERVER, known=known) as names:
        (etc / "resolv.conf").write_text(
            f"search one.test two.test\nnameserver {SERVER}\n")
        agent = play({"endpoints": named(target, "shop", "a.b", "lost")})
        wait_looked(agent, {"shop": UP, "a.b": UP, "lost": NOT_FOUND})
        assert names.names() >= {"shop.one.test", "shop.two.test", "a.b",
                                 "lost.one.test", "lost.two.test"}
        # With a dot inside, the name itself comes first; else last.
        assert names.asked.index("a.b") < names.asked.index("a.b.one.test")


def test_another_server(play, etc, names, target):
    """A changed resolv.conf counts without a restart."""
    (etc / "resolv.conf").write_text("nameserver 127.0.0.54\n")
    agent = play({"endpoints": named(target, "good.test", "good-2.test",
                                     allowed_fails=1)})
    until(lambda: set(looked(agent).values()) == {("unknown", "resolver")},
          lambda: looked(agent))
    assert agent.database("SELECT * FROM incident") == []
    (etc / "resolv.conf").write_text(f"nameserver {SERVER}\n")
    until(lambda: set(looked(agent).values()) == {UP},
          lambda: agent.status())


@pytest.mark.parametrize("first", ["127.0.0.54", "127.0.0.55"],
                         ids=["refuses", "is-silent"])
def test_the_second_server(play, etc, names, target, first):
    (etc / "resolv.conf").write_text(
        f"nameserver {first}\nnameserver {SERVER}\n")
    with NameServer("127.0.0.55") as silent:
        silent.die()
        agent = play({"endpoints": named(target, "good.test", "nx.test",
                                         timeout=5)})
        wait_looked(agent, {"good.test": UP, "nx.test": NOT_FOUND})
    assert names.names() == {"good.test", "nx.test"}


def test_pin_and_version(play, names, target):
    """What is pinned is not looked up; a version asks for no other."""
    agent = play({"endpoints": [
        *named(target, "nx.test", resolve="127.0.0.1"),
        *named(target, "both.test", ip_version=4),
        *named(target, "good.test", ip_version=6),
        *named(target, "both-6.test", ip_version=6)]})
    wait_looked(agent, {"nx.test": UP, "both.test": UP,
                        "good.test": NOT_FOUND, "both-6.test": NO_ROUTE})
    assert "nx.test" not in names.names()


def test_a_crowd_of_dead_names(play, names, target):
    """
    More names hang than may be looked up at once: those that are quick have
    their share of the room.
    """
    crowd = [f"silent-{i}.test" for i in range(2200)]
    agent = play({"endpoints": [
        *named(target, *crowd, timeout=4, frequency=5),
        # Without their share, none would be in time for long.
        *named(target, *(f"good-{i}.test" for i in range(20)), timeout=4,
               allowed_fails=2),
        endpoint("numeric", target.at("/numeric"))]})
    until(lambda: len({n for n in names.asked if n.startswith("silent")})
          > 1500, "the crowd", 60)
    mark = len(target.requests)
    until(lambda: len(target.since(mark)) > 1000, "probes", 60)
    late = ("unknown", "lag")       # of a machine that has more to do

    def fair():
        found = looked(agent, late=True)
        return {found[n] for n in found if "silent" not in n} <= {UP, late} \
            and {found[n] for n in crowd} <= {
                NO_ANSWER, ("unknown", "resolver"), late}
    until(fair, lambda: looked(agent, late=True))
    good = {r["endpoint"] for r in agent.database(
        "SELECT endpoint FROM incident") if "silent" not in r["endpoint"]}
    assert not good


def test_gone_for_a_while(play, etc, target):
    """Who asks a name server that is not there was not looked at."""
    with NameServer(SERVER):
        agent = play({"endpoints": named(target, "good.test", "good-2.test")})
        until(lambda: set(looked(agent).values()) == {UP},
              lambda: agent.status())
    until(lambda: set(looked(agent).values()) == {("unknown", "resolver")},
          lambda: agent.status())
    with NameServer(SERVER):
        until(lambda: set(looked(agent).values()) == {UP},
              lambda: agent.status())


def test_silent_for_a_while(play, names, target):
    """Who needs no name is looked at as before."""
    agent = play({"endpoints": [
        *named(target, "good.test", "good-2.test", timeout=0.5),
        endpoint("numeric", target.at("/numeric"))]})
    until(lambda: set(looked(agent).values()) == {UP},
          lambda: agent.status())
    names.die()
    until(lambda: agent.endpoint("good.test")["cause"] == "resolver"
          and agent.endpoint("good-2.test")["cause"] == "resolver",
          lambda: agent.status())
    mark = len(target.seen("/numeric"))
    until(lambda: len(target.seen("/numeric")) > mark + 5, "probes")
    assert agent.endpoint("numeric")["seen"] == "operational"
    names.live()
    until(lambda: set(looked(agent).values()) == {UP},
          lambda: agent.status())
