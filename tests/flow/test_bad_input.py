"""
What verbs that write a configuration do with input that is none, and with a
place that takes none: one clear sentence, and no file left behind.
"""

import os
import pathlib
import resource
import shutil
import subprocess
import tempfile

import pytest

from support.agent import ROOT, binary
from support.cachet import TOKEN
from support.cachet_lists import CachetLists
from support.documents import curlew

NOBODY = 65534
MIGRATE = ROOT / "tests" / "conf" / "migrate" / "v0_2.in.yml"
IMPORT = ROOT / "tests" / "conf" / "import" / "monitor_3.in.yml"
MINE = "endpoints:\n- {name: mine, url: http://mine.test, component_id: 99}\n"

# The verb, and what it writes to: a new file, or one that is there.
NEW = {
    "migrate": lambda url, file: ["migrate", MIGRATE, file],
    "import": lambda url, file: ["import", IMPORT, file],
    "init": lambda url, file: ["init", "--url", "x.test", file],
    "scrape": lambda url, file: ["scrape", url, TOKEN, file],
}
THERE = {
    "migrate": lambda url, file: ["migrate", file],
    "import": lambda url, file: ["import", "--force", IMPORT, file],
    "init": lambda url, file: ["init", "--force", "--url", "x.test", file],
    "scrape": lambda url, file: ["scrape", "--force", url, TOKEN, file],
    "update": lambda url, file: ["scrape", url, TOKEN, "--update", file],
}


@pytest.fixture(name="url", scope="module")
def cachet_url():
    with CachetLists() as server:
        yield server.fill().api_url


def content_for(verb):
    return MIGRATE.read_bytes() if verb == "migrate" else MINE.encode()


def run(words, wrap=(), **how):
    return subprocess.run([*wrap, str(binary()), *map(str, words)], text=True, timeout=60,
                          capture_output=True, stdin=subprocess.DEVNULL, check=False,
                          **{"env": {"HOME": "/nonexistent"}, **how})


def is_refused(done, *words):
    assert done.returncode == 1, done
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("curlew: error: ") and any(word in last for word in words), last


# Places.

# A disk of one page more than what is on it: `$2` to begin with, then filler.
FULL = """
mount -t tmpfs -o size=32k none "$1" 2>/dev/null || exit 99
folder=$1; cp "$2" "$folder/there.yml"; shift 2
cat /dev/zero >"$folder/filler" 2>/dev/null
"$@"; code=$?
echo "left: $(ls -A "$folder" | tr '\\n' ' ')" >&2
cat "$folder/there.yml" >"$AFTER"
exit $code
"""


def on_a_full_disk(folder, before, words):
    """(what it said and did, what is in the file that was there)"""
    disk = folder / "disk"
    disk.mkdir()
    (folder / "before").write_bytes(before)
    if not shutil.which("unshare"):
        pytest.skip("there is no unshare(1)")
    after = folder / "after"
    done = run(words, ["unshare", "-rm", "sh", "-c", FULL, "sh", disk, folder / "before"],
               env={"HOME": "/nonexistent", "PATH": os.environ["PATH"], "AFTER": str(after)})
    if done.returncode == 99 or "unshare" in done.stderr:
        pytest.skip("no disk can be mounted here")
    return done, after.read_bytes()


@pytest.mark.parametrize("verb", NEW)
def test_a_full_disk_gets_no_file(verb, url, tmp_path):
    done, _ = on_a_full_disk(tmp_path, b"", NEW[verb](url, tmp_path / "disk" / "new.yml"))
    said, left = done.stderr.rsplit("left: ", 1)
    assert left.split() == ["filler", "there.yml"]
    assert done.returncode == 1 and "No space left on device" in said.splitlines()[-1]


@pytest.mark.parametrize("verb", THERE)
def test_a_full_disk_keeps_what_it_has(verb, url, tmp_path):
    before = content_for(verb)
    done, after = on_a_full_disk(tmp_path, before, THERE[verb](url, tmp_path / "disk/there.yml"))
    said, left = done.stderr.rsplit("left: ", 1)
    assert left.split() == ["filler", "there.yml"] and after == before
    assert done.returncode == 1 and "No space left on device" in said.splitlines()[-1]


