"""
`curlew check`: all mistakes at once, each with its place and what is right.
"""

import textwrap

import pytest

GOOD = """
endpoints:
  - name: shop
    url: http://127.0.0.1/
    method: GET
    timeout: 1
    frequency: 5
    expectation: [{type: HTTP_STATUS, status_range: 200-300}]
"""

BAD = """
endpoints:
  - name: shop
    url: http://127.0.0.1/
    meth0d: GET
    timeout: soon
    frequency: 0
    expectation:
      - {type: REGEXP, regex: x}
    action: [CREATE_INCIDENT, PUSH_METRIC]
    component_id: one
  - name: shop
    url: ftp://x/
    timeout: 1
    expectation: []
    frequency: 5
    report_to: [opsy]
reporters:
  - {name: ops, type: slack, url: "https://x/"}
  - {name: dev, type: slak, url: "https://x/"}
  - {type: slack, urll: "https://x/"}
cachet:
  token: abc
"""

# Line, column, path; and a part of what is said.
COMPLAINTS = [
    ("warning", "4:5", "endpoints[0] (shop).meth0d",
     'unknown key; did you mean "method"?'),
    ("error", "5:14", "endpoints[0] (shop).timeout",
     'expected a duration such as 30s or 5m, got "soon"'),
    ("error", "6:16", "endpoints[0] (shop).frequency",
     'expected more than 0, got "0"'),
    ("error", "8:16", "endpoints[0] (shop).expectation[0].type",
     "Invalid type: REGEXP; expected HTTP_STATUS, LATENCY or REGEX"),
    ("error", "9:31", "endpoints[0] (shop).action[1]",
     'got "PUSH_METRIC"; did you mean "PUSH_METRICS"?'),
    ("error", "10:19", "endpoints[0] (shop).component_id",
     'expected a whole number, got "one"'),
    ("error", "11:11", "endpoints[1] (shop).name", "endpoints[0]"),
    ("error", "12:10", "endpoints[1] (shop).url", "http and https"),
    ("error", "14:18", "endpoints[1] (shop).expectation", "at least one"),
    ("error", "16:16", "endpoints[1] (shop).report_to",
     'no reporter is named "opsy"; did you mean "ops"?'),
    ("error", "19:23", "reporters[1] (dev).type",
     'expected one of dingtalk, email, feishu, slack, webhook, wecom, got "slak"; did you mean "slack"?'),
    ("error", "20:5", "reporters[2].name", "is missing"),
    ("error", "20:5", "reporters[2].url", "is missing"),
    ("error", "20:19", "reporters[2].urll",
     'unknown key; did you mean "url"?'),
    ("error", "22:3", "cachet.api_url", "Missing"),
]


def check(make, text, *options):
    agent = make(textwrap.dedent(text).lstrip("\n"))
    done = agent.command("check", *options, "config.yml")
    return done, agent


def test_good(make):
    done, _ = check(make, GOOD)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "config.yml is good: 1 endpoint, 0 reporters\n"


def test_everything_at_once_in_file_order(make):
    done, _ = check(make, BAD)
    assert done.returncode == 1 and done.stdout == ""
    *lines, total = done.stderr.splitlines()
    assert total == "config.yml is wrong: 14 errors"
    places = [line.split(":")[2:4] for line in lines]
    assert places == sorted(places, key=lambda p: [int(n) for n in p])
    for severity, place, path, words in COMPLAINTS:
        start = f"{severity}: config.yml:{place}: {path}: "
        found = [line for line in lines if line.startswith(start)]
        assert len(found) == 1, (start, done.stderr)
        assert words in found[0]
    assert len(lines) == len(COMPLAINTS)


@pytest.mark.parametrize("text, complaint", [
    ("", "Endpoints is a mandatory field"),
    ("endpoints:", "Endpoints array can not be empty"),
    ("endpoints: []", "Endpoints array can not be empty"),
    ("endpoints: [\n", "is not YAML"),
    ("- a\n- b\n", "config.yml"),
    ("a: 1\n---\nb: 2\n", "config.yml"),
    ("\x00", "config.yml"),
], ids=["empty", "null", "none", "broken", "list", "documents", "nul"])
def test_no_document(make, text, complaint):
    done, _ = check(make, text)
    assert done.returncode == 1 and complaint in done.stderr


