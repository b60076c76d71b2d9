"""
Secrets reach those that they are for, and nobody else: not the log, not the
state file, not `curlew status`.
"""

from support.agent import endpoint
from support.cachet import TOKEN
from support.wait import until

CANARIES = {
    "token": TOKEN,
    "webhook": "canary-webhook-path",
    "params": "canary-webhook-param",
    "query": "canary-webhook-query",
    "slack": "canary-slack-path",
    "secret": "canary-hook-secret",
    "header": "canary-hook-header",
    "auth": "canary-authorization",
    "user": "canary-user",
    "password": "canary-password",
    "cookie": "canary-cookie",
}


def config(target, cachet, hook, slack):
    c = CANARIES
    url = f"http://{c['user']}:{c['password']}@{target.host}/p"
    return {
        "endpoints": [
            endpoint("foo", target.at("/p"), component_id=1,
                     header={"Authorization": "Bearer " + c["auth"]},
                     action=["CREATE_INCIDENT", "UPDATE_STATUS"]),
            endpoint("user", url, component_id=1)],
        "cachet": {"api_url": cachet.api_url, "token": c["token"],
                   "timeout": 0.5},
        "webhooks": [{"url": f"{hook.url}/{c['webhook']}?k={c['query']}",
                      "params": {"title": "{title}", "key": c["params"]}}],
        "reporters": [
            {"name": "ops", "type": "slack",
             "url": f"{slack.url}/{c['slack']}"},
            {"name": "hook", "type": "webhook",
             "url": f"{hook.url}/{c['webhook']}/2",
             "headers": {"X-Key": c["header"]}, "secret": c["secret"],
             "body": {"text": "{title}"}}]}


def nothing_told(agent, *outputs):
    places = {"what it left": agent.traces()}
    for i, text in enumerate(outputs):
        places[f"output {i}"] = text.encode()
    for place, text in places.items():
        for name, canary in CANARIES.items():
            assert canary.encode() not in text, f"{name} in {place}"


def start(run, *servers):
    """Until both endpoints were looked at."""
    agent = run(config(*servers))
    until(lambda: agent.status()["counts"]["operational"] == 2)
    return agent


def test_in_good_days(run, target, cachet, hook, slack):
    agent = start(run, target, cachet, hook, slack)
    seen = {r.header("authorization") for r in target.seen("/p")}
    assert "Bearer " + CANARIES["auth"] in seen
    target.set("/p", status=500, body="no", headers={
        "Set-Cookie": "id=" + CANARIES["cookie"]})
    until(lambda: len(slack.by_delivery()) == 2 and len(hook.taken) == 3)
    target.up("/p")
    until(lambda: len(slack.by_delivery()) == 4 and len(hook.taken) == 6)
    table = agent.command("status", agent.path)
    found = agent.command("status", "--json", agent.path)
    agent.stop()
    nothing_told(agent, table.stdout, found.stdout, table.stderr)
    paths = {r.path for r in hook.taken}
    assert len(paths) == 2
    for receiver in (cachet, hook, slack):
        for request in receiver.requests:
            everything = repr(request.headers).encode() + request.body
            assert CANARIES["password"].encode() not in everything
            assert CANARIES["auth"].encode() not in everything


def test_in_bad_days(run, target, cachet, hook, slack):
    """Errors are where secrets leak."""
    agent = start(run, target, cachet, hook, slack)
    cachet.fault(status=500, body="you sent " + TOKEN)
    hook.fault(status=404, body="no " + CANARIES["webhook"])
    slack.refuse()
    target.set("/p", fault="close")
    agent.wait_log("slack/ops")
    until(lambda: len(hook.requests) >= 2 and any(
        "!" in w for w in cachet.trace(reads=True)))
    table = agent.command("status", agent.path)
    found = agent.command("status", "--json", agent.path)
    agent.kill()
    nothing_told(agent, table.stdout, found.stdout, table.stderr)


def test_in_a_bad_configuration(make, target, cachet, hook, slack):
    """A complaint names the key, not its value."""
    settings = config(target, cachet, hook, slack)
    settings["cachet"]["token"] = [TOKEN]
    settings["reporters"][0]["url"] = "ftp://x/" + CANARIES["slack"]
    settings["reporters"][1]["secret"] = [CANARIES["secret"]]
    settings["webhooks"][0]["url"] = {"a": CANARIES["webhook"]}
    agent = make(settings)
    for verb in ("check", "run"):
        done = agent.command(verb, agent.path)
        assert done.returncode == 1
        assert done.stderr.strip()
        nothing_told(agent, done.stdout, done.stderr)


def test_state_file_is_private(run, target, cachet, hook, slack):
    agent = run(config(target, cachet, hook, slack))
    until(lambda: target.requests)
    for path in agent.state.parent.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
