"""Patterns mean what they mean to Python: a table, and what a seed makes.

usage: pattern_python.py PATTERN-ASK [COUNT [SEED]]
"""

import random
import re
import subprocess
import sys
import warnings

# What Python takes, and must be answered alike for each body.
PATTERNS = [
    r"", r"a", r"abc", r"x|body", r".*<b>.*", r"^a", r"a$", r"a\Z", r"a\n\Z", r"\Aa", r"x\n^a",
    r"(?m)x\n^a", r"(?m)x$", r"(?m)(.*\n)*^$", r"(?m)x$\n^a$", r"(?m)a\n^", r"(?m)\Aa\n^\Z",
    r"(?i)HELLO", r"(?i:HEL)lo", r"(?i:HEL)LO", r"(?-i:a)", r"(?i)a(?-i:B)c", r"(?s).", r"(?-s:a.b)",
    r"(?-s:.*)b", r"(?im-s:A.b$)", r"(?u)\w+", r"(?u:\w)", r"(?iu)A", r"(?ux) a", r"(?x) a  b # c",
    "(?x)a\n# (?i) comment\nb", "(?x) a + b", r"(?x)[ ]a", r"(?x)a\ b", r"(?x)a[#]b", r"(?x)a\#b",
    "(?x)a{1,2} b", "(?x)a{1, 2}", "(?x)a {2}", "(?x:a b)c d", "(?x:a b # )\n)c", "(?x)(?-x:a b) c",
    "(?-x:a b)", "(?x)(a (?-x: ) b) c", "a(?#comment)b", "a(?#comment)*b", "(?x)a (?# c ) * b",
    r"a{,2}b", r"a{2}", r"a{2,}", r"a{,}b", r"a{}", r"a{ 2}", r"a{2 }", r"a{2,3}b", r"a{x}", r"{a}",
    r"a{,2", r"{,x}", r"a{1,2,3}", r"(a|b){,2}c", r"x{,1}?a", r"a{,3}?b", r"}{", r"]", r"a]",
    r"\u0061", r"\U00000061", r"\u00e9", r"[\u00e9-\u00ea]", r"[\U00000061-\U00000063]+", r"\x61",
    r"[\x61-\x63]+", r"\0", r"\07", r"\012", r"\101", r"\1011", r"\377", r"[\1]", r"[\101]",
    r"[\0-\7]", r"[\b]", r"(a)\1", r"(a)(b)\2", r"(a)\1\1", r"((a))\2",
    r"(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\10", r"(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\100",
    r"\v", r"[\v]", r"\a\f\r\t", r"[\a\f\r\t\n]", r"\.\*\[\{\(\)\|\^\$\?\+\\", r"\-\_\ \!", r"\é",
    r"[]a]+\Z", r"[^]a]+\Z", r"[a-]+", r"[-a]+", r"[a\-z]", r"[--/]", r"[+--]", r"[a-b-z]+", r"[^-a]",
    r"[\^a]", r"[a^]", r"[[]", r"[[a]", r"[a[:]", r"[[=a=]]", r"[[.a.]]", r"[[:]", r"[[:foo:]]",
    r"[:alpha:]", r"[&&a]", r"[a||b]", r"[\w-]+", r"[\d.]+", r"[^\W\d]+", r"[\s\S]*x", r"[\D]",
    r"[(?i)]", r"[é-ü]", r"[^é]", r"\w+", r"\W", r"\d+", r"\D", r"\s", r"\S+", r"\bfoo\b",
    r"\Bo", r"(?P<n>a)(?P=n)", r"(?P<n>a)b(?(n)c|d)", r"(a)?(?(1)b|c)", r"(?P<R>a)?(?(R)b|c)",
    r"(?P<DEFINE>a)?(?(DEFINE)b|c)", r"(?=a)a", r"(?!a)b", r"(?<=a)b", r"a(?<=a)b", r"a(?<!b)b",
    r"(?>a*)b", r"a*?b", r"a+?", r"a??b", r"a*+b", r"(a+|b)*c", r"(a|ab)(c|bcd)(d*)", r"(?:a|b)+?c",
    r"(?:)", r"()", r"(|a)b", r"a||b", r"(?i)É", r"(?i)[É]", r"(?i)ß", r"(?i)ſ", r"(?i)K",
    r"\\Z", r"\\\Z", r"[\\Z]", "a\\\nb", "\\\té", "#a", " a",
]
BODIES = [
    "", "a", "b", "aa", "aab", "aaa", "ab", "abc", "abcd", "a\n", "a\nb", "a.b", "x\na", "x\na\n", "x\r\n",
    "x", "\n", "\n\n", "hello", "HELlo", "HELLO", "aBc", "abC", "a b", "a bcd", "a b c", "a#b", "# a",
    "#a", " a", "{a}", "{", "a{", "a{}", "a{,2", "a{x}", "a{ 2}", "a{2 }", "a{1,2,3}", "{,x}", "}{", "]",
    "a]", "a[", "[", ":", "é", "éé", "É", "ü", "ê", "foo bar", "foo", "oo", "\x00", "\x01", "\x07",
    "\x08", "\n1", "A1", "A", "AA", "@", "aa1", "abb", "abcdefghijj", "abcdefghij@", "\x0b", "\x07\x0c\r\t",
    ".*[{()|^$?+\\", "-_ !", "-", "^", "+", "/", ",", "&", "|", "=]", "a]]", ":]", "o:]", "f:]", "l", "p:",
    "1.5", "٣", "x1", "_", "日本", "\u2028", "\u00a0a", "\u0085", "ab\u0301c", "aabb", "bbc", "ac", "bc",
    "abcc", "Z", "\\", "\\Z", "z", "a\\", "\té", "ß", "SS", "s", "k", "<b>", "x<b>\ny", "body", "(", "?", "i",
    "\ufeffa", "\ufffd", "\U0001f600", "aaaaaaab", "abababc", "acbcc",
]
# What Python refuses and so must we, as it would mean something else to PCRE2.
REFUSED = [
    r"(?a)\w", r"(?L)a", r"(?La)", r"(?a:\w)", r"a\q", r"[\q]", r"\Q.\E", r"\u12", r"\U0011", r"\x1",
    r"\U00110000", r"[\8]", r"\400", r"(*ACCEPT)", r"(*LIMIT_MATCH=1)a", r"(*UTF)a", r"[a-\d]", r"[\d-z]",
    r"[z-a]", r"[a", r"[]", r"[^]", r"(a", r"a)", r"*a", r"a**", r"(?", r"(?P", r"(?Pa)", r"(?P<n", r"(?#a",
    r"(?-i)a", r"(?i-)a", r"(?i-:a)", r"(?i-i:a)", r"(?-u:a)", r"(?z)a", r"(?i", "\\", r"a{3,2}", r"\2",
    r"(?P=n)", r"\l", r"\cA", r"\C", r"\N{DIGIT ONE}x",
]
# What Python 3.11 refuses; older ones take the flags for all.
MOVED = [(r"a(?i)b", r"(?i)ab"), (r"(a|(?i)b)", r"(?i)(a|b)"), (r"a|(?m)x\n^a", r"(?m)a|x\n^a"),
         ("a  b(?x)", "(?x)a  b"), ("a b#(?ix)", "(?x)a b"), (r"(?i)a(?s).", r"(?i)a.")]
