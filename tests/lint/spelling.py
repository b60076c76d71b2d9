"""codespell finds nothing to mend."""

import os
import shutil
import subprocess
import sys

import tree

# What it takes for misspelt, or what tests misspell on purpose.
KNOWN = "nd,als,ans,falsy,methd,opps,statics,upto"
# Tests are full of mistakes on purpose: there, what is quoted is passed over,
# and files that are data altogether.
QUOTED = r"""f?"(?:\\.|[^"\\])*"|f?'(?:\\.|[^'\\])*'"""


def spell(paths, *options):
    return subprocess.run(["codespell", "-L", KNOWN, *options, *paths], cwd=tree.ROOT,
                          env={**os.environ, "LC_ALL": "C.UTF-8"}, check=False).returncode == 0


def main():
    if not shutil.which("codespell"):
        tree.skip("there is no codespell")
    paths = [path for path in tree.files() if path != "LICENSE" and not path.startswith(tree.DATA)]
    tests = [path for path in paths if path.startswith("tests/")]
    others = [path for path in paths if not path.startswith("tests/")]
    good = [spell(others), spell(tests, "--ignore-regex", QUOTED)]
    print("spelling:", "good" if all(good) else "see above")
    sys.exit(0 if all(good) else 1)


main()
