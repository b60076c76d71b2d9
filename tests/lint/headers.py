"""Each header compiles alone, with gcc and with clang.

usage: headers.py BUILD-FOLDER
"""

import concurrent.futures
import os
import shutil
import subprocess
import sys

import database
import tree

COMPILERS = ("gcc", "clang")


def compile_alone(compiler, path, flags):
    command = [compiler, *flags, "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
               "-x", "c", "-include", path, os.devnull]
    done = subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True)
    return done.stderr if done.returncode != 0 else None


def main():
    complaints = tree.Complaints()
    headers = tree.files(".h", under=(*tree.FOLDERS, "tests"))
    for path in headers:
        if "#pragma once" not in tree.text(path).splitlines():
            complaints.add(path, 0, "has no #pragma once")
    flags = database.search_flags(sys.argv[1])
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [(path, compiler, pool.submit(compile_alone, compiler, path, flags))
                for path in headers for compiler in COMPILERS if shutil.which(compiler)]
        for path, compiler, job in jobs:
            if job.result():
                complaints.add(path, 0, f"does not compile alone with {compiler}\n{job.result()}")
    complaints.finish("headers")


main()
