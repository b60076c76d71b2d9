"""
Webhooks of old, webhooks and Slack under `reporters:`.
"""

import re

import pytest
from support.agent import endpoint
from support.cachet import TOKEN
from support.receiver import Receiver, signature
from support.server import Answer
from support.wait import until

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"


def cachet_of(cachet):
    return {"api_url": cachet.api_url, "token": TOKEN, "timeout": 30}


def outage(target, *receivers, path="/"):
    """Down, told to all; up, told to all."""
    until(lambda: len(target.seen(path)) >= 2, "probes")
    marks = [len(r.taken) for r in receivers]
    target.down(path)
    until(lambda: all(len(r.taken) > m for r, m in zip(receivers, marks)),
          "the opening")
    target.up(path)
    until(lambda: all(len(r.taken) > m + 1 for r, m in zip(receivers, marks)),
          "the closing")


def test_webhook_of_old(run, target, cachet, hook):
    """A POST without a body, its params in the query."""
    run({"endpoints": [endpoint("foo", target.at(), component_id=1,
                                action=["CREATE_INCIDENT"])],
         "cachet": cachet_of(cachet),
         "webhooks": [{"url": hook.url + "/m?token=abc",
                       "params": {"title": "{title}", "message": "{message}",
                                  "priority": 5}}]})
    outage(target, hook)
    opened, closed = hook.taken
    assert opened.method == "POST" and opened.body == b""
    assert opened.path == "/m"
    assert opened.query == {"token": "abc", "title": "foo is unavailable",
                            "message": "Unexpected HTTP status (500)",
                            "priority": "5"}
    assert closed.query["title"] == "foo is operational"
    assert closed.query["message"] == "foo is operational"
    assert opened.header("x-cachet-token") is None
    assert re.fullmatch(UUID + r":1:\d", opened.delivery)
    assert re.fullmatch(UUID + r":2:\d", closed.delivery)


def test_webhook_of_old_wants_create_incident(run, target, cachet, hook):
    run({"endpoints": [endpoint("quiet", target.at("/quiet"), component_id=1,
                                action=["UPDATE_STATUS"]),
                       endpoint("loud", target.at("/loud"), component_id=1,
                                action=["CREATE_INCIDENT"])],
         "cachet": cachet_of(cachet), "webhooks": [
             {"url": hook.url, "params": {"title": "{title}"}}]})
    until(lambda: target.seen("/quiet"), "a probe")
    target.down("/quiet")
    until(lambda: cachet.trace() == ["U3"], "the component")
    outage(target, hook, path="/loud")
    assert [r.query["title"] for r in hook.taken] == [
        "loud is unavailable", "loud is operational"]


def test_webhook_of_old_also_when_cachet_is_away(run, target, cachet, hook):
    cachet.refuse()
    run({"endpoints": [endpoint("foo", target.at(), component_id=1,
                                action=["CREATE_INCIDENT"])],
         "cachet": cachet_of(cachet),
         "webhooks": [{"url": hook.url, "params": {"t": "{title}"}}]})
    outage(target, hook)
    cachet.accept_again()
    until(lambda: [i["status"] for i in cachet.incidents.values()] == [4],
          lambda: cachet.trace(reads=True))


def test_webhook_with_json_body(run, target, hook):
    """Only the strings of the body are templates; its shape stays."""
    run({"endpoints": [endpoint("foo", target.at())],
         "reporters": [{"name": "hook", "type": "webhook",
                        "url": hook.url + "/in", "method": "PUT",
                        "headers": {"X-Team": "ops"},
                        "body": {"text": "{title}: {message}", "level": 3,
                                 "list": ["{title}", True, None]}}]})
    outage(target, hook)
    opened, closed = hook.taken
    assert opened.method == "PUT" and opened.header("x-team") == "ops"
    assert opened.header("content-type").startswith("application/json")
    assert opened.json() == {
        "text": "foo is unavailable: Unexpected HTTP status (500)",
        "level": 3, "list": ["foo is unavailable", True, None]}
    assert closed.json()["list"][0] == "foo is operational"


def test_signature(run, target, hook):
    run({"endpoints": [endpoint("foo", target.at())],
         "reporters": [{"name": "hook", "type": "webhook", "url": hook.url,
                        "body": {"text": "{title}"},
                        "secret": "canary-hook-secret"}]})
    outage(target, hook)
    for request in hook.taken:
        assert request.header("x-curlew-signature") == signature(
            "canary-hook-secret", request)
        stamp = int(request.header("x-curlew-timestamp"))
        assert abs(stamp - request.wall) < 60


