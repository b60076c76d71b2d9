"""
What 2.x makes of the texts that it is given: what looks to it like an attack
is taken apart.  The rules are those of the filter that it uses, which came
from CodeIgniter 3.
"""

import re
import urllib.parse

ESCAPE = r"%(?:\s*[0-9a-f]){2,}"
INVISIBLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+"
CUT_OUT = {
    "document.cookie": "[removed]", "document.write": "[removed]",
    ".parentNode": "[removed]", ".innerHTML": "[removed]",
    "-moz-binding": "[removed]", "<!--": "&lt;!--", "-->": "--&gt;",
    "<![CDATA[": "&lt;![CDATA[", "<comment>": "&lt;comment&gt;",
    "<%": "&lt;&#37;"}
NEVER = [r"javascript\s*:", r"(document|(document\.)?window)\.(location|on\w*)",
         r"expression\s*(\(|&#40;)", r"vbscript\s*:", r"wscript\s*:",
         r"jscript\s*:", r"vbs\s*:", r"redirect\s+30\d",
         r"[\"']?data\s*:.*?base64.*?,"]
CLOSED_UP = ["javascript", "expression", "vbscript", "jscript", "wscript",
             "vbs", "script", "base64", "applet", "alert", "document", "write",
             "cookie", "window", "confirm", "prompt", "eval"]
CALLS = ("alert|prompt|confirm|cmd|passthru|eval|exec|expression|system|fopen|"
         "fsockopen|file|file_get_contents|readfile|unlink")
NAUGHTY = ("alert|area|prompt|confirm|applet|audio|basefont|base|behavior|"
           "bgsound|blink|body|embed|expression|form|frameset|frame|head|html|"
           "ilayer|iframe|input|button|select|isindex|layer|link|meta|keygen|"
           "object|plaintext|style|script|textarea|title|math|video|svg|xml|"
           "xss")
EVIL = re.compile(r"(?i)on\w+|style|xmlns|formaction|form|xlink:href|"
                  r"fscommand|seeksegmenttime")
TAG = re.compile(r"<(/*\s*)([a-zA-Z0-9]+)([^>]*)(>?)")
ATTRIBUTE = re.compile(r"""([^\s"'>/=]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'=><`]+)""")


def decoded(text):
    """Also where blanks stand in a code."""
    while "%" in text:
        before = text
        text = urllib.parse.unquote(text, errors="replace")
        text = re.sub(ESCAPE, lambda m: m[0] if not re.search(r"\s", m[0])
                      else urllib.parse.unquote(re.sub(r"\s", "", m[0]),
                                                errors="replace"),
                      text, flags=re.I)
        if text == before:
            break
    return text


def never(text):
    for word, instead in CUT_OUT.items():
        text = text.replace(word, instead)
    for pattern in NEVER:
        text = re.sub(pattern, "[removed]", text, flags=re.I | re.S)
    return text


def closed_up(text):
    for word in CLOSED_UP:
        text = re.sub(r"\s*".join(word) + r"(?=\W)",
                      lambda m: re.sub(r"\s+", "", m[0]), text, flags=re.I)
    return text


def tag(match):
    slash, name, rest, end = match.groups()
    if not end:
        return f"&lt;{slash}{name}{rest}"
    if re.fullmatch(f"(?i){NAUGHTY}", name):
        return f"&lt;{slash}{name}{rest}&gt;"
    attributes = [
        f" {'xss=removed' if EVIL.fullmatch(key) else f'{key}={value}'}"
        for key, value in ATTRIBUTE.findall(rest)]
    return f"<{slash}{name}{''.join(attributes)}>"


def attribute(match):
    return match[0].replace(">", "&gt;").replace("<", "&lt;").replace(
        "\\", "\\\\")


def processed(text):
    text = decoded(re.sub(INVISIBLE, "", text))
    text = re.sub(r"""[^a-z0-9>]+[a-z0-9]+=(['"]).*?\1""", attribute, text,
                  flags=re.I | re.S)
    text = re.sub(INVISIBLE, "", text).replace("\t", " ")
    text = never(text).replace("<?", "&lt;?").replace("?>", "?&gt;")
    text = closed_up(text)
    text = re.sub(r"</*(?:script|xss).*?>", "[removed]", text,
                  flags=re.I | re.S)
    text = TAG.sub(tag, text)
    text = re.sub(rf"({CALLS})(\s*)\((.*?)\)", r"\1\2&#40;\3&#41;", text,
                  flags=re.I | re.S)
    return never(text)


def cleaned(text):
    for _ in range(3):
        before, text = text, processed(text)
        if text == before:
            break
    return text.strip()


def cleaned_all(value):
    """The same of all texts in it."""
    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, dict):
        return {key: cleaned_all(one) for key, one in value.items()}
    if isinstance(value, list):
        return [cleaned_all(one) for one in value]
    return value
