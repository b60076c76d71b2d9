"""
Alerts of other monitors come in, are answered once they are durable, and go
out as the agent's own do.
"""

import json
import signal
import sqlite3

from support import certificates, sender
from support.proxy import Proxy
from support.server import Answer, Server
from support.wait import until

BASIC = {"user": "gcp", "password": "canary-password"}
TOKEN = "canary-token-0001"
SHOP = "gcp/shop.example.com"


def config(hook, *sources, **more):
    return {
        "endpoints": [{"name": "far", "url": "http://127.0.0.1:1/",
                       "frequency": 3600, "tags": ["payments", "eu"]}],
        "reporters": [{"name": "hook", "type": "webhook", "url": hook.url,
                       "body": {"name": "{name}", "event": "{kind}",
                                "title": "{title}", "message": "{message}",
                                "status": "{status}", "service": "{service}",
                                "team": "{labels[team]}", "tags": "{tags}"}}],
        "server": {"listen": "127.0.0.1:0"},
        "inbound": list(sources), **more}


def gcp(**more):
    return {"name": "gcp", "type": "gcp", "path": "/fromGCPMonitoring",
            **BASIC, **more}


def generic(**more):
    return {"name": "cron", "type": "generic", "path": "/in/cron",
            "token": TOKEN, **more}


def told(hook, name=""):
    """What the webhook took, but for the endpoint that is always down."""
    found = [r.json() for r in hook.taken]
    return [t for t in found if t["name"] != "far"
            and t["name"].startswith(name)]


def wait_told(hook, n, name=""):
    until(lambda: len(told(hook, name)) >= n,
          lambda: f"{n} messages: {told(hook, name)}")
    return told(hook, name)


def external(agent, name):
    found = agent.status()["endpoints"]
    return next((e for e in found if e["name"] == name), None)


def test_an_incident_of_gcp_is_told_and_its_end(run, hook):
    agent = run(config(hook, gcp()))
    opening = sender.payload("gcp-uptime-open.json")
    answer = sender.send(agent, "/fromGCPMonitoring", opening)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="curlew"'
    answer = sender.send(agent, "/fromGCPMonitoring", opening,
                         sender.basic("gcp", "wrong"))
    assert answer.status == 401
    for why in ("it gives no user and password,", "its user or password is"):
        agent.wait_log(r"not taken.* source=gcp client=127\.0\.0\.1 "
                       rf'status=401 reason="{why}.* untold=0')

    good = sender.basic(*BASIC.values())
    for _ in range(2):  # the second says nothing new
        answer = sender.send(agent, "/fromGCPMonitoring", opening, good)
        assert (answer.status, answer.body) == (200, "ok\n")
    first = wait_told(hook, 1)[0]
    assert first["name"] == SHOP and first["event"] == "opened"
    assert "failing" in first["message"]
    shown = external(agent, SHOP)
    assert shown["kind"] == "external" and shown["status"] == "major_outage"

    sender.send(agent, "/fromGCPMonitoring",
                sender.payload("gcp-uptime-closed.json"), good)
    assert [t["event"] for t in wait_told(hook, 2)] == ["opened", "closed"]
    assert external(agent, SHOP)["status"] == "operational"

    # Whoever tries the channel sees it, each time; and no incident.
    for n in (3, 4):
        sender.send(agent, "/fromGCPMonitoring",
                    sender.payload("gcp-test-notification.json"), good)
        assert wait_told(hook, n)[-1]["event"] == "notice"
    assert sender.send(agent, "/fromGCPMonitoring", "{", good).status == 400
    assert sender.send(agent, "/elsewhere", "{}", good).status == 404
    assert BASIC["password"].encode() not in agent.traces()


def test_credentials_in_the_query(run, hook):
    agent = run(config(hook, gcp(user=None, password=None, token=TOKEN)
                       | {"name": "gcp"}))
    opening = sender.payload("gcp-uptime-open.json")
    path = "/fromGCPMonitoring?auth_token="
    assert sender.send(agent, path + "no", opening).status == 401
    assert sender.send(agent, path + TOKEN, opening).status == 200
    wait_told(hook, 1)
    assert TOKEN.encode() not in agent.traces()