@pytest.mark.parametrize("verb", NEW)
def test_a_limit_of_size_gets_no_half(verb, url, tmp_path):
    done = run(NEW[verb](url, tmp_path / "new.yml"),
               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
    is_refused(done, "File too large")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("verb", NEW)
def test_a_stdout_that_is_full_is_told(verb, url):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([str(binary()), *map(str, NEW[verb](url, "-"))], stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=60, check=False,
                              stdin=subprocess.DEVNULL)
    assert done.returncode == 1 and "cannot write to stdout" in done.stderr


def test_a_report_that_nobody_gets_is_a_failure(url, tmp_path):
    old = tmp_path / "old.yml"
    old.write_text("endpoint: {url: 'http://127.0.0.1:1/'}\n")
    for words in (["migrate", "--json", old, tmp_path / "new.yml"], ["explain"],
                  ["migrate", "--check", "--json", tmp_path / "new.yml"],
                  ["version"], ["--help"], ["help", "run"], ["migrate", "--help"]):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([str(binary()), *map(str, words)], stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=60,
                                  check=False, stdin=subprocess.DEVNULL)
        assert done.returncode == 1, words
        assert "cannot write to stdout" in done.stderr, words


@pytest.fixture(name="shared")
def shared_folder():
    """A folder of nobody's, whom root then is."""
    with tempfile.TemporaryDirectory() as folder:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        yield pathlib.Path(folder)
        os.chmod(folder, 0o755)


@pytest.mark.parametrize("verb", NEW)
def test_a_folder_that_is_not_to_be_written(verb, url, shared):
    shared.chmod(0o555)
    user = NOBODY if os.geteuid() == 0 else None
    try:
        done = run(NEW[verb](url, shared / "new.yml"), user=user)
    except PermissionError:
        pytest.skip("nobody may run the program that lies there")
    is_refused(done, "Permission denied", "cannot open the file")
    assert os.listdir(shared) == []


@pytest.mark.parametrize("verb", NEW)
def test_a_folder_that_is_not_there(verb, url, tmp_path):
    done = run(NEW[verb](url, tmp_path / "no" / "new.yml"))
    is_refused(done, "No such file or directory")
    assert os.listdir(tmp_path) == []


# Input.

READERS = {
    "migrate": lambda url, old, new: ["migrate", old, new],
    "import": lambda url, old, new: ["import", old, new],
    "update": lambda url, old, new: ["scrape", url, TOKEN, "--update", old],
}
BOMB = b"a: &a [x, x]\nb: &b [*a, *a]\n" + b"".join(
    b"%c: &%c [%s]\n" % (c + 1, c + 1, b", ".join([b"*%c" % c] * 9))
    for c in range(ord("b"), ord("m")))
BAD = {
    "empty": b"", "mark": b"\xef\xbb\xbf", "truncated": b"endpoints:\n  - {name: a, url: [",
    "a text": b"hello\n", "a list": b"- a\n", "wrong types": b"endpoints: 5\nmonitors: {a: b}\n",
    "binary": bytes(range(256)), "huge": b"# " + b"y" * (5 << 20), "bomb": BOMB,
    "deep": b"[" * 100000, "half of UTF-16": b"\xff\xfea", "zip": b"PK\x03\x04\x14\x00\x00\x00",
    "nothing to watch": b"endpoints: []\nmonitors: []\n",
}


# What has nothing yet is as good a place as any to put what Cachet has.
NO_INPUT = [(what, verb) for what in BAD for verb in READERS
            if (what, verb) != ("nothing to watch", "update")]


@pytest.mark.parametrize("what, verb", NO_INPUT)
def test_what_is_no_input(what, verb, url, tmp_path):
    old = tmp_path / "old.yml"
    old.write_bytes(BAD[what])
    done = run(READERS[verb](url, old, tmp_path / "new.yml"))
    is_refused(done, "old.yml")
    assert len(done.stderr.splitlines()) <= 3 and len(done.stderr) < 1000
    assert os.listdir(tmp_path) == ["old.yml"] and old.read_bytes() == BAD[what]


@pytest.mark.parametrize("verb", READERS)
def test_what_is_no_file(verb, url, tmp_path):
    for old in (tmp_path, tmp_path / "none.yml"):
        is_refused(run(READERS[verb](url, old, tmp_path / "new.yml")), str(old))
    assert os.listdir(tmp_path) == []


CODES = {"UTF-16, little": lambda t: b"\xff\xfe" + t.encode("utf-16-le"),
         "UTF-16, big": lambda t: b"\xfe\xff" + t.encode("utf-16-be"),
         "mark": lambda t: b"\xef\xbb\xbf" + t.encode(),
         "returns": lambda t: t.replace("\n", "\r\n").encode(),
         "old Mac": lambda t: t.replace("\n", "\r").encode()}


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("verb", ["migrate", "import"])
def test_texts_of_any_editor(verb, code, tmp_path):
    """The same comes out, with the line ends that were there."""
    sample = MIGRATE if verb == "migrate" else IMPORT
    text = sample.read_text() + "# naïve 🦜\n"
    plain, old = tmp_path / "plain.yml", tmp_path / "old.yml"
    plain.write_text(text)
    old.write_bytes(CODES[code](text))
    expected = curlew(verb, plain, "-").stdout.replace("plain", "old")
    new = tmp_path / "new.yml"
    done = curlew(verb, old, new)
    assert done.returncode == 0, done.stderr
    ends = "\r\n" if (verb, code) == ("migrate", "returns") else "\n"
    assert new.read_bytes().decode() == expected.replace("\n", ends)
    assert verb == "import" or "# naïve 🦜" in expected
