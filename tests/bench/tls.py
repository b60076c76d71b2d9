"""HTTPS: nginx answers both, and neither may resume a session.

The agent verifies the certificate and looks at when it ends; wrk does not.
"""

import os
import shutil
import statistics
import subprocess
import time

from runs import ANSWERING, Curlew, row, write_config, wrk

PORT = 18443
HOST = "bench.test"
ENDPOINTS = 1_000  # a handshake costs a millisecond or so
ASKED_FOR = 5_000
ROUNDS = 3
SECONDS = 6

SERVER = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 20000; }}
http {{
    access_log off;
    server {{
        listen {port} ssl backlog=65535;
        ssl_certificate {folder}/leaf.pem;
        ssl_certificate_key {folder}/leaf.key;
        ssl_session_tickets off;
        ssl_session_cache off;
        keepalive_timeout 0;
        location / {{
            default_type text/plain;
            return 200 "all is well\\n";
        }}
    }}
}}
"""


def make_certificates(folder):
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
            "-subj", "/CN=bench CA", "-addext", "basicConstraints=critical,CA:TRUE")
    openssl("req", *key, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", f"/CN={HOST}")
    with open(os.path.join(folder, "leaf.ext"), "w", encoding="ascii") as file:
        file.write(f"subjectAltName=DNS:{HOST}\n")
    openssl("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", "leaf.ext", "-out", "leaf.pem")


class Nginx:
    def __init__(self, folder):
        self.config = os.path.join(folder, "nginx.conf")
        with open(self.config, "w", encoding="ascii") as file:
            file.write(SERVER.format(folder=folder, port=PORT))

    def __enter__(self):
        program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        if not program:
            raise SystemExit("there is no nginx")
        self.process = subprocess.Popen(
            ["taskset", "-c", ANSWERING, program, "-c", self.config],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1)
        if self.process.poll() is not None:
            raise SystemExit("nginx does not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def run(bench):
    folder = bench.path("tls")
    os.mkdir(folder)
    make_certificates(folder)
    config = bench.path("tls.yml")
    write_config(config, ENDPOINTS, ENDPOINTS / ASKED_FOR, url=f"https://{HOST}:{PORT}/",
                 more=["resolve: [{address}]"])
    trust = {"CURL_CA_BUNDLE": os.path.join(folder, "ca.pem")}
    rounds = []
    with Nginx(folder):
        for _ in range(ROUNDS):
            theirs = wrk(SECONDS, f"https://127.0.0.1:{PORT}/")
            with Curlew(bench.build, config, environment=trust) as curlew:
                curlew.wait_probed(ENDPOINTS)
                ours = curlew.measure(SECONDS)
                curlew.check()
                memory = curlew.memory()
                if bench.profile:
                    print(curlew.profile(SECONDS))
            rounds.append((theirs, ours))
            print(f"  wrk {theirs.rate:,.0f}/s {theirs.cpu_us:.1f} us, "
                  f"curlew {ours.rate:,.0f}/s {ours.cpu_us:.1f} us", flush=True)

    def line(what, key, form):
        values = [statistics.median(getattr(run[i], key) for run in rounds) for i in (0, 1)]
        ratio = statistics.median(getattr(ours, key) / getattr(theirs, key)
                                  for theirs, ours in rounds)
        row(what, *(form.format(value) for value in values), f"{ratio:.2f}")

    row("HTTPS, verified, not resumed", "wrk", "curlew", "ratio")
    line("probes per second, saturated", "rate", "{:,.0f}")
    line("CPU us per probe", "cpu_us", "{:.1f}")
    line("  of these in user space", "user_us", "{:.1f}")
    row("RSS, MiB", "", f"{memory['VmRSS'] / 1024:.1f}")
