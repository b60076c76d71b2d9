"""
What people ask for through `curlew ctl`: it is done, it holds, and it is known
who asked.
"""

import json
import os
import pwd
import re

import pytest
from support import sender
from support.agent import endpoint
from support.wait import until

TOKEN = {"Authorization": "Bearer canary-token-0001"}
ME = pwd.getpwuid(os.getuid()).pw_name


def config(target, hook, *names, **more):
    return {"endpoints": [endpoint(n, target.at("/" + n.replace(" ", "-")))
                          for n in names],
            "reporters": [{"name": "hook", "type": "webhook", "url": hook.url,
                           "timeout": 60,
                           "body": {"what": "{kind} {name}",
                                    "status": "{status}",
                                    "why": "{message}"}}],
            **more}


CRON = {"server": {"listen": "127.0.0.1:0"},
        "inbound": [{"name": "cron", "type": "generic", "path": "/in/cron",
                     "token": "canary-token-0001"}]}


def say(agent, *words, code=0):
    """What the agent answers to a command, as JSON."""
    done = agent.command("ctl", "--json", *words, "--state", agent.state)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def read(agent, *words, code=0):
    """The same, as people read it."""
    done = agent.command("ctl", *words, "--state", agent.state)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def ready(agent):
    agent.wait_log(r'msg="probing"')
    return agent


def heard(hook):
    return [r.json()["what"] for r in hook.taken]


def wait_heard(hook, *what):
    until(lambda: heard(hook) == list(what),
          lambda: f"{list(what)}, not {heard(hook)}")


def names(agent):
    return sorted(e["name"] for e in agent.status()["endpoints"])


def wait_status(agent, name, status):
    until(lambda: agent.endpoint(name)["status"] == status,
          lambda: agent.endpoint(name))


def probed(target, path, times=3):
    mark = len(target.seen(path))
    until(lambda: len(target.seen(path)) >= mark + times, "probes")


def cron(agent, name, status):
    body = {"status": status, "key": name, "name": name, "title": "trouble"}
    answer = sender.send(agent, "/in/cron", body, TOKEN)
    assert answer.status == 200, answer.body


def crash(agent):
    """And start once more; its log is that of the new one."""
    agent.wait_told()  # or it may be told twice
    agent.kill()
    agent.stderr.write_text("")
    ready(agent.start())


def again(agent, how):
    if how == "kill":
        crash(agent)
    elif how == "reload":
        done = agent.command("ctl", "reload", "--state", agent.state)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "my shop" not in done.stdout


@pytest.mark.parametrize("how", ["kill", "reload"])
def test_what_is_removed_stays_removed(run, target, hook, how):
    target.down("/my-shop")
    agent = ready(run(config(target, hook, "my shop", "b", **CRON)))
    cron(agent, "backup", "down")
    until(lambda: len(heard(hook)) == 2, lambda: heard(hook))

    answer = say(agent, "remove", "my", "shop")
    assert answer["name"] == "my shop" and answer["outcome"] == "removed"
    assert say(agent, "remove", "BACKUP")["name"] == "cron/backup"
    until(lambda: len(heard(hook)) == 4, lambda: heard(hook))
    assert sorted(heard(hook)[2:]) == ["closed cron/backup", "closed my shop"]
    assert {r.json()["why"] for r in hook.taken[2:]} == {
        "my shop is no longer monitored", "cron/backup is no longer monitored"}

    again(agent, how)
    assert names(agent) == ["b"]
    cron(agent, "backup", "down")
    before = len(target.seen("/my-shop"))
    probed(target, "/b", 5)
    assert len(target.seen("/my-shop")) == before
    assert names(agent) == ["b"] and len(heard(hook)) == 4
    assert [r["name"] for r in say(agent, "removed")["removed"]] == [
        "my shop", "cron/backup"]
    assert say(agent, "remove", "my shop")["outcome"] == "already"

    assert say(agent, "restore", "my shop")["outcome"] == "restored"
    assert say(agent, "restore", "backup")["name"] == "cron/backup"
    assert say(agent, "restore", "my shop")["outcome"] == "already"
    cron(agent, "backup", "down")
    until(lambda: len(heard(hook)) == 6, lambda: heard(hook))
    assert sorted(heard(hook)[4:]) == ["opened cron/backup", "opened my shop"]
    again(agent, how)
    assert names(agent) == ["b", "cron/backup", "my shop"]
    assert say(agent, "removed")["removed"] == []


