"""codespell finds nothing to mend."""

import os
import shutil
import subprocess
import sys

import tree

# Words that it takes for misspelt ones, and misspelt ones that tests need.
KNOWN = "ans,nam,statics"


def main():
    if not shutil.which("codespell"):
        tree.skip("there is no codespell")
    paths = [path for path in tree.files() if path != "LICENSE"]
    done = subprocess.run(["codespell", "-L", KNOWN, *paths], cwd=tree.ROOT,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})
    print("spelling:", "good" if done.returncode == 0 else "see above")
    sys.exit(1 if done.returncode != 0 else 0)


main()
