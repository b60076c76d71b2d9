"""
What 2.x makes of the texts that it is given: what looks to it like an attack
is taken apart.
"""

import re
import urllib.parse

CALLS = ("alert|cmd|confirm|eval|exec|expression|file|file_get_contents|fopen|"
         "fsockopen|passthru|prompt|readfile|system|unlink")
BANNED = (r"javascript\s*:|vbscript\s*:|wscript\s*:|jscript\s*:|"
          r"document\.cookie|document\.write|\.parentNode|\.innerHTML|"
          r"-moz-binding|expression\s*\(|"
          r"data\s*:\s*text/html\s*;\s*base64\s*,|<!--|-->|<!\[CDATA\[")
NAUGHTY = ("applet|base|basefont|bgsound|body|embed|form|frame|frameset|head|"
           "html|iframe|ilayer|input|layer|link|math|meta|object|style|svg|"
           "textarea|title|video|xml")
EVIL = re.compile(r"(?i)on\w+|style|xmlns|formaction|form|xlink:href|seeksegmenttime")
TAG = re.compile(r"<(/?\s*)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>")
ATTRIBUTE = re.compile(r"""([^\s"'>/=]+)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)""")


def decoded(text):
    while re.search(r"(?i)%[0-9a-f]{2}", text):
        text = urllib.parse.unquote(text, errors="replace")
    return text


def tag(match):
    slash, name, rest = match.groups()
    if re.fullmatch(f"(?i){NAUGHTY}", name):
        return f"&lt;{slash}{name}{rest}&gt;"
    attributes = [
        f" {'xss=removed' if EVIL.fullmatch(key) else f'{key}={value}'}"
        for key, value in ATTRIBUTE.findall(rest)]
    return f"<{slash}{name}{''.join(attributes)}>"


def cleaned(text):
    text = decoded(text)
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text)
    text = text.replace("\t", " ")
    text = re.sub(r"(?i)</?script[^>]*>", "[removed]", text)
    text = text.replace("<?", "&lt;?").replace("?>", "?&gt;")
    text = re.sub(f"(?i){BANNED}", "[removed]", text)
    text = TAG.sub(tag, text)
    text = re.sub(rf"(?i)\b({CALLS})(\s*)\((.*?)\)", r"\1\2&#40;\3&#41;", text)
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
