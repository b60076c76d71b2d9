"""
People speak with the agent in Slack: who they are is checked, each request is
answered at once, and what takes longer follows.
"""

import concurrent.futures
import contextlib
import http.client
import json
import signal
import socket
import sqlite3
import time
import urllib.parse

import pytest
from support import sender
from support.agent import endpoint
from support.server import Answer
from support.slack_app import SECRET, SlackApp, buttons, message, sign, signed
from support.wait import until


@pytest.fixture
def slack():
    with SlackApp() as server:
        yield server


@pytest.fixture
def chat(run, target, slack):
    """chat(...) -> an agent with one endpoint and a door for Slack."""
    agents = []

    def build(door=None, **more):
        config = {
            "endpoints": [endpoint("shop", target.at(), frequency=3600,
                                   timeout=60)],
            "reporters": [{"name": "ops", "type": "slack", "url": slack.hook,
                           "rate_limit": 6000}],
            "server": {"listen": "127.0.0.1:0"},
            "chat": [slack.door(report_to="ops", **(door or {}))], **more}
        agents.append(run(config))
        return agents[-1]

    yield build
    for agent in agents:
        assert b"canary" not in agent.traces()


def wait_for(found, n=1):
    until(lambda: len(found) >= n, lambda: found)
    return found[n - 1]


def test_slash_commands(chat, target, slack):
    target.down()
    agent = chat({"users": ["U0ONCALL1"], "channels": ["C0OPS0001"]})
    wait_for(slack.said)
    said = slack.command(agent, "check")
    assert said["response_type"] == "ephemeral"
    assert "shop" in json.dumps(said)
    said = slack.command(agent, "ack shop for 30m")
    assert said["response_type"] == "in_channel"
    assert "sora" in said["text"] and "shop" in said["text"]
    said = slack.command(agent, "frobnicate")
    assert said["response_type"] == "ephemeral"
    assert "frobnicate" in said["text"]
    assert "history" in json.dumps(said["attachments"])  # the help
    assert "shop" in json.dumps(slack.command(agent, "check shop"))

    # Anybody may look; to change something is for some, in some places.
    for who in ({"user_id": "U0GUEST"}, {"channel_id": "C0PARTY"}):
        assert "shop" in json.dumps(slack.command(agent, "down", **who))
        said = slack.command(agent, "remove shop", **who)
        assert said["response_type"] == "ephemeral"
    assert [e["name"] for e in agent.status()["endpoints"]] == ["shop"]
    records = agent.database(
        "SELECT source, who, good FROM audit ORDER BY id")
    assert records == [
        {"source": "slack", "who": "sora (U0ONCALL1)", "good": 1},
        {"source": "slack", "who": "sora (U0GUEST)", "good": 0},
        {"source": "slack", "who": "sora (U0ONCALL1)", "good": 0}]

    echo = json.dumps(slack.command(agent, "echo hello"))
    assert "hello" in echo and "canary" not in echo
    assert slack.url not in echo


def test_who_is_not_slack_is_refused(chat, slack):
    agent = chat()
    form = "command=%2Fuptime&text=remove+shop&user_id=U0ONCALL1"
    for headers in ({}, sign(form, secret="another-secret-0001"),
                    sign(form, at=1709294400), sign(form + "x")):
        answer = sender.send(agent, "/slack", form, headers)
        assert (answer.status, answer.body) == (401, "who are you?\n")
    late = {**sign(form), "X-Slack-Request-Timestamp": "1709294400abc"}
    assert sender.send(agent, "/slack", form, late).status == 401
    for reason in ("it is not signed, as", "not signed with this signing_secret",
                   "older than five minutes"):
        agent.wait_log(f"status=401 reason=.*{reason}")

    # What is not signed of a request does nothing.
    answer = signed(agent, "", method="GET", path=f"/slack?{form}")
    assert answer.status == 400
    for body, method, path in (("ssl_check=1", "POST", "/slack"),
                               ("", "GET", "/slack?ssl_check=1")):
        answer = signed(agent, body, method=method, path=path)
        assert (answer.status, answer.body) == (200, "")
    assert signed(agent, "x" * 2**20 + "y").status == 413
    assert signed(agent, form, method="PUT").status == 405
    assert agent.endpoint("shop")
    text = sender.send(agent, "/metrics/agent", method="GET").body
    assert 'curlew_chat_requests_total{chat="slack",outcome="refused"} 8' \
        in text


