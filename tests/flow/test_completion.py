"""Real shells complete what the program's tables say."""

import os
import shutil
import subprocess

import pytest

from support.documents import made, said

VERBS = {"check", "completion", "demo", "explain", "probe", "run", "status", "version"}

# What is typed, the last word to be completed -> what is offered among others,
# and what is not.
LINES = [
    (["curlew", ""], VERBS, {"manual", "--json"}),
    (["curlew", "st"], {"status"}, {"run", "check"}),
    (["curlew", "check", "--s"], {"--strict"}, {"--json"}),
    (["curlew", "probe", "--"], {"--json", "--regex", "--insecure"}, {"--strict"}),
    (["curlew", "run", "--log-level", ""], {"debug", "info", "warn", "error"}, {"--state"}),
    (["curlew", "run", "--state", "con"], {"config.yml"}, {"debug"}),
    (["curlew", "check", "con"], {"config.yml"}, {"--strict"}),
    (["curlew", "explain", "endpoints.e"], {"endpoints.expectation"}, {"state"}),
    (["curlew", "completion", ""], {"bash", "zsh", "fish"}, {"debug"}),
]
IDS = [" ".join(words) for words, _, _ in LINES]


def run(folder, *command):
    (folder / "config.yml").touch()
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "TERM": "dumb"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True,
                          timeout=60, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def offered_by_bash(folder, words):
    script = f"""
        source {made("curlew")}
        COMP_WORDS=({" ".join(f"'{word}'" for word in words)})
        COMP_CWORD={len(words) - 1}
        _curlew
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return run(folder, "bash", "--norc", "-c", script)


def offered_by_fish(folder, words):
    return run(folder, "fish", "--no-config", "-c",
               f"source {made('curlew.fish')}; complete -C '{' '.join(words)}'")




@pytest.mark.parametrize("words, some, none", LINES, ids=IDS)
@pytest.mark.parametrize("shell, offered", [
    ("bash", offered_by_bash), ("fish", offered_by_fish)])
def test_what_is_offered(tmp_path, shell, offered, words, some, none):
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell}")
    lines = {line.split("\t")[0] for line in offered(tmp_path, words).splitlines()}
    assert some <= lines and not none & lines


def test_zsh_can_read_it(tmp_path):
    if not shutil.which("zsh"):
        pytest.skip("there is no zsh")
    run(tmp_path, "zsh", "-f", "-n", str(made("_curlew")))


@pytest.mark.parametrize("shell, name", [("bash", "curlew"), ("zsh", "_curlew"),
                                         ("fish", "curlew.fish")])
def test_what_is_installed_is_what_is_printed(shell, name):
    assert made(name).read_text(encoding="utf-8") == said("completion", shell)
