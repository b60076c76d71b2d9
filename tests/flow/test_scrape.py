"""
`curlew scrape`: what a Cachet shows becomes a configuration, all of it or
nothing.
"""

import os
import pty
import re
import stat
import subprocess
import time

import pytest
import yaml

from support.agent import binary
from support.cachet import TOKEN
from support.cachet_generations import GENERATIONS as FAKES
from support.cachet_lists import GENERATIONS, CachetLists, names_of
from support.documents import curlew

QUICK = ("--patience", "1s")


@pytest.fixture(name="lists", params=GENERATIONS)
def lists_of_each(request):
    with CachetLists(request.param) as server:
        yield server.fill()


@pytest.fixture(name="one")
def one_list():
    with CachetLists() as server:
        yield server


def scraped(server, *words, token=TOKEN):
    done = curlew("scrape", *words, server.api_url, token)
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout), done


def refused(*words, **more):
    """One sentence on stderr, and nothing else."""
    done = curlew("scrape", *words, **more)
    assert (done.returncode, done.stdout) == (1, "")
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("curlew: error: ")
    return done.stderr


def test_all_pages_of_each_generation(lists, tmp_path):
    file = tmp_path / "config.yml"
    done = curlew("scrape", lists.api_url, TOKEN, file)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    text = file.read_text()
    config = yaml.safe_load(text)
    hidden = 0 if lists.generation == "3.x-2024" else 4

    assert len(config["endpoints"]) == 39
    assert {e["component_id"] for e in config["endpoints"]} == {
        n for n in range(1, 46) if n % 10 and n not in (7, 8)}
    assert len(names_of(text)) == hidden
    assert '#   7 "Component 7": it has no link' in text
    assert '#   8 "Component 8": it has no link' in text
    assert '#   3 "Latency" in "s"' in text
    assert '# Metric 2 has the name of this one, but no time as its unit: "visitors".' in text
    assert f"39 endpoints of {41 + hidden} components" in done.stderr
    assert config["cachet"] == {"api_url": lists.api_url, "token": [
        {"type": "ENVIRONMENT_VARIABLE", "value": "CACHET_TOKEN"}]}
    if lists.generation != "3.x-2024":
        assert text.index('# Group "Web"') < text.index('# Group "Inside"') \
            < text.index("# Group of none")
    pages = [page for path, page in lists.lists_asked if path == "/components"]
    assert pages[-3:] == ["1", "2", "3"]

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert TOKEN not in text and os.listdir(tmp_path) == ["config.yml"]
    assert curlew("check", "--strict", file, CACHET_TOKEN=TOKEN).returncode == 0


@pytest.mark.parametrize("generation", FAKES)
def test_the_cachets_that_the_agent_tells(generation, tmp_path):
    """Those that are held against the transcripts of real ones."""
    with FAKES[generation]() as cachet:
        group = cachet.add_group("Web", visible=1)
        for number in range(2, 46):
            cachet.add_component(number, link=f"https://h{number}.test/", group_id=group,
                                 name=f"Page {number}", enabled=number != 9)
        cachet.add_metric(1, name="Page 2", suffix="ms")
        file = tmp_path / "config.yml"
        done = curlew("scrape", cachet.api_url, TOKEN, file)
        assert done.returncode == 0, done.stderr
        text = file.read_text()
        endpoints = yaml.safe_load(text)["endpoints"]
        assert [e["component_id"] for e in endpoints] == [*range(2, 9), *range(10, 46)]
        assert [e.get("metric_id") for e in endpoints] == [1] + [None] * 42
        assert '# Group "Web"' in text and names_of(text) == ['"Page 9"']
        assert '#   1 "Component 1": it has no link' in text


def test_defaults_of_the_original_generator(one):
    one.add("components", 3, "Shop", link="https://shop.test/a?b=c&d=e")
    config, _ = scraped(one)
    assert config["endpoints"] == [{
        "name": "Shop", "url": "https://shop.test/a?b=c&d=e", "method": "GET", "timeout": 1,
        "expectation": [{"type": "HTTP_STATUS", "status_range": "200-300",
                         "incident": "MAJOR"}],
        "allowed_fails": 0, "component_id": 3, "action": ["CREATE_INCIDENT", "UPDATE_STATUS"],
        "public_incidents": True, "frequency": 30}]


