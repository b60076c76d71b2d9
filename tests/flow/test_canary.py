"""
A canary in every secret, while all goes well and while all goes wrong - servers
that repeat what they were sent among it.  Whoever looks at what the agent says,
writes and answers afterwards finds none of them.
"""

import base64
import signal
import urllib.parse

import pytest
from support import sender
from support.agent import endpoint
from support.cachet import TOKEN, Cachet
from support.receiver import Receiver
from support.robots import DingTalk, Feishu, WeCom
from support.server import Answer, Server
from support.slack import Slack
from support.smtp import SmtpServer
from support.wait import until

BIRD = "canary"
MAIL_PASSWORD = "canary pass/word+mail"
GCP_PASSWORD = "canary:gcp=pass word"


class Secrets:
    """Each is another, and holds what URLs, headers and JSON write otherwise."""

    def __init__(self):
        self.all = {TOKEN, MAIL_PASSWORD, GCP_PASSWORD}

    def new(self, name):
        secret = f"canary-{name}-&%+/=\"<>"
        self.all.add(secret)
        return secret

    def plain(self, name):
        """For where only such characters may be."""
        return f"canary-{name}"

    def url(self, name):
        return urllib.parse.quote(self.new(name), safe="")

    def traces(self):
        """How one of them may look; all but base64 has the bird in it."""
        found = {BIRD.encode()}
        for secret in self.all:
            for text in (secret, f"me:{secret}", f"gcp:{secret}",
                         f"\0me\0{secret}"):
                code = base64.b64encode(text.encode()).rstrip(b"=")
                found.add(code[:-1])
        return found


class House:
    """The servers that an agent has to do with, and its configuration."""

    def __init__(self):
        self.secrets = Secrets()
        self.target, self.cachet = Server(), Cachet()
        self.hook, self.slack = Receiver(), Receiver()
        self.dingtalk = DingTalk("canary-dingtalk", "SECcanary-ding", "!")
        self.feishu = Feishu("canary-feishu", "SECcanary-feishu", "!")
        self.wecom = WeCom("canary-wecom")
        self.mail = SmtpServer(login=("me", MAIL_PASSWORD), login_in_clear=True)
        self.people = Slack("canary-signing-0123", "canary-outgoing-0123")
        self.function = Server()
        self.http = [self.target, self.people, self.function, self.cachet, self.hook, self.slack,
                     self.dingtalk, self.feishu, self.wecom]

    def close(self):
        for server in (*self.http, self.mail):
            server.close()

    def config(self, folder):
        s = self.secrets
        (folder / "canary-file").write_text(s.new("file") + "\n")
        user = f"me:{s.url('userinfo')}@"
        robot = {"keyword": "!", "rate_limit": 6000}
        return {
            "endpoints": [
                endpoint("shop", f"http://{user}{self.target.host}/shop?key="
                         + s.url("query"), component_id=1,
                         header={"Authorization": s.plain("header"),
                                 "Cookie": "id=" + s.plain("cookie")},
                         action=["UPDATE_STATUS", "CREATE_INCIDENT"]),
            ],
            "cachet": {"api_url": self.cachet.api_url, "token": TOKEN,
                       "headers": {"X-Gate": s.plain("gate")}, "timeout": 2},
            "webhooks": [{
                "name": "old", "url": f"{self.hook.url}/{s.url('path')}"
                f"?k={s.url('hookquery')}", "params": {
                    "title": "{title}", "key": s.new("param")}}],
            "reporters": [
                {"name": "new", "type": "webhook",
                 "url": f"http://{user}{self.hook.host}/{s.url('new')}",
                 "headers": {"X-Key": s.plain("hookheader"), "Authorization":
                             "Bearer ${file:" + f"{folder}/canary-file" + "}"},
                 "secret": s.new("sign"),
                 "body": {"t": "{title}", "key": "${KEY}"}},
                {"name": "slack", "type": "slack", "rate_limit": 6000,
                 "url": f"{self.slack.url}/services/T0/{s.url('slack')}"},
                {"name": "ding", "type": "dingtalk", **robot,
                 "url": self.dingtalk.hook, "secret": "SECcanary-ding"},
                {"name": "feishu", "type": "feishu", **robot,
                 "url": self.feishu.hook, "secret": "SECcanary-feishu"},
                {"name": "wecom", "type": "wecom", "rate_limit": 6000,
                 "url": self.wecom.hook},
                {"name": "mail", "type": "email", "server": self.mail.url(),
                 "tls": "none", "from": "me@example.org",
                 "to": ["a@example.org"], "user": "me",
                 "password": MAIL_PASSWORD, "rate_limit": 60000}],
            "server": {"listen": "127.0.0.1:0",
                       "token": s.plain("server-token")},
            "actions": [{
                "name": "do", "command": "/do", "pattern": "it {how}",
                "url": f"{self.function.url}/do?key={s.url('function')}",
                "headers": {"Authorization": "Bearer ${FUNCTION}",
                            "X-Key": s.plain("function-header")},
                "body": {"how": "{how}", "key": "${KEY}"},
                "secret": s.new("function-sign")}],
            "chat": [self.people.door(report_to="slack")],
            "inbound": [
                {"name": "gcp", "type": "gcp", "path": "/fromGCPMonitoring",
                 "user": "gcp", "password": GCP_PASSWORD},
                {"name": "cron", "type": "generic", "path": "/cron",
                 "token": s.plain("inbound-token"), "header": "X-Key",
                 "key": s.plain("inbound-key")},
                {"name": "aws", "type": "sns", "path": "/sns",
                 "topics": [sender.TOPIC], "raw": True,
                 "token": s.plain("sns-token")}],
        }


