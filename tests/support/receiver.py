"""
Who is told: a webhook or Slack, with the faults of any Server.
"""

import hashlib
import hmac

from .server import Answer, Server


class Receiver(Server):
    """Takes everything; Slack wants the body "ok", and webhooks do not mind."""

    def answer(self, request):
        return Answer(200, "ok")

    @property
    def taken(self):
        """The requests that were answered well, in order."""
        return [r for r in self.requests if r.taken]

    def by_delivery(self):
        """X-Curlew-Delivery -> the requests that bore it, maybe with others."""
        found = {}
        for request in list(self.requests):
            for key in request.delivery.split(","):
                found.setdefault(key, []).append(request)
        return found

    def texts(self):
        """The `text` of each Slack message that was taken."""
        return [r.json()["text"] for r in self.taken]


def signature(secret, request):
    """What X-Curlew-Signature must be."""
    stamp = request.header("x-curlew-timestamp") or ""
    text = stamp.encode() + b"." + request.body
    return "v1=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