def test_what_takes_longer_follows(chat, target, slack):
    agent = chat()
    until(lambda: agent.endpoint("shop")["status"] == "operational")
    target.set("/", Answer(fault="hang"))
    slack.next = [(500, "busy"), (200, "ok")]
    said = slack.ask(agent, "check shop")
    assert said["response_type"] == "ephemeral" and "follows" in said["text"]
    target.refuse()  # and so the look is over
    late = wait_for(slack.followed, 2)
    assert late["response_type"] == "ephemeral" and "shop" in late["text"]

    # There is no other place to post to, and of one that is over, no more.
    wait_for(slack.said)  # the outage
    target.accept_again()
    slack.next = [(404, '{"ok":false,"error":"expired_url"}')]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        pool.map(lambda more: slack.ask(agent, "check shop", **more),
                 [{}, {"response_url": "http://127.0.0.1:1/canary"}])
    target.refuse()
    wait_for(slack.followed, 3)
    agent.wait_log("an answer could not be given")
    late = wait_for(slack.said, 2)
    assert "shop" in late["text"] and "response_type" not in late
    assert len(slack.followed) == 3


def test_who_does_not_wait_and_an_agent_that_ends(chat, target, slack):
    agent = chat(endpoints=[endpoint("shop", target.at(), frequency=3600,
                                     timeout=2.5)])
    until(lambda: agent.endpoint("shop")["status"] == "operational")
    target.set("/", Answer(fault="hang"))
    with contextlib.suppress(TimeoutError):  # unless we stood still
        slack.ask(agent, "check shop", timeout=0.2)
    assert "shop" in wait_for(slack.followed)["text"]
    looks = len(target.seen())
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waits = pool.submit(slack.ask, agent, "check shop")
        until(lambda: len(target.seen()) > looks, "a look")
        agent.stop()
        with contextlib.suppress(AssertionError, OSError,
                                 http.client.HTTPException):
            waits.result()  # that it follows, if there was the time


def test_a_button_acknowledges(chat, target, slack):
    target.down()
    agent = chat({"users": ["U0ONCALL1"]})
    said = wait_for(slack.said)
    button, = buttons(said)
    incident = agent.endpoint("shop")["incident"]
    assert button["value"] == incident
    button = {k: button[k] for k in ("action_id", "value")}
    for n in (1, 2):  # the second press is harmless
        slack.press(agent, button, said)
        late = wait_for(slack.followed, n)
        assert late["replace_original"] is True and not buttons(late)
        assert "<@U0ONCALL1>" in late["text"]
        assert late["attachments"][0]["color"]
    assert agent.endpoint("shop")["acknowledged"]["by"] == "sora (U0ONCALL1)"

    slack.press(agent, button, said, user="U0GUEST")
    late = wait_for(slack.followed, 3)
    assert late["replace_original"] is False and "may" in late["text"]
    assert agent.endpoint("shop")["acknowledged"]["by"] == "sora (U0ONCALL1)"
    for strange in ({"action_id": "other"}, {"action_id": "link", "url": "/"}):
        slack.press(agent, strange, said)
    slack.press(agent, {**button, "value": "none"}, said)
    late = wait_for(slack.followed, 4)
    assert late["replace_original"] is False
    assert late["response_type"] == "ephemeral"


