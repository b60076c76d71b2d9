"""
A Cachet 2.3, as far as an agent can see one: no incident updates, no marks, no
validation to speak of, and components that enable themselves.  Shapes and
oddities are those of a real 2.3.18.
"""

import re

from .cachet import Cachet
from .cachet_2 import bad, broken, no_route, truth
from .cachet_2_components import COMPONENT_NAMES
from .cachet_2_metrics import digits
from .cachet_base import INCIDENT_NAMES
from .server import Answer

CREATED = r"(\d\d)/(\d\d)/(\d{4}) (\d\d:\d\d)"


def number_of(value):
    """What PHP makes of anything."""
    match = re.match(r"-?\d+", str(value or 0))
    return int(match[0]) if match else 0


def named(names, kind, status):
    return names[status] if 0 < status < len(names) \
        else f"cachet.{kind}.status.{status}"


class Cachet23(Cachet):
    EMPTY_PAGES = 0
    ROUNDED_TO = 1
    RAW = ()
    ROUTES = [r for r in Cachet.ROUTES
              if not r[1].endswith(("/updates", "/schedules"))]

    def _not_found(self, model):
        return no_route()

    def _required(self, params, *keys):
        for key in keys:
            if params.get(key) in (None, ""):
                raise bad(f"The {key} format is invalid.")

    def _deleted(self):
        return Answer(204, b"", {"Content-Type": "text/html; charset=UTF-8"})

    # Components.

    def _written(self, component):
        """Right after a write, a number is one."""
        shown = {**component, "tags": component["tags"] or [],
                 "status_name": named(COMPONENT_NAMES, "components",
                                      component["status"])}
        del shown["meta"]
        return shown

    def _shown(self, component):
        return {**self._written(component),
                "status": str(component["status"])}

    def _component_status(self, params):
        """A change that does not say it makes it 0."""
        return number_of(params.get("status"))

    def _put_component(self, request, known, number):
        answer = super()._put_component(request, known, number)
        if "enabled" in request.params:
            return answer
        component = self._component(number)
        component["enabled"] = True
        return Answer.of_json({"data": self._written(component)})

    def _shown_group(self, group):
        shown = super()._shown_group(group)
        del shown["visible"]
        return shown

    def _list_groups(self, request, known):
        return super()._list_groups(request, True)

    # Metrics.

    def _shown_metric(self, metric):
        shown = super()._shown_metric(metric)
        del shown["visible"]
        return shown

    def _shown_point(self, point):
        shown = super()._shown_point(point)
        return {**shown, "value": digits(shown["value"]),
                "calculated_value": digits(shown["calculated_value"])}

    def _in_order(self, points):
        return points

    def _point_value(self, params):
        if params.get("value") in (None, ""):
            raise bad("The value format is invalid.")
        try:
            return float(params["value"])
        except (TypeError, ValueError):
            raise bad("The selected value is invalid.") from None

    def _no_time(self):
        return broken()

    # Incidents.

    def _shown_incident(self, incident):
        keys = ("id", "name", "message", "created_at", "updated_at",
                "deleted_at", "visible")
        return {**{key: incident[key] for key in keys},
                "status": str(incident["status"]),
                "component_id": str(incident["component_id"]),
                "human_status": named(INCIDENT_NAMES, "incidents",
                                      incident["status"]),
                "scheduled_at": self.stamp()}

    def _set_component(self, params):
        component = number_of(params.get("component_id"))
        if not component:
            return None
        if "component_status" not in params:
            raise bad("The status format is invalid.")
        if component not in self.components:
            raise broken()
        self.components[component].update(
            status=number_of(params["component_status"]),
            updated_at=self.stamp())
        return component

    def _flag(self, params):
        if not re.fullmatch("[01]|True|False",
                            str(params.get("visible", 1))):
            raise bad("The visible must have between :min and :max items.")
        return truth(params.get("visible", 1))

    def _created(self, params):
        at = params.get("created_at")
        if not at:
            return self._stamps()
        match = re.fullmatch(CREATED, str(at))
        if not match:
            raise broken()
        day, month, year, clock = match.groups()
        stamp = f"{year}-{month}-{day} {clock}:00"
        return {"created_at": stamp, "updated_at": stamp}

    def _post_incident(self, request, known):
        params = self._input(request)
        self._required(params, "name", "status", "message")
        visible, created = self._flag(params), self._created(params)
        component = self._set_component(params)
        notify = bool(truth(params.get("notify", 1)))
        incident = self._new_incident({
            "name": str(params["name"]), "message": str(params["message"]),
            "status": number_of(params["status"]), "visible": visible,
            "component_id": component or 0, **created,
            "mailed": notify})
        shown = {**self._shown_incident(incident), "notify": notify,
                 "status": params["status"]}
        shown["component_id"] = params.get("component_id")
        self._as_created(shown, params)
        return Answer.of_json({"data": shown})

    def _put_incident(self, request, known, number):
        incident = self._incident(number)
        params = self._input(request)
        visible = self._flag(params)
        component = self._set_component(params)
        for key in ("name", "message"):
            if key in params:
                incident[key] = params[key]
        if "status" in params:
            incident["status"] = number_of(params["status"])
        if component:
            incident["component_id"] = component
        incident.update(visible=visible, updated_at=self.stamp())
        shown = self._shown_incident(incident)
        for key in ("status", "component_id"):
            shown[key] = params.get(key, shown[key])
        return Answer.of_json({"data": shown})