@pytest.fixture
def house():
    found = House()
    yield found
    found.close()


class Search:
    """For the bird, in whatever is laid before it."""

    def __init__(self, secrets):
        self.traces = secrets.traces()

    def __call__(self, what, text):
        text = text if isinstance(text, bytes) else text.encode()
        for trace in self.traces:
            at = text.find(trace)
            assert at < 0, (what, text[max(0, at - 300):at + 100])

    def run(self, agent, *words):
        done = agent.command(*words, KEY="canary-of-the-environment")
        self(words, done.stdout)
        self(words, done.stderr)
        return done

    def heard(self, people):
        """What people read in the end."""
        for request in people.requests:
            self("told", request.body)

    def folder(self, agent):
        """Its log, its output and all of its state."""
        for path in sorted(agent.folder.rglob("*")):
            if path.is_file() and path != agent.path \
                    and path.name != "canary-file":
                self(path, path.read_bytes())


def ask_everything(agent, search):
    """Each way in which it answers."""
    where = ["--state", agent.state]
    for words in (["status", agent.path], ["status", "--json", agent.path],
                  ["status", "shop", agent.path], ["check", agent.path],
                  ["probe", "shop", "--config", agent.path],
                  ["probe", "--json", "shop", "--config", agent.path],
                  ["ctl", "check", *where], ["ctl", "check", "shop", *where],
                  ["ctl", "echo", "shop", *where], ["ctl", "down", *where],
                  ["ctl", "--json", "echo", "shop", *where],
                  ["ctl", "history", "shop", *where],
                  ["ctl", "removed", *where]):
        search.run(agent, *words)
    for name in ("old", "new", "slack", "ding", "feishu", "wecom", "mail"):
        for more in ([], ["--json"]):
            done = search.run(
                agent, "send-test", *more, name, "--config", agent.path)
            assert "An outage" in done.stdout or "messages" in done.stdout
    address = sender.where(agent)
    for path in ("/", "/metrics", "/metrics/agent", "/-/ready", "/-/healthy",
                 "/nothing?token=canary-of-a-stranger"):
        answer = sender.send_to(address, path, method="GET")
        search(path, answer.body + str(answer.headers))
    for path, headers in (
            ("/fromGCPMonitoring", {}),
            ("/fromGCPMonitoring", sender.basic("gcp", "canary-guess")),
            ("/fromGCPMonitoring?auth_token=canary-guess", {}),
            ("/cron?token=canary-guess", {}), ("/sns?token=canary-guess", {}),
            ("/cron", {"X-Key": "canary-guess"})):
        answer = sender.send_to(address, path, "{}", headers)
        assert answer.status in (401, 403), path
        search(path, answer.body + str(answer.headers))


def people_speak(agent, search, house):
    """What they may see, and what they may not."""
    people, answers = house.people, []
    for text in ("check", "check shop", "echo Bearer canary-said", "down",
                 "history shop", "remove nobody", "audit"):
        answers.append(people.ask(agent, text))
        answers.append(people.says(agent, "uptime " + text))
    body = b"payload=%7B"
    for headers in (people.signed(body), people.signed(b"canary"), {}):
        answers.append(sender.send(agent, "/slack", body, headers))
    answers.append(people.says(agent, "uptime help", token="canary-guess"))
    answers.append(people.ask(agent, "it well", command="/do"))
    for answer in answers:
        # They are shown what they said themselves.
        said = answer.body.replace("canary-said", "")
        search("chat", said + str(answer.headers))


