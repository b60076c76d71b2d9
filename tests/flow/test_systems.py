"""
The systems that the agent is documented to stand in for, each as a whole: what
comes in by HTTP, and what people read.
"""

from support import sender
from support.wait import until

TOKEN = "canary-token-0001"
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
JSON = {"Content-Type": "application/json"}


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
