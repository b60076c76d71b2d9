"""
The systems that the agent is documented to stand in for, each as a whole: what
comes in by HTTP, and what people read.
"""

import json
import re
import sqlite3
import threading
import urllib.parse

import pytest
from support import sender
from support.agent import endpoint
from support.server import Answer, Server
from support.slack import CHANNEL, USER, Slack, text_of
from support.wait import PATIENCE, until

TOKEN = "canary-token-0001"
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def house():
    """The Slack of a team."""
    with Slack() as found:
        yield found


def serving(*reporters, **more):
    return {"reporters": list(reporters),
            "server": {"listen": "127.0.0.1:0"}, **more}


def slack_at(server, **more):
    return {"name": "ops", "type": "slack", "url": server.url + "/services/x",
            "rate_limit": 6000, **more}


def wait_texts(slack, n):
    return until(lambda: len(slack.texts()) >= n and slack.texts(),
                 lambda: f"{n} messages: {slack.texts()}")


def fields(request):
    """What the coloured part of a message lists, and its colour."""
    attachment = request.json()["attachments"][0]
    found = {"colour": attachment["color"]}
    for block in attachment["blocks"]:
        for field in block.get("fields", []):
            name, value = field["text"].split("\n", 1)
            found[name.strip("*")] = value
    return found


def cloudmonitor(agent, body, headers):
    """With the credential that CloudMonitor can be given: in the URL."""
    answer = sender.send(agent, f"/fromAlibaba?token={TOKEN}", body, headers)
    assert (answer.status, answer.body) == (200, "ok\n"), answer.body


def test_cloudmonitor_to_slack(run, slack):
    """Metric callbacks in each of their forms, and event alarms."""
    agent = run(serving(slack_at(slack), inbound=[
        {"name": "ali", "type": "cloudmonitor", "path": "/fromAlibaba",
         "token": TOKEN}]))
    metric = sender.payload("alibaba-metric-alert.form")
    answer = sender.send(agent, "/fromAlibaba?token=wrong-000", metric, FORM)
    assert answer.status == 401

    cloudmonitor(agent, metric, FORM)
    text = wait_texts(slack, 1)[0]
    assert text.startswith("ali/hz-shop-1: HighCPU 商店")
    assert "$Average&gt;=80" in text and "93.48" in text
    found = fields(slack.taken[0])
    assert found["Status"] == "performance issues"
    cloudmonitor(agent, metric, FORM)  # it was not sure that we have it
    cloudmonitor(agent, sender.payload("alibaba-metric-ok.form"), FORM)
    text = wait_texts(slack, 2)[1]
    assert text.startswith("ali/hz-shop-1: HighCPU 商店 is over")
    assert fields(slack.taken[1])["colour"] != found["colour"]

    # The first generation's, and one that is encoded twice.
    cloudmonitor(agent, sender.payload("alibaba-metric-legacy.json"), JSON)
    assert "i-bp1curlew0001" in wait_texts(slack, 3)[2]
    twice = metric.replace(b"HighCPU+%E5%95%86%E5%BA%97",
                           b"Disk%2520%25E5%2595%2586")
    cloudmonitor(agent, twice.replace(b"curlew-0001", b"curlew-0002"), FORM)
    assert wait_texts(slack, 4)[3].startswith("ali/hz-shop-1: Disk 商:")

    cloudmonitor(agent, sender.payload("alibaba-event-critical.json"), JSON)
    text = wait_texts(slack, 5)[4]
    assert "Instance:SystemFailure.Reboot" in text
    assert fields(slack.taken[4])["Status"] == "major outage"
    cloudmonitor(agent, sender.payload("alibaba-event-ecs-statechange.json"),
                 JSON)
    text = wait_texts(slack, 6)[5]
    assert "Instance:StateChange" in text and "Stopped" in text
    shown = {e["name"]: e["status"] for e in agent.status()["endpoints"]}
    assert shown == {"ali/hz-shop-1": "major_outage",
                     "ali/i-bp1curlew0001": "major_outage"}
    agent.wait_told()
    assert len(slack.requests) == 6
    assert TOKEN.encode() not in agent.traces()


HOST = "shop.example.com"
LINK = f"<http://{HOST}|{HOST}>"  # what Slack makes of it


def gcp(agent, name, status=200):
    answer = sender.send(agent, "/fromGCPMonitoring", sender.payload(name),
                         sender.basic("gcp", "canary-password"))
    assert answer.status == status, answer.body


