"""
The robots of DingTalk, Feishu and WeCom, as their vendors check what they are
sent: security settings, lengths, and whom a message mentions in truth.
"""

import base64
import hashlib
import hmac
import re
import time

from .server import Answer, Server

HOUR = 3600


def signature(key, text):
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class Robot(Server):
    """`messages` are those that were taken, each with its `text` and with
    `mentions`: who is alerted by it."""

    def __init__(self, token, secret=None, keyword=None):
        super().__init__()
        self.token, self.secret, self.keyword = token, secret, keyword
        self.messages = []
        self.next = []  # (code, text): answers to the next requests

    def answer(self, request):
        if self.next:
            return self.say(*self.next.pop(0))
        try:
            wrong = self.complaint(request)
        except (KeyError, TypeError, ValueError) as error:
            wrong = (self.unread, repr(error))
        if wrong:
            return self.say(*wrong)
        self.messages.append(self.understood(request.json()))
        return self.say(0, "ok")

    def say(self, code, text):
        return Answer.of_json({"errcode": code, "errmsg": text})

    def is_fresh(self, stamp):
        return re.fullmatch(r"\d+", stamp) and abs(time.time() - int(stamp)) < HOUR


class DingTalk(Robot):
    unread = 40035

    @property
    def hook(self):
        return f"{self.url}/robot/send?access_token={self.token}"

    def complaint(self, request):
        query, body = request.query, request.json()
        if request.method != "POST" or request.path != "/robot/send":
            return 43002, "POST"
        if query.get("access_token") != self.token:
            return 300005, f"token {query.get('access_token')} is not exist"
        if self.secret:
            stamp = query["timestamp"]
            if not self.is_fresh(stamp[:-3]):
                return 310000, "invalid timestamp"
            if query["sign"] != signature(self.secret, f"{stamp}\n{self.secret}"):
                return 310000, "sign not match"
        if body["msgtype"] != "markdown" or not body["markdown"]["title"]:
            return 400105, "msgtype"
        if self.keyword and self.keyword not in body["markdown"]["text"]:
            return 310000, "keywords not in content, more: [https://x]"
        return (460101, "message too long") if len(request.body) > 20000 else None

    def understood(self, body):
        text, at = body["markdown"]["text"], body["at"]
        ids = at.get("atMobiles", []) + at.get("atUserIds", [])
        mentions = [i for i in ids if re.search(rf"@{re.escape(i)}\b", text)]
        assert at["isAtAll"] in (True, False)
        return {"text": text, "title": body["markdown"]["title"],
                "mentions": mentions + ["all"] * at["isAtAll"]}


class Feishu(Robot):
    unread = 9499

    @property
    def hook(self):
        return f"{self.url}/open-apis/bot/v2/hook/{self.token}"

    def say(self, code, text):
        return Answer.of_json({"code": code, "msg": text, "data": {}})

    def complaint(self, request):
        body = request.json()
        if request.path != f"/open-apis/bot/v2/hook/{self.token}":
            return 19001, f"param invalid: {request.path}"
        if self.secret:
            stamp = body["timestamp"]
            if not self.is_fresh(stamp) or body["sign"] != signature(
                    f"{stamp}\n{self.secret}", ""):
                return 19021, "sign match fail"
        text = self.understood(body)["text"]
        if self.keyword and self.keyword not in text:
            return 19024, "Key Words Not Found"
        return (9499, "too long") if len(request.body) > 20480 else None

    def understood(self, body):
        if body["msg_type"] == "text":
            text = body["content"]["text"]
            return {"text": text, "mentions": re.findall(
                r'<at user_id="([^"]*)">', text)}
        card = body["card"]
        texts = [card["header"]["title"]]
        for element in card["elements"]:
            texts += [element["text"]] if element["tag"] == "div" else []
        markdown = "".join(t["content"] for t in texts if t["tag"] == "lark_md")
        return {"text": "\n".join(t["content"] for t in texts),
                "colour": card["header"]["template"],
                "mentions": re.findall(r"<at (?:id|email)=([^>]*)></at>", markdown)}


class WeCom(Robot):
    unread = 40058

    @property
    def hook(self):
        return f"{self.url}/cgi-bin/webhook/send?key={self.token}"

    def complaint(self, request):
        body = request.json()
        if request.query.get("key") != self.token:
            return 93000, f"invalid webhook url, hint: [{request.target}]"
        kind = body["msgtype"]
        limit = {"markdown": 4096, "text": 2048}[kind]
        if len(body[kind]["content"].encode()) > limit:
            return 40058, f"{kind}.content exceed max length {limit}"
        return None

    def understood(self, body):
        content = body[body["msgtype"]]
        mentions = content.get("mentioned_list", []) + content.get(
            "mentioned_mobile_list", [])
        if body["msgtype"] == "markdown":
            mentions = re.findall(r"<@([^>]*)>", content["content"])
        return {"text": content["content"], "type": body["msgtype"],
                "mentions": mentions}
