"""
A proxy as a test tells it to be: it forwards, tunnels, asks for a password, or
says no.
"""

import base64
import select
import socket
import ssl

from support.listener import Listener


class Proxy(Listener):
    """
    user     "name:password" that it asks for, or None
    refuse   the status with which it refuses everything, or None
    context  an ssl.SSLContext: it is spoken to by TLS
    hang     it takes connections, and says nothing
    """

    def __init__(self, user=None, refuse=None, context=None, hang=False):
        self.user = user
        self.refuse = refuse
        self.context = context
        self.hang = hang
        self.requests = []          # (method, target), in order
        self.headers = []           # the lines of each
        super().__init__()

    @property
    def url(self):
        scheme = "https" if self.context else "http"
        user = f"{self.user}@" if self.user else ""
        return f"{scheme}://{user}127.0.0.1:{self.port}"

    def _serve(self, sock):
        try:
            if self.hang:
                while sock.recv(4096):
                    pass
                return
            if self.context:
                sock = self.context.wrap_socket(sock, server_side=True)
            self._answer(sock)
        except (OSError, ValueError):
            pass
        finally:
            sock.close()

    def _answer(self, sock):
        head = b""
        while b"\r\n\r\n" not in head:
            got = sock.recv(4096)
            if not got:
                return
            head += got
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ")
        self.requests.append((method, target))
        self.headers.append([line for line in lines[1:] if line])
        if self.refuse:
            self._say(sock, f"{self.refuse} No")
        elif self.user and not self._is_known(lines):
            self._say(sock, "407 Who Are You",
                      "Proxy-Authenticate: Basic realm=x\r\n")
        elif method == "CONNECT":
            host, port = target.rsplit(":", 1)
            with self._dial(host, port) as far:
                sock.sendall(b"HTTP/1.1 200 Go On\r\nX-Proxy: yes\r\n\r\n")
                self._pump(sock, far)
        else:
            place, _, path = target.removeprefix("http://").partition("/")
            host, _, port = place.partition(":")
            with self._dial(host, port or 80) as far:
                lines[0] = f"{method} /{path} HTTP/1.1"
                lines.insert(1, "Connection: close")
                far.sendall("\r\n".join(lines).encode("latin-1"))
                self._pump(sock, far)

    @staticmethod
    def _dial(host, port):
        """Every name is this machine: only the proxy can look it up."""
        is_address = host.replace(".", "").isdigit()
        return socket.create_connection(
            (host if is_address else "127.0.0.1", int(port)))

    def _is_known(self, lines):
        word = base64.b64encode(self.user.encode()).decode()
        return any(line.lower().startswith("proxy-authorization:")
                   and line.endswith(" " + word) for line in lines)

    @staticmethod
    def _say(sock, status, headers=""):
        sock.sendall(f"HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\n"
                     "Connection: close\r\n\r\n".encode())

    @staticmethod
    def _pump(one, other):
        while True:
            ready = [one] if isinstance(one, ssl.SSLSocket) \
                and one.pending() else select.select([one, other], [], [])[0]
            for sock in ready:
                got = sock.recv(65536)
                if not got:
                    return
                (other if sock is one else one).sendall(got)
