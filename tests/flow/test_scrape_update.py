"""
`curlew scrape --update`: what a Cachet shows more is put into a configuration
that is there, and nothing else in it changes.
"""

import os
import re
import stat

import pytest
import yaml

from support.cachet import TOKEN
from support.cachet_lists import CachetLists
from support.documents import curlew

QUICK = ("--patience", "1s")


@pytest.fixture(name="one")
def one_list():
    with CachetLists() as server:
        yield server


def refused(*words, **more):
    """One sentence on stderr, and nothing else."""
    done = curlew("scrape", *words, **more)
    assert (done.returncode, done.stdout) == (1, "")
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("curlew: error: ")
    return done.stderr


MINE = """\
# mine   to the byte
x-usual: &usual {timeout:   3s}
endpoints:
- <<: *usual
  name: Component 2   # renamed?
  url: 'http://mine.test'
  component_id: 1
  action: [UPDATE_STATUS]
  # metric_id: 4

  # about the second
- {name: gone, url: http://gone.test, component_id: 99, action: []}   # why
  # of the second

# about Cachet
cachet: {api_url: "URL", token: abc}
"""
FORMS = {
    "block": MINE,
    "returns": MINE.replace("\n", "\r\n"),
    "mark": "\ufeff" + MINE,
    "last": MINE.replace("endpoints:", "cachet: {api_url: 'URL', token: abc}\nendpoints:")
                .partition("\n\n# about Cachet")[0],
    "indented": re.sub(r"(?m)^(- |  )", r"    \1", MINE),
    "flow": "cachet: {api_url: URL, token: abc}\nendpoints: [{name: Component 2, url: x.test, "
            "component_id: 1}, {name: gone, url: http://gone.test, component_id: 99},\n  ]\n",
    "no cachet": "endpoints:\n  - name: Component 2\n    url: x.test\n    component_id: 1\n"
                 "    expectation:\n      - type: REGEX\n        regex: |\n          a\n\n\n"
                 "  - {name: gone, url: x, component_id: 99}",
}


def another_link(form):
    watched = "http://mine.test" if "mine" in FORMS[form] else "x.test"
    return ("another link: Component 2 (component 1), Cachet has http://h1.test/, and "
            f"{watched} is watched; it stays as it is")


@pytest.mark.parametrize("form", FORMS)
def test_update_adds_and_touches_nothing(one, tmp_path, form):
    one.add("components", 1, "Component 1")
    one.add("components", 2, "Component 2")
    one.add("components", 3, "Component 3", enabled=False)
    one.add("components", 4, "Component 4", link="")
    one.add("components", 5, 'a: "b"')
    file = tmp_path / "config.yml"
    before = FORMS[form].replace("URL", one.api_url)
    file.write_bytes(before.encode())
    file.chmod(0o640)
    done = curlew("scrape", one.api_url, TOKEN, "--update", file)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "added: Component 2 (2) (component 2)",
        "left out: Component 3 (component 3), which is disabled",
        "left out: Component 4 (component 4), it has no link",
        'added: a: "b" (component 5)',
        another_link(form),
        "gone: gone (component 99), which Cachet has no more; it stays as it is",
        f"{file}: 2 added, 1 gone; what it was is in {file}.bak"]

    after = file.read_bytes().decode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert file.with_name("config.yml.bak").read_bytes() == before.encode()
    at = next(i for i, (a, b) in enumerate(zip(before + "\0", after)) if a != b)
    rest = before[at:]
    assert form == "no cachet" or after.endswith(rest)
    added = after[at:len(after) - len(rest)] if form != "no cachet" else ""
    assert added.count("\n") == added.count("\r\n") or form != "returns"
    config = yaml.safe_load(after.lstrip("\ufeff"))
    assert [e["name"] for e in config["endpoints"]] == [
        "Component 2", "gone", "Component 2 (2)", 'a: "b"']
    assert config["cachet"]["api_url"] == one.api_url
    assert curlew("check", file).returncode == 0
    if form == "block":
        assert added.startswith("- name:") and rest.startswith("\n# about Cachet")

    again = curlew("scrape", one.api_url, TOKEN, "--update", file)
    assert again.returncode == 0 and "nothing to add, 1 gone; it is as it was" in again.stdout
    assert file.read_bytes().decode() == after
    assert sorted(os.listdir(tmp_path)) == ["config.yml", "config.yml.bak"]


SEVERAL = """\
cachet:
  - {{name: one, api_url: '{}', token: a}}
  - {{name: two, api_url: '{}', token: b}}
endpoints:
  - {{name: A, url: a.test, component_id: 1, cachet: one, action: [UPDATE_STATUS]}}
  - {{name: B, url: a.test, cachet: {{one: {{component_id: 2}}, two: {{component_id: 4}}}}}}
  - {{name: C, url: a.test, component_id: 7, cachet: two}}
"""


def test_update_of_one_of_several_cachets(one, tmp_path):
    """Ids are those of the one that was read."""
    for number in range(1, 5):
        one.add("components", number, f"Component {number}", link="a.test/")
    file = tmp_path / "config.yml"
    file.write_text(SEVERAL.format("http://other.test/api/v1", one.api_url + "/"))
    done = curlew("scrape", one.api_url, TOKEN, "--update", file)
    assert done.returncode == 0, done.stderr
    assert "the same?" not in done.stderr
    assert [line.partition(",")[0] for line in done.stdout.splitlines()[:-1]] == [
        "added: Component 1 (component 1)", "added: Component 2 (component 2)",
        "added: Component 3 (component 3)", "gone: C (component 7)"]
    added = yaml.safe_load(file.read_text())["endpoints"][3:]
    assert [(e["cachet"], e["component_id"]) for e in added] == [("two", 1), ("two", 2), ("two", 3)]
    assert curlew("check", "--strict", file).returncode == 0
    again = curlew("scrape", one.api_url, TOKEN, "--update", file)
    assert "nothing to add, 1 gone" in again.stdout


