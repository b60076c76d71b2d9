"""The programs that the benchmark runs, and what it reads of them."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time

PORT = 18080
ASKING, ANSWERING = "0", "1"  # cores
WRK_CONNECTIONS = 100
TICK = os.sysconf("SC_CLK_TCK")


class Run:
    """What was done in a stretch of time, and what it cost."""

    def __init__(self, count, seconds, user, system):
        self.rate = count / seconds
        self.user_us = user / count * 1e6
        self.cpu_us = (user + system) / count * 1e6
        self.threads = {}  # name -> us per probe


def row(what, wrk_says, curlew_says, ratio=""):
    print(f"{what:<46}{wrk_says:>12}{curlew_says:>12}{ratio:>8}".rstrip())


def address_of(number):
    return f"127.{1 + number // 62500}.{number // 250 % 250}.{1 + number % 250}"


def write_config(path, endpoints, frequency, above=(), url="http://{address}:{port}/", more=()):
    """Each at an address of its own, with three expectations."""
    lines = [f"state: {path}.db", *above, "endpoints:"]
    for number in range(endpoints):
        address = address_of(number)
        lines += [
            f"  - name: endpoint-{number}",
            "    url: " + url.format(address=address, port=PORT),
            *(f"    {line.format(address=address)}" for line in more),
            "    method: GET",
            "    timeout: 10",
            f"    frequency: {frequency:.6f}",
            "    expectation:",
            "      - {type: HTTP_STATUS, status_range: 200-300}",
            "      - {type: LATENCY, threshold: 10}",
            '      - {type: REGEX, regex: ".*all is well.*"}',
        ]
    with open(path, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


def connections():
    """How many the target has taken, as the kernel counts them."""
    with open("/proc/net/snmp", encoding="ascii") as file:
        names, values = [line.split() for line in file if line.startswith("Tcp:")]
    return int(values[names.index("PassiveOpens")])


class Target:
    """The page on the other core."""

    def __init__(self, build, port=PORT, cores=ANSWERING):
        self.command = ["taskset", "-c", cores,
                        os.path.join(build, "tests", "bench", "bench-target"), str(port)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "listening\n":
            raise SystemExit("the target does not listen")
        return self

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def __exit__(self, *_):
        self.stop()


def cpu_seconds(pid):
    """Used by all threads of that process."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory_of(pid):
    """VmRSS and its like, in KiB."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return {line.split(":")[0]: int(line.split()[1])
                for line in file if line.startswith(("Vm", "Rss"))}


def wrk(seconds, url=f"http://127.0.0.1:{PORT}/", core=ASKING, closing=True, script=None):
    options = ["-H", "Connection: close"] if closing else []
    options += ["-s", script] if script else []
    process = subprocess.Popen(
        ["taskset", "-c", core, "wrk", "-t1", f"-c{WRK_CONNECTIONS}", f"-d{seconds}",
         *options, url], stdout=subprocess.PIPE, text=True)
    told = process.stdout.read()
    _, code, used = os.wait4(process.pid, 0)
    process.returncode = code
    match = re.search(r"(\d+) requests in ([\d.]+)s", told)
    if code != 0 or not match or "Socket errors" in told:
        raise SystemExit(f"wrk went wrong:\n{told}")
    return Run(int(match.group(1)), float(match.group(2)), used.ru_utime, used.ru_stime)


class Curlew:
    """The agent on its core, for as long as the block runs."""

    def __init__(self, build, config, cores=ASKING, environment=None):
        self.program = os.path.join(build, "curlew")
        self.config = config
        self.cores = cores
        self.environment = environment or {}

    def __enter__(self):
        for ending in ("", "-wal", "-shm", "-lock"):
            if os.path.exists(f"{self.config}.db{ending}"):
                os.remove(f"{self.config}.db{ending}")
        self.log = open(f"{self.config}.log", "w", encoding="utf-8")
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            ["taskset", "-c", self.cores, self.program, "run", self.config],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env={"PATH": os.environ["PATH"], "HOME": os.path.dirname(self.config),
                 **self.environment},
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)))
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def fail(self, why):
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            raise SystemExit(f"{why}; its log ends:\n" + "".join(file.readlines()[-20:]))

    def status(self):
        done = subprocess.run([self.program, "status", "--json", "--config", self.config],
                              capture_output=True, text=True, check=False, timeout=60)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def wait_probing(self):
        """Until it probes; the seconds since it was started."""
        while time.monotonic() < self.began + 60:
            time.sleep(0.01)
            if self.process.poll() is not None:
                self.fail(f"curlew ended with {self.process.returncode}")
            with open(self.log.name, encoding="utf-8") as file:
                if "msg=\"probing\"" in file.read():
                    return time.monotonic() - self.began
        return self.fail("it does not probe within a minute")

    def wait_probed(self, endpoints):
        """Until every endpoint was probed once."""
        began = time.monotonic()
        while time.monotonic() < began + 60:
            time.sleep(1)
            if self.process.poll() is not None:
                self.fail(f"curlew ended with {self.process.returncode}")
            status = self.status()
            if status and sum(1 for endpoint in status["endpoints"]
                              if endpoint["probed"]) == endpoints:
                return
        self.fail("not every endpoint was probed within a minute")

    def check(self):
        """What it says of itself; all endpoints must be well."""
        status = self.status() or self.fail("curlew does not answer")
        ill = [endpoint for endpoint in status["endpoints"]
               if endpoint["status"] != "operational"]
        if ill:
            self.fail(f"{len(ill)} endpoints are not well: {ill[0]}")
        return status

    def threads(self):
        """Thread -> (name, seconds in user space, in the kernel)."""
        found = {}
        main = self.process.pid  # taskset became the agent
        folder = f"/proc/{main}/task"
        for thread in os.listdir(folder):
            with open(f"{folder}/{thread}/stat", encoding="utf-8") as file:
                before, after = file.read().rsplit(")", 1)
            fields = after.split()
            name = before.split("(", 1)[1]
            if name == "curlew":
                name = "main" if int(thread) == main else "worker"
            found[thread] = (name, int(fields[11]) / TICK, int(fields[12]) / TICK)
        return found

    def measure(self, seconds):
        """What it does and uses in that time; nobody asks it meanwhile."""
        before, taken, began = self.threads(), connections(), time.monotonic()
        time.sleep(seconds)
        after, count = self.threads(), connections() - taken
        lasted = time.monotonic() - began
        used = {}
        user = system = 0.0
        for thread, (name, in_user, in_kernel) in after.items():
            _, user_before, kernel_before = before.get(thread, (name, 0, 0))
            user += in_user - user_before
            system += in_kernel - kernel_before
            used[name] = used.get(name, 0) + in_user - user_before + in_kernel - kernel_before
        if count == 0:
            self.fail("curlew probed nothing")
        run = Run(count, lasted, user, system)
        run.threads = {name: spent / count * 1e6 for name, spent in used.items()}
        return run

    def memory(self):
        return memory_of(self.process.pid)

    def profile(self, seconds):
        """The functions that most of the time goes to, as text."""
        if not shutil.which("perf"):
            return "  (there is no perf here)"
        with tempfile.NamedTemporaryFile(prefix="curlew-perf") as data:
            done = subprocess.run(
                ["perf", "record", "-e", "cpu-clock", "-F", "1999", "-q", "-o", data.name,
                 "-p", str(self.process.pid), "--", "sleep", str(seconds)],
                capture_output=True, text=True, check=False)
            if done.returncode != 0:
                return f"  (perf cannot: {done.stderr.strip()})"
            parts = [subprocess.run(
                ["perf", "report", "-i", data.name, "--stdio", "-q", "--percent-limit", limit,
                 "--sort", keys], capture_output=True, text=True, check=False).stdout
                for keys, limit in (("dso", "0.5"), ("dso,symbol", "0.8"))]
        lines = [line for part in parts for line in part.splitlines() if line.strip()]
        return "\n".join("  " + line.rstrip(" -") for line in lines[:60])
