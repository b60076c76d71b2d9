"""
An app of Slack, with all that it has, for tests of the chat itself: what people
say and press goes to the agent, signed or with a token; what the agent says, in
its answers, to response URLs and to an incoming webhook, is checked as Slack
does.  A Slack that is one receiver among others is in slack.py.
"""

import hashlib
import hmac
import json
import time
import urllib.parse

from . import sender
from .server import Answer, Server
from .wait import PATIENCE, until

SECRET = "canary-signing-secret-0001"
TOKEN = "canary-outgoing-token"
POSTS = 5  # that a response URL takes
LATER = ("One moment: the answer follows.",
         "잠시 기다려 주세요. 곧 답을 보내 드립니다.")


class SlackApp(Server):
    """`said` is what was posted to the incoming webhook, `followed` what was
    posted to response URLs, each with its `url`."""

    def __init__(self):
        super().__init__()
        self.said, self.followed = [], []
        self.next = []  # (status, text): answers to posts to response URLs
        self.count = 0

    @property
    def hook(self):
        return f"{self.url}/services/canary-hook"

    def door(self, **more):
        return {"signing_secret": SECRET, "token": TOKEN,
                "response_host": self.url, **more}

    def answer(self, request):
        body = request.json()
        if request.path == "/services/canary-hook":
            assert "text" in body or "blocks" in body
            self.said.append(body)
            return Answer(200, "ok")
        self.followed.append({**body, "url": request.path})
        if self.next:
            return Answer(*self.next.pop(0))
        posts = [f for f in self.followed if f["url"] == request.path]
        return Answer(200, "ok") if len(posts) <= POSTS else Answer.of_json(
            {"ok": False, "error": "used_url"}, status=404)

    # What people do.

    def response_url(self):
        self.count += 1
        return f"{self.url}/commands/T0/canary-{self.count}"

    def command(self, agent, text, **more):
        """A slash command, and what came of it, be it that it followed; for
        how it is answered at once, there is ask()."""
        said = self.ask(agent, text, **more)
        if not said or said.get("text") not in LATER:
            return said
        place = f"/commands/T0/canary-{self.count}"

        def late():
            return [f for f in self.followed if f["url"] == place]
        said = until(late, "what follows")[0]
        self.followed.remove(said)
        return said

    def ask(self, agent, text, timeout=PATIENCE, **more):
        """A slash command; its answer, which is a message or nothing."""
        form = {"token": "canary-verification", "team_id": "T0CURLEW1",
                "channel_id": "C0OPS0001", "channel_name": "ops-alerts",
                "user_id": "U0ONCALL1", "user_name": "sora",
                "command": "/uptime", "text": text,
                "response_url": self.response_url(),
                "trigger_id": "1.2.canary", **more}
        return message(signed(agent, urllib.parse.urlencode(form),
                              timeout=timeout))

    def press(self, agent, button, said, user="U0ONCALL1", **more):
        """A press of a button of a message; it is answered with nothing."""
        payload = {"type": "block_actions", "token": "canary-verification",
                   "user": {"id": user, "username": "sora", "name": "sora"},
                   "channel": {"id": "C0OPS0001", "name": "ops-alerts"},
                   "trigger_id": "1.2.canary", "message": said,
                   "response_url": self.response_url(),
                   "actions": [button], **more}
        form = urllib.parse.urlencode({"payload": json.dumps(payload)})
        answer = signed(agent, form)
        assert (answer.status, answer.body) == (200, "")

    def event(self, agent, text, number=1, **more):
        """A message in a channel, as an event; answered with nothing."""
        body = {"type": "event_callback", "event_id": f"Ev{number}",
                "token": "canary-verification",
                "authorizations": [{"user_id": "U0BOT0001", "is_bot": True}],
                "event": {"type": "message", "channel": "C0OPS0001",
                          "user": "U0ONCALL1", "text": text,
                          "ts": f"1709294400.{number:06d}", **more}}
        answer = signed(agent, json.dumps(body), {
            "Content-Type": "application/json", "X-Slack-Retry-Num": "1"})
        assert (answer.status, answer.body) == (200, "")

    def outgoing(self, agent, text, token=TOKEN, method="POST", **more):
        """What begins with the trigger of an outgoing webhook."""
        form = {"token": token, "team_id": "T0CURLEW1",
                "channel_id": "C0OPS0001", "channel_name": "ops-alerts",
                "timestamp": "1709294400.000200", "user_id": "U0ONCALL1",
                "user_name": "sora", "text": text, "trigger_word": "uptime",
                **more}
        body = urllib.parse.urlencode(form)
        if method == "GET":
            return sender.send(agent, f"/fromSlack?{body}", method="GET")
        return sender.send(agent, "/fromSlack", body)


def sign(body, secret=SECRET, at=None):
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(),
                      hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest}"}


def signed(agent, body, headers=None, method="POST", path="/slack",
           timeout=PATIENCE, **how):
    return sender.send(agent, path, body, {**sign(body, **how),
                                           **(headers or {})}, method, timeout)


def message(answer):
    assert answer.status == 200, answer.body
    if not answer.body:
        return None
    assert answer.headers["Content-Type"].startswith("application/json")
    return json.loads(answer.body)


def buttons(said):
    """Of a message."""
    blocks = list(said.get("blocks", []))
    for attachment in said.get("attachments", []):
        blocks += attachment.get("blocks", [])
    return [e for block in blocks if block["type"] == "actions"
            for e in block["elements"]]
