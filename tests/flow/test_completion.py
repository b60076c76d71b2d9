"""Real shells complete what the program's tables say."""

import os
import shutil
import subprocess

import pytest

from support.documents import made, said

VERBS = {"check", "completion", "demo", "explain", "migrate", "probe", "run", "scrape",
         "send-test", "status", "version"}

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




# zsh completes in its line editor alone: one in a terminal of its own writes
# down what it would add.
ZSH = r"""
zmodload zsh/zpty
folder=$1
zpty z zsh -f -i
ask() { zpty -w z $1 }
until_there() { repeat 3000; do [[ -e $1 ]] && break; zpty -r -t z out; sleep 0.02; done }
ask 'PS1= PS2= RPS1=; unset zle_bracketed_paste'
ask "autoload -Uz compinit; compinit -u -D; source $folder/_curlew"
ask 'compadd() { local -a all; builtin compadd -A all "$@" 2>/dev/null
print -rl -- "<"$^all">" >> OFFERED; builtin compadd "$@" }'
ask 'show() { : > OFFERED; _main_complete >/dev/null 2>&1; : > ASKED
compstate[insert]= compstate[list]= }'
ask 'zle -C show complete-word show; bindkey "^X" show; : > READY'
until_there READY
zpty -w -n z "$2"$'\x18'
until_there ASKED
sed -n 's/^<\(.*\)>$/\1/p' OFFERED
zpty -d z
"""


def offered_by_zsh(folder, words):
    return run(folder, "zsh", "-f", "-c", ZSH, "zsh", str(made("_curlew").parent),
               " ".join(words))


@pytest.mark.parametrize("words, some, none", LINES, ids=IDS)
@pytest.mark.parametrize("shell, offered", [
    ("bash", offered_by_bash), ("fish", offered_by_fish), ("zsh", offered_by_zsh)])
def test_what_is_offered(tmp_path, shell, offered, words, some, none):
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell}")
    lines = {line.split("\t")[0] for line in offered(tmp_path, words).splitlines()}
    assert some <= lines and not none & lines


@pytest.mark.parametrize("shell, name", [("bash", "curlew"), ("zsh", "_curlew"),
                                         ("fish", "curlew.fish")])
def test_what_is_installed_is_what_is_printed(shell, name):
    assert made(name).read_text(encoding="utf-8") == said("completion", shell)