def test_each_default_has_an_option(one):
    one.add("components", 3, "Shop")
    one.add("metrics", 4, "shop", suffix="s")
    config, _ = scraped(
        one, "--method", "HEAD", "--timeout", "500ms", "--status", "200-400", "--incident",
        "PARTIAL", "--allowed-fails", "2", "--action", "UPDATE_STATUS", "--private",
        "--frequency", "1m", "--no-metrics", "--inline-token", "--insecure")
    endpoint = config["endpoints"][0]
    assert endpoint["expectation"] == [
        {"type": "HTTP_STATUS", "status_range": "200-400", "incident": "PARTIAL"}]
    assert {key: endpoint.get(key) for key in (
        "method", "timeout", "allowed_fails", "action", "public_incidents", "frequency",
        "metric_id")} == {
            "method": "HEAD", "timeout": "500ms", "allowed_fails": 2,
            "action": ["UPDATE_STATUS"], "public_incidents": False, "frequency": "1m",
            "metric_id": None}
    assert config["cachet"] == {"api_url": one.api_url, "token": TOKEN, "insecure": True}


@pytest.mark.parametrize("suffix, unit", [("ms", "ms"), ("Seconds", "s"), ("min", "m")])
def test_a_metric_of_the_same_name_is_fed(one, suffix, unit):
    one.add("components", 3, "Shop")
    one.add("metrics", 4, "shop ", suffix=suffix)
    config, _ = scraped(one)
    endpoint = config["endpoints"][0]
    assert (endpoint["metric_id"], endpoint["latency_unit"]) == (4, unit)
    assert endpoint["action"] == ["CREATE_INCIDENT", "UPDATE_STATUS", "PUSH_METRICS"]


def test_what_is_not_certain_is_left_to_people(one):
    for number, name in enumerate(("A", "A", "B", "C"), 1):
        one.add("components", number, name)
    for number, name in enumerate(("A", "B", "B", "Other"), 1):
        one.add("metrics", number, name, suffix="ms")
    config, done = scraped(one)
    assert not any("metric_id" in endpoint for endpoint in config["endpoints"])
    assert '#   1 "A" in "ms"' in done.stdout and '#   4 "Other" in "ms"' in done.stdout


NAMES = ["12", "yes", "null", "~", "1:30", "0x1F", "1e3", "2026-11-20", "-", "- a", "a: b",
         "a #b", "#", "*x", "&x", "!x", "%x", "@x", "`x`", "{a}", "[a]", "a,b", "'", '"', "\\",
         "${HOME}", "$${HOME}", "$$${", "?", "<<", "=", "naïve", "日本", "🦜 e\u0301", "a\nb",
         "a\tb", "a\x01b", "a\x7fb", "a\x85b", "a\u2028b\u2029c", "\ufeffa", "a\ufffeb\uffff",
         "x" * 300, "..."]


def test_any_name_stays_what_it_is(one, tmp_path):
    """As any program reads it; the agent fills in ${...}."""
    for number, name in enumerate(NAMES, 1):
        one.add("components", number, name, link="http://127.0.0.1:9/")
    config, done = scraped(one)
    meant = [e["name"].replace("$${", "${") for e in config["endpoints"]]
    assert meant == NAMES
    file = tmp_path / "scraped.yml"
    file.write_bytes(done.stdout.encode())
    assert curlew("check", "--strict", file, CACHET_TOKEN=TOKEN).returncode == 0
    # Read again, each name is one that was asked for.
    for number in (26, 27, 28):
        seen = curlew("probe", "--config", file, "--json", NAMES[number - 1])
        assert seen.returncode == 2 and "127.0.0.1:9" in seen.stdout, seen.stdout


def test_names_are_unique(one):
    one.add("groups", 1, "Web")
    one.add("groups", 2, "Back")
    for number, group in enumerate((1, 2, 2, 0, 0), 1):
        one.add("components", number, "Shop", group_id=group)
    one.add("components", 6, "Back / Shop (3)")
    one.add("components", 7, "  ")
    config, _ = scraped(one)
    assert sorted(e["name"] for e in config["endpoints"]) == sorted([
        "Web / Shop", "Back / Shop", "Back / Shop (3, 2)", "Back / Shop (3)", "Shop",
        "Shop (5)", "Component 7"]) or len({e["name"] for e in config["endpoints"]}) == 7


def test_one_group(one):
    one.fill(9)
    config, done = scraped(one, "--group", "Web")
    assert [e["component_id"] for e in config["endpoints"]] == [1, 4]
    assert scraped(one, "--group", "1")[0]["endpoints"] == config["endpoints"]
    assert '#   7 "Component 7"' in done.stdout and "Component 8" not in done.stdout
    assert "no group \"x\"" in refused("--group", "x", one.api_url, TOKEN)


@pytest.mark.parametrize("prefix, shape", [
    ("", "{url}"), ("", "{url}/"), ("", "{url}/api/v1/"), ("/status", "{url}/status"),
    ("", "{host}")])
