"""A source file exports only names of its module.

usage: names.py BUILD-FOLDER   (built)
"""

import os
import re
import subprocess
import sys

import database
import tree

# Folder -> prefixes that all of it may export; elsewhere it is the file's own.
FOLDERS = {
    "agent/http": ("http_", "resolver_", "url_"),
    "agent/store": ("store_",),
    "agent/cli": ("cli_",),
    "agent/web": ("web_",),
    "conf": ("conf_",),
}
# Files whose names are not their prefix: a thing of several files, or a plural.
FILES = {
    "agent/main.c": ("main",),
    "agent/base/heap.c": ("heap_",),
    "agent/monitor.c": ("monitor_", "monitors_"),
    "agent/model/cause.c": ("cause_",),
    "probes/registry.c": ("probe_types",),
    "reporters/registry.c": ("reporter_types",),
}


def allowed(path):
    if path in FILES:
        return FILES[path]
    folder, name = os.path.split(path)
    prefix = re.sub(r"\W", "_", os.path.splitext(name)[0])
    return FOLDERS.get(folder, ()) + (prefix + "_", prefix)


def exported(path):
    out = subprocess.run(["nm", "--extern-only", "--defined-only", path],
                         capture_output=True, text=True, check=True).stdout
    return [line.split()[2] for line in out.splitlines() if len(line.split()) == 3]


def is_of(name, prefix):
    return name.startswith(prefix) if prefix.endswith("_") else name == prefix


def main():
    complaints = tree.Complaints()
    for unit in database.units(sys.argv[1]):
        if not unit.path.startswith(tree.FOLDERS):
            continue
        if not os.path.exists(unit.object):
            complaints.add(unit.path, 0, "is not built")
            continue
        prefixes = allowed(unit.path)
        for name in exported(unit.object):
            if name.startswith(("__asan", "__odr_asan", "__start_", "__stop_")):
                continue
            if not any(is_of(name, prefix) for prefix in prefixes):
                complaints.add(unit.path, 0, f"exports {name}; it may export {' '.join(prefixes)}")
    complaints.finish("names")


main()
