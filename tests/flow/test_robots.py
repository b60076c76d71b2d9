"""
The robots of DingTalk, Feishu and WeCom: what the vendors check is met, in an
outage and in a recovery; errors that come with 200 are errors; no secret is
told.
"""

import pytest
from support import sender
from support.agent import endpoint
from support.robots import DingTalk, Feishu, WeCom
from support.wait import until

TOKEN = "canary-robot-token"
SECRET = "SECcanary-robot-secret"
KEYWORD = "알림!"


@pytest.fixture
def robots():
    found = {"dingtalk": DingTalk(TOKEN, SECRET, KEYWORD),
             "feishu": Feishu(TOKEN, SECRET, KEYWORD), "wecom": WeCom(TOKEN)}
    yield found
    for robot in found.values():
        robot.close()


def reporter(robots, kind, **more):
    found = {"name": f"my-{kind}", "type": kind, "url": robots[kind].hook,
             "timeout": 60, "language": "zh", "time_zone": "Asia/Shanghai"}
    if kind != "wecom":
        found |= {"secret": SECRET, "keyword": KEYWORD}
    return found | more


def config(target, *reporters, **more):
    return {"endpoints": [endpoint("shop", target.at())],
            "reporters": list(reporters), **more}


def wait_messages(robot, n):
    until(lambda: len(robot.messages) >= n,
          lambda: [(r, r.body) for r in robot.requests])
    return robot.messages


def nothing_told(agent, *outputs):
    places = [agent.traces(), *(text.encode() for text in outputs)]
    for place in places:
        assert b"canary" not in place


def test_outage_and_recovery(run, target, robots):
    people = {"dingtalk": {"Shop": ["13800000001", "zhangsan"], "DEFAULT": []},
              "feishu": ["ou_curlew0001", "sora@example.com"],
              "wecom": {"DEFAULT": ["zhangsan", 13800000001]}}
    agent = run(config(target, *(
        reporter(robots, kind, mention=who) for kind, who in people.items())))
    until(lambda: target.requests, "a probe")
    target.set("/", status=503, body="@all <at id=all></at> <@all>")
    dingtalk = wait_messages(robots["dingtalk"], 1)
    feishu = wait_messages(robots["feishu"], 1)
    wecom = wait_messages(robots["wecom"], 2)
    target.up()
    wait_messages(robots["dingtalk"], 2)
    wait_messages(robots["feishu"], 2)
    wait_messages(robots["wecom"], 4)
    found = agent.command("status", "--json", agent.path)
    agent.stop()
    nothing_told(agent, found.stdout, found.stderr)

    assert [m["title"] for m in dingtalk] == [f"[{KEYWORD}] shop 故障", f"[{KEYWORD}] shop 已恢复"]
    assert all(m["mentions"] == ["13800000001", "zhangsan"] for m in dingtalk)
    assert [m["colour"] for m in feishu] == ["orange", "green"]
    assert all(m["mentions"] == people["feishu"] for m in feishu)
    assert [m["type"] for m in wecom] == ["markdown", "text"] * 2
    assert [m["mentions"] for m in wecom] == [[], ["zhangsan", "13800000001"]] * 2
    for messages in (dingtalk, feishu, wecom[::2]):
        assert "部分故障" in messages[0]["text"] and "503" in messages[0]["text"]
        assert "持续时间" in messages[1]["text"]


