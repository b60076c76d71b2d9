"""
Secrets Manager, and the places that lend keys for it: a container's endpoint
and an instance's metadata, all on one port.

Signatures are computed anew, and one that is wrong is refused.
"""

import hashlib
import hmac
import json
import re

from .server import Answer, Server

KEY_ID = "AKIDCURLEWTEST000001"
SECRET_KEY = "canary/secret+KEY"
LENT_ID = "ASIDCURLEWTEST000002"
LENT_KEY = "canary/lent+KEY"
LENT_SESSION = "canary-aws-session=="
METADATA_SESSION = "canary-metadata-session"
ROLE = "curlew-role"
ROLES = "/latest/meta-data/iam/security-credentials/"
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(\w+)/(\d{8})/([\w-]+)/(\w+)/aws4_request, "
    r"SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})")


def sign(key, *texts):
    for text in texts:
        key = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return key


def signature(request, secret_key, region, names):
    """What the signature of the request must be."""
    headers = "".join(f"{name}:{request.header(name)}\n" for name in names)
    canonical = "\n".join([
        request.method, request.path, "", headers, ";".join(names),
        hashlib.sha256(request.body).hexdigest()])
    date = request.header("x-amz-date")
    scope = f"{date[:8]}/{region}/secretsmanager/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope,
                      hashlib.sha256(canonical.encode()).hexdigest()])
    key = sign(b"AWS4" + secret_key.encode(), *scope.split("/"))
    return sign(key, text).hex()


def refusal(kind, message="no", status=400):
    return Answer.of_json({"__type": kind, "Message": message}, status)


class Aws(Server):
    """
    secrets  name -> what SecretString is; a dict is written as JSON
    lent     what container and instance answer
    leave    the Authorization that the container's endpoint wants
    """

    def __init__(self, **secrets):
        super().__init__()
        self.secrets = secrets
        self.keys = {KEY_ID: SECRET_KEY, LENT_ID: LENT_KEY}
        self.lent = {"Code": "Success", "AccessKeyId": LENT_ID,
                     "SecretAccessKey": LENT_KEY, "Token": LENT_SESSION,
                     "Expiration": "2099-01-01T00:00:00Z"}
        self.leave = None

    def env(self, **more):
        """For an agent that is to find us, with keys of its own."""
        return {"AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": KEY_ID,
                "AWS_SECRET_ACCESS_KEY": SECRET_KEY, **more}

    def env_without_keys(self, **more):
        """The same, without keys anywhere but in our metadata."""
        return {"AWS_ENDPOINT_URL_SECRETS_MANAGER": self.url,
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.url + "/", **more}

    @property
    def asked(self):
        """The requests for secrets."""
        return [r for r in self.requests if r.header("x-amz-target")]

    @property
    def trace(self):
        """All that was asked, in words."""
        return [f"secret {r.json()['SecretId']}" if r.header("x-amz-target")
                else f"{r.method} {r.path}" for r in self.requests]

    def answer(self, request):
        if request.header("x-amz-target"):
            return self._secret(request)
        if request.path == "/creds":
            if request.header("authorization") != self.leave:
                return Answer(403, "no")
            return Answer.of_json(self.lent)
        return self._metadata(request)

    def _metadata(self, request):
        if request.path == "/latest/api/token":
            seconds = request.header("x-aws-ec2-metadata-token-ttl-seconds")
            if request.method != "PUT" or seconds != "21600":
                return Answer(400, "no")
            return Answer(200, METADATA_SESSION)
        if request.header("x-aws-ec2-metadata-token") != METADATA_SESSION:
            return Answer(401, "no")
        if request.path == ROLES:
            return Answer(200, ROLE)
        if request.path == ROLES + ROLE:
            return Answer.of_json(self.lent)
        return Answer(404, "no")

    def _secret(self, request):
        wrong = self._wrong(request)
        if wrong:
            return wrong
        name = request.json()["SecretId"]
        if name not in self.secrets:
            return refusal("ResourceNotFoundException")
        value = self.secrets[name]
        if isinstance(value, Answer):
            return value
        if isinstance(value, dict):
            value = json.dumps(value)
        return Answer.of_json({"Name": name, "SecretString": value})

    def _wrong(self, request):
        match = AUTHORIZATION.fullmatch(request.header("authorization") or "")
        if not match or request.header("x-amz-target") \
                != "secretsmanager.GetSecretValue":
            return refusal("IncompleteSignatureException")
        key_id, _, region, service, names, found = match.groups()
        if key_id not in self.keys or service != "secretsmanager":
            return refusal("UnrecognizedClientException")
        names = names.split(";")
        if not {"host", "x-amz-date", "x-amz-target"} <= set(names):
            return refusal("IncompleteSignatureException")
        if key_id == LENT_ID and (
                request.header("x-amz-security-token") != LENT_SESSION
                or "x-amz-security-token" not in names):
            return refusal("UnrecognizedClientException")
        right = signature(request, self.keys[key_id], region, names)
        if found != right:
            return refusal("InvalidSignatureException", "The Canonical String"
                           " for this request: " + LENT_SESSION)
        request.region = region
        return None
