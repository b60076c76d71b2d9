"""
The cases of one row each: start-up, tokens, TLS, redirects, the process.
"""

import pathlib
import signal
import subprocess

import yaml

import aws
from notation import Differs, read
from play import Case
from servers import Proxy, Redirecting, Server, Silent, certificate
from support.wait import until

CI, US, PM = "CREATE_INCIDENT", "UPDATE_STATUS", "PUSH_METRICS"
O, F, X = {"status": 200}, {"status": 500}, {"action": "reset"}
GONE = object()  # the key is not there at all

ENDPOINT = {
    "name": "foo", "url": "http://@PROBE@/p", "method": "GET", "timeout": 0.3,
    "expectation": [{"type": "HTTP_STATUS", "status_range": "200-300"}],
    "component_id": 1, "action": [CI, US], "public_incidents": True,
    "frequency": 0.01}
CACHET = {"api_url": "http://@CACHET@/api/v1", "token": "tok"}


def without_gone(found):
    return {k: v for k, v in found.items() if v is not GONE}


def config(root=None, cachet=None, **endpoint):
    """The base of all cases, and what is otherwise."""
    found = {"endpoints": [without_gone({**ENDPOINT, **endpoint})],
             "cachet": without_gone({**CACHET, **(cachet or {})}),
             **(root or {})}
    return yaml.safe_dump(without_gone(found), sort_keys=False,
                          allow_unicode=True)


def refused(number, title, text, *says, quiet=True, **more):
    """It should say so and end, before it did anything."""
    return Case(number, title, text, exit=1, quiet=quiet, says=says, **more)


def played(number, title, text, expect="G ; P", script=(O,), **more):
    return Case(number, title, text, expect, script=list(script), **more)


# Checks.

def header(name, value, role="probed"):
    """Each request to it bore this; None: did not bear it."""
    def check(world):
        for request in getattr(world, role).requests:
            if request.header(name) != value:
                raise Differs(f"{name} is {request.header(name)!r} in "
                              f"{request}, not {value!r}")
    return check


def token_is(value):
    return header("x-cachet-token", value, "cachet")


def incident(**fields):
    def check(world):
        found = world.cachet.incidents[100]
        for key, value in fields.items():
            wanted = world.filled(value) if isinstance(value, str) else value
            if found[key] != wanted:
                raise Differs(f"the incident's {key} is {found[key]!r}, not "
                              f"{wanted!r}")
    return check


def no_body(world):
    for request in world.probed.requests:
        if request.body or request.header("content-length") != "0":
            raise Differs(f"{request} has a body, or no Content-Length: 0")


def not_asked(role):
    def check(world):
        if getattr(world, role).requests:
            raise Differs(f"{getattr(world, role).requests} were not meant "
                          "to be asked")
    return check


# Ways of their own.

def run_without_argument(world):
    folder = pathlib.Path(world.agent.folder) / "empty"
    folder.mkdir()
    done = subprocess.run(
        [world.agent.program], cwd=folder, env=world.agent.environment(),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
        check=False)
    must_say(done, "Missing configuration file argument")


def run_without_file(world):
    path = world.agent.folder / "none.yml"
    must_say(world.agent.command("run", path), f"File not found: {path}")


def must_say(done, text):
    if done.returncode != 1 or text not in done.stderr:
        raise Differs(f"it ended with {done.returncode}, saying "
                      f"{done.stderr!r}")


def until_told(text):
    """Where the target never gets a request of which to take the pace."""
    words = read(text)[0]

    def own_way(world):
        world.agent.start(wait=False)
        until(lambda: [e.word for e in world.cachet.effects()] == words
              and world.is_idle(),
              lambda: f"{words}, not {world.cachet.effects()}")
        world.agent.stop()
    return own_way


def ends_with(how):
    def own_way(world):
        world.over.set()
        world.agent.start(wait=False)
        until(lambda: world.probed.requests, "a probe")
        world.ended.set()
        world.agent.stop(how)
    return own_way


def by_proxy(world):
    """All goes through the proxy, and nothing past it."""
    world.ended.set()
    world.agent.start(wait=False)
    until(lambda: [e.word for e in world.cachet.effects()] == ["U3"],
          "a word to Cachet through the proxy")
    world.agent.stop()
    past = world.cachet.connections + world.probed.connections
    if past:
        raise Differs(f"{past} connections went past the proxy")


# More servers.