def others_speak(agent, search, house):
    people_speak(agent, search, house)
    s = Secrets()
    for path, body, headers in (
            ("/fromGCPMonitoring", sender.payload("gcp-uptime-open.json"),
             sender.basic("gcp", GCP_PASSWORD)),
            ("/fromGCPMonitoring", "{", sender.basic("gcp", GCP_PASSWORD)),
            (f"/cron?token={s.plain('inbound-token')}",
             {"key": "k", "state": "down", "message": "no"}, {}),
            ("/cron", {"state": 5}, {"X-Key": s.plain("inbound-key")}),
            (f"/sns?token={s.plain('sns-token')}",
             sender.payload("sns-subscription-confirmation.json").replace(
                 b'"Token": "', b'"Token": "canary-'), {}),
            (f"/sns?token={s.plain('sns-token')}", "plain text",
             {"x-amz-sns-rawdelivery": "true",
              "x-amz-sns-topic-arn": sender.TOPIC})):
        answer = sender.send(agent, path, body, headers)
        search(path, answer.body + str(answer.headers))


def start(make, house):
    agent = make({})
    agent.configure(house.config(agent.folder))
    agent.env.update(KEY="canary-of-the-environment",
                     FUNCTION="canary-function-0123")
    agent.start()
    return agent


def test_all_goes_well(make, house):
    search = Search(house.secrets)
    agent = start(make, house)
    until(lambda: house.target.requests, "a probe")
    house.target.fault(status=500, body="no", headers={
        "Set-Cookie": "id=canary-of-the-target"})
    until(lambda: len(house.slack.taken) == 1 and len(house.mail.mails) == 1
          and len(house.wecom.messages) == 1, "an outage")
    others_speak(agent, search, house)
    house.target.heal()
    ask_everything(agent, search)
    search.run(agent, "reconcile", agent.path)
    agent.wait_told()
    assert len(house.dingtalk.messages) >= 4 and len(house.feishu.messages) >= 4
    search.folder(agent)
    agent.stop()
    search.folder(agent)
    search.heard(house.people)


def echo(server, status):
    """Whatever it is asked, it says what it was sent."""
    def answer(request):
        target = request.target.encode("latin-1", "replace").decode()
        everything = f"{target} {request.headers} " \
            + request.body.decode("utf-8", "replace")
        return Answer(status, "you sent " + everything, {
            "Location": target + "&again", "X-You-Sent": target,
            "WWW-Authenticate": f'Basic realm="{target}"'})
    server.answer = answer


@pytest.mark.parametrize("status", [401, 500])
def test_all_goes_wrong(make, house, status):
    search = Search(house.secrets)
    for server in house.http:
        if status != 401 or server is not house.cachet:
            echo(server, status)
    house.mail.script("AUTH", f"535 5.7.8 {MAIL_PASSWORD} of me", times=99)
    agent = start(make, house)
    others_speak(agent, search, house)
    agent.wait_log("slack/slack")
    agent.wait_log("email/mail")
    ask_everything(agent, search)
    if status == 401:  # 500 is tried again for a while
        agent.wait_log("action is over")
    if status == 500:
        search.run(agent, "reconcile", agent.path)
    agent.kill()
    search.folder(agent)
    search.heard(house.people)


def test_nobody_is_there(make, house):
    search = Search(house.secrets)
    agent = start(make, house)
    until(lambda: house.target.requests, "a probe")
    for server in house.http:
        server.refuse()
    house.mail.script("CONNECT", f"554 5.7.1 {MAIL_PASSWORD}", times=99)
    others_speak(agent, search, house)
    agent.wait_log("slack/slack")
    agent.wait_log("email/mail")

    # TLS to those who speak none, and names that nobody has.
    for new in (lambda url: url.replace("http://", "https://"),
                lambda url: url.replace("127.0.0.1", "nowhere.invalid")):
        config = house.config(agent.folder)
        for one in (*config["endpoints"], *config["webhooks"],
                    *config["reporters"]):
            if "url" in one:
                one["url"] = new(one["url"])
        agent.configure(config)
        mark = len(agent.log)
        agent.process.send_signal(signal.SIGHUP)
        until(lambda: "reloaded" in agent.log[mark:], lambda: agent.log)
        until(lambda: agent.endpoint("shop")["status"] != "operational")
        ask_everything(agent, search)

    # A configuration in which everything is something else.
    for change in (lambda v: [v], lambda v: {"a": v}, lambda v: v + "${",
                   lambda v: v + "${NOBODY}", lambda v: "\t{" + v,
                   lambda v: v + "\0"):
        agent.configure(spoilt(house.config(agent.folder), change))
        mark = len(agent.log)
        agent.process.send_signal(signal.SIGHUP)
        until(lambda: "level=error" in agent.log[mark:], lambda: agent.log)
        search.run(agent, "check", agent.path)
        search.run(agent, "send-test", "slack", "--config", agent.path)
    agent.kill()
    search.folder(agent)
    search.heard(house.people)


def spoilt(node, change):
    """Each text in which the bird is, changed."""
    if isinstance(node, dict):
        return {k: spoilt(v, change) for k, v in node.items()}
    if isinstance(node, list):
        return [spoilt(v, change) for v in node]
    is_secret = isinstance(node, str) and BIRD in node
    return change(node) if is_secret else node
