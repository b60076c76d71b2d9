"""
Another configuration while the agent runs.
"""

import re
import signal
import urllib.error
import urllib.request

import pytest

from support.agent import endpoint
from support.ports import free_port
from support.wait import PATIENCE, until


def hooked(target, hook, *names, **more):
    """These endpoints, and a webhook that hears of all."""
    return {"endpoints": [endpoint(n, target.at(f"/{n}")) for n in names],
            "webhooks": [{"url": hook.url + "/h",
                          "body": {"what": "{kind} {name}",
                                   "why": "{message}"}}], **more}


def heard(hook):
    return [r.json()["what"] for r in hook.taken]


def reload(agent, config=None, code=0):
    if config is not None:
        agent.configure(config)
    done = agent.command("ctl", "reload", "--config", agent.path)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def names(agent):
    return [e["name"] for e in agent.status()["endpoints"]]


def wait_seen(agent, name, status):
    until(lambda: agent.endpoint(name)["status"] == status,
          lambda: agent.endpoint(name))


def test_what_is_added_is_probed_and_what_is_removed_is_not(
        run, target, hook):
    agent = run(hooked(target, hook, "a", "b"))
    until(lambda: target.seen("/b"), "probes")
    done = reload(agent, hooked(target, hook, "a", "c"))
    assert re.search(r"^added +1  c$", done.stdout, re.M)
    assert re.search(r"^removed +1  b$", done.stdout, re.M)
    assert re.search(r"^untouched +1$", done.stdout, re.M)
    until(lambda: target.seen("/c"), "the first probe of c")
    before = len(target.seen("/b"))
    seen = len(target.seen("/a"))
    until(lambda: len(target.seen("/a")) > seen + 1, "two more of a")
    assert len(target.seen("/b")) == before
    assert sorted(names(agent)) == ["a", "c"]


def test_hup_reloads(run, target, hook):
    agent = run(hooked(target, hook, "a"))
    agent.configure(hooked(target, hook, "a", "b"))
    agent.process.send_signal(signal.SIGHUP)
    agent.wait_log('msg="reloaded" added=1 removed=0 changed=0 untouched=1')
    until(lambda: target.seen("/b"), "the first probe of b")


def test_an_open_incident_survives_and_is_closed_once(run, target, hook):
    target.down("/a")
    agent = run(hooked(target, hook, "a", "b"))
    until(lambda: heard(hook) == ["opened a"], lambda: heard(hook))
    incident = agent.endpoint("a")["incident"]
    for more in ("c", "d", "e"):
        reload(agent, hooked(target, hook, "a", "b", more))
    assert agent.endpoint("a")["incident"] == incident
    target.up("/a")
    until(lambda: "closed a" in heard(hook), lambda: heard(hook))
    assert heard(hook) == ["opened a", "closed a"]


def test_an_incident_survives_a_change_of_what_is_probed(run, target, hook):
    target.down("/a")
    agent = run(hooked(target, hook, "a"))
    until(lambda: heard(hook) == ["opened a"], lambda: heard(hook))
    config = hooked(target, hook, "a")
    config["endpoints"][0]["url"] = target.at("/elsewhere")
    done = reload(agent, config)
    assert re.search(r"^changed +1  a$", done.stdout, re.M)
    until(lambda: heard(hook) == ["opened a", "closed a"],
          lambda: heard(hook))


def test_failures_are_counted_on(run, target, hook):
    target.down("/a")
    config = hooked(target, hook, "a")
    config["endpoints"][0]["allowed_fails"] = 100000
    agent = run(config)
    until(lambda: agent.endpoint("a")["fails"] >= 3,
          lambda: agent.endpoint("a"))
    fails = agent.endpoint("a")["fails"]
    config["endpoints"][0]["allowed_fails"] = fails + 2
    done = reload(agent, config)
    assert "(only told otherwise)" in done.stdout
    until(lambda: heard(hook) == ["opened a"], lambda: heard(hook))


def test_what_is_removed_while_down_is_closed(run, target, hook):
    target.down("/a")
    agent = run(hooked(target, hook, "a", "b"))
    until(lambda: heard(hook) == ["opened a"], lambda: heard(hook))
    reload(agent, hooked(target, hook, "b"))
    until(lambda: heard(hook) == ["opened a", "closed a"],
          lambda: heard(hook))
    assert hook.requests[-1].json()["why"] == "a is no longer monitored"
    reload(agent, hooked(target, hook, "a", "b"))
    until(lambda: heard(hook)[2:] == ["opened a"], lambda: heard(hook))


