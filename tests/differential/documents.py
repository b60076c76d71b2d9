"""Whole documents: block and flow, anchors and merge keys, keys given twice."""

import ast

import yaml

PLAIN = ["a", "yes", "No", "~", "12", "010", "0x1F", "1.5", "1e3", "1:30", "a b", "200-300", "x#y",
         "2001-01-01", "-", "http://x.test/y?z", "'", "a: b", "a #b", "é"]
QUOTED = ['"a"', "'it''s'", '"\\u2603 \\n"', '"yes"', "'12'", '""', "'~'", '"a\\\n  b"']
TAGGED = ['!!int "5"', "!!str 5", "!!float 5", "!!bool Yes", "!!null x", "!!int x", "!x y",
          "!!python/none x", "! 5", "!!seq [1]", "!!map {a: 1}", "!!str [1]", '! "5"', '!!str "5"',
          "!!timestamp 2001-01-01"]
NAMES = ["a", "b", "c", "d e", '"f"', "'g'", "yes", "~", "é", "x-y"]


class Writer:
    """One document, at random; anchors are used where they may be."""

    def __init__(self, source):
        self.source = source
        self.names = 0
        self.anchors = []
        self.maps = []

    def scalar(self):
        draw = self.source.random()
        if draw < 0.6:
            return self.source.choice(PLAIN[:17])
        if draw < 0.85:
            return self.source.choice(QUOTED)
        if draw < 0.95:
            return self.source.choice(PLAIN)
        return self.source.choice(TAGGED)

    def anchor(self, is_map):
        if self.source.random() > 0.3:
            return "", lambda: None
        self.names += 1
        name = f"n{self.names}"

        def ready():
            self.anchors.append(name)
            if is_map:
                self.maps.append(name)
        return f"&{name} ", ready

    def flow(self, depth):
        draw = self.source.random()
        if depth > 3 or draw < 0.5:
            if self.anchors and self.source.random() < 0.2:
                return "*" + self.source.choice(self.anchors)
            mark, ready = self.anchor(False)
            text = mark + self.scalar()
            ready()
            return text
        mark, ready = self.anchor(draw < 0.8)
        inner = [self.item(depth) if draw < 0.8 else self.flow(depth + 1)
                 for _ in range(self.source.randint(0, 4))]
        text = mark + ("{" + ", ".join(inner) + "}" if draw < 0.8 else "[" + ", ".join(inner) + "]")
        ready()
        return text

    def item(self, depth):
        if self.source.random() < 0.25:
            return "<<: " + self.merged()
        return self.source.choice(NAMES) + ": " + self.flow(depth + 1)

    def merged(self):
        if not self.maps:
            return self.source.choice(["{a: 1}", "[]", "[{a: 1}, {a: 2, b: 3}]", "5", "~", "[5]"])
        if self.source.random() < 0.6:
            return "*" + self.source.choice(self.maps)
        return "[" + ", ".join("*" + self.source.choice(self.maps) for _ in range(2)) + "]"

    def block(self, depth, indent):
        kind = self.source.random()
        if depth > 3 or kind < 0.4:
            return " " + self.flow(depth) + "\n"
        lines = "\n"
        for _ in range(self.source.randint(1, 4)):
            lines += " " * indent
            if kind < 0.75:
                merges = self.source.random() < 0.2
                lines += ("<<: " + self.merged() + "\n" if merges else
                          self.source.choice(NAMES) + ":" + self.block(depth + 1, indent + 2))
            else:
                lines += "-" + self.block(depth + 1, indent + 2)
        return lines


def document(source):
    text = "value:" + Writer(source).block(0, 2)
    if source.random() < 0.05:
        text = source.choice(["\ufeff", "%YAML 1.1\n---\n", "--- ", "# x\n"]) + text
    if source.random() < 0.05:
        text += source.choice(["---\na: 1\n", "...\n", "...\n---\n", "value: 2\n", "\tx", "# x"])
    return text


def generate(source, count):
    return [document(source) for _ in range(count)], None


def as_texts(value):
    """Keys are texts here, and so are dates."""
    if isinstance(value, dict):
        return {key_text(key): as_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_texts(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def key_text(key):
    return {True: "yes", None: "~"}.get(key, key)


def expect(text):
    try:
        return as_texts(yaml.load(text, Loader=yaml.CSafeLoader)["value"])
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, KeyError) as error:
        return error


def same(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def agree(text, expected, answer):
    letter, shown = answer
    if isinstance(expected, Exception):
        return letter == "e"
    return letter == "d" and same(expected, ast.literal_eval(shown))