def proxy(world):
    world.proxy = Proxy(lambda: [world.cachet, world.probed])
    seen = world.cachet.requests

    def answer(request, pass_on=world.proxy.answer):
        found = pass_on(request)
        if "/api/v1/" in request.path:
            seen.append(request)
        return found
    world.proxy.answer = answer
    world.servers.append(world.proxy)
    return {"@PROXY@": world.proxy.host}


def front(status):
    def make(world):
        server = Redirecting(status, world.cachet.url)
        world.servers.append(server)
        return {"@FRONT@": server.host}
    return make


def other(world):
    world.other = Server()
    world.servers.append(world.other)
    return {"@OTHER@": world.other.host}


def silent(**how):
    def make(world):
        server = Silent(**how)
        world.mute.append(server)
        return {"@SILENT@": server.host}
    return make


def other_was_asked_well(world):
    asked = world.other.requests[0]
    found = {name: asked.header(name)
             for name in ("x-custom", "authorization", "cookie")}
    if found != {"x-custom": "c", "authorization": None, "cookie": "sid=1"}:
        raise Differs(f"the other host was sent {found}")


def trusting(variable):
    return {variable: str(certificate()[0])}


# The rows.

def of_the_file():
    broken = config(expectation=[{"type": "REGEX", "regex": "("}])
    status = lambda value: config(                              # noqa: E731
        action=[US], expectation=[{"type": "HTTP_STATUS",
                                   "status_range": value}])
    twice = ("cachet: {api_url: 'http://127.0.0.1:1/x', token: no}\n"
             + config(action=[US]))
    yield Case("C107", "no argument", "", own_way=run_without_argument)
    yield Case("C108", "file does not exist", "", own_way=run_without_file)
    for letter, what, text in (("a", "an empty file", ""),
                               ("b", "a list", "- a\n- b\n"),
                               ("c", "a scalar", "hello\n")):
        yield refused(f"C109{letter}", f"{what} as configuration", text,
                      "Endpoints is a mandatory field")
    yield refused("C110", "no endpoints key", config({"endpoints": GONE}),
                  "Endpoints is a mandatory field")
    yield refused("C111", "endpoints null", config({"endpoints": None}),
                  "Endpoints array can not be empty")
    yield refused("C113a", "no cachet key", config({"cachet": GONE}),
                  "Missing cachet mandatory fields")
    yield refused("C113b", "cachet null", config({"cachet": None}),
                  "Missing cachet mandatory fields")
    yield played("C114", "no cachet.api_url, but CACHET_API_URL",
                 config(cachet={"api_url": GONE}, action=[US]),
                 env={"CACHET_API_URL": CACHET["api_url"]})
    yield played("C115", "no cachet.token, but CACHET_TOKEN",
                 config(cachet={"token": GONE}, action=[US]),
                 env={"CACHET_TOKEN": "tok"}, checks=(token_is("tok"),))
    yield refused("C116", "name absent", config(name=GONE),
                  r"endpoints\[0\].*name")
    yield refused("C117", "url and method absent",
                  config(url=GONE, method=GONE), "url")
    for letter, value in zip("abc", ([], {}, None)):
        yield refused(f"C118{letter}", f"expectation {value}",
                      config(expectation=value), "expectation")
    yield refused("C119", "expectation type HTTP",
                  config(expectation=[{"type": "HTTP"}]), "Invalid type: HTTP")
    yield refused("C128", "invalid regex", broken, "offset")
    for letter, value in zip("ab", ("2xx", [200, "204-206"])):
        yield played(f"C125{letter}", f"status_range {value}", status(value),
                     "G ; P ; P G U3", [O, F])
    for letter, value in zip("cd", (200.0, None)):
        yield refused(f"C125{letter}", f"status_range {value}", status(value),
                      "status_range")
    yield played("C127", "regex 5 as a number", config(
        action=[US], expectation=[{"type": "REGEX", "regex": 5}]),
        script=[{"body": "5 apples"}])
    yield played("C141", "cachet twice, the last counts", twice,
                 says=("cachet",))
    yield played("C142", "messages null",
                 config({"messages": None}), "G L ; P I3 G", [F],
                 checks=(incident(name="foo is unavailable"),))
    yield refused("C143", "a message that is a number",
                  config({"messages": {"incident_outage": 5}}),
                  r"messages?\.incident_outage")
    yield played("C144", "webhooks null", config({"webhooks": None}),
                 "G L ; P I3 G", [F])
    yield played("C145", "a webhook's params null", config(
        {"webhooks": [{"url": "http://@HOOK@/h", "params": None}]}),
        "G L ; P I3 H G", [F])