EACH = [
    ("cloudmonitor", "alibaba-metric-alert.form", "hz-shop-1"),
    ("cloudmonitor", "alibaba-event-critical.json", "hz-shop-1"),
    ("eventbridge", "eventbridge-health-issue.json", "EC2 us-west-2"),
    ("eventbridge", "eventbridge-cloudwatch-alarm.json", "curlew-shop-5xx"),
    ("alertmanager", "alertmanager-mixed.json", "https://shop.example.com"),
    ("generic", "generic-down.json", "Nightly backup"),
    ("generic", "uptimekuma-down.json", "Shop"),
]


def test_each_kind_is_told(run, hook):
    kinds = sorted({kind for kind, _, _ in EACH})
    agent = run(config(hook, *[
        {"name": kind, "type": kind, "path": f"/in/{kind}", "key": TOKEN,
         "header": "X-Key"} for kind in kinds]))
    for kind, name, _ in EACH:
        answer = sender.send(agent, f"/in/{kind}", sender.payload(name),
                             {"X-Key": TOKEN})
        assert answer.status == 200, (name, answer.body)
    for kind, name, subject in EACH:
        assert wait_told(hook, 1, f"{kind}/{subject}"), name
    assert sorted(t["event"] for t in wait_told(hook, 2, "alertmanager/")
                  ) == ["notice", "opened"]


def test_sns_is_believed_by_its_signature(run, hook, tmp_path):
    topic = sender.Topic(tmp_path)
    agent = run(config(hook, {
        "name": "aws", "type": "sns", "path": "/sns",
        "topics": [sender.TOPIC], "certificate": topic.pem.read_text()}))
    health = sender.payload("eventbridge-health-issue.json").decode()
    for version in ("1", "2"):
        answer = sender.send(agent, "/sns",
                             *topic.message(health, version=version))
        assert answer.status == 200, answer.body
    assert wait_told(hook, 1)[0]["name"] == "aws/EC2 us-west-2"

    body, headers = topic.message("disk is full", Subject="Attention")
    broken = body.replace("disk", "disc")
    assert sender.send(agent, "/sns", broken, headers).status == 403
    for _ in range(2):  # SNS sends it again when the answer was lost
        assert sender.send(agent, "/sns", body, headers).status == 200
    body, headers = topic.message("the last", Subject="The last")
    assert sender.send(agent, "/sns", body, headers).status == 200
    until(lambda: "The last" in told(hook)[-1]["title"], lambda: told(hook))
    assert [t["message"] for t in told(hook)[1:]] == ["disk is full",
                                                      "the last"]


class Amazon(Server):
    """Has the certificate, and is where subscriptions are confirmed."""

    def __init__(self, tls, pem):
        self.pem = pem
        super().__init__(tls)

    def answer(self, request):
        if request.target.endswith(".pem"):
            return Answer(200, self.pem.read_bytes())
        return Answer(200, "<ConfirmSubscriptionResponse/>")


class WayToAmazon(Proxy):
    """Every host behind it is Amazon."""

    port_of_amazon = 0

    def _dial(self, host, port):
        return super()._dial(host, self.port_of_amazon)


