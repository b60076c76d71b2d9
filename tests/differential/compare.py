"""What curlew makes of scalars, documents and templates, and what Python does.

    compare.py ANSWER [--seed N] [--count N] [scalars|documents|templates ...]

ANSWER is the program of answer.c.  PyYAML and str.format are the rule; where
curlew is meant to differ, allowed() and its like say so.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile

try:
    import yaml  # noqa: F401
except ImportError:
    print("skipped: there is no python3-yaml")
    sys.exit(77)

import documents
import scalars
import templates

KINDS = {"scalars": scalars, "documents": documents, "templates": templates}
SHOWN = 20


def ask(program, mode, inputs, values=None):
    """curlew's answers, as (letter, text)."""
    with tempfile.TemporaryDirectory() as folder:
        command = [program, mode]
        if values is not None:
            command.append(os.path.join(folder, "values.yml"))
            with open(command[-1], "w", encoding="utf-8") as file:
                file.write(values)
        sent = "".join(text + "\0" for text in inputs).encode("utf-8")
        done = subprocess.run(command, input=sent, stdout=subprocess.PIPE, check=True)
    answers = done.stdout.decode("utf-8").split("\0")[:-1]
    assert len(answers) == len(inputs), (len(answers), len(inputs))
    return [(answer[0], answer[1:]) for answer in answers]


def compare(program, name, seed, count):
    """The number of inputs on which the two do not agree."""
    kind = KINDS[name]
    source = random.Random(f"{seed} {name}")
    inputs, values = kind.generate(source, count)
    answers = ask(program, name, inputs, values)
    wrong = 0
    for text, answer in zip(inputs, answers):
        expected = kind.expect(text)
        if kind.agree(text, expected, answer):
            continue
        wrong += 1
        if wrong <= SHOWN:
            print(f"{name}: {repr(text):.900}\n  Python: {repr(expected):.900}\n  curlew: {repr(answer):.900}")
    print(f"{name}: {count} inputs, seed {seed}, {wrong} differ")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100_000)
    options = parser.parse_args()
    wrong = sum(compare(options.program, name, options.seed, options.count)
                for name in options.kinds)
    sys.exit(1 if wrong else 0)


main()
