"""
Components and their groups, as 3.x has them, and its lists by the page.
"""

import re

from .cachet_2_components import tags_of
from .cachet_3_words import Said, Wrong, of_3, resource
from .cachet_base import FIXED, CachetBase
from .server import Answer

NAMES = {1: "Operational", 2: "Performance issues", 3: "Partial outage",
         4: "Major outage", 5: "Unknown", 6: "Under maintenance"}
UNKNOWN = 5
MAINTENANCE = 6


def ago(stamp):
    return {"human": stamp and "0 seconds ago", "string": stamp}


def labelled(names, value):
    return {"human": names[value], "value": value}


def not_allowed(kind, asked, allowed):
    verb = "is" if kind == "sort" else "are"
    return Said(400, f"Requested {kind}(s) `{', '.join(asked)}` {verb} not "
                f"allowed. Allowed {kind}(s) are `{', '.join(allowed)}`.")


class Components3(CachetBase):
    SIZE_MAX = 100
    COMPONENT_INCLUDES = ("group", "groupCount", "groupExists", "incidents",
                          "meta", "metaCount", "metaExists")
    COMPONENT_FILTERS = ("name", "status", "enabled", "meta")

    def _missing(self, model, number):
        return Said(404, f"No query results for model [Cachet\\Models\\{model}"
                    f"] {number}")

    def _row(self, rows, number, model):
        if not number.isdigit() or int(number) not in rows:
            raise self._missing(model, number)
        return rows[int(number)]

    # Lists.

    @staticmethod
    def _includes(request, allowed):
        asked = [i for i in request.query.get("include", "").split(",") if i]
        wrong = [i for i in asked if i not in allowed]
        if wrong:
            raise not_allowed("include", wrong, allowed)
        return asked

    @staticmethod
    def _filters(request, allowed):
        """[(name, key of a map or None, wanted)]"""
        found = []
        for key, value in request.query.items():
            match = re.fullmatch(r"filter\[(\w+)\](?:\[(\w+)\])?", key)
            if match and match[1] not in allowed:
                raise not_allowed("filter", [match[1]], allowed)
            if match and value != "":
                found.append((match[1], match[2], value))
        return found

    @staticmethod
    def _passes(row, filters):
        for name, key, wanted in filters:
            value = row.get(name)
            if name == "name" and wanted.lower() not in value.lower():
                return False
            if name == "meta" and str((value or {}).get(key)) != wanted:
                return False
            if name not in ("name", "meta") \
                    and str(int(value)) not in wanted.split(","):
                return False
        return True

    @staticmethod
    def _sorted(request, rows, sorts):
        sort = request.query.get("sort")
        if not sort:
            return rows
        key = sort.lstrip("-")
        if key not in sorts:
            raise not_allowed("sort", [key], sorts)
        return sorted(rows, key=lambda r: (r.get(key) is not None, r.get(key)),
                      reverse=sort.startswith("-"))

    def _size(self, request):
        """What it is, and how it is shown."""
        asked = request.query.get("per_page", "15")
        size = int(asked) if re.fullmatch(r"-?\d+", asked) else 1
        size = min(max(size, 1), self.SIZE_MAX)
        return size, size

    def _page(self, request, rows, show, included=()):
        size, as_shown = self._size(request)
        asked = request.query.get("page", "1")
        number = max(1, int(asked)) if asked.isdigit() else 1
        data = rows[(number - 1) * size:number * size]
        path = self.url + request.path.rstrip("/")
        first = (number - 1) * size + 1
        links = {"first": f"{path}?page=1"}
        if number > 1:
            links["prev"] = f"{path}?page={number - 1}"
        if len(rows) > number * size:
            links["next"] = f"{path}?page={number + 1}"
        value = {"data": [show(row) for row in data], "links": links, "meta": {
            "current_page": number, "from": first if data else None,
            "path": path, "per_page": as_shown,
            "to": first + len(data) - 1 if data else None}}
        return of_3(self._with(value, data, included))

    @staticmethod
    def _with(value, rows, included):
        """`included` gives the resources that go with a row."""
        found = {}
        for row in rows:
            for one in included(row) if included else ():
                found.setdefault((one["type"], one["id"]), one)
        if found:
            value["included"] = list(found.values())
        return value

    # Components.

    def _component(self, number, known=True):
        component = self._row(self.components, number, "Component")
        if not known and not self._is_public(component):
            raise self._missing("Component", number)
        return component

    def _is_public(self, component):
        group = self.groups.get(component["group_id"])
        return component["enabled"] and (not group or group["visible"] == 1)

    def visible_status(self, component=1):
        """What visitors see: open, public incidents count as well."""
        return self._latest(self.components[component])

    def _latest(self, component):
        impacts = [i["impacts"][component["id"]]
                   for i in self.incidents.values()
                   if component["id"] in i["impacts"] and i["visible"]
                   and i["status"] != FIXED]
        if not impacts:
            return component["status"]
        own = component["status"] if component["status"] < UNKNOWN else 0
        return max(own, *impacts)

    def _shown(self, component, include=()):
        attributes = {
            "name": component["name"],
            "description": component["description"] or None,
            "link": component["link"] or None, "order": component["order"],
            "status": labelled(NAMES, component["status"]),
            "latest_status": labelled(NAMES, self._latest(component)),
            "enabled": component["enabled"]}
        if "meta" in include:
            attributes["meta"] = component["meta"] or []
        return self._related(resource("components", component["id"], {
            **attributes, "created": ago(component["created_at"]),
            "updated": ago(component["updated_at"])}), {
                "group": lambda: self._one("componentGroups",
                                           component["group_id"]),
                "incidents": lambda: self._many(
                    "incidents", self._incidents_of(component))}, include)

    @staticmethod
    def _one(kind, number):
        return {"type": kind, "id": str(number)} if number else None

    @staticmethod
    def _many(kind, rows):
        return [{"type": kind, "id": str(row["id"])} for row in rows]

    @staticmethod
    def _related(shown, related, include):
        found = {name: {"data": data()} for name, data in related.items()
                 if name in include}
        if found:
            shown["relationships"] = found
        return shown

    def _incidents_of(self, component):
        return [i for i in self.incidents.values()
                if component["id"] in i["impacts"]]

    def _included_with(self, component, include):
        found = []
        if "group" in include and component["group_id"] in self.groups:
            found.append(self._shown_group(
                self.groups[component["group_id"]]))
        if "incidents" in include:
            found += [self._shown_incident(i)
                      for i in self._incidents_of(component)]
        return found

    def _list_components(self, request, known):
        include = self._includes(request, self.COMPONENT_INCLUDES)
        filters = self._filters(request, self.COMPONENT_FILTERS)
        if not known or "filter[enabled]" not in request.query:
            filters = [f for f in filters if f[0] != "enabled"]
            filters.append(("enabled", None, "1"))
        rows = [c for c in self.components.values()
                if (known or self._is_public(c)) and self._passes(c, filters)]
        rows.sort(key=lambda c: (c["group_id"], c["id"]))
        rows = self._sorted(request, rows, ("name", "order", "id"))
        return self._page(request, rows, lambda c: self._shown(c, include),
                          lambda c: self._included_with(c, include))

    def _show_component(self, request, known, number):
        component = self._component(number, known)
        include = self._includes(request, self.COMPONENT_INCLUDES)
        return of_3(self._with(
            {"data": self._shown(component, include)}, [component],
            lambda c: self._included_with(c, include)))

    def _component_fields(self, params):
        wrong = Wrong(params)
        fields = {"status": wrong.choice("status", 1, MAINTENANCE)}
        for key in ("description", "name"):
            if wrong.text(key):
                fields[key] = str(params[key])
        wrong.name()
        wrong.link("link")
        fields["link"] = params.get("link")
        fields["group_id"] = wrong.known("component_group_id", self.groups)
        fields["enabled"] = wrong.boolean("enabled", None) \
            if "enabled" in params else None
        fields["order"] = wrong.choice("order", 0, 2 ** 31)
        fields["meta"] = params.get("meta")
        wrong.finish()
        return {k: v for k, v in fields.items() if v is not None}

    def _post_component(self, request, known):
        wrong = Wrong(request.params)
        wrong.require("name")
        wrong.finish()
        fields = {"status": UNKNOWN, "order": None, "tags": tags_of(""),
                  **self._component_fields(request.params)}
        number = self.add_component(**fields)
        return of_3({"data": self._shown(self.components[number])}, 201)

    def _put_component(self, request, known, number):
        component = self._component(number)
        component.update(self._component_fields(request.params),
                         updated_at=self.stamp())
        return of_3({"data": self._shown(component)})

    def _delete_component(self, request, known, number):
        self._component(number)
        del self.components[int(number)]
        return Answer(204, b"")

    # Groups.

    def _shown_group(self, group, include=(), given=None):
        """`given`: right after its creation, no more is known of it."""
        def value(key):
            return group[key] if given is None else given.get(key)
        return self._related(resource("componentGroups", group["id"], {
            "name": group["name"], "order": value("order"),
            "order_column": None, "order_direction": None,
            "collapsed": value("collapsed"), "visible": value("visible"),
            "created": ago(group["created_at"]),
            "updated": ago(group["updated_at"])}), {
                "components": lambda: self._many(
                    "components", self._members(group))}, include)

    def _members(self, group):
        return [c for c in self.components.values()
                if c["group_id"] == group["id"]]

    def _list_groups(self, request, known):
        include = self._includes(request, ("components",))
        rows = [g for g in self.groups.values()
                if known or g["visible"] == 1]
        rows = self._sorted(request, rows, ("name", "order", "id"))
        return self._page(
            request, rows, lambda g: self._shown_group(g, include),
            lambda g: [self._shown(c) for c in self._members(g)]
            if include else [])

    def _show_group(self, request, known, number):
        group = self._row(self.groups, number, "ComponentGroup")
        if not known and group["visible"] != 1:
            raise self._missing("ComponentGroup", number)
        return of_3({"data": self._shown_group(group)})

    def _post_group(self, request, known):
        params = request.params
        wrong = Wrong(params)
        wrong.require("name")
        wrong.name()
        fields = {"visible": wrong.choice("visible", 0, 2),
                  "collapsed": wrong.choice("collapsed", 0, 2),
                  "order": wrong.choice("order", 0, 2 ** 31)}
        wrong.finish()
        rows = {"visible": 0, "collapsed": 1,
                **{k: v for k, v in fields.items() if v is not None}}
        number = self.add_group(params["name"], **rows)
        return of_3({"data": self._shown_group(
            self.groups[number], given=fields)}, 201)
