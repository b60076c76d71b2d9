"""
Components and their groups, as 2.4 has them.
"""

import re

from .cachet_2 import Cachet2, bad, integer, truth
from .server import Answer

COMPONENT_NAMES = ["Unknown", "Operational", "Performance Issues",
                   "Partial Outage", "Major Outage"]
FILTERS = ("id", "name", "status", "order", "group_id", "enabled")


def check_link(params):
    link = params.get("link")
    if link and not re.match(r"[a-z]+://\S+", str(link)):
        raise bad("The link format is invalid.")


def tags_of(text):
    words = [word.strip() for word in str(text or "").split(",")]
    return {word.lower().replace(" ", "-"): word for word in words if word}


class Components2(Cachet2):
    def _component(self, number):
        return self._row(self.components, number, "Component")

    def _shown(self, component):
        return {**component, "tags": component["tags"] or [],
                "status_name": COMPONENT_NAMES[component["status"]]}

    def _written(self, component):
        return self._shown(component)

    def _list_components(self, request, known):
        rows = [c for c in self.components.values() if known or c["enabled"]]
        return self._page(request, rows, FILTERS, self._shown)

    def _show_component(self, request, known, number):
        return Answer.of_json({"data": self._shown(self._component(number))})

    def _component_fields(self, params):
        check_link(params)
        fields = {key: params[key] for key in (
            "name", "description", "link", "meta") if key in params}
        for key in ("order", "group_id"):
            if key in params:
                fields[key] = integer(params, key, 0, 2 ** 31) or 0
        if "enabled" in params:
            fields["enabled"] = bool(truth(params["enabled"]))
        if "tags" in params:
            fields["tags"] = tags_of(params["tags"])
        return fields

    def _component_status(self, params):
        return integer(params, "status", 0, 4)

    def _post_component(self, request, known):
        params = self._input(request)
        self._required(params, "name", "status")
        status = self._component_status(params)
        number = self.add_component(
            status=status, **self._component_fields(params))
        shown = self._written(self.components[number])
        del shown["deleted_at"]
        return Answer.of_json({"data": shown})

    def _put_component(self, request, known, number):
        component = self._component(number)
        params = self._input(request)
        status = self._component_status(params)
        component.update(self._component_fields(params))
        if status is not None:
            component["status"] = status
        component["updated_at"] = self.stamp()
        return Answer.of_json({"data": self._written(component)})

    def _delete_component(self, request, known, number):
        self._component(number)
        del self.components[int(number)]
        return self._deleted()

    def _deleted(self):
        return Answer(204, b"")

    # Groups.

    def _group(self, number):
        return self._row(self.groups, number, "ComponentGroup")

    def _members(self, group):
        return [c for c in self.components.values()
                if c["group_id"] == group["id"] and c["enabled"]]

    def _shown_group(self, group):
        members = self._members(group)
        worst = sorted(members, key=lambda c: -c["status"])
        return {**group,
                "enabled_components": [self._shown(c) for c in members],
                "enabled_components_lowest": [self._shown(c) for c in worst],
                "lowest_human_status": COMPONENT_NAMES[worst[0]["status"]]
                if worst else None}

    def _list_groups(self, request, known):
        rows = [g for g in self.groups.values() if known or g["visible"]]
        return self._page(request, rows, ("id", "name", "collapsed"),
                          self._shown_group)

    def _show_group(self, request, known, number):
        return Answer.of_json({"data": self._shown_group(self._group(number))})

    def _group_fields(self, params):
        fields = {key: integer(params, key, 0, 2 ** 31) or 0
                  for key in ("order", "collapsed", "visible")
                  if key in params}
        if "name" in params:
            fields["name"] = params["name"]
        return fields

    def _post_group(self, request, known):
        params = self._input(request)
        self._required(params, "name")
        fields = {"visible": 0, **self._group_fields(params)}
        number = self.add_group(**fields)
        shown = self._shown_group(self.groups[number])
        for key in ("enabled_components", "enabled_components_lowest"):
            del shown[key]
        return Answer.of_json({"data": shown})

    def _put_group(self, request, known, number):
        group = self._group(number)
        group.update(self._group_fields(self._input(request)),
                     updated_at=self.stamp())
        return Answer.of_json({"data": self._shown_group(group)})

    def _delete_group(self, request, known, number):
        self._group(number)
        del self.groups[int(number)]
        return self._deleted()