def test_an_outage_is_looked_after_until_it_is_over(run, target, hook):
    agent = ready(run(config(target, hook, "shop", "b", **CRON)))
    probed(target, "/shop")
    assert say(agent, "ack", "shop", code=1)["outcome"] == "well"
    target.down("/shop")
    wait_heard(hook, "opened shop")
    cron(agent, "backup", "down")
    answer = say(agent, "ack", "shop")
    assert answer["by"] == ME and answer["until"] is None
    assert say(agent, "ack", "backup", "for", "1h")["until"]
    crash(agent)
    shown = agent.endpoint("shop")
    assert shown["acknowledged"]["by"] == ME
    assert agent.endpoint("cron/backup")["acknowledged"]["until"]
    assert agent.status()["orders"]["acknowledged"] == 2
    assert f"{ME} looks after it" in agent.command(
        "status", "--state", agent.state).stdout

    target.up("/shop")
    cron(agent, "backup", "up")
    wait_status(agent, "shop", "operational")
    assert agent.endpoint("shop")["acknowledged"] is None
    until(lambda: agent.status()["orders"]["acknowledged"] == 0, agent.status)
    target.down("/shop")
    wait_status(agent, "shop", "partial_outage")
    assert agent.endpoint("shop")["acknowledged"] is None
    assert say(agent, "ack", "shop", "1s")["until"]
    until(lambda: agent.endpoint("shop")["acknowledged"] is None,
          lambda: agent.endpoint("shop"))


def test_what_is_muted_is_told_as_it_is_afterwards(run, target, hook, cachet):
    first = config(target, hook, "stays", "ends", "begins", "blinks", **CRON)
    first["cachet"] = {"api_url": cachet.api_url, "token": cachet.token,
                       "timeout": 2}
    first["endpoints"][2].update(action=["UPDATE_STATUS"], component_id=1)
    for path in ("/stays", "/ends"):
        target.down(path)
    agent = ready(run(first))
    cron(agent, "known", "down")
    until(lambda: len(heard(hook)) == 3, lambda: heard(hook))
    wait_status(agent, "begins", "operational")

    assert say(agent, "mute", "for", "1h")["outcome"] == "muted"
    target.down("/begins")
    target.down("/blinks")
    target.up("/ends")
    until(lambda: cachet.status() == 3, "the page to follow the truth")
    wait_status(agent, "blinks", "partial_outage")
    target.up("/blinks")
    wait_status(agent, "blinks", "operational")
    wait_status(agent, "ends", "operational")
    cron(agent, "known", "up")
    cron(agent, "new", "down")
    crash(agent)
    assert agent.status()["orders"]["all_muted"]["by"] == ME
    assert "EVERYTHING IS MUTED" in agent.command(
        "status", "--state", agent.state).stdout
    probed(target, "/begins")
    assert len(heard(hook)) == 3

    assert say(agent, "unmute")["outcome"] == "unmuted"
    until(lambda: len(heard(hook)) == 7, lambda: heard(hook))
    assert sorted(heard(hook)[3:]) == [
        "closed cron/known", "closed ends", "opened begins", "opened cron/new"]
    crash(agent)
    target.up("/begins")
    target.up("/stays")
    cron(agent, "new", "up")
    until(lambda: len(heard(hook)) == 10, lambda: heard(hook))
    assert sorted(heard(hook)[7:]) == [
        "closed begins", "closed cron/new", "closed stays"]
    assert agent.database("SELECT * FROM standing") == []


def test_one_is_muted_for_a_time(run, target, hook):
    agent = ready(run(config(target, hook, "a", "b")))
    wait_status(agent, "a", "operational")
    assert say(agent, "mute", "a", "for", "1h")["name"] == "a"
    target.down("/a")
    target.down("/b")
    wait_heard(hook, "opened b")
    wait_status(agent, "a", "partial_outage")
    assert agent.endpoint("a")["muted"] and not agent.endpoint("b")["muted"]
    # Shorter from now on; and it ends though nobody is there.
    assert say(agent, "mute", "a", "for", "1s")["until"]
    crash(agent)
    wait_heard(hook, "opened b", "opened a")
    assert agent.status()["orders"]["muted"] == 0
    assert say(agent, "unmute", "a")["outcome"] == "already"

    # What is removed while people know of it: they hear that, in the end.
    say(agent, "mute", "a")
    say(agent, "remove", "a")
    wait_heard(hook, "opened b", "opened a", "closed a")
    assert agent.status()["orders"]["muted"] == 0


def test_a_mute_outlives_what_it_is_of(run, target, hook):
    first = config(target, hook, "gone", "worse", "b")
    first["endpoints"][1]["expectation"] = [
        {"type": "HTTP_STATUS", "status_range": "200-300",
         "incident": "PARTIAL"},
        {"type": "REGEX", "regex": ".*all is well.*", "incident": "PARTIAL"},
        {"type": "HTTP_STATUS", "status_range": "200-501",
         "incident": "MAJOR"}]
    target.down("/gone")
    target.down("/worse")
    agent = ready(run(first))
    until(lambda: len(heard(hook)) == 2, lambda: heard(hook))
    say(agent, "mute", "worse")
    say(agent, "mute", "gone")
    target.set("/worse", status=503, body="no")
    wait_status(agent, "worse", "major_outage")
    agent.wait_told()
    agent.stop()
    agent.configure({**first, "endpoints": first["endpoints"][1:]})
    agent.stderr.write_text("")
    ready(agent.start())
    probed(target, "/b")
    assert len(heard(hook)) == 2

    say(agent, "unmute", "worse")
    until(lambda: len(heard(hook)) == 3, lambda: heard(hook))
    assert hook.taken[2].json() == {
        "what": "changed worse", "status": "major_outage",
        "why": "Unexpected HTTP status (503)"}
    assert say(agent, "unmute", "gone")["name"] == "gone"
    until(lambda: len(heard(hook)) == 4, lambda: heard(hook))
    assert hook.taken[3].json()["why"] == "gone is no longer monitored"
    assert agent.database("SELECT * FROM standing") == []


