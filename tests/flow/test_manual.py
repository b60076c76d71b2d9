"""The man pages say what the program says."""

import re
import shutil
import subprocess

import pytest

from support.documents import keys, made, said


def page(name):
    return made(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["curlew.1", "config.yml.5"])
def test_mandoc_has_nothing_to_say(name):
    if not shutil.which("mandoc"):
        pytest.skip("there is no mandoc")
    done = subprocess.run(["mandoc", "-Tlint", str(made(name))], capture_output=True,
                          text=True, check=False)
    # The pages refer to one another, and are not installed.
    left = [line for line in (done.stdout + done.stderr).splitlines()
            if "referenced manual not found" not in line]
    assert not left


def listed(text):
    """(depth, name) of each item of the lists that are about keys."""
    depth = -1
    for line in text[text.index(".Sh KEYS"):text.index(".Sh EXAMPLES")].splitlines():
        if line.startswith(".Bl"):
            depth += 1
        elif line.startswith(".El"):
            depth -= 1
        elif line.startswith(".It Cm "):
            yield depth, line.removeprefix(".It Cm ").replace(" : ", ": ")


def test_the_reference_has_the_keys_of_the_tables():
    assert list(listed(page("config.yml.5"))) == list(keys())


def plain(text):
    return re.sub(r"\s+", " ", text)


def test_the_reference_says_what_explain_says():
    reference = plain(page("config.yml.5"))
    for name in sorted({name for _, name in keys()}):
        for block in said("explain", name.removeprefix("type: ")).split("\n\n"):
            lines = block.splitlines()
            if not lines[0].startswith("  value "):
                continue
            facts = re.split(r"\n  (?=\S)", block.strip())
            value = plain(facts[0].removeprefix("value")).strip()
            assert value in reference, (name, value)
            for fact in facts[1:]:
                label, text = re.split(r"  +", fact, maxsplit=1)
                assert plain(f"{label}: {text}") in reference, (name, fact)


def verbs():
    return re.findall(r"^  ([\w-]+)", said("--help").split("verbs:")[1].split("\n\n")[0],
                      re.MULTILINE)


def test_every_verb_has_its_section():
    text = page("curlew.1")
    assert len(verbs()) >= 8 and "manual" not in verbs()
    for verb in verbs():
        section = text.split(f"\n.Ss curlew {verb}\n")[1].split("\n.Ss ")[0]
        for option in re.findall(r"--([a-z-]+)", said(verb, "--help").split("options:")[1]):
            assert option == "help" or f"Fl Fl {option}" in section, (verb, option)


def test_help_fits_a_terminal():
    for words in ["--help"], *([verb, "--help"] for verb in verbs()):
        for line in said(*words).splitlines():
            assert len(line) <= 80, (words, line)
