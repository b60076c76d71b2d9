"""
`curlew migrate`: an old file becomes a new one, whole or not at all, and what
that means is said.  The agent runs old files as they are.
"""

import json
import os
import pathlib
import stat
import subprocess
import tempfile

import pytest
import yaml

from support.agent import ROOT, binary
from support.documents import EXAMPLE, curlew
from support.wait import until

NOBODY = 65534
SAMPLES = ROOT / "tests" / "conf" / "migrate"
NAMES = sorted(path.name[:-len(".in.yml")] for path in SAMPLES.glob("*.in.yml"))


@pytest.fixture(name="old")
def old_file(tmp_path):
    path = tmp_path / "old.yml"
    path.write_bytes((SAMPLES / "v0_2.in.yml").read_bytes())
    path.chmod(0o640)
    return path


def expected(name="v0_2"):
    return (SAMPLES / f"{name}.out.yml").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_passes_check_afterwards(name, tmp_path):
    new = tmp_path / "new.yml"
    done = curlew("migrate", SAMPLES / f"{name}.in.yml", new)
    assert done.returncode == 0, done.stderr
    assert new.read_text() == expected(name)
    assert curlew("check", new).returncode == 0
    assert curlew("migrate", "--check", new).returncode == 0


def test_in_place_with_a_backup(old):
    before = old.read_text()
    done = curlew("migrate", old)
    assert (done.returncode, done.stderr) == (0, "")
    assert old.read_text() == expected()
    backup = old.with_name("old.yml.bak")
    assert backup.read_text() == before
    assert f"written anew; what it was is in {backup}" in done.stdout
    for path in (old, backup):
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(os.listdir(old.parent)) == ["old.yml", "old.yml.bak"]

    again = curlew("migrate", old)
    assert again.returncode == 0
    assert "nothing to change" in again.stdout
    assert sorted(os.listdir(old.parent)) == ["old.yml", "old.yml.bak"]


def test_a_backup_never_takes_the_place_of_another(old):
    old.with_name("old.yml.bak").write_text("mine")
    assert curlew("migrate", old).returncode == 0
    assert old.with_name("old.yml.bak").read_text() == "mine"
    assert old.with_name("old.yml.bak2").exists()


def test_a_link_stays_a_link(old):
    link = old.with_name("link.yml")
    link.symlink_to("old.yml")
    assert curlew("migrate", link).returncode == 0
    assert link.is_symlink()
    assert old.read_text() == expected()


def test_to_stdout_with_the_report_on_stderr(old):
    done = curlew("migrate", old, "-")
    assert (done.returncode, done.stdout) == (0, expected())
    assert "does something else now:" in done.stderr
    assert os.listdir(old.parent) == ["old.yml"]


def test_check_writes_nothing_and_tells(old):
    before = old.read_text()
    done = curlew("migrate", "--check", old)
    assert done.returncode == 3
    assert f"{old} would be changed" in done.stdout
    assert old.read_text() == before
    assert curlew("migrate", "--check", EXAMPLE).returncode == 0


def test_the_report_for_programs(old):
    done = curlew("migrate", "--json", "--name", "the shop", old)
    report = json.loads(done.stdout)
    assert report["format"] == "0.1 to 0.5"
    assert report["changes"] is True
    assert report["written"] == str(old)
    assert report["backup"] == f"{old}.bak"
    assert {"line": 7, "column": 7, "text": "status: is called status_range now; a single "
            "number means just that"} in report["changed"]
    assert report["meaning"] and report["lost"] == []
    assert "name: \"the shop\"" in old.read_text()


def test_old_variables(old):
    told = curlew("migrate", old, "-", ENDPOINT_METHOD="HEAD")
    assert "the variable ENDPOINT_METHOD is set, and no longer read" in told.stderr
    assert told.stdout == expected()
    baked = curlew("migrate", "--bake-env", old, "-", ENDPOINT_METHOD="HEAD")
    assert baked.stdout == expected().replace("method: GET", "method: HEAD")


@pytest.mark.parametrize("text, sentence", [
    ("", "old.yml: the file is empty"),
    ("endpoint: [", "old.yml:2:1: this is not YAML"),
    ("x: 1\n", "old.yml:1:1: this is no configuration of cachet-url-monitor"),
    ("\0\1\2", "the file is not a text in UTF-8"),
    ("a: &a [x, x]\nb: &b [*a, *a]\n" + "".join(
        f"{chr(c + 1)}: &{chr(c + 1)} [{', '.join([f'*{chr(c)}'] * 9)}]\n"
        for c in range(ord("b"), ord("m"))), "values, aliases written out"),
])
def test_what_cannot_be_migrated_stays_as_it_is(old, text, sentence):
    old.write_text(text)
    done = curlew("migrate", old)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert sentence in done.stderr
    assert old.read_text() == text
    assert os.listdir(old.parent) == ["old.yml"]


def test_what_is_huge_is_refused(old):
    old.write_text("# " + "y" * (5 * 1024 * 1024))
    done = curlew("migrate", old)
    assert (done.returncode, done.stdout) == (1, "")
    assert "the file is longer than 4 MiB" in done.stderr
    assert os.listdir(old.parent) == ["old.yml"]


def test_mistakes_are_named_where_they_stand(old):
    old.write_bytes((SAMPLES / "mistakes.yml").read_bytes())
    done = curlew("migrate", old)
    assert done.returncode == 1
    assert f"error: {old}:5:12: endpoints[0] (shop.example.net).timeout: expected a duration" \
        in done.stderr
    assert f"error: {old}:1:12: endpoints[0] (shop.example.net).frequency: " in done.stderr
    assert "has 4 errors, and is left as it is" in done.stderr
    assert os.listdir(old.parent) == ["old.yml"]