def test_events_are_answered_once_in_the_channel(chat, slack):
    agent = chat()
    body = json.dumps({"type": "url_verification", "challenge": "abc"})
    answer = signed(agent, body)
    assert (answer.status, answer.body) == (200, "abc")
    for _ in range(3):
        slack.event(agent, "uptime removed", number=1)
    for n, more in enumerate(({"bot_id": "B1"}, {"user": "U0BOT0001"},
                              {"subtype": "message_changed"}), 2):
        slack.event(agent, "uptime removed", number=n, **more)
    slack.event(agent, "how was the uptime of yesterday?", number=5)
    slack.event(agent, "<@U0BOT0001> frobnicate", number=6,
                type="app_mention")
    wait_for(slack.said, 2)
    assert "frobnicate" in slack.said[1]["text"]
    assert "frobnicate" not in json.dumps(slack.said[0])
    assert all("response_type" not in said for said in slack.said)


def test_outgoing_webhooks_of_old(chat, slack):
    agent = chat({"language": "ko"})
    assert slack.outgoing(agent, "uptime check", token="wrong").status == 401
    for more in ({"user_id": "USLACKBOT"}, {"bot_id": "B1"}):
        answer = slack.outgoing(agent, "uptime remove shop", **more)
        assert message(answer) == {}
    said = message(slack.outgoing(
        agent, "uptime remove <http://shop|shop>", method="GET"))
    assert set(said) == {"text"} and "shop" in said["text"]
    assert agent.status()["endpoints"] == []
    assert "shop" in json.dumps(message(slack.outgoing(agent, "uptime removed")))
    assert "restore" in json.dumps(message(slack.outgoing(agent, "uptime hm")))
    slack.outgoing(agent, "uptime restore shop")
    assert agent.endpoint("shop")


