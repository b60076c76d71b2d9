"""
Other monitors, as they send what they have to say; and Amazon SNS, which signs.
"""

import base64
import concurrent.futures
import datetime
import http.client
import json
import pathlib
import re
import subprocess

from .wait import PATIENCE

PAYLOADS = pathlib.Path(__file__).resolve().parents[1] / "golden/inbound/payloads"
TOPIC = "arn:aws:sns:us-east-1:111122223333:curlew-alerts"
SIGNED = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp",
          "Token", "TopicArn", "Type")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


def where(agent):
    """Where the agent listens, as it says in its log."""
    agent.wait_log(r'msg="probing"')  # before, it asks to come again
    return agent.wait_log(r'msg="listening" address=(\S+)')[1]


def send(agent, path, body="", headers=None, method="POST", timeout=PATIENCE):
    """One request, on a connection of its own."""
    return send_to(where(agent), path, body, headers, method, timeout)


def send_to(address, path, body="", headers=None, method="POST", timeout=PATIENCE):
    if not isinstance(body, (str, bytes)):
        body = json.dumps(body)
    connection = http.client.HTTPConnection(address, timeout=timeout)
    try:
        connection.request(method, path, body=body.encode()
                           if isinstance(body, str) else body,
                           headers=headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode())
    finally:
        connection.close()


def send_all(agent, path, bodies, headers, at_once=8):
    """Each body over one of a few connections; how often which status came."""
    address = re.sub(r"^\[?::", "127.0.0.1", where(agent))
    statuses = {}

    def one_of(mine):
        connection = http.client.HTTPConnection(address, timeout=PATIENCE)
        found = []
        for body in mine:
            connection.request("POST", path, body=body, headers=headers)
            answer = connection.getresponse()
            answer.read()
            found.append(answer.status)
        connection.close()
        return found

    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for found in pool.map(one_of, [bodies[i::at_once]
                                       for i in range(at_once)]):
            for status in found:
                statuses[status] = statuses.get(status, 0) + 1
    return statuses


def payload(name):
    return (PAYLOADS / name).read_bytes()


def basic(user, password):
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


class Topic:
    """Of SNS, with a certificate of its own."""

    def __init__(self, folder):
        self.key, self.pem = folder / "sns.key", folder / "sns.pem"
        self.count = 0
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-keyout", self.key, "-out", self.pem, "-subj", "/CN=sns",
             "-days", "2"], check=True, capture_output=True)

    def message(self, text, kind="Notification", version="2", **more):
        """(body, headers)"""
        self.count += 1
        now = datetime.datetime.now(datetime.timezone.utc)
        host = "https://sns.us-east-1.amazonaws.com"
        found = {"Type": kind, "MessageId": f"m-{self.count}",
                 "TopicArn": TOPIC, "Message": text,
                 "Timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                 "SignatureVersion": version,
                 "SigningCertURL": f"{host}/SimpleNotificationService-1.pem",
                 **more}
        signed = "".join(f"{k}\n{found[k]}\n" for k in SIGNED if k in found)
        digest = {"1": "-sha1", "2": "-sha256"}[version]
        done = subprocess.run(["openssl", "dgst", digest, "-sign", self.key],
                              input=signed.encode(), capture_output=True,
                              check=True)
        found["Signature"] = base64.b64encode(done.stdout).decode()
        return json.dumps(found), {"x-amz-sns-message-type": kind,
                                   "Content-Type": "text/plain; charset=UTF-8"}
