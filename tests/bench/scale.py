"""Many endpoints, as many a machine would have, each once in 30 s."""

import sqlite3
import time

from runs import Curlew, PORT, Target, cpu_seconds, memory_of, row, write_config

SIZES = (1, 1_000, 10_000, 100_000)
FREQUENCY = 30
SECONDS = 20  # measured after all were probed once
OUTAGE = 100_000
RECEIVER = PORT + 1
JUDGED_WITHIN = 3 * FREQUENCY


def measure_size(bench, size):
    config = bench.path(f"scale-{size}")
    write_config(config, size, FREQUENCY)
    with Curlew(bench.build, config) as curlew:
        start = curlew.wait_probing()
        curlew.wait_probed(size)
        probed = time.monotonic() - curlew.began - start
        before = cpu_seconds(curlew.process.pid)
        probes = curlew.status()["worker"]["probes"]
        asked = cpu_seconds(curlew.process.pid)  # what the status itself took
        time.sleep(SECONDS)
        used = cpu_seconds(curlew.process.pid) - asked
        memory = curlew.memory()
        worker = curlew.check()["worker"]
        return {
            "start": start, "probed": probed, "rss": memory["VmRSS"], "most": memory["VmHWM"],
            "cpu": used / max(worker["probes"] - probes, 1) * 1e6, "status": asked - before,
            "worker": worker,
        }


def run_scale(bench):
    found = {}
    for size in SIZES:
        found[size] = measure_size(bench, size)
        print(f"  {size:,} done", flush=True)
    base = found[1]["rss"]

    def line(what, cell):
        print(f"{what:<34}" + "".join(f"{cell(size, found[size]):>12}" for size in SIZES))

    line(f"endpoints, each in {FREQUENCY} s", lambda size, _: f"{size:,}")
    line("start until probing, s", lambda _, run: f"{run['start']:.2f}")
    line("  ms per 1,000 endpoints", lambda size, run: f"{run['start'] / size * 1e6:,.1f}"
         if size > 1 else "")
    line("from there, all probed in s", lambda _, run: f"{run['probed']:.1f}")
    line("RSS, all probed once, MiB", lambda _, run: f"{run['rss'] / 1024:.1f}")
    line("  the most so far, MiB", lambda _, run: f"{run['most'] / 1024:.1f}")
    line("  bytes per endpoint", lambda size, run:
         f"{(run['rss'] - base) * 1024 / (size - 1):,.0f}" if size > 1 else "")
    line("CPU us per probe", lambda size, run: f"{run['cpu']:,.0f}" if size > 1 else "")
    for which in ("p50", "p99", "max"):
        line(f"lateness {which}, ms, from the start", lambda _, run, which=which:
             f"{run['worker'][f'late_{which}_ms']:.2f}")
    line("ticks missed", lambda _, run: f"{run['worker']['missed']:,}")
    line("CPU ms of one `curlew status`", lambda _, run: f"{run['status'] * 1e3:,.0f}")


def recorded(config):
    """How many endpoints its state file says are down, and deliveries that wait."""
    with sqlite3.connect(f"file:{config}.db?mode=ro", uri=True, timeout=5) as base:
        down, = base.execute("SELECT count(*) FROM endpoint WHERE announced > 1").fetchone()
        waiting, = base.execute("SELECT count(*) FROM delivery").fetchone()
    base.close()
    return down, waiting


def measure_outage(bench, receiver):
    """The target goes, and the agent has to notice, to record and to tell."""
    config = bench.path("outage" if receiver else "outage-quiet")
    above = ["reporters:", "  - {name: all, type: webhook, "
             f"url: \"http://127.0.0.1:{RECEIVER}/\"}}"] if receiver else []
    write_config(config, OUTAGE, FREQUENCY, above)
    target = Target(bench.build)
    target.__enter__()
    with Curlew(bench.build, config) as curlew:
        curlew.wait_probing()
        curlew.wait_probed(OUTAGE)
        time.sleep(5)
        before, cpu = curlew.memory(), cpu_seconds(curlew.process.pid)
        target.stop()
        gone = time.monotonic()
        marks = {}
        while len(marks) < 3 and time.monotonic() < gone + JUDGED_WITHIN * (2 if receiver else 1):
            time.sleep(0.5)
            down, waiting = recorded(config)
            for name, share in (("half", 0.5), ("all", 1)):
                if down >= OUTAGE * share:
                    marks.setdefault(name, time.monotonic() - gone)
            if down == OUTAGE and waiting == 0:
                marks.setdefault("told", time.monotonic() - gone)
        after = memory_of(curlew.process.pid)
        return {
            "marks": marks, "before": before["VmRSS"], "after": after["VmRSS"],
            "most": after["VmHWM"], "cpu": cpu_seconds(curlew.process.pid) - cpu,
            "worker": (curlew.status() or {}).get("worker", {}),
        }


def run_outage(bench):
    with Target(bench.build, RECEIVER):
        found = [measure_outage(bench, receiver) for receiver in (False, True)]

    def line(what, cell):
        row(what, cell(found[0]), cell(found[1]))

    def mark(name):
        return lambda run: f"{run['marks'][name]:.1f}" if name in run["marks"] else "not yet"

    row(f"{OUTAGE:,} endpoints fail, each in {FREQUENCY} s", "unheard", "a webhook")
    line("half of them recorded after s", mark("half"))
    line("all of them recorded after s", mark("all"))
    line("all of them told after s", mark("told"))
    line("RSS before, MiB", lambda run: f"{run['before'] / 1024:.1f}")
    line("RSS after, MiB", lambda run: f"{run['after'] / 1024:.1f}")
    line("  the most, MiB", lambda run: f"{run['most'] / 1024:.1f}")
    line("CPU s until then", lambda run: f"{run['cpu']:.1f}")
    for which in ("p50", "p99", "max"):
        line(f"lateness {which}, ms, from the start",
             lambda run, which=which: f"{run['worker'].get(f'late_{which}_ms', -1):.2f}")
    line("ticks missed", lambda run: f"{run['worker'].get('missed', -1):,}")