EMPTY = {
    "null": "endpoints: # none yet\n# more\ncachet: {api_url: URL, token: a}\n",
    "tilde": "endpoints: ~\nserver: {}",
    "brackets": "state: x.db\r\nendpoints: []   # none yet\r\n",
    "last": "watch: true\nendpoints:",
    "cachet": "cachet:\nendpoints:\nwatch: true\n",
    "cachets": "# mine\nendpoints: []\ncachet: [] # none\nwatch: true\n",
    "absent": "# mine\nwatch: true",
    "several": SEVERAL.format("http://other.test", "URL").partition("endpoints")[0],
}


@pytest.mark.parametrize("form", EMPTY)
def test_update_where_there_is_no_endpoint_yet(one, tmp_path, form):
    one.add("components", 1, "Shop")
    one.add("components", 2, "Till")
    before = EMPTY[form].replace("URL", one.api_url)
    file = tmp_path / "config.yml"
    file.write_bytes(before.encode())
    done = curlew("scrape", one.api_url, TOKEN, "--update", file)
    assert done.returncode == 0, done.stderr
    assert "2 added, 0 gone" in done.stdout and "error" not in done.stderr
    after = file.read_bytes().decode()
    for line in before.splitlines():
        assert re.sub(r" \[\]| ~|^cachet:( \[\] )?", "", line) in after
    assert [e["name"] for e in yaml.safe_load(after)["endpoints"]] == ["Shop", "Till"]
    assert after.count("\r") in (0, after.count("\n"))
    variables = {} if form == "several" else {"CACHET_TOKEN": TOKEN}
    assert curlew("check", "--strict", file, **variables).returncode == 0


def test_update_tells_what_changed_in_cachet(one, tmp_path):
    one.add("components", 1, "Off", link="http://a.test/", enabled=False)
    one.add("components", 2, "Same", link="A.TEST")
    one.add("components", 3, "Moved", link="https://me:secret@b.test/x")
    one.add("components", 4, "Bare", link="")
    file = tmp_path / "config.yml"
    file.write_text("endpoints:\n" + "".join(
        f"  - {{name: {n}, url: 'http://a.test', component_id: {n}}}\n" for n in range(1, 5)))
    before = file.read_text()
    done = curlew("scrape", one.api_url, TOKEN, "--update", file)
    assert done.stdout.splitlines()[:-1] == [
        "disabled: 1 (component 1), in Cachet; it stays as it is",
        "another link: 3 (component 3), Cachet has https://b.test/x, and http://a.test is "
        "watched; it stays as it is"], done.stderr
    assert file.read_text() == before


@pytest.mark.parametrize("text, words", [
    ("", "the file is empty"),
    ("endpoints: [{name: a}]\n", "has 1 error, and is left as it is"),
    ("endpoint: {url: a}\n", "`curlew migrate` brings it up to date"),
    ("x-a: &a [{name: a, url: a}]\nendpoints: *a\n", "is no list that more can be put behind"),
    (SEVERAL.format("http://b.test", "http://c.test"), "and none of them has the api_url"),
    ("{x-a: 1}", "has 1 error"), ("cachet: {colour: red}\n", "api_url"),
    ("x: &a [1\n", "has 1 error"), ("\x00\x01", "has 1 error"),
    ("endpoints: [{name: Component 2, url: x}]\ncachet: {token: a}\n", "has 1 error"),
], ids=["empty", "wrong", "legacy", "alias", "others", "flow", "cachet", "broken", "binary", "half"])
def test_update_leaves_what_it_cannot_read(one, tmp_path, text, words):
    one.fill(9)
    file = tmp_path / "config.yml"
    file.write_text(text)
    assert words in refused(one.api_url, TOKEN, "--update", file)
    assert file.read_text() == text and os.listdir(tmp_path) == ["config.yml"]


def test_update_when_cachet_fails(one, tmp_path):
    one.fill(9).fault("GET", "/metrics", status=503)
    file = tmp_path / "config.yml"
    file.write_text("endpoints: [{name: a, url: a.test}]\n")
    assert "answered 503" in refused(*QUICK, one.api_url, TOKEN, "--update", file)
    assert os.listdir(tmp_path) == ["config.yml"]
    assert "cannot open" in refused(one.api_url, TOKEN, "--update", tmp_path / "none.yml")


def test_update_of_a_file_that_tells_another_cachet(one, tmp_path):
    one.add("components", 1, "Shop")
    file = tmp_path / "config.yml"
    for url, other in ((one.api_url + "/", False), ("http://other.test/api", True),
                       ("${WHERE:-http://other.test}", True)):
        file.write_text(f"endpoints: [{{name: a, url: a.test}}]\ncachet: {{api_url: '{url}', "
                        "token: t}\n")
        done = curlew("scrape", one.api_url, TOKEN, "--update", file)
        assert done.returncode == 0 and ("are they the same?" in done.stderr) is other