# What only PCRE2 knows.
ALLOWED = [(r"a\z", "a"), (r"\h", "\t"), (r"(?<n>a)\k<n>", "aa"), (r"\p{Lu}+", "ÉA"), (r"[\p{Lu}x]+", "x"),
           (r"\x{61}", "a"), (r"[\x{61}-\x{63}]+\z", "abc"), (r"a++b", "aab"), (r"[[:alpha:]]\Z", "a"),
           (r"[^[:alpha:]]\Z", "1"), (r"[[:^digit:][:space:]]\Z", "a"), (r"(?|(a)|(b))\1", "bb"),
           (r"\((?:[^()]|(?R))*\)", "(())"), (r"(?<=a|bc)?x", "x"), (r"\R", "\r\n"), (r"\o{141}", "a")]


class Asker:
    """The program at the other end."""

    def __init__(self, program):
        self.program = program

    def ask(self, pairs):
        lines = "".join(f"{pattern.encode().hex()} {body.encode().hex()}\n" for pattern, body in pairs)
        done = subprocess.run([self.program], input=lines, capture_output=True, text=True, check=False)
        answers = done.stdout.splitlines()
        if done.returncode != 0 or len(answers) != len(pairs):
            print(done.stderr)
            sys.exit(f"{self.program} ended with {done.returncode} after {len(answers)} answers")
        return answers


def python_says(pattern, body):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = re.compile(pattern, re.UNICODE | re.DOTALL)
    return "matches" if compiled.match(body) else "differs"


