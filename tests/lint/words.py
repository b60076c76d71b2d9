"""Functions that are not used here, and words that say the work is not done."""

import re

import tree

# What -> (why not, or what instead; where it is at home).
FUNCTIONS = {
    "strcpy|strcat|stpcpy|strncpy|strncat": ("str_copy() knows where the room ends", ()),
    "sprintf|vsprintf": ("snprintf() or buf_printf()", ()),
    "strtok|strtok_r": ("it writes into what it reads", ()),
    "gets": ("it has no end", ()),
    "atoi|atol|atoll|atof": ("they cannot fail; strtol() or str_*()", ()),
    "rand|srand|random|srandom": ("struct rng, which a seed repeats", ()),
    "localtime|gmtime|asctime|ctime": ("not for threads; clock_text()", ()),
    "system|popen": ("no shell runs anything here", ()),
    "alloca": ("the stack has no ceiling that can be checked", ()),
    "malloc|calloc|realloc|reallocarray|strdup|strndup": (
        "mem_*(), which do not return without", ("agent/base/mem.c", "tests/")),
    "time|gettimeofday|clock_gettime": (
        "time is an argument; only agent/base/clock.c reads a clock",
        ("agent/base/clock.c", "tests/")),
}
WORDS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
LINE_COMMENT = re.compile(
    r'/\*.*?\*/|(//[^\n]*)|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
CALLS = {re.compile(rf"(?<![\w.>])({names})\s*\("): answer
         for names, answer in FUNCTIONS.items()}


def line_of(source, position):
    return source.count("\n", 0, position) + 1


def check_c(path, complaints):
    source = tree.text(path)
    code = tree.code_only(source)
    for pattern, (why, home) in CALLS.items():
        if path.startswith(home):
            continue
        for match in pattern.finditer(code):
            complaints.add(path, line_of(code, match.start()), f"{match.group(1)}(): {why}")
    for match in LINE_COMMENT.finditer(source):
        if match.group(1):
            complaints.add(path, line_of(source, match.start()), "comments are /* like this */")


def main():
    complaints = tree.Complaints()
    for path in tree.files(".c", ".h", under=(*tree.FOLDERS, "tests")):
        check_c(path, complaints)
    for path in tree.files(".c", ".h", ".py", ".sh", ".md", ".build", ".yml"):
        if path == "tests/lint/words.py" or (
                path.startswith(tree.DATA) and not path.endswith((".c", ".h"))):
            continue
        source = tree.text(path)
        for match in WORDS.finditer(source):
            complaints.add(path, line_of(source, match.start()),
                           f"{match.group(1)}: do it, or write an issue")
    complaints.finish("words")


main()
