"""What the tests of documents have in common: the real program and its files."""

import json
import os
import re
import subprocess

from .agent import ROOT, binary

EXAMPLE = ROOT / "conf" / "config.yml"


def curlew(*words, stdin=None, **more):
    """What it answers; without variables that would go before a file."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("CACHET_", "CURLEW_"))}
    env.update(HOME="/home/me", LC_ALL="C.UTF-8", **more)
    given = {"input": stdin} if stdin is not None else {}
    return subprocess.run([str(binary()), *map(str, words)], env=env, text=True,
                          capture_output=True, timeout=60, check=False, **given)


def said(*words):
    done = curlew(*words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def schema():
    return json.loads(said("explain", "--json-schema"))


def made(name):
    """A file that is made of the tables, in the build folder."""
    return binary(f"agent/cli/manual/{name}")


def keys():
    """(depth, name) of each entry that `curlew explain` lists, in order."""
    for line in said("explain").splitlines():
        entry = re.match(r"((?:  ){0,8})(type: \S+|[a-zA-Z_]+)", line)
        if entry and not line.startswith("`"):
            yield len(entry[1]) // 2, entry[2]
