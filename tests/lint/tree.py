"""What the lint checks look at, and how they answer."""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDERS = ("agent", "probes", "reporters", "conf")  # of the program itself
DATA = ("tests/golden/", "tests/conf/", "tests/unit/fixtures/")  # wrong on purpose, some of it
SKIPPED = 77  # how a test tells meson that it could not be run


def _listed_by_git():
    command = ["git", "-c", "safe.directory=*", "-C", ROOT, "ls-files", "-z",
               "--cached", "--others", "--exclude-standard"]
    try:
        out = subprocess.run(command, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return [path for path in os.fsdecode(out).split("\0") if path]


def _walked():
    for folder, folders, names in os.walk(ROOT):
        relative = os.path.relpath(folder, ROOT)
        folders[:] = [name for name in folders
                      if not name.startswith((".git", ".cache", "__pycache__", ".pytest"))
                      and not (relative == "." and name.startswith("build"))]
        for name in names:
            yield os.path.normpath(os.path.join(relative, name))


def files(*endings, under=None):
    """Paths from the root, sorted, of what belongs to the project."""
    listed = _listed_by_git()
    found = set(listed if listed is not None else _walked())
    return sorted(
        path for path in found
        if (not endings or path.endswith(endings))
        and (under is None or path.startswith(tuple(f"{folder}/" for folder in under)))
        and os.path.isfile(os.path.join(ROOT, path)))


def text(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


_NOT_CODE = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def code_only(source, keep_strings=False):
    """C without comments (and without what is in its strings), lines kept."""

    def blank(match):
        token = match.group(0)
        if token[0] in "\"'":
            return token if keep_strings else token[0] * 2
        return " " + "\n" * token.count("\n")

    return _NOT_CODE.sub(blank, source)


class Complaints:
    """Collects `path:line: sentence`; finish() prints them and ends."""

    def __init__(self):
        self.lines = []

    def add(self, path, line, sentence):
        where = f"{path}:{line}" if line else path
        self.lines.append(f"{where}: {sentence}")

    def finish(self, what):
        for line in self.lines:
            print(line)
        print(f"{what}: {len(self.lines)} complaints" if self.lines else f"{what}: good")
        sys.exit(1 if self.lines else 0)


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)
