"""
Where the token of Cachet comes from: providers in order, a secret of AWS with
keys from wherever they may be, and another token once the first is refused.
"""

import pytest
from support import aws as aws_kit
from support.agent import endpoint
from support.aws import Aws, refusal
from support.cachet import TOKEN
from support.proxy import Proxy
from support.server import Answer
from support.wait import until

NAME = "prod/curlew/cachet"
SECRET = {"type": "AWS_SECRETS_MANAGER", "secret_name": NAME,
          "secret_key": "token", "region": "eu-central-1"}
CANARIES = [aws_kit.SECRET_KEY, aws_kit.LENT_KEY, aws_kit.LENT_SESSION,
            aws_kit.METADATA_SESSION, "canary"]


@pytest.fixture
def aws():
    with Aws(**{NAME: {"token": TOKEN, "other": "canary-other"}}) as server:
        yield server


@pytest.fixture(autouse=True)
def no_secret_is_left(make, tmp_path):
    """`make` looks for TOKEN itself, but in its log and state alone."""
    yield
    for path in tmp_path.rglob("*"):
        if path.name in ("stderr", "stdout") or ".db" in path.name:
            found = path.read_bytes()
            for canary in (TOKEN, *CANARIES):
                assert canary.encode() not in found, f"{canary} in {path}"


def config(target, cachet, token):
    return {"endpoints": [endpoint("foo", target.at(), component_id=1,
                                   action=["UPDATE_STATUS"])],
            "cachet": {"api_url": cachet.api_url, "token": token,
                       "timeout": 30}}


def tokens_of(cachet):
    return {r.header("x-cachet-token") for r in cachet.requests}


def literal(value):
    return {"type": "TOKEN", "value": value}


def variable(name):
    return {"type": "ENVIRONMENT_VARIABLE", "value": name}


def starts_with(run, target, cachet, token, expected, **env):
    """The agent starts, and uses the token from its first request on."""
    cachet.token = expected
    agent = run(config(target, cachet, token), env=env)
    until(lambda: target.requests, lambda: agent.log)
    until(lambda: cachet.requests)
    assert tokens_of(cachet) == {expected}
    return agent


def ends(make, target, cachet, token, **env):
    """It does not start; what it says of that."""
    agent = make(config(target, cachet, token), env=env).start(wait=False)
    assert agent.wait_end() == 1
    assert not target.requests and not cachet.requests
    return agent.log


# Without AWS.

def test_environment_goes_before_a_text(run, target, cachet):
    starts_with(run, target, cachet, "abc", "E", CACHET_TOKEN="E")


def test_empty_environment_does_not(run, target, cachet):
    starts_with(run, target, cachet, "abc", "abc", CACHET_TOKEN="")


@pytest.mark.parametrize("env, expected", [
    ({}, "lit"), ({"MYTOK": ""}, "lit"), ({"MYTOK": "E"}, "E"),
    ({"MYTOK": " E\r\n"}, "E"),
], ids=["unset", "empty", "set", "blanks"])
def test_variable_and_text(run, target, cachet, env, expected):
    starts_with(run, target, cachet, [variable("MYTOK"), literal("lit")],
                expected, **env)


def test_environment_does_not_go_before_a_list(run, target, cachet):
    starts_with(run, target, cachet, [literal("lit")], "lit",
                CACHET_TOKEN="E")


def test_nobody_has_one(make, target, cachet):
    log = ends(make, target, cachet, [variable("MYTOK"), literal(" ")])
    assert "Token could not be found: ENVIRONMENT_VARIABLE: MYTOK is not " \
        "set; TOKEN: it is empty" in log


def test_there_is_nobody(make, target, cachet):
    assert "Token could not be found" in ends(make, target, cachet, [])


