"""
A small HTTP server on loopback that does exactly what a test tells it to.

Plain sockets and a thread a connection, so that it can also do what no decent
server does: hang, stall, reset, drip, talk nonsense, refuse.
"""

import json
import re
import socket
import struct
import threading
import time
import urllib.parse


class Request:
    """What a client asked, and what it got: `answered` is the status that was
    sent, or the name of the mischief; None while it is still unanswered."""

    def __init__(self, method, target, headers, body):
        self.at = time.monotonic()
        self.wall = time.time()
        self.method = method
        self.target = target
        parts = urllib.parse.urlsplit(target)
        self.path = parts.path
        self.query = dict(
            urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        self.headers = headers
        self.body = body
        self.answered = None

    def header(self, name):
        return self.headers.get(name.lower())

    def json(self):
        return json.loads(self.body)

    @property
    def params(self):
        """Query, form and JSON alike; JSON keeps its types."""
        found = dict(self.query)
        kind = self.header("content-type") or ""
        if re.search(r"[/+]json\b", kind) and self.body:
            try:
                value = json.loads(self.body)
            except ValueError:
                value = None
            if isinstance(value, dict):
                found.update(value)
        elif kind.startswith("application/x-www-form-urlencoded"):
            found.update(urllib.parse.parse_qsl(
                self.body.decode(), keep_blank_values=True))
        elif kind.startswith("multipart/form-data") and self.method == "POST":
            found.update(re.findall(  # PHP reads it in no other request
                r'; name="([^"]*)"\r?\n\r?\n(.*?)\r?\n--',
                self.body.decode(), re.DOTALL))
        return found

    @property
    def delivery(self):
        return self.header("x-curlew-delivery")

    @property
    def taken(self):
        """The client was told that all is well."""
        return isinstance(self.answered, int) and 200 <= self.answered < 300

    def __repr__(self):
        return f"<{self.method} {self.target} -> {self.answered}>"


REASONS = {200: "OK", 201: "Created", 204: "No Content",
           301: "Moved Permanently", 302: "Found", 400: "Bad Request",
           401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
           405: "Method Not Allowed", 406: "Not Acceptable",
           422: "Unprocessable Content", 429: "Too Many Requests",
           500: "Internal Server Error", 503: "Service Unavailable"}

GARBAGE = b"\x16\x03\x01\x02\x00 this is no HTTP at all\r\n\r\n"


class Answer:
    """
    One way to answer.

    delay   seconds before anything is sent
    fault   "close", "reset": without an answer; "hang": never; "garbage"
    stall   send this many bytes of the body, then nothing more
    drip    seconds between single bytes of the body
    length  what Content-Length claims, where it lies
    """

    def __init__(self, status=200, body=b"ok", headers=None, delay=0,
                 fault=None, stall=None, drip=None, length=None):
        self.status = status
        self.body = body.encode() if isinstance(body, str) else body
        self.headers = dict(headers or {})
        self.delay = delay
        self.fault = fault
        self.stall = stall
        self.drip = drip
        self.length = length

    @classmethod
    def of_json(cls, value, status=200, **more):
        answer = cls(status, json.dumps(value), **more)
        answer.headers.setdefault("Content-Type", "application/json")
        return answer

    def head(self):
        length = len(self.body) if self.length is None else self.length
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Hm')}"]
        names = {name.lower() for name in self.headers}
        if self.status != 204 and "content-length" not in names:
            lines.append(f"Content-Length: {length}")
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class Fault:
    """Answers some requests otherwise, from the moment it is set."""

    def __init__(self, method, path, answer, times, effect, late, chance,
                 rng):
        self.method = re.compile(method)
        self.path = re.compile(path)
        self.answer = answer
        self.times = times
        self.effect = effect
        self.late = late
        self.chance = chance
        self.rng = rng
        self.hits = 0

    def catches(self, request):
        if self.times is not None and self.hits >= self.times:
            return False
        if not self.method.fullmatch(request.method) \
                or not self.path.search(request.path):
            return False
        if self.chance is not None and self.rng.random() >= self.chance:
            return False
        self.hits += 1
        return True


class Server:
    """
    Listens on 127.0.0.1 from the start, on a port of its own; by TLS with
    `tls`, an ssl.SSLContext.

    A subclass says in answer() what it answers.  Every request is kept in
    `requests`, in the order of arrival.
    """

    def __init__(self, tls=None):
        self.tls = tls
        self.requests = []
        self.lock = threading.RLock()
        self.connections = 0
        self._faults = []
        self._open = set()
        self._closing = threading.Event()
        self._listener = self._bind(0)
        self.port = self._listener.getsockname()[1]
        self._listen()

    def answer(self, request):
        return Answer()

    @property
    def host(self):
        return f"127.0.0.1:{self.port}"

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://{self.host}"

    def since(self, mark):
        """The requests after the first `mark` of them."""
        return self.requests[mark:]

    def fault(self, method=".*", path="", answer=None, times=None,
              effect=False, late=0, chance=None, rng=None, **how):
        """
        Answer what matches with `answer`, or with Answer(**how).  With
        `effect` the request is obeyed first, or `late` seconds later, and only
        its answer is lost.
        """
        fault = Fault(method, path, answer or Answer(**how), times, effect,
                      late, chance, rng)
        with self.lock:
            self._faults.append(fault)
        return fault

    def heal(self, fault=None):
        """Take back one fault, or all."""
        with self.lock:
            if fault is None:
                self._faults.clear()
            elif fault in self._faults:
                self._faults.remove(fault)

    def refuse(self):
        """Refuse connections, and keep the port."""
        listener = self._listener
        try:
            listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        listener.close()
        self._drop_connections()
        self._listener = self._bind(self.port)

    def accept_again(self):
        self._listen()

    def close(self):
        self._closing.set()
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        self._drop_connections()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @staticmethod
    def _bind(port):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", port))
        return sock

    def _listen(self):
        self._listener.listen(1024)
        threading.Thread(target=self._accept, args=(self._listener,),
                         daemon=True).start()

    def _drop_connections(self):
        with self.lock:
            for sock in list(self._open):
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def _accept(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(sock,),
                             daemon=True).start()

    def _serve(self, sock):
        with self.lock:
            self._open.add(sock)
        try:
            if self.tls:
                self._open.discard(sock)
                sock = self.tls.wrap_socket(sock, server_side=True)
                self._open.add(sock)
            with sock.makefile("rb") as reader:
                while self._serve_one(sock, reader):
                    pass
        except OSError:
            pass
        finally:
            with self.lock:
                self._open.discard(sock)
            sock.close()

    def _serve_one(self, sock, reader):
        request = self._read(sock, reader)
        if request is None:
            return False
        with self.lock:
            self.requests.append(request)
            answer = self._decide(request)
        request.answered = answer.fault or answer.status
        if answer.stall is not None:
            request.answered = "stall"
        keep = self._send(sock, request, answer)
        closing = (request.header("connection") or "").lower() == "close"
        return keep and not closing

    def _decide(self, request):
        fault = next((f for f in self._faults if f.catches(request)), None)
        if fault is None:
            return self.answer(request)
        if fault.effect and fault.late:
            threading.Timer(fault.late, self._obey, [request]).start()
        elif fault.effect:
            self.answer(request)
        return fault.answer

    def _obey(self, request):
        with self.lock:
            self.answer(request)

    @staticmethod
    def _read(sock, reader):
        line = reader.readline(65536)
        if not line.strip():
            return None
        method, target, _ = line.decode("latin-1").split(" ", 2)
        headers = {}
        while True:
            line = reader.readline(65536).decode("latin-1").rstrip("\r\n")
            if not line:
                break
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        if headers.get("expect", "").lower() == "100-continue":
            sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = int(headers.get("content-length") or 0)
        body = reader.read(length) if length else b""
        return Request(method, target, headers, body)

    def _send(self, sock, request, answer):
        if answer.delay:
            self._closing.wait(answer.delay)
        if answer.fault == "hang":
            return self._wait_for_end(sock)
        if answer.fault == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
            return False
        if answer.fault == "close":
            return False
        if answer.fault == "garbage":
            sock.sendall(GARBAGE)
            return False
        body = b"" if request.method == "HEAD" else answer.body
        if answer.stall is not None:
            sock.sendall(answer.head() + body[:answer.stall])
            return self._wait_for_end(sock)
        if answer.drip:
            sock.sendall(answer.head())
            for i in range(len(body)):
                sock.sendall(body[i:i + 1])
                if self._closing.wait(answer.drip):
                    return False
            return True
        sock.sendall(answer.head() + body)
        return answer.length is None

    @staticmethod
    def _wait_for_end(sock):
        """Until the client gives up, or the server is closed."""
        while sock.recv(4096):
            pass
        return False
