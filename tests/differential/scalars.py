"""Plain scalars: every shape that YAML 1.1 gives a meaning, and their neighbours."""

import math

import yaml

WORDS = ["yes", "no", "on", "off", "true", "false", "y", "n", "null", "~", "", "none", "nan",
         ".nan", ".inf", "inf", "=", "<<", "0", "00", "-0", "+0", "0x", "0b", "0o7", "1e3", "."]
ALPHABETS = ["01", "0123456789", "01234567_", "0123456789_.", "0123456789:", "0123456789_:.",
             "0123456789abcdefABCDEFxX_", "+-.0123456789eE_", "yYnNoOfFtTrRuUeEsSaAlL~",
             "0123456789-:.tTzZ +", "-+.infINFnaNA"]
FORMS = ["{0}", "{0}.{1}", "0x{2}", "0b{3}", "0{4}", "{0}:{5}", "{0}:{5}:{6}", "{0}:{5}.{1}",
         "{0}.{1}e{s}{7}", "{0}.{1}E{s}{7}", "{0}e{7}", ".{1}", "{0}.", "{8}-{9:02}-{10:02}",
         "{8}-{9}-{10}", "{8}-{9:02}-{10:02}T{11:02}:{5:02}:{6:02}",
         "{8}-{9}-{10} {11}:{5:02}:{6:02}.{1}", "{8}-{9}-{10}t{11}:{5:02}:{6:02}{z}",
         "{8}-{9}-{10} {11}:{5:02}:{6:02}.{1} {z}"]


class Loader(yaml.SafeLoader):
    def __init__(self):
        super().__init__("")


LOADER = Loader()


def some(source, alphabet, most):
    return "".join(source.choice(alphabet) for _ in range(source.randint(0, most)))


def formed(source):
    zones = ["Z", "+1", "-05", "+05:30", "-5:30", "+24:00", "z", ""]
    text = source.choice(FORMS).format(
        source.randint(0, 10 ** source.randint(1, 12)), some(source, "0123456789_", 7),
        some(source, "0123456789abcdefABCDEF_", 12), some(source, "01_", 20),
        some(source, "01234567_", 12), source.randint(0, 62), source.randint(0, 62),
        source.randint(0, 330), source.choice([1, 1999, 2000, 2024, 9999, 20011]),
        source.randint(0, 13), source.randint(0, 32), source.randint(0, 25),
        s=source.choice(["+", "-", ""]), z=source.choice(zones))
    return source.choice(["", "", "", "-", "+"]) + text


def mutated(source, text):
    if not text:
        return text
    at = source.randrange(len(text))
    change = source.choice(["drop", "double", "replace", "case"])
    if change == "drop":
        return text[:at] + text[at + 1:]
    if change == "double":
        return text[:at] + text[at] + text[at:]
    if change == "case":
        return text[:at] + text[at].swapcase() + text[at + 1:]
    return text[:at] + source.choice("0189_.:-+eExbToy~= ") + text[at + 1:]


def scalar(source):
    kind = source.randrange(4)
    if kind == 0:
        text = source.choice(WORDS)
        text = source.choice([text, text.upper(), text.capitalize(), text.swapcase()])
    elif kind == 1:
        text = some(source, source.choice(ALPHABETS), 12)
    else:
        text = formed(source)
    return mutated(source, text) if source.random() < 0.3 else text


def generate(source, count):
    return [scalar(source) for _ in range(count)], None


def expect(text):
    tag = LOADER.resolve(yaml.ScalarNode, text, (True, False))
    if tag.endswith((":merge", ":value")):
        return text  # a matter of where it stands
    try:
        return LOADER.construct_object(yaml.ScalarNode(tag, text), deep=True)
    except ValueError:
        return ValueError


def agree(text, expected, answer):
    letter, shown = answer
    if expected is ValueError:
        # Python's loader breaks on these (0x_, 2001-13-01); here they are texts or zero.
        return letter == "i" or (letter, shown) == ("t", text)
    if expected is None:
        return letter == "n"
    if isinstance(expected, bool):
        return letter == "b" and shown == str(int(expected))
    if isinstance(expected, int):
        fits = -2**63 < expected < 2**63
        return letter == "i" and shown == (str(expected) if fits else "")
    if isinstance(expected, float):
        return letter == "f" and (shown == repr(expected) or math.isnan(expected))
    return letter == "t" and shown == str(expected)
