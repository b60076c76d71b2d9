"""Side by side on loopback: the agent beside other programs, in one run.

Parts: speed and paced (a few minutes together) unless others are named;
scale (1,000 to 100,000 endpoints), outage (100,000 fail at once), workers (one
and two, on two cores), tls (verified, not resumed), blackbox (the exporter of
Prometheus).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

import blackbox
import scale
import speed
import tls
import workers
from runs import PORT, Target, WRK_CONNECTIONS

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("BENCH_BUILD", os.path.join(ROOT, "build", "bench"))
PARTS = {
    "speed": speed.run_speed,
    "paced": speed.run_paced,
    "scale": scale.run_scale,
    "outage": scale.run_outage,
    "workers": workers.run,
    "tls": tls.run,
    "blackbox": blackbox.run,
}
USUAL = ["speed", "paced"]
OWN_TARGET = {"outage", "workers"}  # these stop it, or place it otherwise


class Bench:
    """What the parts share."""

    def __init__(self, folder, profile):
        self.build = BUILD
        self.folder = folder
        self.profile = profile

    def path(self, name):
        return os.path.join(self.folder, name)


def build():
    """The folder with both programs."""
    def run(*command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{done.stdout}{done.stderr}it does not build")

    if not os.path.exists(os.path.join(BUILD, "build.ninja")):
        run("meson", "setup", "--buildtype=release", BUILD, ROOT)
    run("ninja", "-C", BUILD, "curlew", "tests/bench/bench-target")


def enter_namespace():
    """Go on in a network of our own: only loopback, no one else's packets."""
    unshare = ["unshare", "--net"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode != 0:
        print("No network namespace is allowed here: the figures are from the machine's own "
              "network, and others' traffic is in them.")
        return
    os.execvp("unshare", [*unshare, sys.executable, "-B", __file__, "--inside", *sys.argv[1:]])


def machine():
    """One line about where this was."""
    def first(path, key):
        with open(path, encoding="utf-8") as file:
            return next((line.split(":", 1)[1].strip() for line in file
                         if line.startswith(key)), "?")

    memory = int(first("/proc/meminfo", "MemTotal").split()[0]) / 2**20
    with open("/etc/debian_version", encoding="utf-8") as file:
        debian = file.read().strip()
    return (f"{first('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores, {memory:.0f} GiB, "
            f"Debian {debian}, Linux {os.uname().release}, "
            f"load before {os.getloadavg()[0]:.2f}")


def main():
    parser = argparse.ArgumentParser(prog="tests/bench/run.sh", description=__doc__)
    parser.add_argument("parts", nargs="*", help=" ".join(PARTS))
    parser.add_argument("--profile", action="store_true", help="say where the time goes (perf)")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    unknown = [part for part in chosen.parts if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]}; there are {' '.join(PARTS)}")
    if not chosen.inside:
        print("Building ...", flush=True)
        build()
        enter_namespace()
    else:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

    print(f"Machine: {machine()}")
    print(f"Target: 127.x.y.z:{PORT}, one core; asking: one core, wrk with "
          f"{WRK_CONNECTIONS} connections, curlew with an address of its own and three "
          "expectations an endpoint.", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="curlew-bench") as folder:
        bench = Bench(folder, chosen.profile)
        for part in chosen.parts or USUAL:
            print(f"\n{part}", flush=True)
            if part in OWN_TARGET:
                PARTS[part](bench)
                continue
            with Target(BUILD):
                PARTS[part](bench)
    print(f"\nin {time.monotonic() - began:.0f} s")


main()
