"""
A mail server on loopback: scripted, with the answers that a test asks for.
"""

import base64
import email
import email.policy
import threading

from support.listener import Listener
from support.wait import PATIENCE, until

HANG = object()  # say nothing more, and keep the connection
DROP = object()  # close it


class Mail:
    """One that was taken."""

    def __init__(self, session):
        self.sender = session.sender
        self.to = list(session.to)
        self.raw = session.data
        self.secure = session.secure
        self.user = session.user
        self.hello = session.hello
        self.message = email.message_from_bytes(
            session.data, policy=email.policy.default)

    @property
    def text(self):
        return self.message.get_content()

    def __getitem__(self, name):
        return self.message[name]


class Over(Exception):
    """The session ends here."""


class Session:
    def __init__(self, server, sock):
        self.server = server
        self.sock = sock
        self.file = sock.makefile("rb")
        self.secure = False
        self.user = None
        self.hello = None
        self.forget()

    def forget(self):
        self.sender, self.to, self.data = None, [], b""

    def wrap(self):
        self.sock = self.server.context.wrap_socket(self.sock, server_side=True)
        self.file = self.sock.makefile("rb")
        self.secure = True

    def line(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise Over  # cut off, or no SMTP
        self.server.heard(line, self.secure)
        return line[:-2].decode("utf-8", "replace")

    def say(self, reply, verb="", words=""):
        """The usual reply, or what the test put in its place; what was said."""
        reply = self.server.instead(verb, words, reply)
        if reply is DROP:
            raise Over
        if reply is HANG:
            self.server.released.wait()
            raise Over
        self.sock.sendall("".join(f"{line}\r\n" for line in reply.split("\n")).encode())
        return reply

    def run(self):
        if self.server.implicit:
            self.wrap()
        if not self.say("220 mail.test ESMTP", "CONNECT").startswith("2"):
            raise Over
        while True:
            line = self.line()
            verb, _, words = line.partition(" ")
            verb = verb.upper()
            handler = getattr(self, f"on_{verb.lower()}", None)
            if handler is None:
                self.say("502 5.5.1 what?", verb)
            else:
                handler(verb, words)

    def on_ehlo(self, verb, words):
        self.hello = words
        offers = ["mail.test", "8BITMIME", "SIZE 1000000"]
        if self.server.context and not self.secure:
            offers.append("STARTTLS")
        if self.server.login and (self.secure or self.server.login_in_clear):
            offers.append("AUTH " + self.server.mechanisms)
        self.say("\n".join([f"250-{o}" for o in offers[:-1]] + [f"250 {offers[-1]}"]),
                 verb, words)

    def on_starttls(self, verb, words):
        if self.say("220 2.0.0 go ahead", verb, words).startswith("2"):
            self.wrap()

    def on_auth(self, verb, words):
        how, _, first = words.partition(" ")
        if how == "PLAIN":
            if not first:
                self.say("334 ")
                first = self.line()
            _, user, password = base64.b64decode(first).decode().split("\0")
        else:
            if not first:
                self.say("334 VXNlcm5hbWU6")
                first = self.line()
            user = base64.b64decode(first).decode()
            self.say("334 UGFzc3dvcmQ6")
            password = base64.b64decode(self.line()).decode()
        good = (user, password) == self.server.login
        reply = self.say("235 2.7.0 welcome" if good else "535 5.7.8 who are you?", verb, words)
        if reply.startswith("2"):
            self.user = user

    def on_mail(self, verb, words):
        self.forget()
        if self.server.login and not self.user:
            self.say("530 5.7.0 log in first", verb, words)
        elif self.say("250 2.1.0 ok", verb, words).startswith("2"):
            self.sender = words[words.index("<") + 1:words.index(">")]

    def on_rcpt(self, verb, words):
        if self.say("250 2.1.5 ok", verb, words).startswith("2"):
            self.to.append(words[words.index("<") + 1:words.index(">")])

    def on_data(self, verb, words):
        if not self.say("354 go on", verb, words).startswith("3"):
            return
        lines = []
        while True:
            line = self.file.readline()
            if not line.endswith(b"\n"):
                raise Over
            self.server.heard(line, self.secure)
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        self.data = b"".join(lines)
        self.server.offered.append(Mail(self))
        if self.say("250 2.0.0 queued", "DOT").startswith("2"):
            self.server.mails.append(Mail(self))
        self.forget()

    def on_rset(self, verb, words):
        self.forget()
        self.say("250 ok", verb, words)

    def on_noop(self, verb, words):
        self.say("250 ok", verb, words)

    def on_quit(self, verb, words):
        self.server.quits += 1
        self.say("221 bye", verb, words)
        raise Over


class SmtpServer(Listener):
    """
    context   of the certificate: STARTTLS is offered; or, with `implicit`, TLS
              from the first byte
    login     (user, password) without which no mail is taken
    """

    def __init__(self, context=None, implicit=False, login=None,
                 mechanisms="PLAIN LOGIN", login_in_clear=False):
        self.context, self.implicit = context, implicit
        self.login, self.mechanisms = login, mechanisms
        self.login_in_clear = login_in_clear
        self.mails = []  # that were taken
        self.offered = []  # that were sent to their last dot
        self.clear = b""  # all that was heard without TLS
        self.secret = b""  # and with it
        self.sessions = 0
        self.quits = 0
        self.released = threading.Event()
        self._lock = threading.Lock()
        self._script = []  # [verb, part of its words, reply, times]
        super().__init__()

    def url(self, host="127.0.0.1"):
        return f"smtp{'s' if self.implicit else ''}://{host}:{self.port}"

    def instead(self, verb, words, reply):
        with self._lock:
            for row in self._script:
                if row[0] == verb and row[1] in words and row[3] > 0:
                    row[3] -= 1
                    return row[2]
        return reply

    def script(self, verb, reply, words="", times=1):
        """Answer `verb` (CONNECT, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, DOT
        for the end of the mail, QUIT) so, `times` times."""
        with self._lock:
            self._script.append([verb, words, reply, times])

    def heal(self):
        with self._lock:
            self._script.clear()
        self.released.set()

    def heard(self, line, secure):
        if secure:
            self.secret += line
        else:
            self.clear += line

    def wait(self, count, timeout=PATIENCE):
        until(lambda: len(self.mails) >= count,
              lambda: f"{count} mails, there are {len(self.mails)}", timeout)
        return self.mails

    def close(self):
        self.released.set()
        super().close()

    def _serve(self, sock):
        self.sessions += 1
        session = Session(self, sock)
        try:
            session.run()
        except (Over, OSError, ValueError):
            pass
        finally:
            # A file made of the socket would keep it open.
            session.file.close()
            session.sock.close()
            sock.close()
