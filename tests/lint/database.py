"""What meson knows of the C files: compile_commands.json."""

import json
import os
import shlex

import tree


class Unit:
    """One C file and how it is compiled."""

    def __init__(self, build, entry):
        self.path = os.path.relpath(
            os.path.join(entry["directory"], entry["file"]), tree.ROOT)
        self.object = os.path.join(entry["directory"], entry["output"])
        self.arguments = shlex.split(entry["command"])
        self.build = build

    def flags(self):
        """Where to look for headers, and what is defined; absolute."""
        found = []
        for argument in self.arguments:
            if argument.startswith("-I"):
                found.append("-I" + os.path.normpath(os.path.join(self.build, argument[2:])))
            elif argument.startswith(("-D", "-std=", "-pthread")):
                found.append(argument)
        return found


def units(build):
    """Each C file once."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = json.load(file)
    found = {}
    for entry in entries:
        unit = Unit(build, entry)
        if unit.path.endswith(".c") and not unit.path.startswith(".."):
            found.setdefault(unit.path, unit)
    return [found[path] for path in sorted(found)]


def search_flags(build):
    """The flags of all units together, for files that are no unit."""
    flags = {}
    for unit in units(build):
        flags.update(dict.fromkeys(unit.flags()))
    return list(flags)