@pytest.mark.parametrize("fault", [
    {"status": 500, "body": "no"}, {"status": 429, "body": "slow down",
                                    "headers": {"Retry-After": "1"}},
    {"fault": "reset"}, {"fault": "close"}, {"fault": "garbage"},
], ids=["500", "429", "reset", "close", "garbage"])
def test_retries_bear_the_same_key(run, target, hook, fault):
    hook.fault(answer=Answer(**fault), times=1)
    run({"endpoints": [endpoint("foo", target.at())],
         "reporters": [{"name": "hook", "type": "webhook", "url": hook.url,
                        "body": {"text": "{title}"}}]})
    outage(target, hook)
    first, again, closed = hook.requests
    assert not first.taken and again.taken
    assert first.delivery == again.delivery != closed.delivery
    assert first.body == again.body


def test_retry_after_is_minded(run, target, hook):
    hook.fault(status=429, headers={"Retry-After": "3"}, times=1)
    run({"endpoints": [endpoint("foo", target.at())],
         "reporters": [{"name": "hook", "type": "webhook", "url": hook.url,
                        "body": {"text": "{title}"}}]})
    outage(target, hook)
    assert hook.requests[1].at - hook.requests[0].at >= 2.9


def test_slack(run, target, slack):
    run({"endpoints": [endpoint("shop <1>", target.at())],
         "reporters": [{"name": "ops", "type": "slack",
                        "url": slack.url + "/services/T0/B0/X"}]})
    outage(target, slack)
    opened, closed = slack.taken
    assert opened.path == "/services/T0/B0/X"
    assert opened.header("content-type").startswith("application/json")
    text = opened.body.decode()
    assert "shop &lt;1&gt;" in text and "<1>" not in text
    assert "Unexpected HTTP status (500)" in text
    assert "second" in closed.body.decode() or re.search(
        r"\b\d+ ?m?s\b", closed.body.decode())


def test_slack_says_more_than_200(run, target, slack):
    """200 with another body than "ok" is not a success."""
    slack.fault(answer=Answer(200, "<html>log in first</html>"), times=1)
    run({"endpoints": [endpoint("foo", target.at())],
         "reporters": [{"name": "ops", "type": "slack",
                        "url": slack.url + "/x"}]})
    until(lambda: len(target.seen()) >= 2, "probes")
    target.down()
    until(lambda: len(slack.requests) >= 2, "a second attempt")
    assert slack.requests[0].delivery == slack.requests[1].delivery


def test_report_to(run, target, hook, slack):
    with Receiver() as other:
        run({"endpoints": [
            endpoint("chosen", target.at("/a"), report_to=["hook"]),
            endpoint("all", target.at("/b")),
            endpoint("none", target.at("/c"), report_to=[])],
            "reporters": [
                {"name": "hook", "type": "webhook", "url": hook.url,
                 "body": {"t": "{title}"}},
                {"name": "other", "type": "webhook", "url": other.url,
                 "body": {"t": "{title}"}}]})
        until(lambda: target.seen("/c"), "a probe")
        target.down("/c")
        outage(target, hook, path="/a")
        outage(target, hook, other, path="/b")
        assert [r.json()["t"] for r in other.taken] == [
            "all is unavailable", "all is operational"]
        assert [r.json()["t"] for r in hook.taken] == [
            "chosen is unavailable", "chosen is operational",
            "all is unavailable", "all is operational"]


def test_refused_credentials_suspend_the_target(run, target, hook, slack):
    """One is held; the other one hears at once."""
    hook.fault(status=403, body="go away")
    agent = run({"endpoints": [endpoint("foo", target.at())],
                 "reporters": [
                     {"name": "hook", "type": "webhook", "url": hook.url,
                      "body": {"t": "{title}"}},
                     {"name": "ops", "type": "slack",
                      "url": slack.url + "/x"}]})
    outage(target, slack)
    outage(target, slack)
    assert len(hook.requests) == 1
    held = {r["id"]: r["suspended"] for r in agent.status()["reporters"]}
    assert held == {"webhook/hook": True, "slack/ops": False}


def test_rejected_payload_is_dropped_and_logged(run, target, hook):
    hook.fault(status=422, body="I do not understand", times=1)
    agent = run({"endpoints": [endpoint("foo", target.at())],
                 "reporters": [{"name": "hook", "type": "webhook",
                                "url": hook.url, "body": {"t": "{title}"}}]})
    until(lambda: len(target.seen()) >= 2, "probes")
    target.down()
    until(lambda: hook.requests, "the opening")
    agent.wait_log("rejected")
    target.up()
    until(lambda: agent.endpoint("foo")["status"] == "operational",
          lambda: agent.status())
