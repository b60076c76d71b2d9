"""
A Cachet 2.4, as far as an agent can see one.

Shapes and oddities are those of a real 2.4.1.  Ids of incidents count from 100
unless told otherwise.  Faults are those of any Server; with effect=True the
request is obeyed and its answer lost.
"""

import re
import time
import uuid

from .server import Answer, Server

TOKEN = "canary-token-Q91EBRA5"

COMPONENT_NAMES = ["Unknown", "Operational", "Performance Issues",
                   "Partial Outage", "Major Outage"]
INCIDENT_NAMES = ["Scheduled", "Investigating", "Identified", "Watching",
                  "Fixed"]
PAGING = ("sort", "order", "per_page")
COMPONENT_FILTERS = ("id", "name", "status", "order", "group_id", "enabled")
INCIDENT_FILTERS = ("id", "component_id", "name", "status", "visible",
                    "user_id", "stickied")


class Refusal(Exception):
    def __init__(self, status, title, detail, details=None):
        super().__init__(detail)
        error = {"id": str(uuid.uuid4()), "status": status, "title": title,
                 "detail": detail}
        if details:
            error["meta"] = {"details": details}
        self.answer = Answer.of_json({"errors": [error]}, status)


def bad(*details):
    return Refusal(400, "Bad Request", "The request cannot be fulfilled due "
                   "to bad syntax.", list(details))


def not_found(model):
    return Refusal(404, "Not Found", "No query results for model "
                   f"[CachetHQ\\Cachet\\Models\\{model}].")


def broken():
    return Refusal(500, "Internal Server Error", "An error has occurred and "
                   "this resource cannot be displayed.")


def stamp():
    return time.strftime("%Y-%m-%d %H:%M:%S")


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


