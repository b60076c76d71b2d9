"""
A name server as a test tells it to be: honest, slow, dead, or lying.

The first label of a name says how it is answered, up to its first digit or
dash: "slow-1.test" and "slow2.test" are both slow.  See MANNERS.
"""

import contextlib
import re
import socket
import struct
import threading

A, CNAME, TXT, AAAA = 1, 5, 16, 28
NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
RESPONSE, TRUNCATED = 0x8180, 0x0200
HERE = "127.0.0.1"
NOBODY = "127.0.0.99"               # nobody listens there
FAR = "2001:db8::1"                 # where IPv6 has no route
ELSEWHERE = b"\x04else\x04test\0"


def wire(name):
    return b"".join(bytes([len(label)]) + label.encode()
                    for label in name.rstrip(".").split(".")) + b"\0"


def record(kind, data, owner=b"\xc0\x0c"):
    """Of the name that was asked for, unless another owner is given."""
    return owner + struct.pack("!HHIH", kind, 1, 1, len(data)) + data


def address(text):
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    return record(AAAA if ":" in text else A, socket.inet_pton(family, text))


class Question:
    def __init__(self, packet):
        self.id = packet[:2]
        labels, at = [], 12
        while packet[at]:
            labels.append(packet[at + 1:at + 1 + packet[at]].decode().lower())
            at += 1 + packet[at]
        self.name = ".".join(labels)
        self.kind = struct.unpack_from("!H", packet, at + 1)[0]
        self.wire = packet[12:at + 5]
        self.manner = re.match("[a-z]*", self.name)[0]

    def answer(self, *records, code=NOERROR, flags=RESPONSE, ident=None,
               asked=None):
        return (ident or self.id) + struct.pack(
            "!HHHHH", flags | code, 1, len(records), 0, 0) + (
                asked or self.wire) + b"".join(records)

    def only(self, kind, *records):
        """Nothing for the other family."""
        return self.answer(*records) if self.kind == kind else self.answer()

    def other_id(self):
        return bytes(b ^ 0xff for b in self.id)


def good(q):
    return q.only(A, address(HERE))


def lie(q, **how):
    return q.answer(address(NOBODY), **how)


def alias(q, to, *records):
    return q.answer(record(CNAME, wire(to)), *records)


# How each manner answers by UDP: with these packets, one after the other.
MANNERS = {
    "good": lambda q: [good(q)],
    "slow": lambda q: [good(q)],            # after `delay`
    "silent": lambda q: [],
    "servfail": lambda q: [q.answer(code=SERVFAIL)],
    "refused": lambda q: [q.answer(code=REFUSED)],
    "nx": lambda q: [q.answer(code=NXDOMAIN)],
    "empty": lambda q: [q.answer()],
    "wrongid": lambda q: [lie(q, ident=q.other_id())],
    "wrongname": lambda q: [lie(q, asked=ELSEWHERE + q.wire[-4:])],
    "noresponse": lambda q: [lie(q, flags=0x0100)],
    "garbage": lambda q: [b"\xff" * 40, q.id + b"\x81", b""],
    "looped": lambda q: [q.answer(b"\xc0\x0c\xc0\x0c", asked=b"\xc0\x0c"
                                  + q.wire[-4:])],
    "badsize": lambda q: [q.answer(record(q.kind, b"\x7f\0\0"))],
    "cut": lambda q: [good(q)[:-3]],
    "text": lambda q: [q.answer(record(TXT, b"\x02hi"))],
    "liefirst": lambda q: [lie(q, ident=q.other_id()),
                           lie(q, asked=ELSEWHERE + q.wire[-4:]), good(q)],
    "truncated": lambda q: [q.answer(flags=RESPONSE | TRUNCATED)],
    "nostream": lambda q: [q.answer(flags=RESPONSE | TRUNCATED)],
    "six": lambda q: [q.only(AAAA, address(FAR))],
    "both": lambda q: [q.answer(address(HERE if q.kind == A else FAR))],
    "halfdead": lambda q: [good(q)] if q.kind == A else [],
    "halffail": lambda q: [good(q) if q.kind == A
                           else q.answer(code=SERVFAIL)],
    "alias": lambda q: [alias(q, "good.test", record(
        A, socket.inet_aton(HERE), wire("good.test"))) if q.kind == A
        else alias(q, "good.test")],
    "loop": lambda q: [alias(q, q.name)],
    "pair": lambda q: [alias(q, "pair-2.test", record(
        CNAME, wire(q.name), wire("pair-2.test")))],
    "far": lambda q: [q.only(A, address("198.51.100.1"))],
}

# What differs by TCP.
BY_STREAM = {
    "truncated": good,
}


class NameServer:
    """
    Answers on port 53 of `where`, by UDP and TCP.

    asked    the names, in order
    delay    of slow ones, in seconds
    known    name -> manner, before what its first label says
    """

    def __init__(self, where="127.0.0.53", delay=0.5, known=None):
        self.where = where
        self.delay = delay
        self.known = dict(known or {})
        self.asked = []
        self.streams = 0
        self._silent = threading.Event()
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._udp.bind((where, 53))
        self._tcp = socket.create_server((where, 53))
        threading.Thread(target=self._serve_tcp, daemon=True).start()
        self._reader = threading.Thread(target=self._serve_udp, daemon=True)
        self._reader.start()

    def close(self):
        with contextlib.suppress(OSError):
            self._tcp.shutdown(socket.SHUT_RDWR)
        self._tcp.close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (self.where, 53))
        self._reader.join()
        self._udp.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def die(self):
        """No answer to anybody from now on."""
        self._silent.set()

    def live(self):
        self._silent.clear()

    def names(self, mark=0):
        return set(self.asked[mark:])

    def _manner(self, question):
        return self.known.get(question.name, question.manner)

    def _serve_udp(self):
        with contextlib.suppress(OSError):
            while True:
                packet, peer = self._udp.recvfrom(4096)
                if not packet:
                    return
                self._answer(packet, peer)

    def _answer(self, packet, peer):
        question = Question(packet)
        self.asked.append(question.name)
        if self._silent.is_set():
            return
        manner = self._manner(question)
        packets = MANNERS.get(manner, MANNERS["nx"])(question)
        if manner == "slow":
            threading.Timer(self.delay, self._send,
                            [packets, peer]).start()
        else:
            self._send(packets, peer)

    def _send(self, packets, peer):
        with contextlib.suppress(OSError):
            for packet in packets:
                self._udp.sendto(packet, peer)

    def _serve_tcp(self):
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._tcp.accept()
                self.streams += 1
                threading.Thread(target=self._talk, args=(sock,),
                                 daemon=True).start()

    def _talk(self, sock):
        with sock, sock.makefile("rb") as reader, \
                contextlib.suppress(OSError):
            while len(head := reader.read(2)) == 2:
                question = Question(reader.read(int.from_bytes(head, "big")))
                answer = BY_STREAM.get(self._manner(question))
                if not answer or self._silent.is_set():
                    return
                packet = answer(question)
                sock.sendall(len(packet).to_bytes(2, "big") + packet)