def read(answer):
    assert answer.status == 200, answer.body
    return text_of(answer.body)


def lists(slack):
    """What people read of each list that came by itself, the latest last."""
    return [text_of(r.json()) for r in slack.taken if re.match(
        r"All \d+ are well|\d+ of \d+ are not well|Nothing", r.json()["text"])]


def wait_list(slack, *parts, without=()):
    mark = len(lists(slack))
    until(lambda: any(all(p in text for p in parts)
                      and not any(w in text for w in without)
                      for text in lists(slack)[mark:]), lambda: lists(slack))


def test_the_manager_of_uptime_checks(run, house):
    """Google's incidents, a list every so often, and commands by a slash
    command or the outgoing webhook of old."""
    agent = run(serving(
        slack_at(house), digests=[{"every": "1s"}], chat=[house.door()],
        inbound=[{"name": "gcp", "type": "gcp", "path": "/fromGCPMonitoring",
                  "user": "gcp", "password": "canary-password"}]))
    gcp(agent, "gcp-uptime-open.json")
    wait_list(house, "1 of 1 are not well", f"gcp/{HOST}", "outage since")
    assert f"gcp/{HOST}" in read(house.slash(agent, "check"))
    text = read(house.says(agent, "uptime check"))
    assert f"gcp/{HOST}" in text and "0.curlewtest0001" in text
    for command in ("check", "remove", "removed", "restore", "help"):
        assert f"/uptime {command}" in read(house.slash(agent, "help"))
        assert f"uptime {command}" in read(house.says(agent, "uptime help"))

    # It is better, and worse again: the list says how it is.
    gcp(agent, "gcp-uptime-closed.json")
    wait_list(house, "All 1 are well", f"gcp/{HOST}")
    again = sender.payload("gcp-uptime-open.json").replace(b"0001", b"0002")
    assert sender.send(agent, "/fromGCPMonitoring", again, sender.basic(
        "gcp", "canary-password")).status == 200
    wait_list(house, "1 of 1 are not well")

    # Removed is removed: by restarts, and when Google speaks of it again.
    answer = house.slash(agent, f"remove {LINK}")
    assert HOST in read(answer)
    assert json.loads(answer.body)["response_type"] == "in_channel"
    assert HOST in read(house.says(agent, "uptime removed"))
    agent.stop()
    agent.stderr.write_text("")
    agent.start()
    told = len(house.texts())
    gcp(agent, "gcp-uptime-open.json")
    gcp(agent, "gcp-uptime-closed.json")
    gcp(agent, "gcp-uptime-open.json")
    assert HOST not in read(house.slash(agent, "check"))
    wait_list(house, "Nothing is monitored yet", without=[HOST])
    assert not any(HOST in text and "failing" in text
                   for text in house.texts()[told:])
    text = read(house.slash(agent, "removed"))
    assert HOST in text and "sora" in text and USER in text

    # And restored by the other way.
    assert HOST in read(house.says(agent, f"uptime restore {LINK}"))
    third = sender.payload("gcp-uptime-open.json").replace(b"0001", b"0003")
    assert sender.send(agent, "/fromGCPMonitoring", third, sender.basic(
        "gcp", "canary-password")).status == 200
    wait_list(house, f"gcp/{HOST}", "outage since")
    assert HOST not in read(house.slash(agent, "removed"))
    assert "no endpoint" in read(house.says(agent, "uptime remove nobody"))

    # Who may not, what is not meant, and what says nothing.
    assert house.says(agent, "uptime check", token="wrong").status == 401
    answer = house.says(agent, "uptime check", user="USLACKBOT")
    assert answer.status == 200 and text_of(answer.body or "{}") == ""
    assert "uptime help" in read(house.says(agent, "uptime what is this"))
    rows = agent.command("ctl", "audit", "--state", agent.state).stdout
    assert "remove" in rows and "restore" in rows and "sora" in rows
    for secret in (house.signing, house.outgoing, "canary"):
        assert secret.encode() not in agent.traces()


