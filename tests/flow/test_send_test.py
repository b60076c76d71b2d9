"""
`curlew send-test`: a made-up outage and its end, by the real way.
"""

import json

import pytest
from support.agent import endpoint
from support.cachet_generations import Cachet3, Cachet23, Cachet32024
from support.receiver import signature
from support.smtp import SmtpServer

SECRETS = {"KEY": "canary-of-the-environment"}


@pytest.fixture
def mail():
    with SmtpServer(login=("me", "canary-password"), mechanisms="PLAIN") as server:
        server.login_in_clear = True
        yield server


@pytest.fixture
def agent(make, target, hook, slack, mail, cachet):
    return make({
        "endpoints": [endpoint("shop", target.at())],
        "cachet": {"api_url": cachet.api_url, "token": cachet.token},
        "webhooks": [{"url": f"{hook.url}/old?key=canary-query", "name": "old",
                      "params": {"title": "{title}"}}],
        "reporters": [
            {"name": "ops", "type": "slack", "url": f"{slack.url}/services/T0/canary-path"},
            {"name": "hook", "type": "webhook", "url": f"{hook.url}/canary-hook-path",
             "headers": {"X-Key": "canary-header"}, "secret": "canary-secret",
             "body": {"t": "{title}", "key": "${KEY}"}},
            {"name": "oncall", "type": "email", "server": mail.url(), "tls": "none",
             "from": "me@example.org", "to": ["a@example.org"], "user": "me",
             "password": "canary-password", "rate_limit": 60000},
            {"name": "feishu", "type": "feishu", "secret": "canary-secret",
             "url": f"{hook.url}/open-apis/bot/v2/hook/canary-hook"}]})


def send(agent, *words, code=0):
    done = agent.command("send-test", *words, "--config", agent.path, **SECRETS)
    assert "canary" not in done.stdout + done.stderr
    assert done.returncode == code, done.stdout + done.stderr
    return done


def record(agent, name, code=0):
    return json.loads(send(agent, "--json", name, code=code).stdout)


def test_the_list(agent):
    rows = json.loads(send(agent, "--json").stdout)
    assert [(row["name"], row["type"]) for row in rows] == [
        ("cachet", "cachet"), ("old", "webhook"), ("ops", "slack"), ("hook", "webhook"),
        ("oncall", "email"), ("feishu", "feishu")]
    text = send(agent).stdout
    assert all(row["name"] in text for row in rows)


def test_an_outage_and_its_end(agent, slack):
    found = record(agent, "ops")
    assert found["taken"] is True
    down, up = found["messages"]
    assert (down["event"], down["outcome"]) == ("opened", "taken")
    assert (up["event"], up["outcome"]) == ("closed", "taken")
    [request] = down["requests"]
    assert request["method"] == "POST" and request["url"] == f"{slack.url}/..."
    assert "curlew test is unavailable" in request["body"]
    assert request["answer"]["status"] == 200 and request["answer"]["body"] == "ok"
    assert [r.path for r in slack.taken] == ["/services/T0/canary-path"] * 2
    assert b"operational" in slack.taken[1].body


def test_for_people(agent, hook):
    text = send(agent, "hook").stdout
    assert text.startswith("An outage\n")
    assert "X-Key: ..." in text and '"key":"..."' in text
    assert "answered 200" in text and text.endswith("webhook/hook took both\n")
    first = hook.taken[0]
    assert first.header("x-key") == "canary-header"
    assert json.loads(first.body)["key"] == SECRETS["KEY"]
    assert first.header("x-curlew-signature") == signature("canary-secret", first)


def test_a_webhook_of_old(agent, hook):
    send(agent, "old")
    assert len(hook.taken) == 2


