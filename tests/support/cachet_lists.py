"""
The lists of any Cachet, as somebody sees them who reads all of it: pages of 20
at most, whatever was asked for; hidden without the token; oddities of each
generation as those of the real ones.
"""

import json
import re

from .cachet import TOKEN
from .server import Answer, Server

GENERATIONS = ("2.3", "2.4", "3.x", "3.x-2024")
PAGE = 20


class CachetLists(Server):
    """Rows have the keys of Cachet 2; `group_id` is 0 for none."""

    def __init__(self, generation="2.4", token=TOKEN, prefix=""):
        super().__init__()
        self.generation = generation
        self.token = token
        self.prefix = prefix
        self.most = PAGE
        self.lists = {"components": [], "groups": [], "metrics": []}

    @property
    def is_3(self):
        return self.generation.startswith("3")

    @property
    def api_url(self):
        return self.url + self.prefix + ("/api" if self.is_3 else "/api/v1")

    def add(self, what, number, name, **fields):
        row = {"id": number, "name": name, "order": 0, **fields}
        if what == "components":
            row = {"link": f"http://h{number}.test/", "enabled": True, "group_id": 0, **row}
        self.lists[what].append(row)
        return row

    def fill(self, count=45):
        """In two groups and none; every tenth is disabled, two have no link."""
        self.add("groups", 1, "Web", visible=1)
        self.add("groups", 2, "Inside", visible=0)
        for number in range(1, count + 1):
            self.add("components", number, f"Component {number}", group_id=number % 3,
                     enabled=number % 10 != 0)
        self.lists["components"][6]["link"] = None
        self.lists["components"][7]["link"] = ""
        self.add("metrics", 1, "Component 1", suffix="ms")
        self.add("metrics", 2, "Component 2", suffix="visitors")
        self.add("metrics", 3, "Latency", suffix="s")
        return self

    @property
    def lists_asked(self):
        """(path behind the API's root, page) of each list, in order."""
        asked = []
        for request in list(self.requests):
            if "page" in request.query:
                path = request.path.replace(self.prefix + "/api", "").replace("/v1", "")
                asked.append((path, request.query["page"]))
        return asked

    # Answers.

    def answer(self, request):
        root = self.prefix + ("/api" if self.is_3 else "/api/v1")
        if not request.path.startswith(root + "/"):
            return Answer(404, "<h1>Not Found</h1>", {"Content-Type": "text/html"})
        path = request.path[len(root):]
        known = request.header("authorization") == f"Bearer {self.token}" if self.is_3 \
            else request.header("x-cachet-token") == self.token
        if path == "/ping":
            return Answer.of_json({"data": "Pong!"})
        if path == "/subscribers" and not known:
            return self._no(401, "Unauthenticated.")
        if path == "/schedules" and self.generation == "2.3":
            return self._no(404, "The requested resource could not be found.")
        rows = self._rows(path, request, known)
        if rows is None:
            return self._no(404, f"The route {request.path[1:]} could not be found.")
        return self._page(request, rows)

    def _no(self, status, words):
        if self.is_3:
            return Answer.of_json({"message": words}, status)
        return Answer.of_json({"errors": [{"status": status, "title": "No", "detail": words}]},
                              status)

    def _rows(self, path, request, known):
        groups = "/component-groups" if self.is_3 else "/components/groups"
        if path in ("/subscribers", "/schedules"):
            return []
        if path == "/metrics":
            return [self._shown("metrics", row, request) for row in self.lists["metrics"]]
        if path == groups:
            return [self._shown("componentGroups", row, request) for row in self.lists["groups"]
                    if known or row.get("visible", 1) or self.generation == "2.3"]
        if path == "/components":
            everything = known and (not self.is_3
                                    or request.query.get("filter[enabled]") == "0,1")
            return [self._shown("components", row, request) for row in self.lists["components"]
                    if row["enabled"] or everything]
        return None

    def _shown(self, kind, row, request):
        if not self.is_3:
            texts = ("group_id",) if self.generation == "2.3" else ()
            return {key: str(value) if key in texts else value for key, value in row.items()}
        attributes = {key: value for key, value in row.items() if key != "group_id"}
        shown = {"id": str(row["id"]), "type": kind, "attributes": attributes}
        if kind == "components" and "group" in request.query.get("include", ""):
            group = row["group_id"]
            shown["relationships"] = {"group": {"data": {
                "type": "componentGroups", "id": str(group)} if group else None}}
        return shown

    def _page(self, request, rows):
        query = request.query
        if self.is_3:
            bad = [key for key in query
                   if key.startswith("filter") and self.generation == "3.x-2024"]
            if bad:
                return self._no(400, "Requested filter(s) `enabled` are not allowed.")
        elif set(query) - {"sort", "order", "per_page", "page"}:
            rows = []
        assert query.get("sort") == "id" or len(rows) <= 1
        size = min(int(query.get("per_page", 20)), self.most)
        page = int(query.get("page", 1))
        pages = -(-len(rows) // size)
        data = rows[(page - 1) * size:page * size]
        return self._paged(data, page, pages, size, len(rows))

    def _paged(self, data, page, pages, size, total):
        """What a page looks like; links lead to where nobody may go."""
        if self.is_3:
            links = {"first": "http://inside.test/api/components?page=1"}
            if page < pages:
                links["next"] = f"http://inside.test/api/components?page={page + 1}"
            return Answer(200, json.dumps({"data": data, "links": links, "meta": {
                "current_page": page, "per_page": str(size)}}),
                {"Content-Type": "application/vnd.api+json"})
        return Answer.of_json({"meta": {"pagination": {
            "total": total, "count": len(data), "per_page": size, "current_page": page,
            "total_pages": pages, "links": {
                "next_page": "http://inside.test/api/v1/components?page=2",
                "previous_page": None}}}, "data": data})


def names_of(text):
    """The endpoints that stand in comments."""
    return re.findall(r"^ *# - name: (.*)$", text, re.MULTILINE)
