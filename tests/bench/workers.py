"""One worker beside two, on two cores that the target shares.

What the target takes is told apart: probes per CPU second of the agent show
whether two threads get in each other's way, whatever is left for them.
"""

import statistics
import time

from runs import Curlew, Target, connections, cpu_seconds, row, write_config

CORES = "0,1"
ENDPOINTS = 10_000
ASKED_FOR = 30_000
ROUNDS = 3
SECONDS = 6


def measure(bench, target, workers):
    config = bench.path(f"workers-{workers}")
    write_config(config, ENDPOINTS, ENDPOINTS / ASKED_FOR, [f"workers: {workers}"])
    with Curlew(bench.build, config, CORES) as curlew:
        curlew.wait_probed(ENDPOINTS)
        pids = curlew.process.pid, target.process.pid
        before = [cpu_seconds(pid) for pid in pids]
        taken, began = connections(), time.monotonic()
        time.sleep(SECONDS)
        ours, theirs = (cpu_seconds(pid) - then for pid, then in zip(pids, before))
        probes, lasted = connections() - taken, time.monotonic() - began
        curlew.check()
    return {"rate": probes / lasted, "ours": probes / ours, "all": probes / (ours + theirs),
            "share": ours / lasted, "target": theirs / lasted}


def run(bench):
    found = {1: [], 2: []}
    with Target(bench.build, cores=CORES) as target:
        for _ in range(ROUNDS):
            for workers, runs in found.items():
                runs.append(measure(bench, target, workers))

    def line(what, key, form="{:,.0f}"):
        values = [statistics.median(run[key] for run in found[n]) for n in (1, 2)]
        ratio = statistics.median(two[key] / one[key] for one, two in zip(found[1], found[2]))
        row(what, *(form.format(value) for value in values), f"{ratio:.2f}")

    row("on two cores with the target", "1 worker", "2 workers", "ratio")
    line("probes per second, saturated", "rate")
    line("probes per CPU second of the agent", "ours")
    line("probes per CPU second, target included", "all")
    line("cores that the agent uses", "share", "{:.2f}")
    line("cores that the target uses", "target", "{:.2f}")