def test_the_certificate_of_sns_is_fetched_and_a_subscription_confirmed(
        run, hook, tmp_path):
    topic = sender.Topic(tmp_path)
    host = "sns.us-east-1.amazonaws.com"
    root = certificates.Authority(tmp_path)
    tls = certificates.context(root.issue("amazon", f"DNS:{host}"))
    with Amazon(tls, topic.pem) as amazon, WayToAmazon() as proxy:
        proxy.port_of_amazon = amazon.port
        agent = run(config(hook, {"name": "aws", "type": "sns", "path": "/sns",
                                  "topics": [sender.TOPIC]}),
                    env={"HTTPS_PROXY": proxy.url,
                         "REQUESTS_CA_BUNDLE": str(root.pem)})
        amazon.refuse()
        body, headers = topic.message("", kind="SubscriptionConfirmation",
                                      Token="canary-of-sns", SubscribeURL=
                                      f"https://{host}/?Token=canary-of-sns")
        answer = sender.send(agent, "/sns", body, headers)
        assert answer.status == 503 and answer.headers["Retry-After"]

        amazon.accept_again()
        # What failed is not tried again at once: another name is.
        body, headers = topic.message(
            "", kind="SubscriptionConfirmation", Token="canary-of-sns",
            SubscribeURL=f"https://{host}/?Token=canary-of-sns",
            SigningCertURL=f"https://{host}/SimpleNotificationService-2.pem")
        assert sender.send(agent, "/sns", body, headers).status == 200
        agent.wait_log("the subscription is confirmed")
        targets = [r.target for r in amazon.requests]
        assert targets == ["/SimpleNotificationService-2.pem",
                           "/?Token=canary-of-sns"]
        assert wait_told(hook, 1)[0]["event"] == "notice"
        body, headers = topic.message(
            "text", SigningCertURL=
            f"https://{host}/SimpleNotificationService-2.pem")
        assert sender.send(agent, "/sns", body, headers).status == 200
        assert len(amazon.requests) == 2  # it is kept
        assert b"canary-of-sns" not in agent.traces()


def test_rules_say_who_hears(run, hook, slack):
    agent = run(config(hook, generic(report_to=["hook"], rules=[
        {"match": {"service": "db*"}, "report_to": ["other"]},
        {"match": {"labels": {"env": "test"}}, "drop": True},
    ]), reporters=[
        *config(hook)["reporters"],
        {"name": "other", "type": "webhook", "url": slack.url,
         "body": {"name": "{name}", "event": "{kind}"}}]))
    token = {"Authorization": f"Bearer {TOKEN}"}

    def say(key, state, **more):
        answer = sender.send(agent, "/in/cron",
                             {"key": key, "state": state, **more}, token)
        assert answer.status == 200, answer.body

    say("a", "down", service="DB-1")
    say("b", "down", labels={"env": "test"})
    say("c", "down")
    say("a", "up")  # says no service, and is told where its opening was
    wait_told(hook, 1, "cron/")
    until(lambda: len(told(slack, "cron/")) >= 2, lambda: told(slack))
    say("d", "info")
    assert [t["name"] for t in wait_told(hook, 2, "cron/")] == ["cron/c",
                                                                "cron/d"]
    assert [t["name"] for t in told(slack, "cron/")] == ["cron/a"] * 2


def test_what_is_open_stays_so_over_restarts_and_reloads(run, hook):
    agent = run(config(hook, generic(), gcp()))
    token = {"Authorization": f"Bearer {TOKEN}"}
    down = {"key": "k", "name": "N", "state": "down", "id": "1",
            "service": "cron", "labels": {"team": "ops"}}
    assert sender.send(agent, "/in/cron", down, token).status == 200
    wait_told(hook, 1)
    agent.stop()
    agent.stderr.write_text("")
    agent.start()
    assert external(agent, "cron/N")["status"] == "major_outage"
    sender.send(agent, "/in/cron", down, token)
    worse = {**down, "state": "warn", "id": "2"}
    assert sender.send(agent, "/in/cron", worse, token).status == 200
    assert [t["event"] for t in wait_told(hook, 2)] == ["opened", "changed"]

    agent.configure(config(hook, gcp()))
    agent.process.send_signal(signal.SIGHUP)
    assert wait_told(hook, 3)[2]["event"] == "closed"
    assert [(t["service"], t["team"]) for t in told(hook)
            ] == [("cron", "ops")] * 3
    until(lambda: [t for t in (r.json() for r in hook.taken)
                   if t["name"] == "far" and t["tags"] == "payments, eu"])
    assert not external(agent, "cron/N")
    assert sender.send(agent, "/in/cron", down, token).status == 404


