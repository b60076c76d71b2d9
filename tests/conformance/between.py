"""
Cases of our own for the numbers that the reference leaves out: what Cachet
knows when there is no state yet, retries, and odd but legitimate values.
"""

from static import CI, F, O, US, config, header, incident, played

LATENCY = [{"type": "LATENCY", "threshold": 0.1},
           {"type": "HTTP_STATUS", "status_range": "200-300"}]
HOOK = {"webhooks": [{"url": "http://@HOOK@/h",
                      "params": {"title": "{title}"}}]}
SLOW = {"status": 200, "delay": 0.15}


def seed(name, status):
    return [{"id": 50, "name": name, "status": status, "component_id": 1}]


def once(status, path, **more):
    return [{"status": status, "path": path, "times": 1, **more}]


def of_the_start():
    down = {"seeds": seed("foo is unavailable", 1), "components": {"1": 3}}
    yield played("C12", "an open incident of ours is taken up", config(),
                 "G L ; P ; P R50 G U1", [F, O], **down)
    yield played("C12b", "also one of another title of ours", config(),
                 "G L ; P G U3 ; P R50 G U1", [F, O],
                 seeds=seed("foo has degraded performance", 3),
                 components={"1": 2})
    yield played("C13", "an incident that is over is closed",
                 config(action=[CI]), "G L ; P R50 G U1 ; P", [O, O], **down)
    yield played("C78", "Cachet has trouble at start", config(action=[US]),
                 "G!500 ; P G U3 ; P ; P G U1", [F, F, O],
                 rules=once(500, "components"))
    for letter, status in (("a", "5"), ("b", '"x"')):
        yield played(f"C137{letter}", f"a component of status {status}",
                     config(action=[US]), "G ; P G ; P G U3", [O, F],
                     rules=once(200, "components", method="GET",
                                body='{"data":{"status":%s}}' % status))


def of_an_outage():
    yield played("C18", "it gets worse: one incident",
                 config(expectation=LATENCY),
                 "G L ; P I2 G ; P G U3 ; P R100 G U1", [SLOW, F, O],
                 timed=True)
    yield played("C66", "a status is refused once", config(action=[US]),
                 "G ; P G U3!500 ; P G U3 ; P G U1", [F, F, O],
                 rules=once(500, "components", method="PUT"))
    yield played("C69", "webhooks are told once, whatever Cachet says",
                 config(HOOK, action=[CI]),
                 "G L ; P I3!500 H ; P I3 ; P R100 H G U1", [F, F, O],
                 rules=once(500, "incidents", method="POST"))
    yield played("C95b", "a private incident", config(
        action=[CI], public_incidents=False), "G L ; P I3 ; P R100 G U1",
        [F, O], checks=(incident(visible=0),))


def of_values():
    yield played("C63", "Latin-1 that nobody declares", config(
        action=[US], expectation=[{"type": "REGEX", "regex": "h\u00e9llo"}]),
        script=[{"body": "h\u00e9llo", "ctype": "text/html"}])
    yield played("C99", "a slash behind api_url", config(
        cachet={"api_url": "http://@CACHET@/api/v1/"}, action=[US]),
        "G ; P G U3 ; P G U1", [F, O])
    yield played("C122", "one action without a list", config(action=US),
                 "G ; P G U3", [F])
    yield played("C126", "a threshold as a text", config(
        action=[US],
        expectation=[{"type": "LATENCY", "threshold": "1e3"}]))
    yield played("C180", "user and password of the URL",
                 config(action=[US], url="http://us:pw%40@@PROBE@/p"),
                 checks=(header("authorization", "Basic dXM6cHdA"),))


def cases():
    return [case for rows in (of_the_start, of_an_outage, of_values)
            for case in rows()]