@pytest.mark.parametrize("providers, says", [
    ([{"type": "VAULT", "value": "canary"}], "VAULT"),
    ([literal("lit"), {"type": "VAULT"}], "VAULT"),
    ([{"value": "canary"}], "type"),
    ([{"type": "TOKEN"}], "needs value"),
    ([{"type": "AWS_SECRETS_MANAGER", "secret_name": "x",
       "secret_key": "y"}], "needs region"),
], ids=["type", "type-unreached", "no-type", "no-value", "no-region"])
def test_mistakes(make, target, cachet, providers, says):
    """Those are told at once, whether they matter or not."""
    assert says in ends(make, target, cachet, providers)


# Keys for AWS.

def test_keys_of_the_environment(run, target, cachet, aws):
    starts_with(run, target, cachet, [SECRET], TOKEN, **aws.env())
    assert [r.json() for r in aws.requests] == [{"SecretId": NAME}]
    assert aws.requests[0].region == "eu-central-1"


def test_keys_of_a_file(run, target, cachet, aws, tmp_path):
    path = tmp_path / "keys"
    path.write_text("[default]\naws_access_key_id = X\n[prod]\n"
                    f"aws_access_key_id = {aws_kit.KEY_ID}\n"
                    f"aws_secret_access_key = {aws_kit.SECRET_KEY}\n")
    starts_with(run, target, cachet, [SECRET], TOKEN, AWS_PROFILE="prod",
                AWS_SHARED_CREDENTIALS_FILE=str(path),
                **aws.env_without_keys())
    assert aws.trace == [f"secret {NAME}"]


def test_keys_of_a_container(run, target, cachet, aws, tmp_path):
    path = tmp_path / "leave"
    path.write_text("leave\n")
    aws.leave = "leave"
    starts_with(run, target, cachet, [SECRET], TOKEN,
                AWS_CONTAINER_CREDENTIALS_FULL_URI=aws.url + "/creds",
                AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(path),
                **aws.env_without_keys())
    assert aws.trace == ["GET /creds", f"secret {NAME}"]


def test_keys_of_an_instance(run, target, cachet, aws):
    starts_with(run, target, cachet, [SECRET], TOKEN,
                **aws.env_without_keys())
    assert aws.trace == [
        "PUT /latest/api/token", f"GET {aws_kit.ROLES}",
        f"GET {aws_kit.ROLES}{aws_kit.ROLE}", f"secret {NAME}"]


