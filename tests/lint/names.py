"""A source file exports only names of its module.

usage: names.py BUILD-FOLDER   (built)
"""

import os
import re
import subprocess
import sys

import database
import tree

# Folder -> the prefixes of all that it exports.
FOLDERS = {
    "agent/http": ("http_", "resolver_", "url_", "evidence_", "reach_"),
    "agent/store": ("store_",),
    "agent/cli": ("cli_",),
    "agent/web": ("web_",),
    "agent/inbound": ("inbound_",),
    "agent/chat": ("chat_", "command_"),
}
# Elsewhere a file has its own prefix, and that of the module that it is part
# of: outbox_lane.c has outbox_lane_ and outbox_.  These have others besides.
FILES = {
    "agent/base/seal.c": ("seal",),
    "agent/main.c": ("main",),
    "agent/monitor.c": ("monitors_",),
    "agent/external.c": ("externals_",),
    "agent/external_keep.c": ("externals_",),
    "agent/external_orders.c": ("externals_",),
    "agent/external_sweep.c": ("externals_",),
    "agent/monitor_announce.c": ("monitors_",),
    "agent/monitor_places.c": ("monitors_",),
    "agent/monitor_roster.c": ("monitors_",),
    "probes/registry.c": ("probe_types", "probe_type_of"),
    "reporters/registry.c": ("reporter_types", "reporter_type_of"),
}
MORE = {"conf": ("conf_",)}


def allowed(path):
    folder, name = os.path.split(path)
    if folder in FOLDERS:
        return FOLDERS[folder]
    words = re.sub(r"\W", "_", os.path.splitext(name)[0]).split("_")
    own = []
    for n in range(len(words), 0, -1):
        module = "_".join(words[:n])
        if n == len(words) or os.path.exists(os.path.join(tree.ROOT, folder, module + ".h")):
            own.append(module + "_")
    return FILES.get(path, ()) + MORE.get(folder, ()) + tuple(own)


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