def test_a_look_and_lists(run, target, hook):
    target.down("/bad")
    first = config(target, hook, "good", "bad")
    first["endpoints"][0]["frequency"] = 3600
    agent = ready(run(first))
    wait_heard(hook, "opened bad")
    wait_status(agent, "good", "operational")
    seen = len(target.seen("/good"))
    answer = say(agent, "check", "Good")
    assert len(target.seen("/good")) == seen + 1
    assert answer["endpoint"]["status"] == "operational"
    assert answer["endpoint"]["phases"]["wait_ms"] > 0
    assert re.search(r"^ *first byte +", read(agent, "check", "good"), re.M)

    answer = say(agent, "check")
    assert [e["name"] for e in answer["endpoints"]] == ["bad", "good"]
    assert answer["counts"]["total"] == 2 and answer["more"] == 0
    answer = say(agent, "down")
    assert [e["name"] for e in answer["endpoints"]] == ["bad"]
    target.up("/bad")
    wait_heard(hook, "opened bad", "closed bad")
    assert say(agent, "down")["endpoints"] == []
    past = say(agent, "history", "bad")["history"]
    assert len(past) == 1 and past[0]["worst"] == "partial_outage"
    assert past[0]["closed"] and "500" in past[0]["message"]
    assert "500" in read(agent, "history", "bad")
    assert say(agent, "echo", "a", "<b>")["text"] == "a b"
    assert say(agent, "echo", "x" * 3900)["text"] == "x" * 3900


def test_what_is_wrong_is_explained_and_all_is_recorded(run, target, hook):
    agent = ready(run(config(target, hook, "shop", "shop 2", "c")))
    assert 'no endpoint "shap"; did you mean "shop"?' in read(
        agent, "remove", "shap", code=1)
    assert "there is no command" in read(agent, "remov", "shop", code=2)
    assert "remove what?" in read(agent, "remove", code=2)
    assert '"30" is no time' in read(
        agent, "mute", "shop", "for", "30", code=1)
    assert "among the removed ones" in read(agent, "restore", "x", code=1)
    assert say(agent, "remove", "https://SHOP/")["name"] == "shop"
    assert say(agent, "mute", "shop 2", "2h")["name"] == "shop 2"
    assert "is removed; `restore NAME`" in read(agent, "removed")
    done = agent.command("status", "shop", "--state", agent.state)
    assert '"shop" is removed' in done.stderr and done.returncode == 1
    found = [(r["who"], r["source"], r["said"], r["good"])
             for r in say(agent, "audit")["audit"]]
    assert found == [
        (ME, "shell", "mute shop 2 2h", True),
        (ME, "shell", "remove https://SHOP/", True),
        (ME, "shell", "restore x", False),
        (ME, "shell", "mute shop for 30", False),
        (ME, "shell", "remove shap", False)]
    crash(agent)
    assert len(say(agent, "log")["audit"]) == 5
    assert "curlew ctl" in read(agent, "help")
    agent.stop()
    assert "no agent is running" in read(agent, "down", code=1)


def test_many_ends_of_one_moment(run, hook, target):
    """Mutes of several, and an acknowledgement of a subject with hundreds of
    problems: each is over when its time has come."""
    names = [f"s{i}" for i in range(5)]
    agent = ready(run(config(target, hook, "a", reporters=[{
        "name": "hook", "type": "webhook", "url": hook.url,
        "body": {"what": "{kind} {name}"}}], **CRON)))
    for name in names:
        say(agent, "mute", f"cron/{name}", code=1)  # there is none yet
        cron(agent, name, "up")
        say(agent, "mute", f"cron/{name}", "for", "2s")
    for name in names[:3]:
        cron(agent, name, "down")
    alerts = [{"status": "down", "key": f"k{i}", "name": "many"}
              for i in range(200)]
    for alert in alerts:
        assert sender.send(agent, "/in/cron", alert, TOKEN).status == 200
    say(agent, "ack", "cron/many", "for", "1s")
    until(lambda: agent.status()["orders"]["muted"] == 0
          and agent.status()["orders"]["acknowledged"] == 0, agent.status)
    until(lambda: [f"opened cron/{n}" in heard(hook) for n in names]
          == [True] * 3 + [False] * 2, lambda: heard(hook))
    until(lambda: heard(hook).count("opened cron/many") >= 200,
          lambda: heard(hook))
    assert heard(hook).count("opened cron/many") == 200
    until(lambda: agent.database("SELECT * FROM standing") == [])
