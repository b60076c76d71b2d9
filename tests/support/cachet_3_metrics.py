"""
Metrics and their points, as 3.x has them: a point within the threshold of the
latest one is thrown away, and only counted.
"""

from .cachet_2_metrics import seconds_of
from .cachet_3_components import Components3, ago
from .cachet_3_words import Wrong, moment, of_3, resource

DEFAULTS = ("default_view", "order", "visible")


class Metrics3(Components3):
    def _metric(self, number, known=True):
        metric = self._row(self.metrics, number, "Metric")
        if not known and metric["visible"] != 1:
            raise self._missing("Metric", number)
        return metric

    def _points_of(self, metric):
        return [p for p in self.points if p["metric_id"] == metric["id"]]

    def _shown_metric(self, metric, include=()):
        keys = ("name", "suffix", "description", "default_value", "calc_type",
                "display_chart", "places", "default_view", "threshold",
                "order", "visible")
        return self._related(resource("metrics", metric["id"], {
            **{key: metric[key] for key in keys},
            "created": ago(metric["created_at"]),
            "updated": ago(metric["updated_at"])}), {
                "points": lambda: self._many(
                    "metricPoints", self._points_of(metric))}, include)

    def _included_points(self, metric, include):
        return [self._shown_point(p) for p in self._points_of(metric)] \
            if "points" in include else []

    def _list_metrics(self, request, known):
        include = self._includes(request, ("points",))
        filters = self._filters(request, ("name", "calc_type"))
        rows = [m for m in self.metrics.values()
                if (known or m["visible"] == 1) and self._passes(m, filters)]
        rows = self._sorted(request, rows, ("name", "order", "id"))
        return self._page(request, rows,
                          lambda m: self._shown_metric(m, include),
                          lambda m: self._included_points(m, include))

    def _show_metric(self, request, known, number):
        metric = self._metric(number, known)
        include = self._includes(request, ("points",))
        return of_3(self._with(
            {"data": self._shown_metric(metric, include)}, [metric],
            lambda m: self._included_points(m, include)))

    def _post_metric(self, request, known):
        params = request.params
        wrong = Wrong(params)
        wrong.require("name")
        wrong.require("suffix")
        default = params.get("default_value")
        if default is not None and "." not in repr(default).rstrip("0."):
            wrong.add("default_value", "The default value field must have 1-2 "
                      "decimal places.")
        wrong.finish()
        keys = ("calc_type", "display_chart", "places", "threshold",
                "default_view", "order", "visible", "description")
        fields = {key: params[key] for key in keys if key in params}
        fields.setdefault("description", None)
        number = self.add_metric(name=params["name"], suffix=params["suffix"],
                                 default_value=default, **fields)
        shown = self._shown_metric(self.metrics[number])
        self._as_new(shown["attributes"], params)
        return of_3({"data": shown}, 201)

    def _as_new(self, attributes, params):
        for key in DEFAULTS:
            attributes[key] = params.get(key)

    # Points.

    @staticmethod
    def _shown_point(point):
        return resource("metricPoints", point["id"], {
            "metric_id": point["metric_id"],
            "calculated_value": point["value"] * point["counter"],
            "value": point["value"], "counter": point["counter"],
            "created": ago(point["created_at"]),
            "updated": ago(point["updated_at"])})

    def _list_points(self, request, known, number):
        rows = self._points_of(self._metric(number, known))
        rows = self._sorted(request, rows, ("name", "order", "id",
                                            "created_at"))
        return self._page(request, rows, self._shown_point)

    def _point_time(self, wrong):
        at = wrong.params.get("timestamp")
        if at is None:
            return self.clock()
        if isinstance(at, str):
            found = None if at.isdigit() else moment(at, self.clock())
        else:
            # Five digits are no year: it becomes some other time.
            found = at if at < 2 ** 33 else at % 2 ** 30
        if found is None:
            wrong.add("timestamp",
                      "The timestamp must be a date or Unix timestamp.")
        return found

    def _near(self, metric, at):
        """The latest point, when it is within the threshold of that."""
        rows = self._points_of(metric)
        latest = max(rows, key=lambda p: p["created_at"], default=None)
        if latest and abs(at - seconds_of(latest["created_at"])) \
                < metric["threshold"] * 60:
            return latest
        return None

    def _post_point(self, request, known, number):
        metric = self._metric(number)
        wrong = Wrong(request.params)
        value = wrong.number("value")
        at = self._point_time(wrong)
        wrong.finish()
        at = round(at / 30) * 30
        point = self._near(metric, at)
        if point:
            point["counter"] += 1
            point["updated_at"] = self.stamp()
        else:
            point = {"id": len(self.points) + 1, "metric_id": metric["id"],
                     "value": value, "counter": 1,
                     "created_at": self.stamp(at), "updated_at": self.stamp()}
            self.points.append(point)
        return of_3({"data": self._shown_point(point)}, 201)
