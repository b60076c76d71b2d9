"""`curlew explain`: what it says is what is so."""

import re

import pytest
import yaml

from support.documents import EXAMPLE, curlew, keys, said


def test_every_key_has_help():
    for line in said("explain").splitlines():
        if re.match(r"(  ){0,8}\S", line) and not line.startswith("`"):
            assert len(line) > 42 or len(line.split()[-1]) > 14, line


@pytest.mark.parametrize("asked, shown", [
    ("endpoints.expectation.status_range", ["endpoints.expectation.status_range",
                                            "required     with type HTTP_STATUS",
                                            "200-300 (300 itself is not in it)"]),
    ("endpoints[3] (shop).timeout:", ["endpoints.timeout", "a duration from 0 to 1h",
                                      "default      10s"]),
    ("webhooks.body", ["{labels} of the same: all labels"]),
    ("endpoints.tags", ["Words by which templates"]),
    ("headers", ["webhooks.headers", "{latency_ms} how long the answer took"]),
    ("interval", ["endpoints.frequency", "also         interval"]),
    ("HTTP_STATUS", ["needs        status_range"]),
    ("slack", ["A message in a Slack channel.", "required"]),
    ("UPDATE_STATUS", ["endpoints.action"]),
    ("cachet.token", ["$CACHET_TOKEN goes before it", "AWS_SECRETS_MANAGER", "region"]),
    ("state", ["$STATE_DIRECTORY/curlew.db"]),
    ("incident_outage", ["{name} the endpoint's name"]),
])
def test_what_is_said_of_a_key(asked, shown):
    text = said("explain", asked)
    for words in shown:
        assert words in text


def test_a_bare_key_shows_all_its_places():
    text = said("explain", "timeout")
    for place in ("endpoints.timeout   with type: http", "cachet.timeout", "webhooks.timeout",
                  "reporters.timeout   with type: slack", "reporters.timeout   with type: webhook"):
        assert f"\n{place}\n" in "\n" + text


@pytest.mark.parametrize("wrong, right", [
    ("tiemout", "timeout"), ("endpoints.frequence", "endpoints.frequency"),
    ("reporters.slack.ulr", "reporters.slack.url"), ("HTTP_STATSU", "HTTP_STATUS")])
def test_did_you_mean(wrong, right):
    done = curlew("explain", wrong)
    assert (done.returncode, done.stdout) == (1, "")
    assert f'did you mean "{right}"?' in done.stderr


def test_no_such_key():
    done = curlew("explain", "x" * 500)
    assert done.returncode == 1 and "`curlew explain` lists them all" in done.stderr
    assert curlew("explain", "--json-schema", "timeout").returncode == 2


def test_the_example_names_every_key():
    example = EXAMPLE.read_text(encoding="utf-8")
    for _, name in keys():
        word = name.removeprefix("type: ")
        assert re.search(rf"\b{word}\b", example), f"{name} is not in conf/config.yml"


def defaults(text):
    """path and type -> the default that `explain` shows."""
    path = kind = None
    for line in text.splitlines():
        if line and not line.startswith(" "):
            path, _, kind = line.partition("   with type: ")
            path = path.split()[0]
        elif line.startswith("  default      "):
            yield path, kind, line.split("default", 1)[1].strip()


# A configuration that says nothing but what it must.
LEAST = {
    "endpoints": [{"name": "a", "url": "http://a.test", "expectation": [
        {"type": "HTTP_STATUS", "status_range": 200}]}],
    "cachet": {"api_url": "http://c.test", "token": "t"},
    "webhooks": [{"url": "http://h.test"}],
    "reporters": [{"name": "s", "type": "slack", "url": "http://s.test"}],
    "messages": {}, "server": {},
    "digests": [{"every": "1h"}],
    "reminders": [{"after": "1h"}],
    "actions": [{"name": "a", "url": "http://a.test"}],
    "chat": [{"signing_secret": "0123456789abcdef", "token": "12345678"}],
    "inbound": [{"name": "i", "type": "sns", "path": "/i", "topics": ["t"],
                 "rules": [{"report_to": ["s"]}]}],
}

LEAST_REPORTERS = {
    "dingtalk": {"name": "s", "type": "dingtalk", "url": "http://s.test"},
    "feishu": {"name": "s", "type": "feishu", "url": "http://s.test"},
    "wecom": {"name": "s", "type": "wecom", "url": "http://s.test"},
    "webhook": {"name": "s", "type": "webhook", "url": "http://s.test"},
    "email": {"name": "s", "type": "email", "server": "m.test", "from": "a@m.test",
              "to": ["b@m.test"]},
}


def test_every_default_is_taken_where_it_is_written(tmp_path):
    """Written out, each default is accepted without a word."""
    seen = 0
    for word in sorted({name for _, name in keys() if ":" not in name}):
        for path, kind, default in defaults(said("explain", word)):
            *sections, key = path.split(".")
            document = yaml.safe_load(yaml.safe_dump(LEAST))
            place = document
            for section in sections:
                place = place.setdefault(section, {})
                place = place[0] if isinstance(place, list) else place
            if not isinstance(place, dict) or " " in default and "{" not in default:
                continue  # in words: an HTTP_STATUS of 200-300
            if default == "nothing":
                continue
            place[key] = yaml.safe_load(default) if "{" not in default else default
            if sections[:1] == ["reporters"]:
                document["reporters"] = [{
                    **LEAST_REPORTERS.get(kind, LEAST["reporters"][0]),
                    **({key: place[key]} if len(sections) == 1 else {sections[1]: place})}]
            file = tmp_path / "config.yml"
            file.write_text(yaml.safe_dump(document))
            done = curlew("check", "--strict", file)
            assert done.returncode == 0, (path, default, done.stderr)
            seen += 1
    assert seen > 20