@pytest.mark.parametrize("place", ["container", "instance"])
def test_keys_come_through_no_proxy(run, target, cachet, aws, place):
    """AWS itself may be asked through one, and is."""
    more = {} if place == "instance" else {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": aws.url + "/creds"}
    with Proxy() as proxy:
        starts_with(run, target, cachet, [SECRET], TOKEN,
                    HTTP_PROXY=proxy.url, **aws.env_without_keys(**more))
        asked = [way for way in proxy.requests if way[1].startswith(aws.url)]
    assert asked == [("POST", aws.url + "/")]
    assert len(aws.trace) == (4 if place == "instance" else 2)


def test_no_keys(make, target, cachet, aws):
    log = ends(make, target, cachet, [SECRET], **aws.env_without_keys(
        AWS_EC2_METADATA_DISABLED="true"))
    assert "Token could not be found: AWS_SECRETS_MANAGER: no keys for AWS: " \
        "none in the environment" in log
    assert not aws.requests


# What AWS may say.

ANSWERS = {
    "not-found": (refusal("ResourceNotFoundException"),
                  f"The requested secret {NAME} was not found"),
    "request": (refusal("InvalidRequestException"),
                "The request was invalid"),
    "parameter": (refusal("com.amazonaws.x#InvalidParameterException"),
                  "The request had invalid params"),
    "denied": (refusal("AccessDeniedException"), "AWS denies access"),
    "decryption": (refusal("DecryptionFailure"), "AWS cannot decrypt"),
    "key": ({"tok": "canary"}, "Invalid secret_key parameter: token"),
    "binary": (Answer.of_json({"SecretBinary": "canary"}),
               "It should be a SecretString, instead of binary."),
    "text": ("canary", "is not a map in JSON"),
    "list": ('["canary"]', "is not a map in JSON"),
    "empty": ({"token": ""}, "the secret's token is empty"),
    "null": ({"token": None}, "the secret's token is empty"),
    "number": ({"token": 5}, "is not a text"),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_aws_has_none_and_the_next_one_has(run, target, cachet, aws, answer):
    aws.secrets[NAME], says = ANSWERS[answer]
    agent = starts_with(run, target, cachet, [SECRET, literal("lit")], "lit",
                        **aws.env())
    assert says in agent.log
    assert len(aws.requests) == 1


@pytest.mark.parametrize("answer", ["not-found", "denied", "binary"])
def test_aws_has_none_and_there_is_no_other(make, target, cachet, aws, answer):
    aws.secrets[NAME], says = ANSWERS[answer]
    log = ends(make, target, cachet, [SECRET], **aws.env())
    assert "Token could not be found: AWS_SECRETS_MANAGER: " in log
    assert says in log


def test_wrong_key(make, target, cachet, aws):
    """The answer repeats what was signed; the log does not."""
    aws.keys[aws_kit.KEY_ID] = "another"
    log = ends(make, target, cachet, [SECRET], **aws.env())
    assert "AWS does not take the signature" in log


@pytest.mark.parametrize("how", ["refuse", "503", "throttled", "hang"])
def test_aws_is_away_at_start(run, target, cachet, aws, how):
    """Looking begins all the same; what is for Cachet waits for a token."""
    if how == "refuse":
        aws.refuse()
    elif how == "throttled":
        aws.fault(answer=refusal("ThrottlingException"))
    elif how == "hang":
        aws.fault(fault="hang")
    else:
        aws.fault(status=503)
    agent = run(config(target, cachet, [SECRET]), env=aws.env())
    until(lambda: len(target.seen()) > 3)
    target.down()
    until(lambda: agent.status()["counts"]["partial_outage"] == 1)
    agent.wait_log("there is no token yet")
    assert not cachet.requests
    assert "no token" in str(agent.status()["reporters"])
    if how == "refuse":
        aws.accept_again()
    else:
        aws.heal()
    until(lambda: cachet.status() == 3, lambda: agent.log)
    assert tokens_of(cachet) == {TOKEN}


# Another token.

def test_another_token_after_a_refusal(run, target, cachet, aws):
    """It is asked for at once, and used at once."""
    agent = starts_with(run, target, cachet, [SECRET], TOKEN, **aws.env())
    cachet.token = "canary-second"
    aws.secrets[NAME] = {"token": "canary-second"}
    target.down()
    until(lambda: cachet.status() == 3, lambda: agent.log)
    assert cachet.trace() == ["U3!401", "U3"]
    assert len(aws.requests) == 2
    agent.wait_log("the receiver takes us again")


def test_the_same_token_after_a_refusal(run, target, cachet, aws):
    """Nobody is asked again and again."""
    agent = starts_with(run, target, cachet, [SECRET], TOKEN, **aws.env())
    cachet.token = "canary-second"
    target.down()
    until(lambda: len(aws.requests) == 2)
    mark = len(target.seen())
    until(lambda: len(target.seen()) > mark + 10)
    assert cachet.trace() == ["U3!401"]
    assert len(aws.requests) == 2
    assert len([line for line in agent.log.splitlines()
                if "level=error" in line]) == 1


def test_a_refused_text_is_not_asked_for_again(run, target, cachet):
    starts_with(run, target, cachet, [literal("lit")], "lit")
    cachet.token = "canary-second"
    target.down()
    until(lambda: cachet.trace() == ["U3!401"], cachet.trace)


def test_refused_at_start(make, target, cachet, aws):
    cachet.token = "canary-second"
    agent = make(config(target, cachet, [SECRET]), env=aws.env())
    agent.start(wait=False)
    assert agent.wait_end() == 1
    assert "Cachet refused the token (401)" in agent.log
