"""
Certificates, good and bad, made with openssl; and a web server that shows them.
"""

import datetime
import ssl
import subprocess

from support.listener import Listener

NOW = datetime.datetime.now(datetime.timezone.utc)
DAY = datetime.timedelta(days=1)


def openssl(*words, text=None):
    subprocess.run(["openssl", *map(str, words)], check=True, input=text,
                   capture_output=True, text=True)


def stamp(moment):
    return moment.strftime("%Y%m%d%H%M%SZ")


class Authority:
    """Signs for others; its own certificate is in `pem`."""

    def __init__(self, folder, name="root", by=None):
        self.folder = folder
        self.name = name
        self.key = folder / f"{name}.key"
        self.pem = folder / f"{name}.pem"
        self.by = by
        self.serial = 1
        key_for(self.key)
        if by is None:
            openssl("req", "-x509", "-new", "-key", self.key, "-out", self.pem,
                    "-subj", f"/CN=Test {name}", "-days", "30")
        else:
            by.sign(self.key, self.pem, f"Test {name}",
                    "basicConstraints=critical,CA:TRUE")

    def sign(self, key, pem, subject, extensions, begins=-DAY, ends=30 * DAY):
        """`openssl ca` is what can set both ends of the validity."""
        request = pem.with_suffix(".csr")
        openssl("req", "-new", "-key", key, "-subj", f"/CN={subject}",
                "-out", request)
        (self.folder / "ca.index").write_text("")
        (self.folder / "ca.ext").write_text(extensions + "\n")
        (self.folder / "ca.cnf").write_text(
            "[ca]\ndefault_ca=it\n[it]\ndatabase=ca.index\n"
            "new_certs_dir=.\nserial=ca.serial\ndefault_md=sha256\n"
            "policy=any\nunique_subject=no\n[any]\ncommonName=supplied\n")
        self.serial += 1
        (self.folder / "ca.serial").write_text(f"{id(self) % 1000:03d}"
                                               f"{self.serial:03d}")
        subprocess.run(
            ["openssl", "ca", "-batch", "-config", "ca.cnf", "-notext",
             "-cert", self.pem, "-keyfile", self.key, "-in", request,
             "-out", pem, "-extfile", "ca.ext", "-startdate",
             stamp(NOW + begins), "-enddate", stamp(NOW + ends)],
            check=True, capture_output=True, cwd=self.folder)

    def issue(self, name, hosts="IP:127.0.0.1,DNS:localhost", chain=(),
              **validity):
        """A certificate for a server; the files of chain and key."""
        key = self.folder / f"{name}.key"
        pem = self.folder / f"{name}.pem"
        key_for(key)
        self.sign(key, pem, name, f"subjectAltName={hosts}", **validity)
        whole = self.folder / f"{name}.chain"
        whole.write_text(pem.read_text()
                         + "".join(a.pem.read_text() for a in chain))
        return whole, key


def key_for(path):
    if not path.exists():
        openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out",
                path)


def self_signed(folder, name="lonely"):
    key = folder / f"{name}.key"
    pem = folder / f"{name}.pem"
    key_for(key)
    openssl("req", "-x509", "-new", "-key", key, "-out", pem, "-subj",
            f"/CN={name}", "-days", "30",
            "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost")
    return pem, key


def context(pair):
    """For a server that shows this chain."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*pair)
    return made


class SecureServer(Listener):
    """Answers every request with 200; `context` None: it says nothing."""

    def __init__(self, made=None, version=None):
        self.context = made
        if version:
            made.minimum_version = made.maximum_version = version
        self.requests = 0
        super().__init__()

    def url(self, host="127.0.0.1"):
        return f"https://{host}:{self.port}/"

    def _serve(self, sock):
        try:
            if self.context is None:
                while sock.recv(4096):
                    pass
                return
            with self.context.wrap_socket(sock, server_side=True) as secure:
                while b"\r\n\r\n" not in secure.recv(65536):
                    pass
                self.requests += 1
                secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
                               b"ok")
        except OSError:
            pass
        finally:
            sock.close()
