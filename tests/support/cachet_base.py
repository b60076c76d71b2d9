"""
What all scripted Cachets share: their rows, what tests ask of them, and how a
request finds its way.  What they say is in cachet.py (2.4), cachet_2_3.py,
cachet_3.py and cachet_3_2024.py.
"""

import re
import time
import uuid

from .server import Answer, Server

TOKEN = "canary-token-Q91EBRA5"

INCIDENT_NAMES = ["Scheduled", "Investigating", "Identified", "Watching",
                  "Fixed"]
FIXED = 4


class Refusal(Exception):
    """How 2.x says no."""

    def __init__(self, status, title, detail, details=None):
        super().__init__(detail)
        error = {"id": str(uuid.uuid4()), "status": status, "title": title,
                 "detail": detail}
        if details:
            error["meta"] = {"details": details}
        self.answer = Answer.of_json({"errors": [error]}, status)


class CachetBase(Server):
    """
    Ids of incidents count from 100 unless told otherwise, all others from 1.

    Faults are those of any Server; with effect=True the request is obeyed and
    its answer lost.
    """

    API = "/api/v1"
    ROUTES = []

    def __init__(self, components=(1,), first_incident=100, token=TOKEN,
                 tls=None):
        super().__init__(tls)
        self.token = token
        self.locked = False  # reads need a token as well
        self.clock = time.time
        self.components = {}
        self.groups = {}
        self.incidents = {}
        self.updates = {}
        self.metrics = {}
        self.points = []
        self.deleted = []
        self._next_incident = first_incident
        self._next_update = 1
        for component in components:
            self.add_component(component)

    # For tests.

    @property
    def api_url(self):
        return self.url + self.API

    def stamp(self, at=None):
        """Cachet's clock goes in UTC."""
        at = self.clock() if at is None else at
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at))

    def _stamps(self):
        now = self.stamp()
        return {"created_at": now, "updated_at": now}

    def add_component(self, number=None, status=1, **fields):
        number = number or max(self.components, default=0) + 1
        self.components[number] = {
            "id": number, "name": f"Component {number}", "description": "",
            "status": status, "order": 0, "group_id": 0, **self._stamps(),
            "deleted_at": None, "enabled": True, "meta": None, "link": "",
            "tags": {}, **fields}
        return number

    def add_group(self, name, **fields):
        number = max(self.groups, default=0) + 1
        self.groups[number] = {
            "id": number, "name": name, "order": 0, "collapsed": 0,
            "visible": 1, **self._stamps(), **fields}
        return number

    def add_metric(self, number=None, **fields):
        number = number or max(self.metrics, default=0) + 1
        self.metrics[number] = {
            "id": number, "name": f"Metric {number}", "suffix": "ms",
            "description": "", "default_value": 0, "calc_type": 1,
            "display_chart": True, "places": 2, "default_view": 1,
            "threshold": 5, "order": 0, "visible": 1, **self._stamps(),
            **fields}
        return number

    def status(self, component=1):
        return self.components[component]["status"]

    def add_incident(self, name, status, component=1, **fields):
        """One that somebody else made; its id is returned."""
        incident = self._new_incident(
            {"name": name, "message": name, "status": status, "visible": 1,
             "component_id": component, **fields})
        return incident["id"]

    def _new_incident(self, fields):
        number = self._next_incident
        self._next_incident += 1
        self.incidents[number] = {
            "id": number, "guid": str(uuid.uuid4()), "component_id": 0,
            "impacts": {}, **self._stamps(), "deleted_at": None,
            "visible": 1, "stickied": False, "occurred_at": self.stamp(),
            "user_id": 1, "notifications": False, "meta": None, **fields}
        return self.incidents[number]

    def _new_update(self, incident, status, message):
        update = {"id": self._next_update, "incident_id": incident["id"],
                  "status": status, "message": message, "user_id": 1,
                  **self._stamps()}
        self._next_update += 1
        self.updates.setdefault(incident["id"], []).append(update)
        return update

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

    # The way of a request.

    def answer(self, request):
        try:
            return self._route(request)
        except Refusal as refusal:
            return refusal.answer

    def _route(self, request):
        raise NotImplementedError

    @staticmethod
    def verb(request):
        """What it is meant to be: some proxies pass on no PUT."""
        if request.method == "HEAD":
            return "GET"
        if request.method != "POST":
            return request.method
        meant = request.header("x-http-method-override") \
            or request.params.get("_method") or "POST"
        return meant.upper()

    def _handler(self, verb, inner):
        """(method, arguments) of a route; else which verbs it has."""
        verbs = []
        for method, pattern, name in self.ROUTES:
            match = re.fullmatch(pattern, inner)
            if match and method == verb:
                return getattr(self, name), match.groups(), []
            if match:
                verbs.append(method)
        return None, (), verbs
