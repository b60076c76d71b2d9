"""Templates of str.format(), over maps such as an endpoint's."""

import re

import yaml

VALUES = """\
value:
- {name: shop, url: "http://shop.test/a b?c={d}", frequency: 30, timeout: 0.5, insecure: no,
   insecure2: yes, none: ~, header: {X-A: b, Accept: "text/*"}, action: [A, B],
   expectation: [{type: HTTP_STATUS, status_range: 200-300}, {type: LATENCY, threshold: 1.0}]}
- {name: "d'Arc \\"x\\" \\\\ \\n\\t\\x07\\e\\x7f", url: "caf\\xe9 \\u2603 \\U0001F600 \\xa0 \\xad", frequency: -7,
   timeout: 1.0e-5, insecure: [], insecure2: {}, none: [~, yes, -1, 1.5, "it's", ""],
   header: {a b: {c d: [1]}, "'": '"'}, action: [[1, [2, [3]]]], expectation: 0}
- {name: "", url: x, frequency: 17, timeout: 1.0e+16, insecure: 010, insecure2: 1:30,
   none: null, header: {a: 1}, action: [.inf, -.inf, .nan, -0.0], expectation: 123456.789}
- {name: a name with more than twenty letters, url: "0123", frequency: 0, timeout: 100.0,
   insecure: 0.1, insecure2: 999999.5, none: 1.0e-4, header: {x: 12345678.9}, action: [0.0, 5.0e-324],
   expectation: 2.5}
- {name: 7, url: true, frequency: "12", timeout: 12345.678, insecure: -0.00001234, insecure2: 1.0e+22,
   none: 1234567890123456789, header: {k: -1234567}, action: ["caf\\xe9", "\\u20ac"],
   expectation: 1797693134862315.7}
- {name: "\\xa1\\xac\\xae\\u1681\\u2010\\u2027\\u2030\\u205e\\u2070\\u3001\\uf900\\ufffc\\ufffd",
   url: "\\x7f\\x80\\x9f\\xa0\\xad\\u1680\\u2000\\u200f\\u2028\\u202f\\u205f\\u206f\\u3000\\ue000\\uf8ff\\ufeff\\ufffb",
   frequency: 42, timeout: 1234567.875, insecure: -305419896, insecure2: 3735928559, none: "",
   header: {a b: "\\U000E0001\\U0010FFFF"}, action: [72057594037927936], expectation: 98765.4321}
"""
MAPS = yaml.safe_load(VALUES)["value"]
KEYS = list(MAPS[0])
INSIDE = ["X-A", "Accept", "a b", "c d", "'", "a", "x", "k", "type", "status_range", "0", "1", "2",
          "00", "-1", "99", ""]
LITERALS = ["", " ", "is down", "{{", "}}", "{{{{", "é", ": ", "!r", "%s", "a[b]", "\n"]
STRAYS = ["{", "}", "{}", "{0}", "{ name}", "{name", "name}", "{name!}", "{name!x}", "{name!r x}",
          "{name:", "{name[}", "{name[a}", "{name]}", "{[a]}", "{name[a]b}", "{!r}", "{:5}",
          "{name:{}}", "{name:{nope}}", "{nope}", "{name.nope}", "{name!r!s}", "{header[a]]}"]


def path(source):
    name = source.choice(KEYS)
    while source.random() < 0.3:
        name += f"[{source.choice(INSIDE)}]"
    return name


def nested(source, text):
    if text and source.random() < 0.1:
        return "{" + source.choice(["frequency", "name", "url", "header[a]"]) + "}"
    return text


def spec(source):
    fill = source.choice(["", "", "", "*", "0", " ", "é", "<", "☃"])
    align = source.choice(["", "", "<", ">", "^", "="]) if not fill else source.choice("<>^=")
    sign = source.choice(["", "", "", "+", "-", " "])
    alternate = source.choice(["", "", "", "", "#"])
    zero = source.choice(["", "", "", "0"])
    width = nested(source, source.choice(["", "", "1", "5", "8", "12", "30"]))
    group = source.choice(["", "", "", "", ",", "_"])
    precision = nested(source, source.choice(["", "", "", ".0", ".1", ".2", ".3", ".5", ".12", ".",
                                              ".17"]))
    kind = source.choice(["", "", "", "s", "d", "f", "e", "g", "F", "E", "G", "n", "%", "x", "X",
                          "o", "b", "q", "ff"])
    return fill + align + sign + alternate + zero + width + group + precision + kind


def field(source):
    text = path(source)
    if source.random() < 0.25:
        text += "!" + source.choice("sraasr")
    if source.random() < 0.55:
        text += ":" + spec(source)
    return "{" + text + "}"


def template(source):
    parts = []
    for _ in range(source.randint(1, 4)):
        kind = source.random()
        if kind < 0.55:
            parts.append(field(source))
        elif kind < 0.95:
            parts.append(source.choice(LITERALS))
        else:
            parts.append(source.choice(STRAYS))
    text = "".join(parts)
    if source.random() < 0.05 and text:
        at = source.randrange(len(text))
        text = text[:at] + source.choice("{}[]!:0 .") + text[at + source.randint(0, 1):]
    return text


def generate(source, count):
    return [f"{source.randrange(len(MAPS))} {template(source)}" for _ in range(count)], VALUES


def expect(text):
    index, _, given = text.partition(" ")
    try:
        return given.format(**MAPS[int(index)])
    except (KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError) as error:
        return error


def allowed(text, expected):
    """What str.format can do and curlew says it cannot."""
    return (len(expected) > 1000  # a width, a precision
            or re.search(r"\{[^{}\[:!]*\.", text)  # attributes
            or re.search(r"\][^{}\[:!]*\.", text)
            or re.search(r":.*[cz#]", text))  # characters, negative zeros, # on fractions


def agree(text, expected, answer):
    letter, shown = answer
    if isinstance(expected, Exception):
        return letter == "e"
    if letter == "e":
        return bool(allowed(text, expected))
    return shown == expected