def test_an_answer_waits_for_no_disk(chat, slack):
    agent = chat()
    other = sqlite3.connect(agent.state, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for text in ("mute shop", "check", "unmute shop", "history shop"):
        assert slack.ask(agent, text)["text"]
    other.execute("ROLLBACK")
    other.close()


ACTION = {"name": "create-vm", "command": "/cloudmaster",
          "pattern": "create {vm} on {cloud}",
          "body": {"vm": "{vm}", "by": "{user}", "on": "{cloud}"},
          "headers": {"Authorization": "Bearer canary-function"}}


def test_what_came_of_an_action_follows(chat, target, slack):
    target.set("/vm", Answer(200, "vm1 is there"))
    agent = chat({"users": ["U0OTHER"], "language": "ko"}, actions=[
        {**ACTION, "url": target.at("/vm"), "users": ["U0ONCALL1"]},
        {**ACTION, "name": "drop-vm", "pattern": "drop {vm}",
         "body": {"vm": "{vm}"}, "url": target.at("/drop")}])
    said = slack.command(agent, "drop vm1", command="/cloudmaster")
    assert said["response_type"] == "ephemeral"  # the door's users alone may

    # Who asks how, is told so, and nothing is begun or recorded.
    records = agent.database("SELECT * FROM audit")
    said = slack.command(agent, "help", command="/cloudmaster")
    assert said["response_type"] == "ephemeral"
    for text in ("`/cloudmaster create {vm} on {cloud}`",
                 "`/cloudmaster create vm1 on cloud1`", "U0ONCALL1"):
        assert text in json.dumps(said), said
    assert agent.database("SELECT * FROM audit") == records
    assert not target.seen("/vm")

    # It is told in the channel when its own place takes nothing more.
    slack.next = [(404, "expired_url")]
    said = slack.command(agent, "create vm1 on gcp", command="/cloudmaster")
    assert said["response_type"] == "in_channel" and "create-vm" in said["text"]
    late = wait_for(slack.said)
    assert "vm1 is there" in json.dumps(late) and "response_type" not in late

    target.set("/vm", Answer(fault="hang"))
    slack.command(agent, "create vm2 on gcp", command="/cloudmaster")
    until(lambda: len(target.seen("/vm")) == 2, "the request")

    # It has a place to answer to after a crash as well.
    agent.kill()
    agent.stderr.write_text("")
    target.set("/vm", Answer(200, "vm2 is there"))
    agent.start()
    late = wait_for(slack.followed, 2)
    assert late["response_type"] == "in_channel"
    assert "vm2 is there" in json.dumps(late)
    first, second, *others = [
        r.header("idempotency-key") for r in target.seen("/vm")]
    assert first != second and set(others) == {second}

    assert not target.seen("/drop")

    # The record is read in the language of who asks.
    said = json.dumps(slack.command(agent, "audit"), ensure_ascii=False)
    assert "실행 권한이 없습니다: drop-vm" in said, said
    assert "*create-vm*: 완료되었습니다. vm2 is there" in said
    text = sender.send(agent, "/metrics/agent", method="GET").body
    for line in ('action_runs_total{action="create-vm",outcome="done"} 1',
                 'action_runs_total{action="drop-vm",outcome="failed"} 0',
                 'actions_running{action="create-vm"} 0'):
        assert f"\ncurlew_{line}\n" in text, text


def test_an_action_is_not_done_twice(chat, target, slack):
    """By a request that somebody caught, or that Slack sends again."""
    target.set("/vm", Answer(200, "vm1 is there"))
    agent = chat(actions=[{**ACTION, "url": target.at("/vm")}])
    form = {"command": "/cloudmaster", "text": "create vm1 on gcp",
            "user_id": "U0ONCALL1", "channel_id": "C0OPS0001"}
    body, at = urllib.parse.urlencode(form), time.time()
    said = [message(signed(agent, body, at=at)) for _ in range(3)]
    assert "create-vm" in said[0]["text"]
    assert "not done twice" in said[1]["text"] and said[1] == said[2]
    said = [message(slack.outgoing(agent, "uptime run create-vm create vm2 on aws"))
            for _ in range(2)]
    assert "not done twice" in said[1]["text"] != said[0]["text"]

    # All else may be said again.
    form.update(command="/uptime", text="check")
    body = urllib.parse.urlencode(form)
    said = [message(signed(agent, body, at=at))["text"] for _ in range(2)]
    assert "not done twice" not in "".join(said)
    until(lambda: len(target.seen("/vm")) == 2, "both actions")


def test_a_reload_opens_and_closes_doors(make, slack):
    config = {"server": {"listen": "127.0.0.1:0"}, "chat": [slack.door()]}
    agent = make(config).start()  # with nothing to look at
    assert slack.command(agent, "check")["text"]
    config["chat"] = [slack.door(path="/other", signing_secret=SECRET + "2",
                                 outgoing="/elsewhere")]
    agent.configure(config)
    done = agent.command("ctl", "reload")
    assert "chat:\nadded            0\nremoved          0\n" \
        "changed          1  slack\n" in done.stdout
    assert signed(agent, "").status == 404
    assert sender.send(agent, "/fromSlack", "").status == 404
    assert signed(agent, "ssl_check=1", path="/other").status == 401
    assert signed(agent, "ssl_check=1", path="/other",
                  secret=SECRET + "2").status == 200
    assert sender.send(agent, "/elsewhere", "").status == 401


def test_who_comes_while_it_stops_is_sent_away(chat):
    agent = chat()
    host, port = sender.where(agent).split(":")
    form = "command=%2Fuptime&text=mute&user_id=U0ONCALL1"
    lines = [f"{k}: {v}" for k, v in sign(form).items()]
    request = "\r\n".join(["POST /slack HTTP/1.1", "Host: x", *lines,
                           f"Content-Length: {len(form)}", "", form])
    agent.process.send_signal(signal.SIGSTOP)
    sockets = [socket.create_connection((host, int(port)))
               for _ in range(100)]
    for sock in sockets:
        sock.sendall(request.encode())
    agent.process.send_signal(signal.SIGTERM)
    agent.process.send_signal(signal.SIGCONT)
    code = agent.wait_end()
    for sock in sockets:
        sock.close()
    assert code == 0, agent.log
