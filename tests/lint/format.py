"""clang-format leaves every C file as it is."""

import os
import re
import shutil
import subprocess

import tree

VERSION = 14  # others lay out some things otherwise; one is the measure


def formatter():
    for name in (f"clang-format-{VERSION}", "clang-format"):
        if shutil.which(name):
            out = subprocess.run([name, "--version"], capture_output=True, text=True).stdout
            if re.search(rf"version {VERSION}\.", out):
                return name
    tree.skip(f"there is no clang-format {VERSION}")


def main():
    paths = tree.files(".c", ".h", under=(*tree.FOLDERS, "tests"))
    done = subprocess.run([formatter(), "--dry-run", "-Werror", *paths],
                          cwd=tree.ROOT, env={**os.environ, "LC_ALL": "C.UTF-8"})
    print("format:", "good" if done.returncode == 0 else "run clang-format -i over these files")
    raise SystemExit(1 if done.returncode != 0 else 0)


main()
