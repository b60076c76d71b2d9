"""
`meson install`: what lies where, with which modes, and what systemd says of it.
"""

import json
import os
import pathlib
import re
import shutil
import stat
import subprocess

import pytest
from support.agent import ROOT, binary

# Path below the prefix -> its mode.
FILES = {
    "bin/curlew": 0o755,
    "lib/systemd/system/curlew.service": 0o644,
    "lib/sysusers.d/curlew.conf": 0o644,
    "lib/tmpfiles.d/curlew.conf": 0o644,
    "share/bash-completion/completions/curlew": 0o644,
    "share/curlew/config.schema.json": 0o644,
    "share/doc/curlew/CHANGELOG.md": 0o644,
    "share/doc/curlew/LICENSE": 0o644,
    "share/doc/curlew/README.md": 0o644,
    "share/doc/curlew/config.yml": 0o644,
    "share/doc/curlew/recipes.md": 0o644,
    "share/fish/vendor_completions.d/curlew.fish": 0o644,
    "share/man/man1/curlew.1": 0o644,
    "share/man/man5/config.yml.5": 0o644,
    "share/zsh/site-functions/_curlew": 0o644,
}
EXPOSURE = 20  # tenths, of 100; what chrony's unit has is 35


def run(*words, **how):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=False, **how)
    return done.returncode, done.stdout + done.stderr


def need(program):
    if not shutil.which(program):
        pytest.skip(f"there is no {program}")


@pytest.fixture(scope="module")
def prefix():
    """As the build has it, such as /usr/local."""
    need("meson")
    code, said = run("meson", "introspect", "--buildoptions", binary().parent)
    assert code == 0, said
    return next(option["value"] for option in json.loads(said) if option["name"] == "prefix")


@pytest.fixture(scope="module")
def destdir(tmp_path_factory, prefix):
    folder = tmp_path_factory.mktemp("destdir")
    old = os.umask(0o022)
    code, said = run("meson", "install", "-C", binary().parent, "--no-rebuild",
                     "--destdir", folder)
    os.umask(old)
    assert code == 0, said
    assert (folder / prefix.lstrip("/")).is_dir()
    return folder


@pytest.fixture
def installed(destdir, prefix):
    return destdir / prefix.lstrip("/")


def test_files_and_their_modes(destdir, installed):
    found = {str(path.relative_to(installed)): stat.S_IMODE(path.stat().st_mode)
             for path in installed.rglob("*") if path.is_file()}
    assert found == FILES
    everything = [path for path in destdir.rglob("*") if path.is_file()]
    assert len(everything) == len(found)  # nothing in /etc, nothing in /var


def test_the_program_runs_from_there(installed):
    code, said = run(installed / "bin/curlew", "check", installed / "share/doc/curlew/config.yml",
                     env={"PATH": "/usr/bin:/bin", "HOME": "/"})
    assert code == 0, said
    assert (installed / "share/doc/curlew/LICENSE").read_text() == (ROOT / "LICENSE").read_text()


@pytest.fixture
def unit(installed, tmp_path, prefix):
    """The unit, leading to the program where it is now."""
    text = (installed / "lib/systemd/system/curlew.service").read_text()
    assert f"={prefix}/bin/curlew run /etc/curlew/config.yml\n" in text
    path = tmp_path / "curlew.service"
    path.write_text(text.replace(f"{prefix}/bin/curlew", f"{installed}/bin/curlew"))
    return path


def test_systemd_takes_the_unit(unit):
    need("systemd-analyze")
    code, said = run("systemd-analyze", "verify", "--man=no", unit)
    ours = [line for line in said.splitlines() if "curlew.service" in line]
    assert code == 0 and not ours, said


def test_the_unit_is_hardened(unit):
    need("systemd-analyze")
    code, said = run("systemd-analyze", "security", "--offline=true", "--no-pager",
                     f"--threshold={EXPOSURE}", unit)
    if "offline" in said and "unrecognized" in said:
        pytest.skip("this systemd cannot look at a file")
    assert code == 0, said


def test_the_unit_lets_it_have_its_sandbox(unit):
    """What the agent calls to give up more must not be forbidden."""
    text = unit.read_text()
    for call in ("seccomp", "landlock_create_ruleset", "landlock_add_rule",
                 "landlock_restrict_self"):
        assert re.search(rf"^SystemCallFilter=[^~\n]*\b{call}\b", text, re.M), call


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make users")
def test_the_user_and_its_folder(installed, tmp_path):
    need("systemd-sysusers")
    need("systemd-tmpfiles")
    root = tmp_path / "root"
    (root / "etc/curlew").mkdir(parents=True)
    config = root / "etc/curlew/config.yml"
    config.write_text("endpoints: []\n")
    for program, words, folder in (("systemd-sysusers", [], "sysusers.d"),
                                   ("systemd-tmpfiles", ["--create"], "tmpfiles.d")):
        code, said = run(program, f"--root={root}", *words,
                         installed / "lib" / folder / "curlew.conf")
        assert code == 0, said
    user = re.search(r"^curlew:x:(\d+):(\d+):.*:/var/lib/curlew:.*nologin$",
                     (root / "etc/passwd").read_text(), re.M)
    assert user
    for path, mode in (config.parent, 0o750), (config, 0o640):
        about = pathlib.Path(path).stat()
        assert stat.S_IMODE(about.st_mode) == mode
        assert (about.st_uid, about.st_gid) == (0, int(user.group(2)))
    assert config.read_text() == "endpoints: []\n"
