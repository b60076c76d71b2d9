"""
Slack as one of several systems: a Receiver to which people speak besides, by
slash commands and outgoing webhooks; it believes whatever the agent says.
For tests of the chat itself, which check that, there is slack_app.py.
"""

import hashlib
import hmac
import json
import time
import urllib.parse

from . import sender
from .receiver import Receiver
from .wait import until

SIGNING = "7c1de52fa0b94c3e8d6612e4b0f9a3d7"
OUTGOING = "outgoingTokenCurlew000001"
USER, CHANNEL = "U0ONCALL1", "C0OPS0001"
LATER = "One moment: the answer follows."


class Slack(Receiver):
    """Takes what goes to response URLs, too: `said` of each."""

    def __init__(self, signing=SIGNING, outgoing=OUTGOING):
        super().__init__()
        self.signing, self.outgoing = signing, outgoing
        self.asked = 0

    def door(self, **more):
        """For `chat:`."""
        return {"type": "slack", "path": "/slack", "signing_secret":
                self.signing, "outgoing": "/fromSlack", "token": self.outgoing,
                "response_host": self.url, **more}

    def signed(self, body, at=None):
        """The headers of such a body."""
        at = int(time.time()) if at is None else at
        text = f"v0:{at}:".encode() + body
        digest = hmac.new(self.signing.encode(), text, hashlib.sha256)
        return {"Content-Type": "application/x-www-form-urlencoded",
                "X-Slack-Request-Timestamp": str(at),
                "X-Slack-Signature": "v0=" + digest.hexdigest()}

    def slash(self, agent, text, *more, **how):
        """Somebody types a command, and what came of it, be it that it
        followed; for how it is answered at once, there is ask()."""
        answer = self.ask(agent, text, *more, **how)
        if LATER in answer.body:
            late = until(lambda: self.later(self.asked), "what follows")
            answer.body = json.dumps(late[0])
        return answer

    def ask(self, agent, text, command="/uptime", user=USER, channel=CHANNEL,
            **how):
        """Somebody types a command; what Slack is answered."""
        self.asked += 1
        body = urllib.parse.urlencode({
            "token": "old", "team_id": "T0CURLEW1", "team_domain": "test",
            "channel_id": channel, "channel_name": "ops", "user_id": user,
            "user_name": "sora", "command": command, "text": text,
            "api_app_id": "A0CURLEW1", "response_url":
            f"{self.url}/commands/T0/{self.asked}/canary-response",
            "trigger_id": f"{self.asked}.0"}).encode()
        return sender.send(agent, "/slack", body, self.signed(body), **how)

    def says(self, agent, text, user=USER, token=None, **how):
        """Somebody writes in a channel; what the outgoing webhook is
        answered."""
        self.asked += 1
        body = urllib.parse.urlencode({
            "token": token or self.outgoing, "team_id": "T0CURLEW1",
            "service_id": "1", "channel_id": CHANNEL, "channel_name": "ops",
            "timestamp": f"{int(time.time())}.{self.asked:06}",
            "user_id": user, "user_name": "sora", "text": text,
            "trigger_word": "uptime"}).encode()
        return sender.send(agent, "/fromSlack", body, {
            "Content-Type": "application/x-www-form-urlencoded"}, **how)

    def later(self, number=None):
        """What came to response URLs, or to that of a slash command."""
        start = "/commands/T0/" + (f"{number}/" if number else "")
        return [r.json() for r in self.taken if r.path.startswith(start)]


def text_of(message):
    """All that people read of it."""
    found = []

    def walk(node):
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("text", "title", "fallback", "value") \
                        and isinstance(value, str):
                    found.append(value)
                else:
                    walk(value)
        elif isinstance(node, list):
            for item in node:
                walk(item)
    walk(json.loads(message) if isinstance(message, str) else message)
    return "\n".join(found)