def test_warnings_are_errors_when_strict(make):
    text = GOOD + "    extra: 1\n"
    done, agent = check(make, text)
    assert done.returncode == 0
    assert done.stderr == ("warning: config.yml:8:5: endpoints[0] (shop)"
                           ".extra: unknown key\n")
    done = agent.command("check", "--strict", "config.yml")
    assert done.returncode == 1 and "--strict" in done.stderr


def test_keys_with_x_are_free(make):
    done, _ = check(make, GOOD + "    x-owner: me\nx-anything: {a: 1}\n",
                    "--strict")
    assert (done.returncode, done.stderr) == (0, "")


def test_anchors_and_merge_keys(make):
    done, _ = check(make, """
        x-base: &base
          method: GET
          timeout: 1
          frequency: 5
          expectation: [{type: HTTP_STATUS, status_range: 200-300}]
        endpoints:
          - {<<: *base, name: a, url: "http://a/"}
          - {<<: *base, name: b, url: "http://b/", frequency: 1m}
        """, "--strict")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 endpoints" in done.stdout


def test_environment_and_files(make):
    text = GOOD.replace("http://127.0.0.1/", '"http://${HOST:-a}/${WHERE}"')
    agent = make(text)
    done = agent.command("check", "config.yml", WHERE="there")
    assert (done.returncode, done.stderr) == (0, "")
    done = agent.command("check", "config.yml")
    assert "WHERE" in done.stderr
    secret = agent.folder / "secret"
    agent.configure(GOOD + f"""
reporters:
  - {{name: hook, type: webhook, url: "http://h/", body: {{a: b}},
     secret: "${{file:{secret}}}"}}
""")
    done = agent.command("check", "config.yml")
    assert done.returncode == 1 and str(secret) in done.stderr
    secret.write_text("canary\n")
    done = agent.command("check", "config.yml")
    assert (done.returncode, done.stderr) == (0, "")


def test_push_metrics_wants_a_metric(make):
    text = GOOD + ("    action: [PUSH_METRICS]\n"
                   "cachet: {api_url: 'http://c/api/v1', token: x}\n")
    done, _ = check(make, text)
    assert done.returncode == 0 and "without a metric_id" in done.stderr
    done, _ = check(make, text.replace("    action:",
                                       "    metric_id: 1\n    action:"))
    assert (done.returncode, done.stderr) == (0, "")


def test_action_without_cachet(make):
    done, _ = check(make, GOOD + "    action: [UPDATE_STATUS]\n"
                    "    component_id: 1\n")
    assert done.returncode == 1 and "cachet" in done.stderr


def test_run_complains_in_its_log(make):
    agent = make(BAD.lstrip("\n")).start(wait=False)
    assert agent.wait_end() == 1
    lines = agent.log.splitlines()
    assert len(lines) == len(COMPLAINTS) + 1
    assert "level=error" in lines[-1] and "curlew check" in lines[-1]
    assert not agent.state.exists()


TOKENS = GOOD + """    action: [UPDATE_STATUS]
    component_id: 1
cachet:
  api_url: http://c/api/v1
  token: TOKEN
"""


@pytest.mark.parametrize("token, variables, warns", [
    ("[{type: ENVIRONMENT_VARIABLE, value: MY_TOKEN}]", {}, True),
    ("[{type: ENVIRONMENT_VARIABLE, value: MY_TOKEN}]", {"MY_TOKEN": ""}, True),
    ("[{type: ENVIRONMENT_VARIABLE, value: MY_TOKEN}]", {"MY_TOKEN": "abc"}, False),
    ("[{type: ENVIRONMENT_VARIABLE, value: MY_TOKEN}, {type: TOKEN, value: ''}]", {}, True),
    ("[{type: ENVIRONMENT_VARIABLE, value: MY_TOKEN}, {type: TOKEN, value: abc}]", {}, False),
    ("[{type: ENVIRONMENT_VARIABLE, value: MY_TOKEN}, {type: AWS_SECRETS_MANAGER, "
     "secret_name: a, secret_key: b, region: eu-central-1}]", {}, False)])
def test_a_token_that_nothing_has(make, token, variables, warns):
    agent = make(TOKENS.replace("TOKEN\n", token + "\n", 1))
    done = agent.command("check", "config.yml", **variables)
    assert done.returncode == 0, done.stderr
    assert ("the environment variable MY_TOKEN is not set here" in done.stderr) == warns
    assert (done.stderr.count("warning") == 1) == warns
    strict = agent.command("check", "--strict", "config.yml", **variables)
    assert strict.returncode == (1 if warns else 0)