class Maker:
    """Random patterns that Python takes, of few letters so that they match."""

    ATOMS = ["a", "b", "c", "A", "é", r"\n", " ", ".", "^", "$", r"\Z", r"\A", r"\b", r"\B", r"\w", r"\W", r"\d",
             r"\D", r"\s", r"\S", "[ab]", "[^a]", "[a-c]", r"[\w-]", "[]a]", "[^]b]", r"[\n\d]", r"\x61", r"\u0062",
             r"\143", "{", "}", "]", "{,x", "a{1", "#", r"\.", r"[[a]", "[-a]", r"[\101-\103]", r"\v", "(?#x)", r"\1", r"\2"]
    COUNTS = ["*", "+", "?", "*?", "+?", "??", "{2}", "{,2}", "{1,}", "{,}", "{1,2}?", "{,1}?"]
    FLAGS = ["i", "m", "s", "x", "im", "u", "ix"]
    LETTERS = "aabbc A1é\n\t.{]_#"

    def __init__(self, seed):
        self.random = random.Random(seed)

    def piece(self, depth):
        choice = self.random.random()
        if depth == 0 or choice < 0.62:
            return self.random.choice(self.ATOMS)
        inner = self.expression(depth - 1)
        if choice < 0.76:
            return f"({inner})"
        if choice < 0.84:
            return f"(?:{inner})"
        if choice < 0.89:
            return f"(?{self.random.choice('=!')}{inner})"
        if choice < 0.92:
            return f"(?<{self.random.choice('=!')}{self.random.choice('abc.')})"
        flags = self.random.choice(["i", "m", "s", "x", "-s", "-i", "i-s", "-x", "x-i"])
        return f"(?{flags}:{inner})"

    def expression(self, depth):
        text = ""
        for _ in range(self.random.randint(1, 4)):
            text += self.piece(depth)
            if self.random.random() < 0.25:
                text += self.random.choice(self.COUNTS)
        if self.random.random() < 0.2:
            text += "|" + self.piece(depth)
        return text

    def pattern(self):
        text = self.expression(3)
        if self.random.random() < 0.3:
            text = f"(?{self.random.choice(self.FLAGS)})" + text
        return text

    def body(self):
        return "".join(self.random.choice(self.LETTERS) for _ in range(self.random.randint(0, 9)))


def known_to_differ(pattern, body):
    """Where Python's own ways are left alone."""
    if r"\B" in pattern and body == "":
        return True  # it finds no \B in nothing
    return False


class Count:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, good, what):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(what)


def check_alike(asker, pairs, count):
    for (pattern, body), answer in zip(pairs, asker.ask(pairs)):
        wanted = python_says(pattern, body)
        count.check(answer == wanted, f"{pattern!r} on {body!r}: {answer}, and Python says {wanted}")


def python_takes(pattern):
    try:
        python_says(pattern, "")
    except (re.error, OverflowError):
        return False
    return True


def check_table(asker, count):
    for pattern in PATTERNS:
        count.check(python_takes(pattern), f"{pattern!r}: Python refuses it, so it is in the wrong list")
    check_alike(asker, [(pattern, body) for pattern in PATTERNS if python_takes(pattern)
                        for body in BODIES if not known_to_differ(pattern, body)], count)
    for pattern, answer in zip(REFUSED, asker.ask([(pattern, "a") for pattern in REFUSED])):
        count.check(answer.startswith("refused: "), f"{pattern!r}: {answer}, and Python refuses it")
    for moved, wanted in MOVED:
        for body, answer in zip(BODIES, asker.ask([(moved, body) for body in BODIES])):
            count.check(answer == python_says(wanted, body), f"{moved!r} on {body!r}: {answer}")
    for (pattern, body), answer in zip(ALLOWED, asker.ask(ALLOWED)):
        count.check(answer == "matches", f"{pattern!r} on {body!r}: {answer}")


def check_made(asker, count, number, seed):
    maker = Maker(seed)
    pairs = []
    while len(pairs) < number:
        pattern = maker.pattern()
        if not python_takes(pattern):
            continue
        bodies = {maker.body() for _ in range(8)}
        pairs += [(pattern, body) for body in sorted(bodies) if not known_to_differ(pattern, body)]
    check_alike(asker, pairs, count)


def main():
    asker, count = Asker(sys.argv[1]), Count()
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    check_table(asker, count)
    check_made(asker, count, number, seed)
    print(f"{count.passed} passed, {count.failed} failed")
    sys.exit(1 if count.failed else 0)


main()