def test_files_that_cannot_be_read_or_written(old, tmp_path):
    missing = curlew("migrate", tmp_path / "none.yml")
    assert missing.returncode == 1
    assert "cannot open the file: No such file" in missing.stderr
    there = tmp_path / "there.yml"
    there.write_text("mine")
    taken = curlew("migrate", old, there)
    assert taken.returncode == 1
    assert "there.yml is there already" in taken.stderr
    assert there.read_text() == "mine"
    nowhere = curlew("migrate", old, tmp_path / "no" / "new.yml")
    assert nowhere.returncode == 1
    assert "cannot write" in nowhere.stderr
    assert sorted(os.listdir(tmp_path)) == ["old.yml", "there.yml"]


def test_a_full_disk_leaves_nothing_behind(old):
    before = old.read_text()
    done = curlew("migrate", old, "/dev/full/new.yml")
    assert done.returncode == 1
    limited = curlew("migrate", old, "/proc/new.yml")
    assert limited.returncode == 1
    assert "cannot write /proc/new.yml" in limited.stderr
    assert old.read_text() == before


@pytest.fixture(name="shared")
def shared_folder():
    """A folder of nobody's, whom root then is."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "old.yml"
        path.write_bytes((SAMPLES / "v0_2.in.yml").read_bytes())
        for name in (folder, path):
            if os.geteuid() == 0:
                os.chown(name, NOBODY, NOBODY)
        yield path
        os.chmod(folder, 0o755)


@pytest.mark.parametrize("folder, file", [(0o555, 0o644), (0o755, 0o444), (0o755, 0o200)])
def test_without_the_right_to_it(shared, folder, file):
    before = shared.read_text()
    shared.chmod(file)
    shared.parent.chmod(folder)
    user = NOBODY if os.geteuid() == 0 else None
    try:
        done = subprocess.run([str(binary()), "migrate", str(shared)], user=user, text=True,
                              env={"HOME": "/nonexistent"}, capture_output=True, check=False)
    except PermissionError:
        pytest.skip("nobody may run the program that lies there")
    assert done.returncode == 1
    assert "cannot open" in done.stderr if file == 0o200 else "cannot write" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert os.listdir(shared.parent) == ["old.yml"]
    shared.chmod(0o644)
    assert shared.read_text() == before


def test_from_stdin(old):
    new = old.with_name("new.yml")
    text = old.read_text()
    done = curlew("migrate", "-", new, stdin=text)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{new} is written\n" in done.stdout and "stdin:7:7: status: " in done.stdout
    assert new.read_text() == expected() and stat.S_IMODE(new.stat().st_mode) == 0o600
    filtered = curlew("migrate", "-", stdin=text)
    assert (filtered.returncode, filtered.stdout) == (0, expected())
    for wrong, sentence in (("", "stdin: the file is empty"),
                            ("endpoints: 5\n", "error: stdin:1:12: endpoints: expected")):
        done = curlew("migrate", "-", old.with_name("no.yml"), stdin=wrong)
        assert (done.returncode, done.stdout) == (1, "") and sentence in done.stderr
    assert sorted(os.listdir(old.parent)) == ["new.yml", "old.yml"]


def test_unknown_keys_could_not_be_carried(old):
    """Those of before 0.6 beside a list, and any other."""
    old.write_bytes((SAMPLES / "both.in.yml").read_bytes())
    done = curlew("migrate", "--json", old)
    assert (done.returncode, done.stderr) == (0, "")
    lost = {note["text"]: note["line"] for note in json.loads(done.stdout)["lost"]}
    assert lost['endpoints[0] (foo).tiemout: unknown key; did you mean "timeout"?'] == 8
    assert lost["colour: unknown key"] == 14
    assert lost["endpoint: left out; beside `endpoints`, cachet-url-monitor did not read it"] == 2
    again = curlew("migrate", old)
    assert "nothing to change" in again.stdout and "colour: unknown key" in again.stdout


@pytest.mark.parametrize("words", [
    [], ["--check", "-", "new.yml"], ["--check", "a", "b"], ["a", "b", "c"], ["--name", "", "a"], ["--nam"],
])
def test_misuse(words):
    assert curlew("migrate", *words).returncode == 2


def test_an_old_file_is_run_as_it_is_and_that_is_said(make, target):
    agent = make("")
    agent.configure(f"endpoint:\n  url: {target.at('/ok')}\n  method: GET\n  timeout: 5\n"
                    "  expectation:\n    - {type: HTTP_STATUS, status_range: '200'}\n"
                    f"frequency: 1\nstate: {agent.state}\n")
    text = agent.path.read_text()
    agent.start()
    until(lambda: target.seen("/ok"), "a probe")
    assert "migrated in memory" in agent.log
    assert agent.path.read_text() == text


@pytest.mark.parametrize("name, words", [
    ("v0_6_7", "latency_unit: counts for each endpoint by itself"),
    ("slips", "incident_performance: has an effect now"), ("both", "endpoint: left out")])
def test_so_is_one_of_later_and_by_check_too(name, words, make, target):
    path = SAMPLES / f"{name}.in.yml"
    checked = curlew("check", path)
    assert checked.returncode == 0 and "migrated in memory" in checked.stderr
    assert words in checked.stderr
    agent = make("")
    config = yaml.safe_load(path.read_text())
    for number, endpoint in enumerate(config["endpoints"]):
        endpoint.update(url=target.at(f"/{number}"), action=[], metric_id=None)
    config.pop("webhooks", None)
    agent.configure(yaml.safe_dump({**config, "state": str(agent.state)}))
    agent.start()
    until(lambda: target.seen("/0"), "a probe")
    assert "migrated in memory" in agent.log and words in agent.log
