"""Who may include what: the layers of the house go one way.

5  agent/main.c, agent/cli, agent/web, agent/inbound, agent/chat
4  agent/*.c
3  probes, reporters, agent/store       (and never one another)
2  conf, agent/http, agent/judge
1  agent/model
0  agent/base
"""

import os
import re

import tree

LAYERS = {
    "agent/base": 0,
    "agent/model": 1,
    "conf": 2, "agent/http": 2, "agent/judge": 2,
    "probes": 3, "reporters": 3, "agent/store": 3,
    "agent": 4,
    "agent/cli": 5, "agent/web": 5, "agent/inbound": 5, "agent/chat": 5,
}
APART = ("probes", "reporters", "agent/store")
SINGLE_FILES = {"agent/main.c": 5}

# A library's header -> the only places that may know it.
LIBRARIES = {
    "sqlite3.h": ("agent/store/",),
    "curl/": ("agent/http/",),
    "ares": ("agent/http/",),
    "pcre2": ("agent/base/pattern.c",),
    "uthash.h": ("agent/base/map.c",),
    "yaml.h": ("conf/",),
    "zlib.h": ("probes/decode.c",),
    "iconv.h": ("probes/charset.c",),
    "microhttpd.h": ("agent/web/", "agent/cli/demo"),
    "ev.h": ("agent/http/", "agent/web/", "agent/inbound/", "agent/chat/",
             "agent/cli/", "probes/", "agent/[a-z_]+\\.[ch]"),
}

# What keeps quiet: the spine and the verbs log, nobody below them.
QUIET_BELOW = 4
LOG = "agent/base/log.h"

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)


def layer(path):
    if path in SINGLE_FILES:
        return SINGLE_FILES[path]
    return LAYERS.get(os.path.dirname(path))


def check_ours(path, line, target, complaints):
    if not os.path.exists(os.path.join(tree.ROOT, target)):
        complaints.add(path, line, f'"{target}" is not there; write includes from the root')
        return
    if path.startswith("tests/"):
        return
    if target.startswith("tests/"):
        complaints.add(path, line, f"the program includes {target} of its tests")
        return
    mine, theirs = layer(path), layer(target)
    if theirs is None:
        complaints.add(path, line, f"{target} is in a folder without a layer")
    elif theirs > mine:
        complaints.add(path, line, f"includes upwards: {target} (layer {theirs}) from layer {mine}")
    here, there = os.path.dirname(path), os.path.dirname(target)
    if here != there and here in APART and there in APART:
        complaints.add(path, line, f"includes sideways: {target} from {here}")
    if target == LOG and mine < QUIET_BELOW and path != "agent/base/log.c":
        complaints.add(path, line, "logs; below layer 4 an error is returned instead")


def check_library(path, line, target, complaints):
    if path.startswith("tests/"):
        return
    for header, places in LIBRARIES.items():
        known = target == header or (not header.endswith(".h") and target.startswith(header))
        if known and not any(re.match(place, path) for place in places):
            complaints.add(path, line, f"<{target}> is for {', '.join(places)} alone")


def check(path, complaints):
    if not path.startswith("tests/") and layer(path) is None:
        complaints.add(path, 0, "is in a folder without a layer: add it to tests/lint/layers.py")
        return
    source = tree.code_only(tree.text(path), keep_strings=True)
    included = [(source.count("\n", 0, match.start()) + 1, match.group(1), match.group(2))
                for match in INCLUDE.finditer(source)]
    for line, quote, target in included:
        if quote == '"':
            check_ours(path, line, target, complaints)
        else:
            check_library(path, line, target, complaints)
    own = path[:-1] + "h"
    if path.endswith(".c") and os.path.exists(os.path.join(tree.ROOT, own)):
        # Where a module of several files has one, its inner header brings it.
        good = (own, path[:-2] + "_internal.h", os.path.dirname(path) + "/internal.h")
        if not included or included[0][2] not in good:
            complaints.add(path, 1, f'does not include its own header "{own}" first')


def main():
    complaints = tree.Complaints()
    for path in tree.files(".c", ".h", under=(*tree.FOLDERS, "tests")):
        check(path, complaints)
    complaints.finish("layers")


main()