def test_a_mistake_changes_nothing(run, target, hook):
    agent = run(hooked(target, hook, "a"))
    until(lambda: target.seen("/a"), "a probe")
    text = agent.path.read_text().replace("frequency:", "frequence:")
    agent.path.write_text(text + "\nreporters: [{type: nosuch, name: x}]\n")
    done = reload(agent, code=1)
    assert "config.yml:" in done.stderr and "nosuch" in done.stderr
    assert "goes on with what it has" in done.stderr
    agent.wait_log('level=error msg="not reloaded')
    assert names(agent) == ["a"]
    seen = len(target.seen("/a"))
    until(lambda: len(target.seen("/a")) > seen, "another probe")


def test_the_plan_is_shown_and_not_done(run, target, hook):
    agent = run(hooked(target, hook, "a", "b", "d"))
    config = hooked(target, hook, "b", "c", "d", workers=2)
    config["endpoints"][0]["timeout"] = 7
    config["reporters"] = [{"name": "ops", "type": "slack",
                            "url": hook.url + "/s"}]
    agent.configure(config)
    done = agent.command("check", "--against-running", agent.path)
    assert done.returncode == 0, done.stderr
    shown = done.stdout.splitlines()[1:]
    assert [line.split() for line in shown] == [
        ["added", "1", "c"], ["removed", "1", "a"], ["changed", "1", "b"],
        ["untouched", "1"], ["reporters:"], ["added", "1", "slack/ops"],
        ["removed", "0"], ["changed", "0"],
        "workers takes effect at the next start only".split()]
    assert sorted(names(agent)) == ["a", "b", "d"]
    assert "\033" not in done.stdout


def test_a_new_webhook_hears_what_opens_after(run, target, hook, slack):
    target.down("/a")
    agent = run(hooked(target, hook, "a", "b"))
    until(lambda: heard(hook) == ["opened a"], lambda: heard(hook))
    config = hooked(target, hook, "a", "b")
    config["webhooks"].append({"url": slack.url + "/2",
                               "body": {"what": "{kind} {name}"}})
    reload(agent, config)
    target.down("/b")
    until(lambda: heard(slack) == ["opened b"], lambda: heard(slack))
    target.up("/a")
    target.up("/b")
    until(lambda: len(heard(hook)) == 4, lambda: heard(hook))
    until(lambda: heard(slack) == ["opened b", "closed b"],
          lambda: heard(slack))
    agent.wait_told()
    assert heard(slack) == ["opened b", "closed b"]


def test_what_waits_for_a_removed_webhook_is_cancelled(run, target, hook):
    hook.fault(status=503)
    target.down("/a")
    agent = run(hooked(target, hook, "a"))
    until(lambda: hook.requests, "an attempt")
    reload(agent, {"endpoints": [endpoint("a", target.at("/a"))]})
    agent.wait_log("cancelled what was for a reporter that is gone")
    assert agent.status()["reporters"] == []
    until(lambda: agent.database("select count(*) n from delivery")[0]["n"]
          == 0, "the deliveries to be forgotten")


def test_what_waits_goes_where_the_reporter_is_now(run, target, hook, slack):
    def config(url):
        return {"endpoints": [endpoint("a", target.at("/a"))],
                "reporters": [{"name": "r", "type": "webhook", "url": url,
                               "body": {"what": "{kind} {name}"}}]}
    hook.fault(status=503)
    target.down("/a")
    agent = run(config(hook.url + "/x"))
    until(lambda: hook.requests, "an attempt")
    reload(agent, config(slack.url + "/y"))
    until(lambda: heard(slack) == ["opened a"], lambda: heard(slack))


def test_another_component(run, target, cachet):
    cachet.add_component(2)
    target.down("/a")
    config = {"cachet": {"api_url": cachet.api_url, "token": cachet.token},
              "endpoints": [endpoint(
        "a", target.at("/a"), component_id=1,
        action=["CREATE_INCIDENT", "UPDATE_STATUS"])]}
    agent = run(config)
    until(lambda: cachet.status(1) == 3, lambda: cachet.status(1))
    config["endpoints"][0]["component_id"] = 2
    reload(agent, config)
    until(lambda: (cachet.status(1), cachet.status(2)) == (1, 3),
          lambda: (cachet.status(1), cachet.status(2)))


@pytest.mark.parametrize("how", ["reload", "restart"])
def test_an_endpoint_sets_its_component_no_more(run, target, cachet, how):
    """Whoever shares it speaks for it; else what was set would stay."""
    cachet.add_component(2)
    target.down("/a")
    config = {"cachet": {"api_url": cachet.api_url, "token": cachet.token,
                         "reconcile": "off"},
              "endpoints": [endpoint(n, target.at("/" + n), component_id=i,
                                     action=["UPDATE_STATUS"])
                            for n, i in (("a", 2), ("b", 2))]}
    agent = run(config)
    until(lambda: cachet.status(2) == 3, lambda: cachet.status(2))
    config["endpoints"][0]["action"] = []
    if how == "reload":
        reload(agent, config)
    else:
        agent.kill()
        agent.configure(config)
        agent.start()
    until(lambda: cachet.status(2) == 1, lambda: cachet.status(2))


