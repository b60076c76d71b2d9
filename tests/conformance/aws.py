"""
Tokens from AWS Secrets Manager: a server that answers as it does.
"""

import json

from notation import Differs
from servers import SecretsManager
from support.server import Answer

ENV = {"AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://@AWS@",
       "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
       "AWS_SECRET_ACCESS_KEY": "secret-of-a-test",
       "AWS_EC2_METADATA_DISABLED": "true"}


def secret(**found):
    return Answer.of_json({
        "ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:uptime-AbCdEf",
        "Name": "uptime", "VersionId": "a", "CreatedDate": 1.6e9, **found})


def failure(kind):
    return Answer.of_json({"__type": kind, "Message": "No."}, 400)


# Number, title, Secrets Manager's answer, the token that is used.
ROWS = [
    ("C152", "a token from AWS", secret(
        SecretString=json.dumps({"token": "aws-tok"})), "aws-tok"),
    ("C154", "AWS denies access, then a text",
     failure("AccessDeniedException"), "lit"),
    ("C155a", "the secret lacks the key, then a text",
     secret(SecretString='{"other": "x"}'), "lit"),
    ("C155b", "the secret is binary, then a text",
     secret(SecretBinary="AAEC"), "lit"),
    ("C155c", "the secret is no JSON, then a text",
     secret(SecretString="aws-tok"), "lit"),
]


def server(answer):
    def make(world):
        world.aws = SecretsManager(answer)
        world.servers.append(world.aws)
        return {"@AWS@": world.aws.host}
    return make


def was_asked(world):
    """As GetSecretValue is called, and signed for the region."""
    if not world.aws.requests:
        raise Differs("Secrets Manager was not asked")
    for request in world.aws.requests:
        signed = request.header("authorization") or ""
        if request.header("x-amz-target") != "secretsmanager.GetSecretValue" \
                or json.loads(request.body) != {"SecretId": "uptime"} \
                or "/eu-west-1/secretsmanager/aws4_request" not in signed:
            raise Differs(f"Secrets Manager was asked {request.headers} "
                          f"{request.body!r}")
