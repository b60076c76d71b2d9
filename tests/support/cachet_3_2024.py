"""
A Cachet 3.x of October 2024: writes for everybody, statuses that are bare
numbers, incidents without marks whose updates do not move them, and errors as
pages and redirects for who does not insist on JSON.
"""

from .cachet_2 import page_of_html
from .cachet_3 import Cachet3
from .cachet_3_components import not_allowed
from .cachet_3_words import Said, resource
from .server import Answer

LIMIT = 60


class Cachet32024(Cachet3):
    ROUTES = [r for r in Cachet3.ROUTES if r[1] != "/subscribers"]
    WRITES_NEED_TOKEN = False
    UPDATE_MOVES_INCIDENT = False
    SIZE_MAX = 2 ** 31

    def _set_up(self):
        super()._set_up()
        self.limit = LIMIT

    def _bucket_name(self, verb):
        return "all"

    def answer(self, request):
        answer = super().answer(request)
        accept = request.header("accept") or ""
        if "json" in accept or answer.status < 400:
            return answer
        if answer.status == 404:
            return page_of_html(404, "Not Found")
        if answer.status == 422:
            return Answer(302, f"Redirecting to {self.url}", {
                **answer.headers, "Location": self.url,
                "Content-Type": "text/html; charset=utf-8"})
        return answer

    def _includes(self, request, allowed):
        """It knows them, and falls over them."""
        asked = [i for i in request.query.get("include", "").split(",") if i]
        if "meta" in asked and "incidents" in request.path:
            raise not_allowed("include", ["meta"],
                              ["components", "updates", "user"])
        if "components" in asked:
            raise Said(500, "Server Error")
        return super()._includes(request, allowed)

    def _size(self, request):
        size, shown = super()._size(request)
        return size, request.query.get("per_page", shown)

    # Components.

    def _shown(self, component, include=()):
        shown = super()._shown(component, include)
        attributes = shown["attributes"]
        del attributes["latest_status"]
        attributes["status"] = component["status"]
        attributes["meta"] = component["meta"]
        return shown

    def _post_component(self, request, known):
        answer = super()._post_component(request, known)
        return self._without(answer, "enabled", request.params)

    @staticmethod
    def _without(answer, key, params):
        """Right after a creation: what was not said is not known."""
        if key not in params:
            answer.body = answer.body.replace(
                f'"{key}": true'.encode(), f'"{key}": null'.encode())
        return answer

    # Incidents.

    def _impacts(self, wrong):
        super()._impacts(wrong)
        return {}

    def _incident_attributes(self, incident, include):
        attributes = super()._incident_attributes(incident, ())
        del attributes["published"]
        return {**attributes,
                "component_id": incident["component_id"] or None}

    def _shown_update(self, update):
        return resource("incidentUpdates", update["id"],
                        self._update_attributes(update))

    # Metrics.

    def _shown_metric(self, metric, include=()):
        shown = super()._shown_metric(metric, include)
        shown["attributes"]["status"] = None
        return shown

    def _as_new(self, attributes, params):
        for key in ("calc_type", "display_chart", "places", "default_view",
                    "threshold", "order", "visible"):
            attributes[key] = None

    def _point_time(self, wrong):
        at = wrong.params.get("timestamp")
        if isinstance(at, str) and at.isdigit():
            return int(at)
        return super()._point_time(wrong)

    def _near(self, metric, at):
        """Whatever time was said."""
        return super()._near(metric, self.clock())