def test_what_is_being_closed_is_not_taken_up(run, target, cachet):
    """It is open there as long as its closing is on its way."""
    target.down("/a")
    config = {"cachet": {"api_url": cachet.api_url, "token": cachet.token},
              "endpoints": [endpoint(
        "a", target.at("/a"), component_id=1,
        action=["CREATE_INCIDENT", "UPDATE_STATUS"])]}

    def shown():
        return [i["status"] for i in list(cachet.incidents.values())]

    agent = run(config)
    until(lambda: shown() == [1], shown)
    agent.kill()
    config["endpoints"][0]["action"] = ["CREATE_INCIDENT"]
    agent.configure(config)
    agent.start()
    until(lambda: shown() == [4, 1], shown)


def post(agent, listen, headers=(), method="POST"):
    request = urllib.request.Request(f"http://{listen}/-/reload",
                                     method=method, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture
def listening(run, target, hook):
    listen = f"127.0.0.1:{free_port()}"
    config = hooked(target, hook, "a", server={
        "listen": listen, "token": "0123456789abcdef-secret"})
    return run(config), listen, config


def test_post_reloads(listening):
    agent, listen, config = listening
    config["endpoints"].append({**config["endpoints"][0], "name": "b"})
    agent.configure(config)
    assert post(agent, listen) == (200, "reloaded\n")
    assert names(agent) == ["a", "b"]
    assert post(agent, listen, method="GET")[0] == 405
    agent.path.write_text("endpoints: 7\n")
    code, text = post(agent, listen)
    assert code == 422 and "config.yml:1:12" in text


def test_post_from_elsewhere_needs_the_token(listening):
    agent, listen, _ = listening
    elsewhere = {"X-Forwarded-For": "192.0.2.1"}
    assert post(agent, listen, elsewhere)[0] == 403
    assert post(agent, listen, {"Origin": "http://evil.test"})[0] == 403
    for wrong in ("Bearer", "Bearer x", "Basic 0123456789abcdef-secret",
                  "Bearer 0123456789abcdef-secret2"):
        assert post(agent, listen, {**elsewhere,
                                    "Authorization": wrong})[0] == 403
    assert post(agent, listen, {
        **elsewhere,
        "Authorization": "Bearer 0123456789abcdef-secret"})[0] == 200


def watched(run, target, hook):
    agent = run(hooked(target, hook, "a", watch=True))
    until(lambda: target.seen("/a"), "a probe")
    return agent, hooked(target, hook, "a", "b", watch=True)


def test_a_file_that_is_written_anew_is_noticed(run, target, hook):
    agent, config = watched(run, target, hook)
    agent.configure(config)
    until(lambda: target.seen("/b"), lambda: agent.log)


def test_a_file_that_is_replaced_is_noticed(run, target, hook):
    agent, config = watched(run, target, hook)
    for name in ("b", "c"):
        config["endpoints"].append(
            {**config["endpoints"][0], "name": name + "2",
             "url": target.at("/" + name + "2")})
        whole = agent.path
        agent.path = agent.folder / ".config.yml.swp"
        agent.configure(config)
        agent.path.rename(whole)
        agent.path = whole
        until(lambda: target.seen(f"/{name}2"), lambda: agent.log)


def test_links_that_kubernetes_swaps_are_noticed(make, target, hook):
    agent = make(hooked(target, hook, "a", watch=True))
    first = agent.folder / "..2026_1"
    first.mkdir()
    agent.path.rename(first / "config.yml")
    data = agent.folder / "..data"
    data.symlink_to(first.name)
    agent.path.symlink_to("..data/config.yml")
    agent.start()
    until(lambda: target.seen("/a"), "a probe")

    second = agent.folder / "..2026_2"
    second.mkdir()
    whole, agent.path = agent.path, second / "config.yml"
    agent.configure(hooked(target, hook, "a", "b", watch=True))
    agent.path = whole
    swap = agent.folder / "..data_tmp"
    swap.symlink_to(second.name)
    swap.rename(data)
    until(lambda: target.seen("/b"), lambda: agent.log)


def test_nothing_is_noticed_unless_asked(run, target, hook):
    agent = run(hooked(target, hook, "a"))
    until(lambda: target.seen("/a"), "a probe")
    agent.configure(hooked(target, hook, "a", "b", watch=True))
    seen = len(target.seen("/a"))
    until(lambda: len(target.seen("/a")) > seen + 10, "some more")
    assert not target.seen("/b")
    reload(agent)
    agent.configure(hooked(target, hook, "a", "b", "c", watch=True))
    until(lambda: target.seen("/c"), lambda: agent.log)