class Cachet(Server):
    def __init__(self, components=(1,), first_incident=100, token=TOKEN,
                 tls=None):
        super().__init__(tls)
        self.token = token
        self.components = {}
        self.incidents = {}
        self.updates = {}
        self.deleted = []
        self._next_incident = first_incident
        self._next_update = 1
        for component in components:
            self.add_component(component)

    # For tests.

    @property
    def api_url(self):
        return self.url + "/api/v1"

    def add_component(self, number, status=1, **fields):
        self.components[number] = {
            "id": number, "name": f"Component {number}", "description": "",
            "status": status, "order": 0, "group_id": 0,
            "created_at": stamp(), "updated_at": stamp(), "deleted_at": None,
            "enabled": True, "meta": None, "link": "", **fields}

    def status(self, component=1):
        return self.components[component]["status"]

    def add_incident(self, name, status, component=1, **fields):
        """One that somebody else made; its id is returned."""
        incident = self._new_incident(
            {"name": name, "message": name, "status": status, "visible": 1,
             "component_id": component, **fields})
        return incident["id"]

    def by_mark(self):
        """meta.curlew -> the incidents that bear it."""
        found = {}
        with self.lock:
            for incident in self.incidents.values():
                mark = (incident["meta"] or {}).get("curlew")
                found.setdefault(mark, []).append(incident)
        return found

    def trace(self, reads=False):
        """
        What was asked, as words: In a creation with component status n, Rk an
        update of incident k, Un component 1 set to n, Un@c component c, Vk a
        change of incident k, Dk its deletion; G a read of a component, L a
        search for incidents.  One that failed has "!" and how.
        """
        words = [self._word(r) for r in list(self.requests)]
        return [w for w in words if w and (reads or w[0] not in "GL")]

    @staticmethod
    def _word(request):
        path, params = request.path, request.params
        number = re.search(r"/(\d+)", path.replace("/api/v1", ""))
        number = number[1] if number else ""
        word = None
        if request.method == "POST" and path.endswith("/incidents"):
            word = f"I{params.get('component_status')}"
        elif request.method == "POST" and path.endswith("/updates"):
            word = f"R{number}"
        elif request.method == "PUT" and "/components/" in path:
            at = "" if number == "1" else f"@{number}"
            word = f"U{params.get('status')}{at}"
        elif request.method == "PUT" and "/incidents/" in path:
            word = f"V{number}"
        elif request.method == "DELETE":
            word = f"D{number}"
        elif "/components/" in path:
            word = f"G{'' if number == '1' else number}"
        elif path.endswith("/incidents"):
            word = "L"
        if word and not request.taken:
            word += f"!{request.answered}"
        return word

    # Answers.

    ROUTES = [
        ("GET", r"/ping", "_ping"),
        ("GET", r"/subscribers", "_subscribers"),
        ("GET", r"/components", "_list_components"),
        ("GET", r"/components/(\w+)", "_show_component"),
        ("PUT", r"/components/(\w+)", "_put_component"),
        ("GET", r"/incidents", "_list_incidents"),
        ("POST", r"/incidents", "_post_incident"),
        ("GET", r"/incidents/(\w+)", "_show_incident"),
        ("PUT", r"/incidents/(\w+)", "_put_incident"),
        ("DELETE", r"/incidents/(\w+)", "_delete_incident"),
        ("GET", r"/incidents/(\w+)/updates", "_list_updates"),
        ("POST", r"/incidents/(\w+)/updates", "_post_update"),
        ("GET", r"/metrics/(\w+)", "_show_metric"),
        ("GET", r"/schedules", "_empty"),
    ]

    def answer(self, request):
        try:
            return self._route(request)
        except Refusal as refusal:
            return refusal.answer

    def _route(self, request):
        known = request.header("x-cachet-token") == self.token
        path = request.path
        if not path.startswith("/api/v1/"):
            return Answer(404, "<h1>Not Found</h1>",
                          {"Content-Type": "text/html"})
        path = path[len("/api/v1"):].rstrip("/")
        if not known and (request.method != "GET" or path == "/subscribers"):
            raise Refusal(401, "Unauthorized", "Authentication is required "
                          "and has failed or has not yet been provided.")
        for method, pattern, name in self.ROUTES:
            match = re.fullmatch(pattern, path)
            if match and method == request.method:
                return getattr(self, name)(request, known, *match.groups())
        raise Refusal(404, "Not Found", "The requested resource could not be "
                      "found but may be available again in the future.")

    def _ping(self, *_):
        return Answer.of_json({"data": "Pong!"})

    def _subscribers(self, request, known):
        return self._page(request, [], ())

    def _empty(self, request, known):
        return self._page(request, [], ())

    def _show_metric(self, request, known, number):
        raise not_found("Metric")

    def _page(self, request, rows, filters):
        query = dict(request.query)
        wanted = {k: v for k, v in query.items() if k not in PAGING}
        paged = "page" in wanted and not any(k in filters for k in wanted)
        page = int(wanted.pop("page")) if paged else 1
        if any(k in filters for k in wanted):
            # Every parameter becomes a WHERE; an unknown one matches nothing.
            rows = [r for r in rows if all(
                k in filters and str(int(r[k]) if isinstance(r[k], bool)
                                     else r[k]) == v
                for k, v in wanted.items())]
        if "sort" in query:
            rows = sorted(rows, key=lambda r: r.get(query["sort"]) or 0,
                          reverse=query.get("order") == "desc")
        try:
            size = int(query.get("per_page", 20)) or 15
            if size < 0:
                raise ValueError
        except ValueError:
            raise broken() from None
        pages = max(1, -(-len(rows) // size))
        data = rows[(page - 1) * size:page * size]
        return Answer.of_json({"meta": {"pagination": {
            "total": len(rows), "count": len(data), "per_page": size,
            "current_page": page, "total_pages": pages,
            "links": {"next_page": None, "previous_page": None}}},
            "data": data})

    # Components.

    @staticmethod
    def _shown(component):
        return {**component, "tags": [],
                "status_name": COMPONENT_NAMES[component["status"]]}

    def _component(self, number):
        component = self.components.get(int(number)) \
            if number.isdigit() else None
        if component is None:
            raise not_found("Component")
        return component

    def _list_components(self, request, known):
        rows = [self._shown(c) for c in self.components.values()
                if known or c["enabled"]]
        return self._page(request, rows, COMPONENT_FILTERS)

    def _show_component(self, request, known, number):
        return Answer.of_json({"data": self._shown(self._component(number))})

    def _put_component(self, request, known, number):
        component = self._component(number)
        params = request.params
        status = integer(params, "status", 0, 4)
        if status is not None:
            component["status"] = status
        for key in ("name", "description", "link", "meta"):
            if key in params:
                component[key] = params[key]
        component["updated_at"] = stamp()
        return Answer.of_json({"data": self._shown(component)})

    # Incidents.

    def _shown_incident(self, incident):
        number, status = incident["id"], incident["status"]
        updates = self.updates.get(number, [])
        return {**incident, "meta": incident["meta"] or [],
                "is_resolved": status == 4, "updates": updates[::-1],
                "human_status": INCIDENT_NAMES[status],
                "latest_update_id": updates[-1]["id"] if updates else None,
                "latest_status": status,
                "latest_human_status": INCIDENT_NAMES[status],
                "permalink": f"{self.url}/incidents/{number}", "duration": 0}

    def _incident(self, number):
        incident = self.incidents.get(int(number)) \
            if number.isdigit() else None
        if incident is None:
            raise not_found("Incident")
        return incident

    def _list_incidents(self, request, known):
        rows = [self._shown_incident(i) for i in self.incidents.values()
                if known or i["visible"]]
        return self._page(request, rows, INCIDENT_FILTERS)

    def _show_incident(self, request, known, number):
        return Answer.of_json(
            {"data": self._shown_incident(self._incident(number))})

    def _new_incident(self, fields):
        number = self._next_incident
        self._next_incident += 1
        self.incidents[number] = {
            "id": number, "component_id": 0, "created_at": stamp(),
            "updated_at": stamp(), "deleted_at": None, "visible": 1,
            "stickied": False, "occurred_at": stamp(), "user_id": 1,
            "notifications": False, "meta": None, **fields}
        return self.incidents[number]

    def _set_component(self, params):
        component = integer(params, "component_id", 0, 2 ** 31)
        status = integer(params, "component_status", 0, 4)
        if component and status is None:
            raise bad("The component status field is required when component "
                      "id is present.")
        if component in self.components and status is not None:
            self.components[component]["status"] = status
        return component

    def _post_incident(self, request, known):
        params = request.params
        missing = [k for k in ("name", "status", "message")
                   if params.get(k) in (None, "")]
        if missing:
            raise bad(*(f"The {k} field is required." for k in missing))
        status = integer(params, "status", 0, 4)
        component = self._set_component(params)
        meta = params.get("meta")
        incident = self._new_incident({
            "name": str(params["name"]).strip(),
            "message": params["message"], "status": status,
            "visible": truth(params.get("visible", 1)),
            "component_id": component or 0,
            "stickied": bool(truth(params.get("stickied", 0))),
            "notifications": bool(truth(params.get("notify", 1))),
            "meta": meta if isinstance(meta, dict) and meta else None})
        return Answer.of_json({"data": self._shown_incident(incident)})

    def _put_incident(self, request, known, number):
        incident = self._incident(number)
        params = request.params
        status = integer(params, "status", 0, 4)
        component = self._set_component(params)
        if status is not None:
            incident["status"] = status
        if component:
            incident["component_id"] = component
        for key in ("name", "message"):
            if key in params:
                incident[key] = params[key]
        incident["visible"] = truth(params.get("visible", 1))
        incident["stickied"] = bool(truth(params.get("stickied", 0)))
        return Answer.of_json({"data": self._shown_incident(incident)})

    def _delete_incident(self, request, known, number):
        self.deleted.append(self._incident(number))
        del self.incidents[int(number)]
        return Answer(204, b"")

    def _list_updates(self, request, known, number):
        self._incident(number)
        rows = self.updates.get(int(number), [])[::-1]
        return self._page(request, rows, ())

    def _post_update(self, request, known, number):
        incident = self._incident(number)
        params = request.params
        missing = [k for k in ("status", "message")
                   if params.get(k) in (None, "")]
        if missing:
            raise bad(*(f"The {k} field is required." for k in missing))
        status = integer(params, "status", 1, 4)
        update = {"id": self._next_update, "incident_id": incident["id"],
                  "status": status, "message": params["message"],
                  "user_id": 1, "created_at": stamp(), "updated_at": stamp(),
                  "human_status": INCIDENT_NAMES[status],
                  "permalink": f"{self.url}/incidents/{number}"
                  f"#update-{self._next_update}"}
        self._next_update += 1
        self.updates.setdefault(incident["id"], []).append(update)
        incident["status"] = status
        incident["updated_at"] = stamp()
        return Answer.of_json({"data": {
            **update, "incident": self._shown_incident(incident)}})
