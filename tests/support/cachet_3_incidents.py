"""
Incidents and their updates, as 3.x has them: what one does to components is
said once, when it is created, and ends with it.
"""

from .cachet_3_components import NAMES, Components3, ago, labelled
from .cachet_3_words import Wrong, moment, of_3, resource
from .cachet_base import INCIDENT_NAMES
from .server import Answer

STATUS_NAMES = ["Reported", *INCIDENT_NAMES[1:]]


class Incidents3(Components3):
    INCIDENT_INCLUDES = ("components", "updates", "user", "meta")
    INCIDENT_FILTERS = ("name", "status", "occurs_after", "occurs_before",
                        "occurs_on", "meta")
    UPDATE_MOVES_INCIDENT = True

    def _incident(self, number, known=True):
        incident = self._row(self.incidents, number, "Incident")
        if not known and not incident["visible"]:
            raise self._missing("Incident", number)
        return incident

    def _incident_attributes(self, incident, include):
        keys = ("guid", "name", "message", "visible", "stickied",
                "notifications")
        attributes = {key: incident[key] for key in keys}
        attributes["notifications"] = int(incident["notifications"])
        if "meta" in include:
            attributes["meta"] = incident["meta"] or []
        return {**attributes,
                "status": labelled(STATUS_NAMES, incident["status"]),
                "occurred": ago(incident["occurred_at"]),
                "published": ago(incident.get("published_at")
                                 or incident["created_at"]),
                "created": ago(incident["created_at"]),
                "updated": ago(incident["updated_at"])}

    def _shown_incident(self, incident, include=()):
        number = incident["id"]
        return self._related(
            resource("incidents", number,
                     self._incident_attributes(incident, include)),
            {"components": lambda: self._many(
                "components", [{"id": c} for c in incident["impacts"]]),
             "updates": lambda: self._many(
                 "updates", self.updates.get(number, [])),
             "user": lambda: None}, include)

    def _included_with_incident(self, incident, include):
        found = []
        if "components" in include:
            for number, impact in incident["impacts"].items():
                shown = self._shown(self.components[number])
                shown["attributes"]["pivot"] = {
                    "component_status": labelled(NAMES, impact)}
                found.append(shown)
        if "updates" in include:
            found += [self._shown_update(u)
                      for u in self.updates.get(incident["id"], [])]
        return found

    def _list_incidents(self, request, known):
        include = self._includes(request, self.INCIDENT_INCLUDES)
        filters = self._filters(request, self.INCIDENT_FILTERS)
        rows = [i for i in self.incidents.values()
                if (known or i["visible"]) and self._passes(i, filters)]
        rows.sort(key=lambda i: i["created_at"], reverse=True)
        rows = self._sorted(request, rows,
                            ("name", "status", "id", "created_at"))
        return self._page(
            request, rows, lambda i: self._shown_incident(i, include),
            lambda i: self._included_with_incident(i, include))

    def _show_incident(self, request, known, number):
        incident = self._incident(number, known)
        include = self._includes(request, self.INCIDENT_INCLUDES)
        return of_3(self._with(
            {"data": self._shown_incident(incident, include)}, [incident],
            lambda i: self._included_with_incident(i, include)))

    # Writes.

    def _occurred(self, wrong):
        at = wrong.params.get("occurred_at")
        if at is None:
            return None
        found = moment(at, self.clock()) if isinstance(at, str) else None
        if found is None:
            wrong.add("occurred_at",
                      "The occurred at field must be a valid date.")
            return None
        return self.stamp(found)

    def _impacts(self, wrong):
        """What it does to which components."""
        params = wrong.params
        several = params.get("components") or []
        impacts = {int(one["id"]): int(one["status"]) for one in several
                   if int(one["id"]) in self.components}
        component = wrong.known("component_id", self.components)
        status = wrong.choice("component_status", 1, 6)
        if params.get("component_id") is not None \
                and params.get("component_status") is None:
            wrong.add("component_status", "The component status field is "
                      "required when component id is present.")
        if component and status:
            impacts[component] = status
        return impacts

    def _post_incident(self, request, known):
        params = request.params
        wrong = Wrong(params)
        wrong.require("name")
        wrong.name()
        if not params.get("template") and not wrong.require(
                "message", " when template is not present"):
            wrong.require("template", " when message is not present")
        wrong.require("status")
        fields = {"status": wrong.choice("status", 0, 4),
                  "visible": wrong.boolean("visible", False),
                  "stickied": wrong.boolean("stickied", False),
                  "notifications": wrong.boolean("notifications", False),
                  "impacts": self._impacts(wrong),
                  "occurred_at": self._occurred(wrong)}
        wrong.finish()
        fields["visible"] = int(fields["visible"])
        fields["mailed"] = fields["notifications"]
        component = params.get("component_id")
        incident = self._new_incident({
            "name": params["name"], "message": params["message"],
            "component_id": int(component or 0),
            "meta": params.get("meta"), **fields})
        shown = self._shown_incident(incident)
        shown["attributes"]["notifications"] = fields["notifications"]
        return of_3({"data": shown}, 201)

    def _put_incident(self, request, known, number):
        incident = self._incident(number)
        params = request.params
        wrong = Wrong(params)
        fields = {"status": wrong.choice("status", 0, 4)}
        for key in ("visible", "stickied", "notifications"):
            if key in params:
                fields[key] = wrong.boolean(key, None)
        wrong.name()
        wrong.finish()
        fields.update({key: params[key] for key in ("name", "message", "meta")
                       if key in params})
        incident.update({k: v for k, v in fields.items() if v is not None},
                        updated_at=self.stamp())
        incident["visible"] = int(incident["visible"])
        return of_3({"data": self._shown_incident(incident)})

    def _delete_incident(self, request, known, number):
        self.deleted.append(self._incident(number))
        del self.incidents[int(number)]
        return Answer(204, b"")

    # Updates.

    def _shown_update(self, update):
        return resource("updates", update["id"], {
            "updateable_id": update["incident_id"],
            "updateable_type": "incident", **self._update_attributes(update)})

    @staticmethod
    def _update_attributes(update):
        return {"message": update["message"],
                "status": labelled(STATUS_NAMES, update["status"]),
                "created": ago(update["created_at"]),
                "updated": ago(update["updated_at"])}

    def _list_updates(self, request, known, number):
        self._incident(number, known)
        return self._page(request, self.updates.get(int(number), []),
                          self._shown_update)

    def _post_update(self, request, known, number):
        incident = self._incident(number)
        params = request.params
        wrong = Wrong(params)
        wrong.require("message")
        wrong.require("status")
        status = wrong.choice("status", 0, 4)
        wrong.finish()
        update = self._new_update(incident, status, params["message"])
        if self.UPDATE_MOVES_INCIDENT:
            incident.update(status=status, updated_at=self.stamp())
        return of_3({"data": self._shown_update(update)}, 201)
