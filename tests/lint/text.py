"""What .editorconfig says, and that scripts can at least be read."""

import ast
import os
import subprocess

import tree

TEXTS = (".c", ".h", ".py", ".sh", ".md", ".yml", ".yaml", ".build", ".json", ".txt",
         ".service", ".sql", ".toml", ".ini")
HIDDEN = (".clang-format", ".clang-tidy", ".editorconfig", ".gitignore")


def is_text(path):
    return path.endswith(TEXTS) or os.path.basename(path) in HIDDEN or "." not in path


def check_lines(path, raw, complaints):
    try:
        source = raw.decode("utf-8")
    except UnicodeDecodeError:
        complaints.add(path, 0, "is not UTF-8")
        return
    if "\r" in source:
        complaints.add(path, 0, "has line ends that are not LF")
    if source and not source.endswith("\n"):
        complaints.add(path, 0, "does not end with a line end")
    if source.endswith("\n\n"):
        complaints.add(path, 0, "ends with an empty line")
    for number, line in enumerate(source.split("\n"), 1):
        if line != line.rstrip():
            complaints.add(path, number, "has blanks at its end")
        if line.startswith("    ") and path.endswith((".c", ".h", "meson.build")):
            complaints.add(path, number, "is indented with blanks, not tabs")
        if line.startswith("\t") and path.endswith((".py", ".yml", ".yaml")):
            complaints.add(path, number, "is indented with tabs, not blanks")


def check_script(path, raw, complaints):
    first = raw.split(b"\n", 1)[0]
    if path.endswith(".py"):
        try:
            ast.parse(raw, path)
        except SyntaxError as error:
            complaints.add(path, error.lineno, f"is not Python: {error.msg}")
    elif path.endswith(".sh") or (first.startswith(b"#!") and first.endswith(b"sh")):
        shell = "bash" if b"bash" in first else "sh"
        done = subprocess.run([shell, "-n", path], cwd=tree.ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            complaints.add(path, 0, f"{shell} cannot read it: {done.stderr.strip()}")


def main():
    complaints = tree.Complaints()
    for path in tree.files():
        if not is_text(path) or (path.startswith(tree.DATA) and not path.endswith((".c", ".h"))):
            continue
        with open(os.path.join(tree.ROOT, path), "rb") as file:
            raw = file.read()
        check_lines(path, raw, complaints)
        check_script(path, raw, complaints)
    complaints.finish("text")


main()