def of_an_endpoint():
    yield played("C120", "public_incidents absent",
                 config(public_incidents=GONE), "G L ; P I3 G", [F],
                 checks=(incident(visible=1),))
    yield played("C121", "action null", config(action=None), "; P ; P",
                 [F, O])
    for letter, value in zip("ab", ("EMAIL", "create_incident")):
        yield refused(f"C123{letter}", f"action {value}",
                      config(action=[value]), value)
    yield played("C124", "an action twice",
                 config(action=[PM, PM], metric_id=3), "m3 G ; P M3 ; P M3",
                 [O, O])
    for letter, value in zip("ab", (0, None)):
        yield played(f"C129{letter}", f"timeout {value}",
                     config(action=[US], timeout=value), timed=True)
    yield played("C130", "timeout as a text",
                 config(action=[US], timeout="30"), "G ; P ; P", [O, O])
    yield refused("C131", "frequency 0", config(frequency=0), "frequency")
    yield played("C132", "frequency as a text",
                 config(action=[US], frequency="1"), "G ; P ; P", [O, O])
    yield played("C133", "allowed_fails as a text", config(allowed_fails="1"),
                 "G L ; P ; P I3 G ; P R100 G U1", [F, F, O])
    yield played("C134", "component_id as a text", config(component_id="1"),
                 "G L ; P I3 G", [F])
    yield refused("C135", "a component that is not there",
                  config(component_id=999),
                  r"Component with id \[999\] does not exist", quiet=False)
    yield refused("C136", "a metric that is not there",
                  config(action=[PM], metric_id=3),
                  r"Metric with id \[3\] does not exist", quiet=False,
                  metrics=())
    yield played("C138", "api_url without a scheme", config(
        cachet={"api_url": "@CACHET@/api/v1"}, action=[US]))
    yield played("C139", "url without a scheme", config(
        {"messages": {"incident_outage": "{url} down"}}, url="@PROBE@/p"),
        "G L ; P I3 G", [X], checks=(incident(
            name="@PROBE@/p down",
            message="The URL is unreachable: GET http://@PROBE@/p"),))
    yield played("C140", "a host that begins with http", config(
        action=[US], url="httpbin.test/get"),
        "G ; P(http://httpbin.test/get)", path="/get",
        env={"HTTP_PROXY": "http://@PROBE@", "NO_PROXY": "127.0.0.1"})
    yield played("C177", "POST has no body", config(
        action=[US], method="POST"), "G ; P(POST /p)", checks=(no_body,))
    yield played("C178", "a method in lower case", config(
        method="get"), "G L ; P I3 G", [X], checks=(incident(
            message="The URL is unreachable: get http://@PROBE@/p"),))
    yield played("C179", "a password in the URL", config(
        action=[US], url="http://us:pw%40@@PROBE@/p"),
        checks=(header("authorization", "Basic dXM6cHdA"),))
    yield played("C181", "a URL with strange characters", config(
        action=[US], url="http://@PROBE@/p?a=b c&d=é#frag"),
        "G ; P(/p?a=b%20c&d=%C3%A9)")
    for letter, unit, factor in (("a", "m", 1 / 60), ("b", "h", 1 / 3600)):
        yield played(f"C182{letter}", f"latency_unit {unit}", config(
            action=[PM], metric_id=3, latency_unit=unit), "m3 G ; P M3",
            [{"status": 200, "delay": 0.2}], checks=(value_in(factor),))


def value_in(factor):
    def check(world):
        seconds = world.cachet.points[0]["value"] / factor
        if not 0.2 <= seconds < 11:
            raise Differs(f"after 0.2 s the point was {seconds} s")
    return check


