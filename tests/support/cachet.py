"""
A Cachet 2.4, as far as an agent can see one: shapes and oddities are those of
a real 2.4.1.
"""

import calendar
import re
import time

from .cachet_2 import bad, broken, integer, truth
from .cachet_2_components import COMPONENT_NAMES, Components2
from .cachet_2_metrics import Metrics2
from .cachet_base import FIXED, INCIDENT_NAMES, TOKEN, Refusal
from .server import Answer

__all__ = ["COMPONENT_NAMES", "INCIDENT_NAMES", "TOKEN", "Cachet", "Refusal"]

FILTERS = ("id", "component_id", "name", "status", "visible", "user_id",
           "stickied")
ICONS = ["icon ion-android-calendar", "icon ion-flag oranges",
         "icon ion-alert yellows", "icon ion-eye blues",
         "icon ion-checkmark greens"]
OCCURRED = r"\d{4}-\d\d-\d\d \d\d:\d\d"


class Cachet(Components2, Metrics2):
    ROUTES = [
        ("GET", r"/ping", "_ping"),
        ("GET", r"/version", "_version"),
        ("GET", r"/status", "_status"),
        ("GET", r"/subscribers", "_subscribers"),
        ("GET", r"/components", "_list_components"),
        ("POST", r"/components", "_post_component"),
        ("GET", r"/components/groups", "_list_groups"),
        ("POST", r"/components/groups", "_post_group"),
        ("GET", r"/components/groups/(\w+)", "_show_group"),
        ("PUT", r"/components/groups/(\w+)", "_put_group"),
        ("DELETE", r"/components/groups/(\w+)", "_delete_group"),
        ("GET", r"/components/(\w+)", "_show_component"),
        ("PUT", r"/components/(\w+)", "_put_component"),
        ("DELETE", r"/components/(\w+)", "_delete_component"),
        ("GET", r"/incidents", "_list_incidents"),
        ("POST", r"/incidents", "_post_incident"),
        ("GET", r"/incidents/(\w+)", "_show_incident"),
        ("PUT", r"/incidents/(\w+)", "_put_incident"),
        ("DELETE", r"/incidents/(\w+)", "_delete_incident"),
        ("GET", r"/incidents/(\w+)/updates", "_list_updates"),
        ("POST", r"/incidents/(\w+)/updates", "_post_update"),
        ("GET", r"/metrics", "_list_metrics"),
        ("POST", r"/metrics", "_post_metric"),
        ("GET", r"/metrics/(\w+)", "_show_metric"),
        ("GET", r"/metrics/(\w+)/points", "_list_points"),
        ("POST", r"/metrics/(\w+)/points", "_post_point"),
        ("GET", r"/schedules", "_schedules"),
    ]
    RAW = ("message",)  # of a creation

    # Incidents.

    def _incident(self, number):
        return self._row(self.incidents, number, "Incident")

    def _shown_incident(self, incident):
        number, status = incident["id"], incident["status"]
        updates = [self._shown_update(u) for u in self.updates.get(number, [])]
        latest = updates[-1]["status"] if updates else status
        hidden = ("guid", "impacts", "mailed", "published_at")
        end = self.updates[number][-1]["created_at"] if updates \
            else incident["created_at"]
        shown = {k: v for k, v in incident.items() if k not in hidden}
        return {**shown, "meta": incident["meta"] or [],
                "occurred_at": incident["occurred_at"]
                or incident["created_at"],
                "notifications": bool(incident["notifications"]),
                "is_resolved": status == FIXED, "updates": updates[::-1],
                "human_status": INCIDENT_NAMES[status],
                "latest_update_id": updates[-1]["id"] if updates else None,
                "latest_status": latest,
                "latest_human_status": INCIDENT_NAMES[latest],
                "latest_icon": ICONS[latest],
                "permalink": f"{self.url}/incidents/{number}",
                "duration": max(0, self._seconds(end)
                                - self._seconds(incident["created_at"]))}

    @staticmethod
    def _seconds(stamp):
        return calendar.timegm(time.strptime(stamp, "%Y-%m-%d %H:%M:%S"))

    def _list_incidents(self, request, known):
        rows = [i for i in self.incidents.values() if known or i["visible"]]
        return self._page(request, rows, FILTERS, self._shown_incident)

    def _show_incident(self, request, known, number):
        return Answer.of_json(
            {"data": self._shown_incident(self._incident(number))})

    def _set_component(self, params):
        component = integer(params, "component_id", 0, 2 ** 31)
        status = self._impact(params)
        if component and status is None:
            raise bad("The component status field is required when component "
                      "id is present.")
        if component in self.components and status is not None:
            self.components[component].update(
                status=status, updated_at=self.stamp())
        return component

    def _impact(self, params):
        return integer(params, "component_status", 0, 4)

    def _occurred(self, params):
        at = params.get("occurred_at")
        if not at:
            return self.stamp()
        if not re.fullmatch(OCCURRED, str(at)):
            raise broken()
        return f"{at}:00"

    def _post_incident(self, request, known):
        params = self._input(request, self.RAW)
        self._required(params, "name", "status", "message")
        status = integer(params, "status", 0, 4)
        occurred = self._occurred(params)
        component = self._set_component(params)
        meta = params.get("meta")
        incident = self._new_incident({
            "name": str(params["name"]),
            "message": params["message"], "status": status,
            "visible": truth(params.get("visible", 1)),
            "component_id": component or 0, "occurred_at": occurred,
            "stickied": bool(truth(params.get("stickied", 0))),
            "notifications": bool(truth(params.get("notifications", 0))),
            "mailed": bool(truth(params.get("notify", 1))),
            "meta": meta if isinstance(meta, dict) and meta else None})
        shown = self._shown_incident(incident)
        self._as_created(shown, params)
        return Answer.of_json({"data": shown})

    def _as_created(self, shown, params):
        """What was set, and what the mails have looked at."""
        del shown["deleted_at"]
        if "component_id" not in params:
            del shown["component_id"]
        if shown["visible"] and truth(params.get("notify", 1)):
            component = self.components.get(shown.get("component_id"))
            shown["component"] = component and self._shown(component)

    def _put_incident(self, request, known, number):
        incident = self._incident(number)
        params = self._input(request)
        status = integer(params, "status", 0, 4)
        component = self._set_component(params)
        if status is not None:
            incident["status"] = status
        if component:
            incident["component_id"] = component
        for key in ("name", "message", "meta"):
            if key in params:
                incident[key] = params[key]
        incident["visible"] = truth(params.get("visible", 1))
        incident["stickied"] = bool(truth(params.get("stickied", 0)))
        incident["updated_at"] = self.stamp()
        return Answer.of_json({"data": self._shown_incident(incident)})

    def _delete_incident(self, request, known, number):
        self.deleted.append(self._incident(number))
        del self.incidents[int(number)]
        return self._deleted()

    # Their updates.

    def _shown_update(self, update):
        return {**update, "human_status": INCIDENT_NAMES[update["status"]],
                "permalink": f"{self.url}/incidents/{update['incident_id']}"
                f"#update-{update['id']}"}

    def _list_updates(self, request, known, number):
        self._incident(number)
        rows = self.updates.get(int(number), [])[::-1]
        return self._page(request, rows, (), self._shown_update)

    def _post_update(self, request, known, number):
        incident = self._incident(number)
        params = self._input(request)
        self._required(params, "status", "message")
        status = integer(params, "status", 1, 4)
        update = self._new_update(incident, status, params["message"])
        incident.update(status=status, updated_at=self.stamp())
        shown = self._shown_incident(incident)
        if incident["component_id"] in self.components:
            shown["component"] = self._shown(
                self.components[incident["component_id"]])
        return Answer.of_json({"data": {
            **self._shown_update(update), "incident": shown}})
