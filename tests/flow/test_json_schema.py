"""`curlew explain --json-schema` against what the program itself takes."""

import glob
import re

import pytest
import yaml

from support.agent import ROOT
from support.documents import EXAMPLE, curlew, made, schema

jsonschema = pytest.importorskip("jsonschema")
GOOD = sorted(glob.glob(f"{ROOT}/tests/conf/good/*.yml"))
ONE = "endpoints: [{name: a, url: 'http://a.test'"
TELLS = ", action: [UPDATE_STATUS], component_id: 1}]\ncachet: {api_url: 'http://c.test', token: "


@pytest.fixture(scope="module")
def validator():
    said = schema()
    jsonschema.Draft7Validator.check_schema(said)
    return jsonschema.Draft7Validator(said)


def faults(validator, text):
    return [error.message for error in validator.iter_errors(yaml.safe_load(text))]


def is_strictly_good(tmp_path, text):
    file = tmp_path / "config.yml"
    file.write_text(text, encoding="utf-8")
    return curlew("check", "--strict", file).returncode == 0


@pytest.mark.parametrize("path", [str(EXAMPLE), *GOOD], ids=lambda path: path.split("/")[-1])
def test_what_the_check_takes_validates(validator, tmp_path, path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if not faults(validator, text):
        return
    # What is only warned of is underlined in an editor, as --strict refuses it.
    assert path != str(EXAMPLE)
    assert curlew("check", path).returncode == 0 and not is_strictly_good(tmp_path, text)


@pytest.mark.parametrize("text", [
    "{}", "endpoints: []", "endpoints: [{name: a}]", "endpoints: [{url: 'http://a.test'}]",
    "endpoint: [{name: a, url: 'http://a.test'}]",
    "chat: []\nserver: {}", "inbound: []\nserver: {}", "endpoints: []\ninbound: []\nserver: {}",
    ONE + ", frequence: 5}]",
    ONE + ", frequency: 0}]",
    ONE + ", frequency: 5 parsecs}]",
    ONE + ", timeout: '5'}]",
    ONE + ", timeout: -1}]",
    ONE + ", timeout: 3601}]",
    ONE + ", allowed_fails: many}]",
    ONE + ", recover_after: 0}]",
    ONE + ", recover_after: 1.5}]",
    ONE + ", insecure: maybe}]",
    ONE + ", ip_version: 5}]",
    ONE + ", latency_unit: MS}]",
    ONE + ", type: htpp}]",
    ONE + ", action: UPDATE_STATUS}]",
    ONE + ", action: [UPDATE]}]",
    ONE + ", expectation: []}]",
    ONE + ", expectation: [{type: HTTP}]}]",
    ONE + ", expectation: [{type: HTTP_STATUS}]}]",
    ONE + ", expectation: [{type: HTTP_STATUS, status_range: fine}]}]",
    ONE + ", expectation: [{type: HTTP_STATUS, status_range: [200-]}]}]",
    ONE + ", expectation: [{type: LATENCY, threshold: soon}]}]",
    ONE + ", expectation: [{type: REGEX, regex: 5}]}]",
    ONE + ", expectation: [{type: REGEX, regex: a, incident: BAD}]}]",
    ONE + TELLS + "{a: b}}",
    ONE + TELLS + "[]}",
    ONE + TELLS + "[{type: TOKENS, value: a}]}",
    ONE + TELLS + "[{type: TOKEN}]}",
    ONE + TELLS + "[{type: AWS_SECRETS_MANAGER, secret_name: a, secret_key: b}]}",
    ONE + TELLS + "t, silence: true}",
    ONE + "}]\nreporters: [{name: a, url: 'http://r.test'}]",
    ONE + "}]\nreporters: [{name: a, type: slakc, url: 'http://r.test'}]",
    ONE + "}]\nreporters: [{type: slack, url: 'http://r.test'}]",
    ONE + "}]\nreporters: [{name: a, type: slack}]",
    ONE + "}]\nreporters: [{name: a, type: slack, url: 'http://r.test', body: {}}]",
    ONE + "}]\nwebhooks: [{params: {a: b}}]",
    ONE + "}]\nmessages: {incident_outage: 5}",
    ONE + "}]\nmessages: {incident_outrage: 'a'}",
    ONE + "}]\nserver: {listen: 'localhost:80'}",
    ONE + "}]\nresolver: sistem",
    ONE + "}]\nblind_after: 90000",
])
def test_what_is_wrong_does_not_validate(validator, tmp_path, text):
    assert faults(validator, text)
    assert not is_strictly_good(tmp_path, text)


@pytest.mark.parametrize("text", [
    ONE + ", insecure: no, timeout: 0.5, frequency: 1m30s, ip_version: 4, x-a: 1}]\nx-b: {}",
    ONE + ", headers: {A: 1, B: null}, interval: 5, resolve: [192.0.2.1]}]",
    ONE + ", frequency: '${EVERY:-30s}', insecure: '${INSECURE:-no}', resolve: }]",
    ONE + ", expectation: [{type: HTTP_STATUS, status_range: [200, 3xx, '200-300, 404']}]}]",
    ONE + ", expectation: [{type: LATENCY, threshold: 1h, regex: unused}]}]",
    ONE + TELLS + "[{type: ENVIRONMENT_VARIABLE, value: HOME}]}",
    ONE + "}]\nreporters: [{name: 1, type: webhook, url: 'http://r.test', body: [a, {b: 1}]}]",
    ONE + "}]\nserver: {listen: '[::1]:80'}\nwebhooks:\nmessages: {x-a: [1]}",
])
def test_what_is_right_validates(validator, tmp_path, text):
    assert is_strictly_good(tmp_path, text)
    assert not faults(validator, text)


def test_editors_have_something_to_show():
    """Each key has a description, and what it is by default."""
    seen = []

    def walk(node):
        for key, value in node.get("properties", {}).items():
            if value is not True and "const" not in value and set(value) != {"minItems"}:
                assert value.get("description"), key
                seen.append(key)
        for value in node.values():
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, dict):
                    walk(inner)
                    for deeper in inner.values():
                        if isinstance(deeper, dict) and "type" in deeper:
                            walk(deeper)

    walk(schema())
    assert {"frequency", "status_range", "listen", "secret_key", "body"} <= set(seen)


def test_the_example_leads_to_the_schema():
    modeline = r"# yaml-language-server: \$schema=/\S+/curlew/config\.schema\.json"
    for file in (EXAMPLE, made("config.yml")):
        assert re.fullmatch(modeline, file.read_text(encoding="utf-8").split("\n", 1)[0])
    assert yaml.safe_load(made("config.schema.json").read_text(encoding="utf-8")) == schema()