def test_where_the_api_is(prefix, shape):
    with CachetLists("2.4", prefix=prefix) as server:
        server.add("components", 1, "Shop")
        done = curlew("scrape", shape.format(url=server.url, host=server.host), TOKEN)
        assert done.returncode == 0, done.stderr
        assert yaml.safe_load(done.stdout)["cachet"]["api_url"] == server.api_url


def test_the_old_place_of_cachet_3():
    with CachetLists("3.x", prefix="/status") as server:
        server.add("components", 1, "Shop")
        done = curlew("scrape", server.url, TOKEN)
        assert yaml.safe_load(done.stdout)["cachet"]["api_url"] == server.api_url


def test_without_a_token(one):
    one.fill(12)
    done = curlew("scrape", one.api_url)
    assert done.returncode == 0
    assert "without a token" in done.stderr and names_of(done.stdout) == []
    assert "$CACHET_TOKEN, which is not set" in done.stderr
    assert not any(r.header("x-cachet-token") for r in one.requests)
    done = curlew("scrape", one.api_url, "-", CACHET_TOKEN=TOKEN)
    assert len(names_of(done.stdout)) == 1
    assert "is not set" not in done.stderr
    assert "is not set" not in curlew("scrape", "--inline-token", one.api_url, TOKEN).stderr


# Trouble.

@pytest.mark.parametrize("generation, how", zip(GENERATIONS, [
    {"status": 500}, {"body": '{"data": [{"id": 1', "length": 900}, {"fault": "garbage"},
    {"status": 429, "headers": {"Retry-After": "1"}}]), ids=["500", "cut", "garbage", "429"])
def test_trouble_that_passes(generation, how):
    with CachetLists(generation) as lists:
        lists.fill().fault("GET", "/components$", times=1, **how)
        config, done = scraped(lists)
        assert len(config["endpoints"]) == 39
        assert "; once more in " in done.stderr


@pytest.mark.parametrize("how, words", [
    ({"status": 503}, "Cachet answered 503"),
    ({"status": 429, "headers": {"Retry-After": "90"}}, "Cachet answered 429; the next try "
     "would be in 1m 30s, which is longer than --patience allows"),
    ({"fault": "hang"}, "Cachet did not answer"),
    ({"body": "<html>", "headers": {"Content-Type": "text/html"}}, "no list of a Cachet"),
    ({"body": '{"data": {"id": 1}}'}, "no list of a Cachet"),
    ({"body": "[" * 5000}, "no list of a Cachet"),
    ({"status": 302, "headers": {"Location": "https://elsewhere.test/api"}},
     "redirect (302) to https://elsewhere.test"),
    ({"body": b"x" * (5 << 20)}, "Cachet's answer is too long"),
], ids=["503", "429", "hang", "html", "object", "deep", "redirect", "huge"])
def test_trouble_that_stays(one, tmp_path, how, words):
    one.fill(12)
    one.fault("GET", "/components$", **how)
    file = tmp_path / "new.yml"
    assert words in refused(*QUICK, one.api_url, TOKEN, file)
    assert os.listdir(tmp_path) == []


def test_a_limit_that_says_when_it_ends(one):
    one.fill(9)
    at = str(int(time.time()) + 600)
    one.fault("GET", "/components$", status=429, headers={"X-RateLimit-Reset": at})
    assert re.search(r"429; the next try would be in (9m|10m)", refused(*QUICK, one.api_url, TOKEN))


@pytest.mark.parametrize("generation", GENERATIONS)
def test_components_that_are_refused_in_each_way(generation, tmp_path):
    """The fullest question first, then what any version takes."""
    with CachetLists(generation) as lists:
        lists.fill(9).fault("GET", "/components$", status=400)
        told = refused(lists.api_url, TOKEN, tmp_path / "new.yml")
    assert "(400)" in told
    assert os.listdir(tmp_path) == []


def test_pages_without_an_end(lists):
    """The same ones again, or always others."""
    class Endless(CachetLists):
        fresh = False

        def _page(self, request, rows):
            page = int(request.query.get("page", 1))
            row = {"id": page if self.fresh else 1, "name": "x", "link": "http://x.test"}
            return self._paged([row], page, 1 << 40, 1, 1 << 40)

    with Endless(lists.generation) as server:
        assert "page 2 of the groups has nothing" in refused(server.api_url, TOKEN)
        server.fresh = True
        assert "do not end after 200 pages" in refused(server.api_url, TOKEN)


def test_a_wrong_token_is_told(lists, tmp_path):
    told = refused(lists.api_url, "wrong-token", tmp_path / "new.yml")
    assert "Cachet refused the token (401)" in told and "wrong-token" not in told
    assert os.listdir(tmp_path) == []