def test_health_of_aws_mentions_who_is_responsible(run, robots, target, tmp_path):
    """By SNS; the map is by service, and everybody only if asked."""
    topic = sender.Topic(tmp_path)
    quick = {"rate_limit": 6000}
    who = {"rds": ["13800000009"], "EC2": ["13800000001"], "DEFAULT": ["13800000002"]}
    agent = run(config(
        target, reporter(robots, "dingtalk", mention=who, **quick),
        reporter(robots, "feishu", mention={"ec2": ["ou_curlew0001"]},
                 mention_all=True, **quick),
        reporter(robots, "wecom", mention=who, **quick),
        server={"listen": "127.0.0.1:0"},
        inbound=[{"name": "aws", "type": "sns", "path": "/sns",
                  "topics": [sender.TOPIC],
                  "certificate": topic.pem.read_text()}]))
    event = sender.payload("eventbridge-health-issue.json").decode()
    assert sender.send(agent, "/sns", *topic.message(event)).status == 200
    dingtalk = wait_messages(robots["dingtalk"], 1)[0]
    assert KEYWORD in dingtalk["text"] and dingtalk["mentions"] == ["13800000001"]
    assert "EC2" in dingtalk["text"] and "increased API error rates" in dingtalk["text"]
    assert wait_messages(robots["feishu"], 1)[0]["mentions"] == ["ou_curlew0001", "all"]
    assert wait_messages(robots["wecom"], 2)[1]["mentions"] == ["13800000001"]

    # Its end, with all that the robots check; and what people try it with.
    event = sender.payload("eventbridge-health-issue-closed.json").decode()
    for version in ("1", "2"):  # of the signature; it comes twice
        assert sender.send(agent, "/sns", *topic.message(event, version=version)
                           ).status == 200
    dingtalk = wait_messages(robots["dingtalk"], 2)[1]
    assert KEYWORD in dingtalk["text"] and dingtalk["mentions"] == ["13800000001"]
    assert wait_messages(robots["feishu"], 2)[1]["colour"] == "green"
    assert wait_messages(robots["wecom"], 4)[3]["mentions"] == ["13800000001"]
    event = sender.payload("eventbridge-custom-test.json").decode()
    assert sender.send(agent, "/sns", *topic.message(event)).status == 200
    dingtalk = wait_messages(robots["dingtalk"], 3)[2]
    assert "KAFKA" in dingtalk["text"] and dingtalk["mentions"] == ["13800000002"]
    assert wait_messages(robots["feishu"], 3)[2]["mentions"] == ["all"]
    assert wait_messages(robots["wecom"], 6)[5]["mentions"] == ["13800000002"]
    agent.wait_told()
    assert [len(robots[kind].requests) for kind in robots] == [3, 3, 6]
    agent.stop()
    nothing_told(agent)


REFUSED = [
    ("dingtalk", {"secret": "SECcanary-of-another"}, "signature does not match"),
    ("dingtalk", {"keyword": "other"}, "asks for a keyword"),
    ("feishu", {"secret": "canary-of-another"}, "signature does not match"),
    ("feishu", {"keyword": None}, "asks for a keyword"),
    ("wecom", {}, "no robot of this key"),
]


@pytest.mark.parametrize("kind, settings, said", REFUSED)
def test_what_is_refused_with_200_is_held(run, target, robots, kind, settings, said):
    """People are told why, in words that hold no secret."""
    if kind == "wecom":
        robots[kind].token = "another"
        settings = {"url": f"{robots[kind].url}/send?key={TOKEN}"}
    target.down()
    agent = run(config(target, reporter(robots, kind, **settings)))
    agent.wait_log(said)
    until(lambda: agent.status()["reporters"][0]["suspended"], "its rest")
    text = agent.command("status", agent.path).stdout
    assert not robots[kind].messages
    agent.stop()
    nothing_told(agent, text)


def test_in_a_burst_each_is_told_once(run, target, robots):
    """Alone or in a list, and all who are concerned hear."""
    names = [f"page{i:02}" for i in range(30)]
    target.down()
    run({"endpoints": [endpoint(name, target.at()) for name in names],
         "reporters": [reporter(robots, "dingtalk", rate_limit=120, mention={
             "page07": ["13800000007"], "page29": ["13800000029"]})]})
    messages = robots["dingtalk"].messages

    def told():
        return sorted(n for m in messages for n in names if n in m["text"])
    until(lambda: len(told()) >= len(names), told)
    assert told() == names
    mentioned = sorted(who for m in messages for who in m["mentions"])
    assert mentioned == ["13800000007", "13800000029"]
    assert all(KEYWORD in m["text"] for m in messages)


def test_a_limit_is_waited_for(run, target, robots):
    robots["dingtalk"].next = [(130101, "send too fast, exceed 20 times per minute")]
    target.down()
    agent = run(config(target, reporter(robots, "dingtalk")))
    found = agent.wait_log(r'asks for fewer requests, waiting".* ms=(\d+)')
    assert int(found[1]) >= 60000
    assert not agent.status()["reporters"][0]["suspended"]
    assert not robots["dingtalk"].messages
    assert len(robots["dingtalk"].requests) == 1


def test_a_card_that_is_refused_goes_as_text(run, target, robots):
    robots["feishu"].next = [(11246, "parse card json err")]
    target.down()
    run(config(target, reporter(robots, "feishu", mention="ou_curlew0001")))
    message = wait_messages(robots["feishu"], 1)[0]
    assert KEYWORD in message["text"] and message["mentions"] == ["ou_curlew0001"]
    assert len(robots["feishu"].requests) == 2
