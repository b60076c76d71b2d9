"""What a core makes of it: saturated, and at a pace.

The program to measure against is wrk with `Connection: close`: the least that
a new connection and a request can cost here.  Rounds of both alternate, so
that a machine that is slow for a while is slow for both.
"""

import statistics

from runs import Curlew, row, write_config, wrk

ENDPOINTS = 10_000
ROUNDS = 3
SECONDS = 6  # a measured round
ASKED_FOR = 30_000  # probes per second: more than a core can do
PACED = 2_000  # probes per second, for lateness and memory
PACED_SECONDS = 25


def measure_speed(bench, config):
    """Rounds of (wrk, curlew), and where the time went if asked."""
    rounds, profiled = [], None
    for number in range(ROUNDS):
        theirs = wrk(SECONDS)
        with Curlew(bench.build, config) as curlew:
            curlew.wait_probed(ENDPOINTS)
            ours = curlew.measure(SECONDS)
            if bench.profile and number == ROUNDS - 1:
                profiled = curlew.profile(SECONDS)
            curlew.check()
        rounds.append((theirs, ours))
        print(f"  round {number + 1}: wrk {theirs.rate:,.0f}/s {theirs.cpu_us:.1f} us, "
              f"curlew {ours.rate:,.0f}/s {ours.cpu_us:.1f} us", flush=True)
    return rounds, profiled


def measure_paced(bench, config):
    """Lateness, memory and CPU while 2,000 probes a second are asked for."""
    with Curlew(bench.build, config) as curlew:
        curlew.wait_probed(ENDPOINTS)
        run = curlew.measure(PACED_SECONDS)
        memory = curlew.memory()
        status = curlew.check()
        return run, memory, status["worker"]


def measure_one(bench, config):
    with Curlew(bench.build, config) as curlew:
        curlew.wait_probed(1)
        return curlew.memory()


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


def run_speed(bench):
    config = bench.path("fast")
    write_config(config, ENDPOINTS, ENDPOINTS / ASKED_FOR)
    rounds, profiled = measure_speed(bench, config)
    row("", "wrk", "curlew", "ratio")
    tell_speed(rounds)
    if profiled:
        print("Where the time goes, saturated:")
        print(profiled)


def run_paced(bench):
    write_config(bench.path("one"), 1, 1)
    write_config(bench.path("paced"), ENDPOINTS, ENDPOINTS / PACED)
    one = measure_one(bench, bench.path("one"))
    run, many, worker = measure_paced(bench, bench.path("paced"))
    row("", "", "curlew")
    tell_paced(run, many, worker)
    tell_memory(one, many)
