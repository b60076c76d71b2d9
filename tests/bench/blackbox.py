"""The exporter of Prometheus, which probes when it is asked to.

wrk asks it over kept connections, from the target's core; it is given one
core, as the agent is.
"""

import os
import shutil
import statistics
import subprocess
import time

from runs import (ANSWERING, ASKING, Curlew, PORT, address_of, cpu_seconds, memory_of, row,
                  write_config, wrk)

PROGRAM = "prometheus-blackbox-exporter"
LISTEN = PORT + 2
ENDPOINTS = 10_000
ASKED_FOR = 30_000
ROUNDS = 3
SECONDS = 6

MODULE = """\
modules:
  http:
    prober: http
    timeout: 10s
    http:
      preferred_ip_protocol: ip4
      valid_status_codes: [200, 201, 202, 203, 204]
      fail_if_body_not_matches_regexp: [".*all is well.*"]
"""

# The addresses of address_of(), one after the other.
SCRIPT = """\
local number = -1
request = function()
    number = (number + 1) %% %d
    local address = string.format("127.%%d.%%d.%%d", 1 + math.floor(number / 62500),
        math.floor(number / 250) %% 250, 1 + number %% 250)
    return wrk.format("GET", "/probe?module=http&target=http://" .. address .. ":%d/")
end
"""


class Exporter:
    def __init__(self, folder):
        self.config = os.path.join(folder, "blackbox.yml")
        with open(self.config, "w", encoding="ascii") as file:
            file.write(MODULE)

    def __enter__(self):
        if not shutil.which(PROGRAM):
            raise SystemExit(f"there is no {PROGRAM}")
        self.process = subprocess.Popen(
            ["taskset", "-c", ASKING, PROGRAM, f"--config.file={self.config}",
             f"--web.listen-address=127.0.0.1:{LISTEN}", "--log.level=error"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1)
        told = self.ask(address_of(0))
        if "probe_success 1" not in told:
            raise SystemExit(f"{PROGRAM} does not probe:\n{told}")
        return self

    def ask(self, address):
        url = f"http://127.0.0.1:{LISTEN}/probe?module=http&target=http://{address}:{PORT}/"
        return subprocess.run(
            ["/usr/bin/python3", "-c",
             "import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode())",
             url], capture_output=True, text=True, check=False).stdout

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def measure_exporter(bench, script):
    with Exporter(bench.folder) as exporter:
        pid = exporter.process.pid
        before = cpu_seconds(pid)
        asked = wrk(SECONDS, f"http://127.0.0.1:{LISTEN}/", ANSWERING, False, script)
        used = cpu_seconds(pid) - before
        return {"rate": asked.rate, "per_cpu": asked.rate * SECONDS / used,
                "rss": memory_of(pid)["VmRSS"] / 1024}


def measure_curlew(bench, config):
    with Curlew(bench.build, config) as curlew:
        curlew.wait_probed(ENDPOINTS)
        done = curlew.measure(SECONDS)
        curlew.check()
        return {"rate": done.rate, "per_cpu": 1e6 / done.cpu_us,
                "rss": curlew.memory()["VmRSS"] / 1024}


def run(bench):
    script, config = bench.path("targets.lua"), bench.path("blackbox-curlew")
    with open(script, "w", encoding="ascii") as file:
        file.write(SCRIPT % (ENDPOINTS, PORT))
    write_config(config, ENDPOINTS, ENDPOINTS / ASKED_FOR)
    rounds = [(measure_exporter(bench, script), measure_curlew(bench, config))
              for _ in range(ROUNDS)]

    def line(what, key, form):
        values = [statistics.median(run[i][key] for run in rounds) for i in (0, 1)]
        ratio = statistics.median(ours[key] / theirs[key] for theirs, ours in rounds)
        row(what, *(form.format(value) for value in values), f"{ratio:.2f}")

    row(f"one core, {ENDPOINTS:,} addresses", "blackbox", "curlew", "ratio")
    line("probes per second, saturated", "rate", "{:,.0f}")
    line("probes per CPU second", "per_cpu", "{:,.0f}")
    line("RSS, MiB", "rss", "{:.1f}")
