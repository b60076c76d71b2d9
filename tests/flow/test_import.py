"""
`curlew import`: what another monitor was told becomes a configuration, and what
that costs is said.
"""

import json
import stat

import pytest
import yaml

from support.agent import ROOT
from support.documents import curlew
from support.wait import until

SAMPLES = ROOT / "tests" / "conf" / "import"
NAMES = sorted(path.name for path in SAMPLES.glob("*.in.*"))
CSV = "Friendly Name,Type,URL/IP\nshop,HTTP,{}\n"


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_passes_check_afterwards(name, tmp_path):
    new = tmp_path / "new.yml"
    done = curlew("import", SAMPLES / name, new)
    assert (done.returncode, done.stderr) == (0, "")
    golden = SAMPLES / (name.replace(".in.", "_") + ".out.yml")
    made = new.read_text().splitlines()[3:]
    assert made == golden.read_text().splitlines()[3:]
    assert stat.S_IMODE(new.stat().st_mode) == 0o600
    assert curlew("check", "--strict", new, CACHET_TOKEN="x").returncode == 0
    assert f"{new} is written" in done.stdout


def test_to_stdout_with_the_report_on_stderr():
    done = curlew("import", SAMPLES / "monitor_3.in.yml")
    assert done.returncode == 0
    assert len(yaml.safe_load(done.stdout)["endpoints"]) == 3
    for title in ("mapped:", "changed in meaning:", "dropped:"):
        assert f"\n{title}" in f"\n{done.stderr}"



def test_the_report_for_programs(tmp_path):
    new = tmp_path / "new.yml"
    done = curlew("import", "--json", SAMPLES / "monitor_2.in.json", new)
    report = json.loads(done.stdout)
    assert report["format"] == "cachet-monitor" and report["written"] == str(new)
    assert {"line": 6, "column": 5, "text": "frontend: is an endpoint"} in report["mapped"]
    assert len(report["meaning"]) == 2 and report["dropped"] == []


def test_strict_writes_nothing_that_is_not_the_same(tmp_path):
    new, old = tmp_path / "new.yml", tmp_path / "old.csv"
    done = curlew("import", "--strict", SAMPLES / "monitor_3.in.yml", new)
    assert done.returncode == 3 and "dropped:" in done.stdout and not new.exists()
    old.write_text(CSV.format("https://shop.test"))
    assert curlew("import", "--strict", old, new).returncode == 0


def test_what_is_there_stays(tmp_path):
    new = tmp_path / "new.yml"
    new.write_text("mine")
    done = curlew("import", SAMPLES / "monitor_3.in.yml", new)
    assert done.returncode == 1 and "is there already" in done.stderr and new.read_text() == "mine"
    assert curlew("import", "--force", SAMPLES / "monitor_3.in.yml", new).returncode == 0
    assert new.with_name("new.yml.bak").read_text() == "mine"


@pytest.mark.parametrize("words", [[], ["--from", "nagios", "x"], ["--frequency", "0", "x"]])
def test_misuse(words):
    assert curlew("import", *words).returncode == 2


def test_it_runs(make, target, tmp_path):
    old, new = tmp_path / "old.csv", tmp_path / "new.yml"
    old.write_text(CSV.format(target.url))
    assert curlew("import", "--frequency", "0.2", old, new).returncode == 0
    make(yaml.safe_load(new.read_text())).start()
    until(lambda: target.requests, "a probe")
