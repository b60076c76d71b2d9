"""clang-tidy has nothing to say.

usage: tidy.py BUILD-FOLDER [FILE...]

A file that was clean is looked at again only when it, a header that it
includes, the configuration or clang-tidy itself has changed.
"""

import concurrent.futures
import hashlib
import os
import re
import shutil
import subprocess
import sys

import database
import tree

VERSION = 14  # each version brings new checks; one is the measure

# The analyzer goes so far into a function and no farther: the 225,000 steps
# that it would take by itself last ten times as long.  The tests, full of
# tables and macros, are spared it.
STEPS = 15_000
DEPTH = ["--extra-arg=-Xclang", "--extra-arg=-analyzer-config",
         "--extra-arg=-Xclang", f"--extra-arg=max-nodes={STEPS}"]
SHALLOW = ["--checks=-clang-analyzer-*"]


def tidy_program():
    for name in (f"clang-tidy-{VERSION}", "clang-tidy"):
        if shutil.which(name):
            out = subprocess.run([name, "--version"], capture_output=True, text=True).stdout
            if re.search(rf"version {VERSION}\.", out):
                return name, out
    tree.skip(f"there is no clang-tidy {VERSION}")


def dependencies(unit):
    """The file and what it includes of ours; None when that cannot be told."""
    done = subprocess.run(["gcc", *unit.flags(), "-MM", unit.path],
                          cwd=tree.ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        return None
    listed = done.stdout.replace("\\\n", " ").split(":", 1)[1].split()
    inside = {os.path.relpath(os.path.join(tree.ROOT, path), tree.ROOT) for path in listed}
    return sorted(path for path in inside if not path.startswith(".."))


def options(unit):
    return SHALLOW if unit.path.startswith("tests/") else DEPTH


def fingerprint(unit, version):
    paths = dependencies(unit)
    if paths is None:
        return None
    digest = hashlib.sha256(version.encode())
    digest.update(" ".join(unit.flags() + options(unit)).replace(tree.ROOT, "").encode())
    for path in (".clang-tidy", *paths):
        digest.update(path.encode() + b"\0" + tree.text(path).encode() + b"\0")
    return digest.hexdigest()


def look(unit, stamps, program, version):
    """What clang-tidy says of one file; "" when it is clean."""
    now = fingerprint(unit, version)
    stamp = os.path.join(stamps, unit.path.replace("/", "_"))
    try:
        with open(stamp, encoding="ascii") as file:
            if now and file.read() == now:
                return ""
    except OSError:
        pass
    done = subprocess.run([program, "--quiet", "-p", unit.build, *options(unit), unit.path],
                          cwd=tree.ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        return done.stdout + (done.stderr if not done.stdout else "")
    if now:
        with open(stamp, "w", encoding="ascii") as file:
            file.write(now)
    return ""


def main():
    build, chosen = os.path.abspath(sys.argv[1]), set(sys.argv[2:])
    program, version = tidy_program()
    stamps = os.path.join(build, "tidy-stamps")
    os.makedirs(stamps, exist_ok=True)
    units = [unit for unit in database.units(build) if not chosen or unit.path in chosen]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for said in pool.map(lambda unit: look(unit, stamps, program, version), units):
            if said:
                print(said)
                bad += 1
    print(f"tidy: {len(units)} files, {bad} with complaints")
    sys.exit(1 if bad else 0)


main()