def test_a_mail(agent, mail):
    found = record(agent, "oncall")
    down = found["messages"][0]["requests"][0]
    assert (down["method"], down["url"]) == ("MAIL", mail.url())
    assert down["to"] == ["a@example.org"]
    assert "This is only a test" in down["body"]  # not as base64
    assert "MESSAGE 250" in down["answer"]["body"]
    first, second = mail.wait(2)
    assert second["In-Reply-To"] == first["Message-ID"]


def test_a_mail_server_that_refuses_us(agent, mail):
    mail.script("AUTH", "535 5.7.8 canary-password is wrong", times=9)
    found = record(agent, "oncall", code=1)
    assert len(found["messages"]) == 1
    assert found["messages"][0]["outcome"] == "refused"
    assert "refused the login (535" in found["messages"][0]["detail"]
    assert not mail.mails


def test_what_is_refused(agent, slack):
    slack.fault(status=404, body="no_service /services/T0/canary-path")
    found = record(agent, "ops", code=1)
    [message] = found["messages"]  # its end is for who knows of it
    assert message["outcome"] == "refused"
    assert "nothing at its URL (404)" in message["detail"]
    assert message["requests"][0]["answer"]["body"] == "no_service /.../T0/..."
    assert "did not take the outage" in send(agent, "ops", code=1).stdout


def test_nobody_answers(agent, slack):
    slack.refuse()
    text = send(agent, "ops", code=1).stdout
    assert "no answer after" in text and "failed: it did not answer" in text


def test_a_signature_in_the_body_is_covered(agent):
    body = record(agent, "feishu", code=1)["messages"][0]["requests"][0]["body"]
    assert json.loads(body)["sign"] == "..."


def test_a_cachet(agent, cachet):
    """An incident that nobody sees: opened, closed and deleted again."""
    found = record(agent, "cachet")
    assert [(m["event"], m["outcome"]) for m in found["messages"]] == [
        ("opened", "taken"), ("closed", "taken"), ("removed", "taken")]
    opened = next(r for m in found["messages"] for r in m["requests"]
                  if r["method"] == "POST")
    body = json.loads(opened["body"])
    assert body["visible"] in (0, False)
    assert body.get("notify", body.get("notifications")) is False
    assert "component_id" not in body
    assert found["messages"][2]["requests"][-1]["method"] == "DELETE"
    assert cachet.token not in json.dumps(found)
    assert not cachet.incidents
    assert "took both, and removed them" in send(agent, "cachet").stdout


@pytest.mark.parametrize("kind", [Cachet23, Cachet3, Cachet32024],
                         ids=["2.3", "3", "3-2024"])
def test_each_cachet(make, target, kind):
    with kind() as cachet:
        agent = make({"endpoints": [endpoint("shop", target.at())],
                      "cachet": {"api_url": cachet.api_url, "token": "${TOKEN}",
                                 "notify": True}})
        done = agent.command("send-test", "cachet", "--json", "--config",
                             agent.path, TOKEN=cachet.token)
        found = json.loads(done.stdout)
        assert done.returncode == 0, found
        assert [m["event"] for m in found["messages"]] == ["opened", "closed",
                                                           "removed"]
        bodies = [json.loads(r["body"]) for m in found["messages"]
                  for r in m["requests"] if r["body"]]
        assert not any(b.get("visible") or b.get("notify")
                       or b.get("notifications") for b in bodies)
        assert not cachet.incidents
        assert cachet.token not in done.stdout


def test_a_cachet_that_refuses_us(agent, cachet):
    cachet.token = "another-token-than-ours"
    found = record(agent, "cachet", code=1)
    [message] = found["messages"]
    assert message["outcome"] == "refused"


def test_the_wrong_name(agent, slack):
    assert 'did you mean "ops"?' in send(agent, "opps", code=1).stderr
    assert not slack.taken


def test_beside_an_agent_that_runs(agent, slack):
    agent.start(**SECRETS)
    send(agent, "ops")
    assert len(slack.taken) == 2
    assert [e["name"] for e in agent.status()["endpoints"]] == ["shop"]
