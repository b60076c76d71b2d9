"""
Metrics and their points, as 2.x has them: a point of the same value within the
metric's threshold is counted, and not kept.
"""

import calendar
import time

from .cachet_2 import Cachet2, bad, integer, truth
from .server import Answer

VIEWS = ["Last Hour", "Last 12 Hours", "Last Week", "Last Month"]
FORMAT = "%Y-%m-%d %H:%M:%S"


def seconds_of(stamp):
    return calendar.timegm(time.strptime(stamp, FORMAT))


def digits(value):
    """Of a double, PHP 7.0 and its databases keep fourteen."""
    return float(f"{value:.14g}")


class Metrics2(Cachet2):
    ROUNDED_TO = 30  # seconds

    def _metric(self, number):
        return self._row(self.metrics, number, "Metric")

    def _shown_metric(self, metric):
        return {**metric, "default_view_name": VIEWS[metric["default_view"]]}

    def _list_metrics(self, request, known):
        """All of them to anybody."""
        return self._page(request, list(self.metrics.values()), (),
                          self._shown_metric)

    def _show_metric(self, request, known, number):
        return Answer.of_json(
            {"data": self._shown_metric(self._metric(number))})

    def _post_metric(self, request, known):
        params = self._input(request)
        self._required(params, "name", "suffix")
        fields = {key: integer(params, key, 0, 2 ** 31) for key in (
            "calc_type", "places", "default_view", "threshold", "order",
            "visible") if key in params}
        if "display_chart" in params:
            fields["display_chart"] = bool(truth(params["display_chart"]))
        number = self.add_metric(
            name=params["name"], suffix=params["suffix"],
            description=params.get("description", ""),
            default_value=params.get("default_value", 0), **fields)
        return self._show_metric(request, known, str(number))

    # Points.

    def _shown_point(self, point):
        return {**point, "calculated_value": point["value"] * point["counter"]}

    def _list_points(self, request, known, number):
        metric = self._metric(number)
        rows = [p for p in self.points if p["metric_id"] == metric["id"]]
        return self._page(request, self._in_order(rows), (),
                          lambda p: self._shown_point(
                              {**p, "value": digits(p["value"])}))

    def _in_order(self, points):
        return sorted(points, key=lambda p: p["created_at"], reverse=True)

    def _point_value(self, params):
        if params.get("value") in (None, ""):
            raise bad("The value field is required.")
        try:
            return float(params["value"])
        except (TypeError, ValueError):
            raise bad("The value must be a number.") from None

    def _point_time(self, params):
        """Unix seconds, as a number or in digits."""
        at = params.get("timestamp")
        if at in (None, ""):
            return self.clock()
        if isinstance(at, bool) or not isinstance(at, (int, str)) \
                or not str(at).isdigit():
            raise self._no_time()
        # Five digits are no year: it becomes some other time.
        return int(at) if int(at) < 2 ** 33 else int(at) % 2 ** 30

    def _no_time(self):
        return bad("The created at must be an integer.")

    def _same_point(self, metric, value):
        """One that was made within the threshold, of the same value."""
        since = self.clock() - metric["threshold"] * 60
        return next((p for p in self.points if p["metric_id"] == metric["id"]
                     and p["value"] == value
                     and seconds_of(p["created_at"]) >= since), None)

    def _post_point(self, request, known, number):
        metric = self._metric(number)
        params = self._input(request)
        value = self._point_value(params)
        at = self._point_time(params)
        point = self._same_point(metric, value)
        if point:
            point["counter"] += 1
            point["updated_at"] = self.stamp()
        else:
            point = self._add_point(metric, value, at)
        return Answer.of_json({"data": self._shown_point(point)})

    def _add_point(self, metric, value, at):
        at = round(at / self.ROUNDED_TO) * self.ROUNDED_TO
        self.points.append({
            "id": len(self.points) + 1, "metric_id": metric["id"],
            "value": value, "counter": 1, "created_at": self.stamp(at),
            "updated_at": self.stamp()})
        return self.points[-1]
