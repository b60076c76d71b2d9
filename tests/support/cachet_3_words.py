"""
How 3.x speaks: resources, refusals with all that is wrong, and what it takes
for a number, a truth value, an address and a time.
"""

import calendar
import datetime
import re

from .cachet_base import Refusal
from .server import Answer

JSON_API = "application/vnd.api+json"
AMERICAN = r"(\d\d)/(\d\d)/(\d{4}) (\d\d:\d\d)"


class Said(Refusal):
    """How 3.x says no."""

    def __init__(self, status, message, errors=None):
        Exception.__init__(self, message)
        value = {"message": message}
        if errors:
            value["errors"] = errors
        self.answer = Answer.of_json(value, status)
        self.invalid = bool(errors)


class Wrong:
    """Collects what is wrong with an input."""

    def __init__(self, params):
        self.params = params
        self.errors = {}

    def add(self, key, text):
        self.errors.setdefault(key, []).append(text)

    def finish(self):
        if not self.errors:
            return
        texts = [text for texts in self.errors.values() for text in texts]
        more = len(texts) - 1
        message = texts[0] + (
            f" (and {more} more error{'s' if more > 1 else ''})"
            if more else "")
        raise Said(422, message, self.errors)

    def require(self, key, why=""):
        if self.params.get(key) in (None, ""):
            self.add(key, f"The {words(key)} field is required{why}.")
            return False
        return True

    def name(self, key="name"):
        if len(str(self.params.get(key) or "")) > 255:
            self.add(key, f"The {words(key)} field must not be greater than "
                     "255 characters.")

    def text(self, key):
        """An empty one is none, and none is no text."""
        if key in self.params and self.params[key] in (None, ""):
            self.add(key, f"The {words(key)} field must be a string.")
            return False
        return key in self.params

    def link(self, key):
        good = self.text(key)
        if key in self.params and not (
                good and re.match(r"https?://\S+$", str(self.params[key]))):
            self.add(key, f"The {words(key)} field must be a valid URL.")

    def choice(self, key, low, high):
        value = self.params.get(key)
        if value is None:
            return None
        if not re.fullmatch(r"\d+", str(value)) \
                or not low <= int(value) <= high:
            self.add(key, f"The selected {words(key)} is invalid.")
            return None
        return int(value)

    def boolean(self, key, default):
        value = self.params.get(key, default)
        if value not in (True, False, 0, 1, "0", "1"):
            self.add(key, f"The {words(key)} field must be true or false.")
            return default
        return bool(int(value)) if value is not None else value

    def known(self, key, rows):
        """The id of one of them; None when it is not there."""
        value = self.params.get(key)
        if value is None:
            return None
        if not str(value).isdigit() or int(value) not in rows:
            self.add(key, f"The selected {words(key)} is invalid.")
            return None
        return int(value)

    def number(self, key):
        try:
            return float(self.params[key])
        except (KeyError, TypeError, ValueError):
            if self.require(key):
                self.add(key, f"The {words(key)} field must be a number.")
            return None


def words(key):
    return key.replace("_", " ")


def resource(kind, number, attributes):
    return {"id": str(number), "type": kind,
            "attributes": {"id": number, **attributes}}


def of_3(value, status=200):
    return Answer.of_json(value, status, headers={"Content-Type": JSON_API})


def moment(text, now):
    """Unix seconds of what PHP takes for a time; None of what it does not."""
    if text == "yesterday":
        return (int(now) // 86400 - 1) * 86400
    american = re.fullmatch(AMERICAN, text)
    if american:
        month, day, year, clock = american.groups()
        text = f"{year}-{month}-{day} {clock}"
    try:
        at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return calendar.timegm(at.utctimetuple())
