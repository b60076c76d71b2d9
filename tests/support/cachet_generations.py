"""
Cachet 2.3 and 3.x, as far as an agent can see them: shapes and oddities are
those of a real 2.3.18, and of a 3.x of August 2026.

become() turns a Cachet into another one, as an upgrade does.
"""

import re

from .cachet import (COMPONENT_NAMES, INCIDENT_NAMES, Cachet, Refusal, broken,
                     stamp, truth)
from .server import Answer


def become(cachet, kind):
    with cachet.lock:
        cachet.__class__ = kind


def cleaned(text):
    """What 2.x makes of a text."""
    text = re.sub(r"%([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), text)
    text = re.sub(r"</?script>", "[removed]", text)
    text = re.sub(r"< [^<>]*> ?", "", text)
    text = re.sub(r"(eval|alert)\((.*?)\)", r"\1&#40;\2&#41;", text)
    text = re.sub(r"(?i)javascript:|document\.cookie", "[removed]", text)
    return text.replace("\t", " ").strip()


class Cachet23(Cachet):
    """No incident updates, no marks, and components that enable themselves."""

    ROUTES = [route for route in Cachet.ROUTES
              if "updates" not in route[1] and "schedules" not in route[1]]

    @staticmethod
    def _shown(component, written=False):
        status = component["status"]
        shown = {**component, "tags": [],
                 "status": status if written else str(status),
                 "status_name": COMPONENT_NAMES[status]}
        del shown["meta"]
        return shown

    def _put_component(self, request, known, number):
        super()._put_component(request, known, number)
        component = self._component(number)
        component["enabled"] = bool(truth(request.params.get("enabled", 1)))
        return Answer.of_json({"data": self._shown(component, True)})

    def _shown_incident(self, incident):
        keys = ("name", "message", "created_at", "updated_at", "deleted_at")
        texts = ("status", "visible", "component_id")
        return {"id": incident["id"],
                **{key: incident[key] for key in keys},
                **{key: str(incident[key]) for key in texts},
                "human_status": INCIDENT_NAMES[incident["status"]],
                "scheduled_at": stamp()}

    def _post_incident(self, request, known):
        component = request.params.get("component_id")
        if component and component not in self.components:
            raise broken()
        answer = super()._post_incident(request, known)
        incident = self.incidents[self._next_incident - 1]
        incident.update(meta=None, stickied=False,
                        name=cleaned(incident["name"]),
                        message=cleaned(incident["message"]))
        shown = self._shown_incident(incident)
        return Answer.of_json({"data": shown}, answer.status)

    def _put_incident(self, request, known, number):
        super()._put_incident(request, known, number)
        incident = self._incident(number)
        incident["message"] = cleaned(incident["message"])
        return Answer.of_json({"data": self._shown_incident(incident)})


class Said(Refusal):
    """How 3.x says no."""

    def __init__(self, status, message, **errors):
        Exception.__init__(self, message)
        value = {"message": message}
        if errors:
            value["errors"] = {key: [text] for key, text in errors.items()}
        self.answer = Answer.of_json(value, status)


def invalid(key, text):
    return Said(422, text, **{key: text})


def resource(kind, number, attributes, status=200, related=None):
    data = {"id": str(number), "type": kind,
            "attributes": {"id": number, **attributes}}
    if related is not None:
        data["relationships"] = related
    return data if status is None else of_3({"data": data}, status)


def of_3(value, status=200):
    return Answer.of_json(
        value, status, headers={"Content-Type": "application/vnd.api+json"})


def choice(params, key, highest):
    value = params.get(key)
    if value is None:
        return None
    if not str(value).isdigit() or int(value) > highest:
        raise invalid(key, f"The selected {key} is invalid.")
    return int(value)


def boolean(params, key, default):
    value = params.get(key, default)
    if value not in (True, False, 0, 1, "0", "1"):
        raise invalid(key, f"The {key} field must be true or false.")
    return int(value)


class Cachet3(Cachet):
    """At /api, with bearers, resources, and hidden incidents by default."""

    @property
    def api_url(self):
        return self.url + "/api"

    def _route(self, request):
        path = request.path
        known = request.header("authorization") == f"Bearer {self.token}"
        if path.startswith("/api/"):
            inner = path[len("/api"):].rstrip("/")
            for method, pattern, name in self.ROUTES:
                match = re.fullmatch(pattern, inner)
                if not match or method != request.method:
                    continue
                if not known and (method != "GET" or inner == "/subscribers"):
                    raise Said(401, "Unauthenticated.")
                return getattr(self, name)(request, known, *match.groups())
        raise Said(404, f"The route {path[1:]} could not be found.")

    def _missing(self, model, number):
        return Said(404, f"No query results for model [Cachet\\Models\\{model}"
                    f"] {number}")

    def _page(self, request, rows, filters):
        query = dict(request.query)
        sort = query.get("sort", "id")
        rows = sorted(rows, key=lambda r: int(r["id"]),
                      reverse=sort.startswith("-"))
        size = min(max(int(query.get("per_page", 15)), 1), 100)
        links = {"first": f"{self.url}{request.path}?page=1"}
        if len(rows) > size:
            links["next"] = f"{self.url}{request.path}?page=2"
        return of_3({"data": rows[:size], "links": links, "meta": {
            "current_page": 1, "from": 1 if rows else None,
            "path": self.url + request.path, "per_page": size,
            "to": min(size, len(rows)) or None}})

    # Components.

    def _component(self, number):
        if not number.isdigit() or int(number) not in self.components:
            raise self._missing("Component", number)
        return self.components[int(number)]

    def visible_status(self, component=1):
        """What visitors see: open, public incidents count as well."""
        impacts = [i.get("impact") or 0 for i in self.incidents.values()
                   if i["component_id"] == component and i["visible"]
                   and i["status"] != 4]
        return max([self.components[component]["status"], *impacts])

    def _shown_component(self, component):
        def named(status):
            return {"human": COMPONENT_NAMES[status], "value": status}
        return resource("components", component["id"], {
            "name": component["name"], "description": None, "link": None,
            "order": 0, "status": named(component["status"]),
            "latest_status": named(self.visible_status(component["id"])),
            "enabled": component["enabled"]})

    def _show_component(self, request, known, number):
        component = self._component(number)
        if not known and not component["enabled"]:
            raise self._missing("Component", number)
        return self._shown_component(component)

    def _put_component(self, request, known, number):
        component = self._component(number)
        status = choice(request.params, "status", 4)
        if status is not None:
            component["status"] = status
        return self._shown_component(component)

    # Incidents.

    def _incident(self, number):
        if not number.isdigit() or int(number) not in self.incidents:
            raise self._missing("Incident", number)
        return self.incidents[int(number)]

    def _shown_incident(self, incident, status=200, include=()):
        attributes = {key: incident[key] for key in (
            "name", "message", "visible", "stickied", "notifications")}
        attributes["status"] = {"human": INCIDENT_NAMES[incident["status"]],
                                "value": incident["status"]}
        if "meta" in include:
            attributes["meta"] = incident["meta"] or []
        related = None
        if "components" in include:
            component = incident["component_id"]
            related = {"components": {"data": [
                {"type": "components", "id": str(component)}]
                if component else []}}
        return resource("incidents", incident["id"], attributes, status,
                        related)

    def _list_incidents(self, request, known):
        include = [i for i in request.query.get("include", "").split(",") if i]
        for name in include:
            if name not in ("components", "meta", "updates", "user"):
                raise Said(400, f"Requested include(s) `{name}` are not "
                           "allowed.")
        rows = [self._shown_incident(i, None, include)
                for i in self.incidents.values() if known or i["visible"]]
        return self._page(request, rows, ())

    def _show_incident(self, request, known, number):
        return self._shown_incident(self._incident(number))

    def _post_incident(self, request, known):
        params = request.params
        for key in ("name", "status", "message"):
            if params.get(key) in (None, ""):
                raise invalid(key, f"The {key} field is required.")
        component = params.get("component_id")
        if component and "component_status" not in params:
            raise invalid("component_status", "The component status field is "
                          "required when component id is present.")
        incident = self._new_incident({
            "name": params["name"], "message": params["message"],
            "status": choice(params, "status", 4),
            "visible": boolean(params, "visible", False),
            "stickied": bool(boolean(params, "stickied", False)),
            "notifications": boolean(params, "notifications", False),
            "component_id": component or 0,
            "impact": choice(params, "component_status", 6),
            "meta": params.get("meta")})
        return self._shown_incident(incident, 201)

    def _put_incident(self, request, known, number):
        incident = self._incident(number)
        params = request.params
        status = choice(params, "status", 4)
        if status is not None:
            incident["status"] = status
        for key in ("name", "message"):
            incident[key] = params.get(key, incident[key])
        if "visible" in params:
            incident["visible"] = boolean(params, "visible", False)
        return self._shown_incident(incident)

    def _post_update(self, request, known, number):
        incident = self._incident(number)
        params = request.params
        for key in ("status", "message"):
            if params.get(key) in (None, ""):
                raise invalid(key, f"The {key} field is required.")
        incident["status"] = choice(params, "status", 4)
        update = {"message": params["message"],
                  "status": {"value": incident["status"]}}
        self.updates.setdefault(incident["id"], []).append(update)
        self._next_update += 1
        return resource("updates", self._next_update - 1, update, 201)

    def _show_metric(self, request, known, number):
        raise self._missing("Metric", number)