def test_with_nothing_to_look_at_of_its_own(run, hook):
    alone = config(hook, generic())
    del alone["endpoints"]
    agent = run(alone)
    token = {"Authorization": f"Bearer {TOKEN}"}
    assert "0 endpoints, 1 reporter, 1 inbound" in agent.command(
        "check", agent.path).stdout
    assert sender.send(agent, "/in/cron", {"key": "k", "state": "down"},
                       token).status == 200
    assert wait_told(hook, 1)[0]["name"] == "cron/k"
    assert [e["name"] for e in agent.status()["endpoints"]] == ["cron/k"]
    until(lambda: agent.command("status", "--health",
                                agent.path).returncode == 0)

    agent.configure(config(hook, generic()))
    agent.process.send_signal(signal.SIGHUP)
    until(lambda: external(agent, "far"))
    agent.configure({**alone, "inbound": []})
    agent.process.send_signal(signal.SIGHUP)
    agent.wait_log("Endpoints is a mandatory field")
    agent.configure(alone)
    agent.process.send_signal(signal.SIGHUP)
    until(lambda: not external(agent, "far"))
    assert external(agent, "cron/k")["status"] == "major_outage"


def test_an_end_without_a_beginning_makes_known_and_a_notice_does_not(
        run, hook):
    agent = run(config(hook, gcp(), generic()))
    good = sender.basic(*BASIC.values())
    sender.send(agent, "/fromGCPMonitoring",
                sender.payload("gcp-uptime-closed.json"), good)
    assert wait_told(hook, 1)[0]["event"] == "notice"
    assert external(agent, SHOP)["status"] == "operational"
    sender.send(agent, "/fromGCPMonitoring",
                sender.payload("gcp-test-notification.json"), good)
    sender.send(agent, "/in/cron",
                {"key": "hello", "state": "info", "message": "to be told"},
                {"Authorization": f"Bearer {TOKEN}"})
    wait_told(hook, 3)
    assert {e["name"] for e in agent.status()["endpoints"]} == {"far", SHOP}
    agent.wait_log(r'msg="notice of another monitor" endpoint=cron/hello'
                   r'.*message="to be told"')


def test_what_never_ends_expires(run, hook):
    agent = run(config(hook, {
        "name": "ali", "type": "cloudmonitor", "path": "/ali",
        "token": TOKEN, "expire": 1}))
    for name in ("alibaba-event-critical.json", "alibaba-metric-alert.form"):
        answer = sender.send(agent, f"/ali?token={TOKEN}",
                             sender.payload(name))
        assert answer.status == 200, answer.body
    found = wait_told(hook, 3, "ali/hz-shop-1")
    # The second may have come when the first had expired.
    assert sorted(t["event"] for t in found) == ["closed", "opened", "opened"]
    assert found[0]["event"] == "opened" and "ECS" in found[0]["title"]
    assert "ECS" in next(t["title"] for t in found if t["event"] == "closed")
    # The metric has an end of its own, which has not come.
    assert external(agent, "ali/hz-shop-1")["status"] == "performance_issues"


def test_what_cannot_be_recorded_is_to_come_again(run, hook):
    agent = run(config(hook, generic()))
    token = {"Authorization": f"Bearer {TOKEN}"}
    other = sqlite3.connect(agent.state, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    down = {"key": "k", "state": "down", "id": "1"}

    def refused():
        try:
            return sender.send(agent, "/in/cron", down, token,
                               timeout=2).status == 503
        except TimeoutError:
            return False  # the first of them waits for the disk
    until(refused)
    assert not told(hook)
    other.execute("ROLLBACK")
    other.close()
    until(lambda: sender.send(agent, "/in/cron", down, token).status == 200)
    wait_told(hook, 1)
    assert agent.database("SELECT count(*) AS n FROM problem") == [{"n": 1}]


def test_ceilings(run, hook):
    agent = run(config(hook, generic(rate_limit=3)))
    token = {"Authorization": f"Bearer {TOKEN}"}
    long = b'{"key":"k","state":"down","message":"' + b"x" * (1 << 20) + b'"}'
    assert sender.send(agent, "/in/cron", long, token).status == 413
    found = [sender.send(agent, "/in/cron", {"key": "k", "state": "down"},
                         token) for _ in range(4)]
    assert [a.status for a in found] == [200, 200, 200, 503]
    assert int(found[3].headers["Retry-After"]) >= 1
    wait_told(hook, 1)
