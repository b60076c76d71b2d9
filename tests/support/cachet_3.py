"""
A Cachet 3.x of August 2026, as far as an agent can see one: at /api, with
bearers, resources, a rate limit, and hidden incidents by default.
"""

import math

from .cachet_3_incidents import Incidents3
from .cachet_3_metrics import Metrics3
from .cachet_3_words import Said
from .server import Answer

WINDOW = 60  # seconds


class Cachet3(Incidents3, Metrics3):
    API = "/api"
    ROUTES = [
        ("GET", r"/ping", "_ping"),
        ("GET", r"/version", "_version"),
        ("GET", r"/status", "_status"),
        ("GET", r"/subscribers", "_subscribers"),
        ("GET", r"/components", "_list_components"),
        ("POST", r"/components", "_post_component"),
        ("GET", r"/components/([\w-]+)", "_show_component"),
        ("PUT", r"/components/([\w-]+)", "_put_component"),
        ("DELETE", r"/components/([\w-]+)", "_delete_component"),
        ("GET", r"/component-groups", "_list_groups"),
        ("POST", r"/component-groups", "_post_group"),
        ("GET", r"/component-groups/([\w-]+)", "_show_group"),
        ("GET", r"/incidents", "_list_incidents"),
        ("POST", r"/incidents", "_post_incident"),
        ("GET", r"/incidents/([\w-]+)", "_show_incident"),
        ("PUT", r"/incidents/([\w-]+)", "_put_incident"),
        ("DELETE", r"/incidents/([\w-]+)", "_delete_incident"),
        ("GET", r"/incidents/([\w-]+)/updates", "_list_updates"),
        ("POST", r"/incidents/([\w-]+)/updates", "_post_update"),
        ("GET", r"/metrics", "_list_metrics"),
        ("POST", r"/metrics", "_post_metric"),
        ("GET", r"/metrics/([\w-]+)", "_show_metric"),
        ("GET", r"/metrics/([\w-]+)/points", "_list_points"),
        ("POST", r"/metrics/([\w-]+)/points", "_post_point"),
        ("GET", r"/schedules", "_schedules"),
    ]
    WRITES_NEED_TOKEN = True

    def __init__(self, *args, **how):
        super().__init__(*args, **how)
        self._set_up()

    def _set_up(self):
        """What there is besides the rows, also after an upgrade."""
        self.limit = 300  # requests a minute; None: as many as you like
        self.enabled = True
        self.abilities = {}  # other tokens -> what they may
        self.buckets = {}  # name -> [since when, how many]

    def _route(self, request):
        if not hasattr(self, "buckets"):
            self._set_up()
        path = request.path
        if not self.enabled:
            return Answer.of_json({"message": ""}, 404)
        inner = path[len(self.API):].rstrip("/")
        verb = self.verb(request)
        verb = "PUT" if verb == "PATCH" else verb
        handler, arguments, verbs = (None, (), [])
        if path.startswith(self.API + "/"):
            handler, arguments, verbs = self._handler(verb, inner)
        if verbs and request.method == "OPTIONS":
            return Answer(200, b"",
                          {"Content-Type": "text/html; charset=UTF-8"})
        if not handler and verbs:
            raise Said(405, f"The {verb} method is not supported for route "
                       f"{path[1:]}. Supported methods: "
                       f"{', '.join(self._supported(verbs))}.")
        if not handler:
            raise Said(404, f"The route {path[1:]} could not be found.")
        return self._admit(request, verb, inner, handler, arguments)

    @staticmethod
    def _supported(verbs):
        return [name for verb in verbs
                for name in ((verb, "HEAD") if verb == "GET" else (verb,))]

    def _admit(self, request, verb, inner, handler, arguments):
        token = (request.header("authorization") or "")[len("Bearer "):]
        known = token == self.token or token in self.abilities
        needs = self.WRITES_NEED_TOKEN and verb != "GET"
        if not known and (needs or self.locked or inner == "/subscribers"):
            raise Said(401, "Unauthenticated.")
        bucket = self._bucket(verb)
        if not bucket:
            return self._call(request, known, token, handler, arguments)
        since, used = bucket
        if used >= self.limit:
            return self._too_many(since)
        bucket[1] += 1
        answer = self._call(request, known, token, handler, arguments)
        answer.headers.update({"X-RateLimit-Limit": self.limit,
                               "X-RateLimit-Remaining":
                               self.limit - bucket[1]})
        return answer

    def _call(self, request, known, token, handler, arguments):
        try:
            self._check_ability(request, token)
            return handler(request, known, *arguments)
        except Said as said:
            return said.answer

    def _check_ability(self, request, token):
        if token not in self.abilities or request.method == "GET":
            return
        thing = request.path[len(self.API):].split("/")
        name = {"updates": "incident-updates", "points": "metric-points"}.get(
            thing[-1], thing[1])
        what = "delete" if request.method == "DELETE" else "manage"
        if f"{name}.{what}" not in self.abilities[token]:
            raise Said(403, "Invalid ability provided.")

    # Limit.

    def _bucket_name(self, verb):
        return "address" if verb == "GET" else "user"

    def _bucket(self, verb):
        """[since when, how many], in windows from a first request on."""
        if self.limit is None:
            return None
        name, now = self._bucket_name(verb), self.clock()
        bucket = self.buckets.get(name)
        if not bucket or not bucket[0] <= now < bucket[0] + WINDOW:
            bucket = self.buckets[name] = [now, 0]
        return bucket

    def _too_many(self, since):
        end = since + WINDOW
        return Answer.of_json({"message": "Too Many Attempts."}, 429, headers={
            "X-RateLimit-Limit": self.limit, "X-RateLimit-Remaining": 0,
            "Retry-After": max(1, math.ceil(end - self.clock())),
            "X-RateLimit-Reset": int(end)})

    # What there is but to look at.

    def _ping(self, *_):
        return Answer.of_json({"data": "Pong!"})

    def _version(self, *_):
        return Answer.of_json({"data": {"version": "3.x-dev"}})

    def _status(self, *_):
        shown = [self._latest(c) for c in self.components.values()
                 if c["enabled"]]
        if all(s in (1, 5) for s in shown):
            found = "operational", "All systems are operational."
        elif shown and all(s == 4 for s in shown):
            found = "major_outage", "All systems are down."
        else:
            found = "partial_outage", "Some systems are experiencing issues."
        return Answer.of_json({"data": {"status": found[0],
                                        "message": found[1]}})

    def _subscribers(self, request, known):
        return self._page(request, [], None)

    def _schedules(self, request, known):
        return self._page(request, [], None)
