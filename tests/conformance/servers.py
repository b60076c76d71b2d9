"""
What is looked at, and who is told: servers that keep to the script of a case.
"""

import functools
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

# pylint: disable=wrong-import-position
from support.cachet import Cachet as RealCachet                 # noqa: E402
from support.receiver import Receiver                           # noqa: E402
from support.server import Answer, Server                       # noqa: E402

import notation                                                 # noqa: E402


class Chunks(Answer):
    """Pieces as they are to be sent, and the seconds between them."""

    def __init__(self, chunks):
        super().__init__()
        self.chunks = chunks


def answer_of(step, slower=1):
    """One entry of a script; `slower` stretches its times."""
    action = step.get("action")
    delay = step.get("delay", 0) * slower
    if action == "reset":
        return Answer(fault="reset", delay=delay)
    if action == "close":
        return Answer(fault="close", delay=delay)
    if action == "garbage":
        return Answer(fault="garbage", delay=delay)
    if action == "raw":
        return Chunks([c * slower if isinstance(c, (int, float)) else c
                       for c in step["chunks"]])
    headers = {"Content-Type": step.get("ctype", "text/plain; charset=utf-8"),
               **step.get("headers", {})}
    return Answer(step.get("status", 200),
                  step.get("body", "ok").encode("latin-1"),
                  headers, delay=delay)


class Probed(Server):
    """
    The target.  `path` is what begins an evaluation: gate(number) is called
    before its answer is sent, and may keep it back.  After its script a path
    repeats its last answer.
    """

    def __init__(self, path, script, paths, gate, slower=1):
        self.path = path
        self.gate = gate
        self.evaluation = 0
        self._scripts = {path: list(script) or [{}],
                         **{k: list(v) for k, v in paths.items()}}
        self._slower = slower
        super().__init__()

    def answer(self, request):
        script = self._scripts.get(request.path, [{"status": 404}])
        if request.path == self.path:
            self.evaluation += 1
            request.evaluation = self.evaluation
        step = script.pop(0) if len(script) > 1 else script[0]
        return answer_of(step, self._slower)

    def _send(self, sock, request, answer):
        number = getattr(request, "evaluation", None)
        if number is not None:
            self.gate(number)
        if not isinstance(answer, Chunks):
            return super()._send(sock, request, answer)
        for chunk in answer.chunks:
            if isinstance(chunk, str):
                sock.sendall(chunk.encode("latin-1"))
            elif self._closing.wait(chunk):
                break
        return False

    def effects(self, evaluations):
        """The probes of so many evaluations."""
        found = []
        for request in list(self.requests):
            if getattr(request, "evaluation", 0) > evaluations:
                break
            found.append(notation.Effect("probe", notation.probe_word(
                request.method, request.target)))
        return found


class TlsProbed(Probed):
    """The same behind TLS, with a certificate that nobody else signed."""

    def __init__(self, *args, **how):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*certificate())
        super().__init__(*args, **how)

    def _serve(self, sock):
        try:
            sock = self._context.wrap_socket(sock, server_side=True)
        except OSError:
            sock.close()
            return
        super()._serve(sock)


@functools.lru_cache(maxsize=None)
def _folder():
    return tempfile.TemporaryDirectory(prefix="curlew-tls")


_making = threading.Lock()


def certificate():
    """The paths of a self-signed one for 127.0.0.1, and of its key."""
    folder = pathlib.Path(_folder().name)
    cert, key = folder / "cert.pem", folder / "key.pem"
    with _making:
        if not cert.exists():
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                 "-subj", "/CN=127.0.0.1", "-addext",
                 "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
                check=True, capture_output=True)
    return cert, key


def params_of(request):
    found = request.params
    return {k: v for k, v in found.items() if v is not None}


def told(role, requests):
    """The effects of those requests that were to change something, and are
    answered."""
    found = []
    for request in requests:
        params = params_of(request)
        word = notation.word_of(role, request.method, request.target, params)
        if not word or word[0] in notation.READS \
                or request.answered is None \
                or getattr(request, "changed", True) is False:
            continue
        found.append(notation.Effect(
            role, word + notation.mark_of(request.answered), params))
    return found


class Cachet(RealCachet):
    """Knows which writes changed nothing."""

    def __init__(self, components, seeds, metrics=(3,), token="tok"):
        super().__init__(components=(), token=token)
        for number in metrics:
            self.add_metric(int(number))
        for number, status in components.items():
            self.add_component(int(number), int(status))
        for seed in seeds:
            self._seed(seed)

    def _seed(self, seed):
        following, self._next_incident = self._next_incident, seed["id"]
        self.add_incident(seed["name"], seed["status"],
                          component=seed["component_id"])
        self._next_incident = following

    def _put_component(self, request, known, number):
        before = self._component(number)["status"]
        answer = super()._put_component(request, known, number)
        request.changed = self._component(number)["status"] != before
        return answer

    def effects(self):
        return told("cachet", list(self.requests))


class Hook(Receiver):
    """A webhook's receiver."""

    def effects(self):
        return told("hook", list(self.requests))


class Redirecting(Server):
    """Sends all on to another server."""

    def __init__(self, status, to):
        self.status = status
        self.to = to
        super().__init__()

    def answer(self, request):
        return Answer(self.status, "", {"Location": self.to + request.target})


class Proxy(Server):
    """Passes requests for http:// on to the servers that are meant."""

    def __init__(self, servers):
        self.servers = servers  # a function: there may be more by then
        super().__init__()

    def answer(self, request):
        parts = urllib.parse.urlsplit(request.target)
        for server in self.servers():
            if server.host == parts.netloc:
                with server.lock:
                    return server.answer(request)
        return Answer(502, f"there is no {parts.netloc}")


class Silent:
    """Listens and never says a word; `full` does not even take connections."""

    def __init__(self, full=False):
        self._listener = socket.create_server(
            ("127.0.0.1", 0), backlog=0 if full else 100)
        self.host = "127.0.0.1:%d" % self._listener.getsockname()[1]
        self._fill = []
        for _ in range(3 if full else 0):
            sock = socket.socket()
            sock.setblocking(False)
            sock.connect_ex(self._listener.getsockname())
            self._fill.append(sock)

    def close(self):
        for sock in [*self._fill, self._listener]:
            sock.close()


class SecretsManager(Server):
    """AWS Secrets Manager: `answers` are given in turn, the last for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        super().__init__()

    def answer(self, request):
        answer = self.answers[0]
        if len(self.answers) > 1:
            self.answers.pop(0)
        return answer
