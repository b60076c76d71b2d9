"""Side by side on loopback: what the agent and wrk make of one core each.

The program to measure against is wrk with `Connection: close`: the least that
a new connection and a request can cost here.  Rounds of both alternate, so
that a machine that is slow for a while is slow for both.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

from runs import Curlew, PORT, Target, WRK_CONNECTIONS, write_config, wrk

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(ROOT, "build", "bench")

ENDPOINTS = 10_000
ROUNDS = 3
SECONDS = 6  # a measured round
ASKED_FOR = 30_000  # probes per second: more than a core can do
PACED = 2_000  # probes per second, for lateness and memory
PACED_SECONDS = 25


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


def measure_speed(config, profile):
    """Rounds of (wrk, curlew), and where the time went if asked."""
    rounds, profiled = [], None
    for number in range(ROUNDS):
        theirs = wrk(SECONDS)
        with Curlew(BUILD, config) as curlew:
            curlew.wait_probed(ENDPOINTS)
            ours = curlew.measure(SECONDS)
            if profile and number == ROUNDS - 1:
                profiled = curlew.profile(SECONDS)
            curlew.check()
        rounds.append((theirs, ours))
        print(f"  round {number + 1}: wrk {theirs.rate:,.0f}/s {theirs.cpu_us:.1f} us, "
              f"curlew {ours.rate:,.0f}/s {ours.cpu_us:.1f} us", flush=True)
    return rounds, profiled


def measure_paced(config):
    """Lateness, memory and CPU while 2,000 probes a second are asked for."""
    with Curlew(BUILD, config) as curlew:
        curlew.wait_probed(ENDPOINTS)
        run = curlew.measure(PACED_SECONDS)
        memory = curlew.memory()
        status = curlew.check()
        return run, memory, status["worker"]


def measure_one(config):
    with Curlew(BUILD, config) as curlew:
        curlew.wait_probed(1)
        return curlew.memory()


def row(what, wrk_says, curlew_says, ratio=""):
    print(f"{what:<46}{wrk_says:>12}{curlew_says:>12}{ratio:>8}".rstrip())


def tell_speed(rounds):
    rate = [statistics.median(run[i].rate for run in rounds) for i in (0, 1)]
    cpu = [statistics.median(run[i].cpu_us for run in rounds) for i in (0, 1)]
    user = [statistics.median(run[i].user_us for run in rounds) for i in (0, 1)]
    ratio = statistics.median(ours.rate / theirs.rate for theirs, ours in rounds)
    ratio_cpu = statistics.median(ours.cpu_us / theirs.cpu_us for theirs, ours in rounds)
    row("probes per second, saturated", f"{rate[0]:,.0f}", f"{rate[1]:,.0f}", f"{ratio:.2f}")
    row("CPU us per probe, saturated", f"{cpu[0]:.1f}", f"{cpu[1]:.1f}", f"{ratio_cpu:.2f}")
    row("  of these in user space", f"{user[0]:.1f}", f"{user[1]:.1f}",
        f"{user[1] / user[0]:.2f}")
    for name in sorted(rounds[0][1].threads):
        share = statistics.median(run[1].threads.get(name, 0) for run in rounds)
        row(f"  of these by the {name} thread", "", f"{share:.1f}")


def tell_paced(run, memory, worker):
    row(f"probes per second, {PACED:,} asked for", "", f"{run.rate:,.0f}")
    row("  CPU us per probe", "", f"{run.cpu_us:.1f}")
    row("    of these in user space", "", f"{run.user_us:.1f}")
    for name in sorted(run.threads):
        row(f"    of these by the {name} thread", "", f"{run.threads[name]:.1f}")
    for which in ("p50", "p99", "max"):
        row(f"  lateness {which}, ms", "", f"{worker[f'late_{which}_ms']:.2f}")
    row("  ticks missed", "", f"{worker['missed']:,}")


def tell_memory(one, many):
    row("RSS with 1 endpoint, MiB", "", f"{one['VmRSS'] / 1024:.1f}")
    row(f"RSS with {ENDPOINTS:,} endpoints, MiB", "", f"{many['VmRSS'] / 1024:.1f}")
    each = (many["VmRSS"] - one["VmRSS"]) * 1024 / (ENDPOINTS - 1)
    row("  bytes per endpoint", "", f"{each:,.0f}")


def main():
    parser = argparse.ArgumentParser(prog="tests/bench/run.sh", description=__doc__)
    parser.add_argument("--profile", action="store_true", help="say where the time goes (perf)")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if not chosen.inside:
        print("Building ...", flush=True)
        build()
        enter_namespace()
    else:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

    print(f"Machine: {machine()}")
    print(f"Target: 127.x.y.z:{PORT}, one core; asking: one core, wrk with "
          f"{WRK_CONNECTIONS} connections, curlew with {ENDPOINTS:,} addresses of three "
          "expectations each.", flush=True)
    with tempfile.TemporaryDirectory(prefix="curlew-bench") as folder, Target(BUILD):
        paths = {name: os.path.join(folder, name) for name in ("fast", "paced", "one")}
        write_config(paths["fast"], ENDPOINTS, ENDPOINTS / ASKED_FOR)
        write_config(paths["paced"], ENDPOINTS, ENDPOINTS / PACED)
        write_config(paths["one"], 1, 1)
        began = time.monotonic()
        rounds, profiled = measure_speed(paths["fast"], chosen.profile)
        one = measure_one(paths["one"])
        run, many, worker = measure_paced(paths["paced"])
        print()
        row("", "wrk", "curlew", "ratio")
        tell_speed(rounds)
        tell_paced(run, many, worker)
        tell_memory(one, many)
        if profiled:
            print()
            print("Where the time goes, saturated:")
            print(profiled)
        print()
        print(f"in {time.monotonic() - began:.0f} s")


main()
