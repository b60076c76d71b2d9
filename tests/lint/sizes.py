"""Functions under 60 lines, files under 500, lines of C within 80 columns."""

import re

import tree

FUNCTION_MAX = 59
FILE_MAX = 499
COLUMNS = 80

NAME = re.compile(r"^(\w+)\(")


def functions(lines):
    """(line, name, size) of each: from its name to the } at a line's start."""
    name, start = None, 0
    for number, line in enumerate(lines, 1):
        match = NAME.match(line)
        if match:
            name, start = match.group(1), number
        elif line.startswith("}") and name:
            yield start, name, number - start + 1
            name = None


def check_c(path, lines, complaints):
    for start, name, size in functions(lines):
        if size > FUNCTION_MAX:
            complaints.add(path, start, f"{name}() has {size} lines; the most is {FUNCTION_MAX}")
    for number, line in enumerate(lines, 1):
        if len(line.expandtabs(8)) > COLUMNS:
            complaints.add(path, number, f"{len(line.expandtabs(8))} columns; the most is {COLUMNS}")


def main():
    complaints = tree.Complaints()
    for path in tree.files(".c", ".h", ".py", ".sh", under=(*tree.FOLDERS, "tests", ".ci")):
        lines = tree.text(path).splitlines()
        if len(lines) > FILE_MAX:
            complaints.add(path, 0, f"{len(lines)} lines; the most is {FILE_MAX}")
        if path.endswith((".c", ".h")):
            check_c(path, lines, complaints)
    complaints.finish("sizes")


main()
