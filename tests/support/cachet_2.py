"""
How 2.x speaks: refusals, validation, lists by the page, times in the zone that
was asked for.
"""

import datetime
import json
import re
import urllib.parse
import zoneinfo

from .cachet_base import CachetBase, Refusal
from .cachet_text import cleaned_all
from .server import Answer

PAGING = ("sort", "order", "per_page")
PUBLIC = ("/ping", "/version", "/status")
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
FORMAT = "%Y-%m-%d %H:%M:%S"


def bad(*details):
    return Refusal(400, "Bad Request", "The request cannot be fulfilled due "
                   "to bad syntax.", list(details))


def no_route():
    return Refusal(404, "Not Found", "The requested resource could not be "
                   "found but may be available again in the future.")


def no_method():
    return Refusal(405, "Method Not Allowed", "A request was made of a "
                   "resource using a request method not supported by that "
                   "resource.")


def no_token():
    return Refusal(401, "Unauthorized", "Authentication is required and has "
                   "failed or has not yet been provided.")


def broken():
    return Refusal(500, "Internal Server Error", "An error has occurred and "
                   "this resource cannot be displayed.")


def integer(params, key, low, high):
    """A number as Laravel validates it; None when it is not there."""
    words = key.replace("_", " ")
    value = params.get(key)
    if value is None or value == "":
        return None
    try:
        value = int(value)
    except (TypeError, ValueError):
        raise bad(f"The {words} must be an integer.") from None
    if value < low:
        raise bad(f"The {words} must be at least {low}.")
    if value > high:
        raise bad(f"The {words} may not be greater than {high}.")
    return value


def truth(value):
    """Any text but "" and "0" is true, "false" too."""
    return 0 if value in (False, 0, "0", "", None) else 1


def column(value):
    """As a database compares it with what stood in a query."""
    return str(int(value) if isinstance(value, bool) else value)


def in_zone(value, zone):
    """The times in it, as a client of that zone sees them."""
    if isinstance(value, dict):
        return {key: in_zone(one, zone) for key, one in value.items()}
    if isinstance(value, list):
        return [in_zone(one, zone) for one in value]
    if not isinstance(value, str) or not TIME.fullmatch(value):
        return value
    at = datetime.datetime.strptime(value, FORMAT)
    at = at.replace(tzinfo=datetime.timezone.utc)
    return at.astimezone(zone).strftime(FORMAT)


def page_of_html(status, words):
    return Answer(status, f"<!doctype html><h1>{words}</h1>",
                  {"Content-Type": "text/html; charset=UTF-8"})


class Cachet2(CachetBase):
    """What is the same in 2.3 and 2.4, and is not about one thing."""

    EMPTY_PAGES = 1  # of an empty list

    def _route(self, request):
        if not request.path.startswith(self.API + "/"):
            return page_of_html(404, "Not Found")
        accept = request.header("accept") or "*/*"
        if "*/*" not in accept and "json" not in accept:
            return page_of_html(406, "Houston, We Have A Problem.")
        if request.method == "OPTIONS":
            return Answer(200, b"",
                          {"Content-Type": "text/html; charset=UTF-8"})
        verb = self.verb(request)
        inner = request.path[len(self.API):].rstrip("/")
        handler, arguments, verbs = self._handler(verb, inner)
        if not handler:
            raise no_method() if verbs else no_route()
        known = request.header("x-cachet-token") == self.token
        open_to_all = verb == "GET" and inner != "/subscribers" \
            and (not self.locked or inner in PUBLIC)
        if not known and not open_to_all:
            raise no_token()
        return self._in_zone(request, handler(request, known, *arguments))

    @staticmethod
    def _in_zone(request, answer):
        zone = request.header("time-zone")
        if not zone or not answer.body:
            return answer
        value = in_zone(json.loads(answer.body), zoneinfo.ZoneInfo(zone))
        answer.body = json.dumps(value).encode()
        return answer

    def _input(self, request, raw=()):
        """All but `raw` is cleaned."""
        params = request.params
        return {key: value if key in raw else cleaned_all(value)
                for key, value in params.items()}

    def _required(self, params, *keys):
        missing = [k for k in keys if params.get(k) in (None, "")]
        if missing:
            raise bad(*(f"The {k} field is required." for k in missing))

    def _not_found(self, model):
        return Refusal(404, "Not Found", "No query results for model "
                       f"[CachetHQ\\Cachet\\Models\\{model}].")

    def _row(self, rows, number, model):
        if not number.isdigit() or int(number) not in rows:
            raise self._not_found(model)
        return rows[int(number)]

    # Lists.

    @staticmethod
    def _filtered(rows, query, filters):
        """Every parameter becomes a WHERE; an unknown one matches nothing."""
        wanted = {k: v for k, v in query.items() if k not in PAGING}
        if not any(k in filters for k in wanted):
            return rows
        return [r for r in rows if all(
            k in filters and column(r[k]) == v for k, v in wanted.items())]

    @staticmethod
    def _sorted(rows, query):
        key = query.get("sort")
        if not key:
            return rows
        return sorted(rows, key=lambda r: (r.get(key) is not None, r.get(key)),
                      reverse=query.get("order") == "desc")

    def _page(self, request, rows, filters=(), show=lambda row: row):
        query = dict(request.query)
        rows = self._sorted(self._filtered(rows, query, filters), query)
        try:
            size = int(query.get("per_page", 20)) or 15
            number = max(1, int(query.get("page", 1)))
            if size < 0:
                raise ValueError
        except ValueError:
            raise broken() from None
        if any(k in filters for k in query if k not in PAGING):
            number = 1
        pages = -(-len(rows) // size) or self.EMPTY_PAGES
        data = rows[(number - 1) * size:number * size]
        return Answer.of_json({"meta": {"pagination": {
            "total": len(rows), "count": len(data), "per_page": size,
            "current_page": number, "total_pages": pages, "links": {
                "next_page": self._page_url(request, number + 1)
                if number < pages else None,
                "previous_page": self._page_url(request, number - 1)
                if number > 1 else None}}},
            "data": [show(row) for row in data]})

    def _page_url(self, request, number):
        query = {k: v for k, v in request.query.items() if k != "page"}
        query["page"] = number
        return f"{self.url}{request.path}?{urllib.parse.urlencode(query)}"

    # What there is but to look at.

    def _ping(self, *_):
        return Answer.of_json({"data": "Pong!"})

    def _version(self, *_):
        """It asks the world outside, and there is none."""
        raise broken()

    def _status(self, *_):
        states = [c["status"] for c in self.components.values()
                  if c["enabled"]]
        good = all(s == 1 for s in states)
        found = ("success", "System operational") if good else (
            "danger", "The system is experiencing a major outage") \
            if 4 in states else (
                "info", "The system is experiencing issues")
        return Answer.of_json({"data": {"status": found[0],
                                        "message": found[1]}})

    def _subscribers(self, request, known):
        return self._page(request, [])

    def _schedules(self, request, known):
        return self._page(request, [])