def of_tokens():
    def text(token, **more):
        return config(cachet={"token": token}, action=[US], **more)

    def variable(name):
        return {"type": "ENVIRONMENT_VARIABLE", "value": name}

    def row(number, title, token, used, **env):
        return played(number, title, text(token), env=env, token=used,
                      checks=(token_is(used),))

    literal = {"type": "TOKEN", "value": "lit"}
    vault = {"type": "VAULT", "value": "x"}
    both = [variable("MYTOK"), literal]
    yield row("C147a", "CACHET_TOKEN before the text", "abc", "E",
              CACHET_TOKEN="E")
    yield row("C147b", "CACHET_TOKEN empty", "abc", "abc", CACHET_TOKEN="")
    yield row("C148a", "a variable that is not set, then a text", both, "lit")
    yield row("C148b", "a variable that is empty, then a text", both, "lit",
              MYTOK="")
    yield row("C148c", "a variable that is set", both, "E", MYTOK="E")
    yield row("C149", "a list does not ask CACHET_TOKEN", [literal], "lit",
              CACHET_TOKEN="E")
    yield refused("C150a", "no provider delivers", text([variable("MYTOK")]),
                  "Token could not be found")
    yield refused("C150b", "no provider", text([]),
                  "Token could not be found")
    yield refused("C151a", "an unknown provider", text([vault]), "VAULT")
    yield refused("C151b", "an unknown provider after one that delivers",
                  text([literal, vault]), "VAULT")
    provider = {"type": "AWS_SECRETS_MANAGER", "secret_name": "uptime",
                "secret_key": "token", "region": "eu-west-1"}
    for number, title, answer, used in aws.ROWS:
        yield played(number, title, text([provider, literal]), token=used,
                     env=aws.ENV, extra=aws.server(answer),
                     checks=(token_is(used), aws.was_asked))


def of_tls():
    url = "https://@PROBE@/p"
    text = r"The URL is unreachable: GET https?://"
    yield Case("C156", "a self-signed certificate", config(
        action=[US], url=url), tls=True, own_way=until_told("U3"),
        says=(text,))
    yield played("C157", "insecure, without a header", config(
        action=[US], url=url, insecure=True), tls=True)
    yield played("C158", "insecure, with a header", config(
        action=[US], url=url, insecure=True, header={"X-A": "b"}), tls=True)
    for letter, variable in zip("ab", ("REQUESTS_CA_BUNDLE",
                                       "CURL_CA_BUNDLE")):
        yield played(f"C160{letter}", f"{variable} has the certificate",
                     config(action=[US], url=url), tls=True,
                     env=trusting(variable))
    yield Case("C161", "the connection never stands", config(
        action=[US], url="http://@SILENT@/p", timeout=0.5),
        extra=silent(full=True), own_way=until_told("U3"), says=(text,))
    yield Case("C162", "refused", config(
        action=[US], url="http://127.0.0.1:1/p"),
        own_way=until_told("U3"), says=(text,))
    yield Case("C163", "the handshake never ends", config(
        action=[US], url="https://@SILENT@/p", timeout=0.5), extra=silent(),
        own_way=until_told("U2"), says=("Request timed out",))


def of_redirects():
    for number, status in (("C164", 301), ("C164b", 303), ("C165", 302),
                           ("C166a", 307), ("C166b", 308)):
        yield played(number, f"Cachet's API answers {status}", config(
            cachet={"api_url": "http://@FRONT@/api/v1"}, action=[CI]),
            "G L ; P I3 ; P R100 G U1", [F, O], extra=front(status),
            says=("level=warn .*api_url=http://@CACHET@/api/v1",),
            checks=(token_is("tok"),))
    there = {"status": 302, "headers": {
        "Location": "http://@OTHER@/q", "Set-Cookie": "sid=1"}}
    yield played("C167", "a redirect to another port", config(
        action=[US], header={"X-Custom": "c", "Authorization": "Bearer z",
                             "Cookie": "mine=1"}),
        script=[there], extra=other, checks=(other_was_asked_well,))
    for letter, name in zip("abc", ("HTTP_PROXY", "http_proxy", "ALL_PROXY")):
        yield Case(f"C169{letter}", f"through {name}", config(action=[US]),
                   script=[F], env={name: "http://@PROXY@"}, extra=proxy,
                   own_way=by_proxy)
    yield played("C169d", "past the proxy by NO_PROXY", config(action=[US]),
                 env={"HTTP_PROXY": "http://@PROXY@",
                      "NO_PROXY": "127.0.0.1"}, extra=proxy,
                 checks=(not_asked("proxy"),))


def of_the_process():
    yield played("C175", "what ended the original does not end it",
                 config(action=[US]),
                 "G ; P" + " P(/q)" * 30 + " G U3 ; P G U1",
                 [{"status": 302, "headers": {"Location": "/q"}}, O],
                 paths={"/q": [{"status": 302,
                                "headers": {"Location": "/q"}}]})
    yield Case("C176a", "SIGTERM", config(action=[US]),
               own_way=ends_with(signal.SIGTERM))
    yield Case("C176b", "SIGINT", config(action=[US]),
               own_way=ends_with(signal.SIGINT))


def cases():
    return [case for rows in (of_the_file, of_an_endpoint, of_tokens, of_tls,
                              of_redirects, of_the_process)
            for case in rows()]