def test_an_empty_cachet_is_no_configuration(one):
    one.add("components", 1, "Shop", link="mailto:me@shop.test")
    one.add("components", 2, "Door", link="http://")
    one.add("components", 3, "Long", link="http://x.test/" + "y" * 9000)
    assert "of 3 components of Cachet none has a link" in refused(one.api_url, TOKEN)


def test_no_cachet_there(target):
    assert "there is no Cachet API at" in refused(*QUICK, target.url, TOKEN)
    for url in ("ftp://x", "/tmp/config.yml", "a b"):
        assert "error: the URL of Cachet: " in refused(url, TOKEN)
    target.refuse()
    assert "did not answer" in refused(*QUICK, target.url + "/api/v1", TOKEN)


def test_what_makes_no_sense_is_left_out(one):
    one.lists["components"] += [{"name": "no id", "enabled": True}, {"id": -1, "enabled": 1},
                                {"id": 1 << 53, "name": "x", "link": "x.test", "enabled": 1}]
    one.add("components", "7", "a text for an id", enabled="1", group_id="x", order=None)
    one.add("components", 7, "twice")
    config, done = scraped(one)
    assert [e["name"] for e in config["endpoints"]] == ["a text for an id"]
    assert "3 entries of Cachet make no sense" in done.stderr


def test_a_file_that_is_there_stays(one, tmp_path):
    one.add("components", 1, "Shop")
    file = tmp_path / "config.yml"
    file.write_text("mine: 1\n")
    assert "is there already; --update" in refused(one.api_url, TOKEN, file)
    assert one.requests == [] and file.read_text() == "mine: 1\n"
    done = curlew("scrape", "--force", one.api_url, TOKEN, file)
    assert done.returncode == 0 and "Shop" in file.read_text()
    assert file.with_name("config.yml.bak").read_text() == "mine: 1\n"


def test_an_empty_file_may_be_written_to(one, tmp_path):
    one.add("components", 1, "Shop")
    file = tmp_path / "config.yml"
    file.touch()
    assert curlew("scrape", one.api_url, TOKEN, file).returncode == 0
    assert "Shop" in file.read_text() and os.listdir(tmp_path) == ["config.yml"]


def test_misuse():
    for words in ([], ["a", "b", "c", "d"], ["--update", "x", "a", "b", "c"],
                  ["--inline-token", "a"], ["--patience", "0", "a"], [""],
                  ["--incident", "BAD", "a"]):
        assert curlew("scrape", *words).returncode == 2


def drain(reader):
    """All that a terminal was told; its end is an error."""
    shown = b""
    try:
        while more := reader.read(65536):
            shown += more
    except OSError:
        pass
    return shown


def test_progress_is_for_a_terminal(one):
    one.fill()
    lead, follow = pty.openpty()
    with os.fdopen(lead, "rb", 0) as reader:
        done = subprocess.run([str(binary()), "scrape", one.api_url, TOKEN], stderr=follow,
                              stdout=subprocess.PIPE, timeout=60, check=False)
        os.close(follow)
        shown = drain(reader)
    assert done.returncode == 0
    assert b"components: page 3 (40 so far)" in shown
    assert b"\x1b" not in curlew("scrape", one.api_url, TOKEN).stderr.encode()


@pytest.mark.parametrize("option, value, words", [
    ("timeout", "soon", "expected a duration"), ("status", "2xxx", "expected a status"),
    ("status", "2000", "no answer has a status"), ("frequency", "0", "expected more than 0"),
    ("method", "GET IT", ""), ("allowed-fails", "-1", "is taken as 0"),
    ("action", "TELL", "expected one of"), ("frequency", "often\nx: 1", "expected a duration")])
def test_a_wrong_option_is_one_error_and_no_question(one, tmp_path, option, value, words):
    one.fill()
    done = curlew("scrape", f"--{option}", value, one.api_url, TOKEN, tmp_path / "new.yml")
    assert (done.returncode, done.stdout) == (2, "")
    first = done.stderr.splitlines()[0]
    assert first.startswith(f"curlew scrape: --{option}: ") and words in first
    assert one.requests == [] and os.listdir(tmp_path) == []


@pytest.mark.parametrize("link, url", [
    ("//a.test/", "http://a.test/"), ("  a.test \n", "a.test"), ("HTTPS://A.test", None),
    ("a.test:8080/x", None), ("//", ""), ("javascript:x", ""), ("http:/a.test", ""),
    ("https://", ""), ("/status", "")])
def test_odd_links(one, link, url):
    one.add("components", 1, "Odd", link=link)
    one.add("components", 2, "Other")
    config, done = scraped(one)
    urls = [e["url"] for e in config["endpoints"]]
    assert urls[:-1] == ([] if url == "" else [link if url is None else url])
    assert ('#   1 "Odd": ' in done.stdout) == (url == "")