def test_slack_is_answered_while_all_else_waits(run, house, target):
    """For the disk, for receivers, and for an endpoint that says nothing: each
    is still waited for when the answer is there."""
    target.fault(fault="hang")
    house.fault("POST", "/services", fault="hang")
    agent = run(serving(
        slack_at(house, timeout=300), chat=[house.door()],
        endpoints=[endpoint("slow", target.at(), frequency=3600, timeout=300)],
        inbound=[{"name": "gcp", "type": "gcp", "path": "/fromGCPMonitoring",
                  "user": "gcp", "password": "canary-password"}]))
    gcp(agent, "gcp-uptime-open.json")
    until(lambda: house.requests, "news that are not taken")
    text = read(house.ask(agent, "check slow"))
    number = house.asked
    assert "follows" in text

    other = sqlite3.connect(agent.state, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert f"gcp/{HOST}" in read(house.slash(agent, "check"))
    text, order = read(house.ask(agent, f"remove {HOST}")), house.asked
    assert "follows" in text or "recorded" in text
    assert "uptime remove" in read(house.slash(agent, "help"))
    assert "uptime help" in read(house.says(agent, "uptime help"))
    press = urllib.parse.urlencode({"payload": json.dumps({
        "type": "block_actions", "user": {"id": USER, "name": "sora"},
        "channel": {"id": "C0OPS0001", "name": "ops"},
        "actions": [{"action_id": "of_another", "value": "1"}],
        "response_url": house.url + "/commands/T0/0/x"})}).encode()
    answer = sender.send(agent, "/slack", press, house.signed(press))
    assert (answer.status, answer.body) == (200, "")
    other.execute("ROLLBACK")
    other.close()
    if "follows" in text:
        until(lambda: house.later(order), lambda: house.requests)
        text = text_of(house.later(order)[-1])
    is_removed = HOST in read(house.slash(agent, "removed"))
    assert is_removed == ("nothing is changed" not in text), text

    target.heal()  # what hangs, hangs on; but it is over with the agent
    assert not house.later(number)
    target.close()
    until(lambda: house.later(number), lambda: house.requests)
    assert "slow" in text_of(house.later(number)[-1])


class Functions(Server):
    """Of a cloud: they make a machine, and take their time; each piece of work
    once, by its key."""

    def __init__(self):
        self.gate = threading.Event()
        self.made = {}
        super().__init__()

    def answer(self, request):
        if request.header("authorization") != "Bearer canary-function":
            return Answer(401, "who are you?")
        self.made[request.header("idempotency-key")] = request.json()
        return Answer.of_json({"text": "vm1 is up at 192.0.2.7"})

    def _decide(self, request):
        with self.lock:
            answer = super()._decide(request)
        self.gate.wait(PATIENCE)
        return answer


def test_cloudmaster(run, house):
    """A slash command of its own has a function called with its secret, and
    tells later what came of it, though the agent is killed meanwhile."""
    with Functions() as functions:
        agent = run(serving(
            slack_at(house), chat=[house.door(report_to="ops")],
            actions=[{
                "name": "create-vm", "command": "/cloudmaster",
                "pattern": "create {vm} on {cloud}",
                "words": {"vm": "[a-z][a-z0-9-]{0,62}", "cloud": "gcp|aws"},
                "url": functions.url + "/create",
                "headers": {"Authorization": "Bearer canary-function"},
                "body": {"vm": "{vm}", "on": "{cloud}", "by": "{user}"},
                "users": [USER], "channels": [CHANNEL], "timeout": 300}]))

        def order(text, **how):
            return read(house.slash(agent, text, "/cloudmaster", **how))
        for text in ("create VM1 on gcp", "create vm1 on azure", "create vm1",
                     "create vm1 on gcp; reboot", "delete vm1 on gcp"):
            said = order(text)
            assert "{vm}" in said or "{cloud}" in said, said
        order("create vm1 on gcp", user="U0OTHER")
        order("create vm1 on gcp", channel="C0OTHER")
        assert not functions.requests

        text, number = order("create vm1 on gcp"), house.asked
        assert "create-vm" in text
        until(lambda: functions.requests, "a call")
        agent.kill()
        agent.stderr.write_text("")
        agent.start()
        functions.gate.set()
        until(lambda: any("192.0.2.7" in text_of(m)
                          for m in house.later(number)), lambda: agent.log)
        assert list(functions.made.values()) == [
            {"vm": "vm1", "on": "gcp", "by": f"sora ({USER})"}]
        rows = agent.command("ctl", "audit", "--state", agent.state).stdout
        assert "create" in rows and "sora" in rows
        assert sum("192.0.2.7" in text_of(m) for m in house.later()) == 1
        assert b"canary" not in agent.traces()
