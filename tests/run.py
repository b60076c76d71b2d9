"""Build curlew in every way and run all tests on it.

One line a step; what a step said is in build/logs.  The last line is
`N passed, N failed`, and the exit code says whether anything failed.

usage: run.py [--quick] [STEP...]      (a step by the first words of its name)
"""

import argparse
import concurrent.futures
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build")
LOGS = os.path.join(BUILD, "logs")
TAIL = 60  # lines of a log that are shown when its step failed
STEP_SECONDS = 900
CONTAINERS = os.path.join(BUILD, "containers")  # podman's images
NO_BASE = 3  # of docker/build.sh
FUZZ_SECONDS = 4  # each
PRINTING = threading.Lock()

# A hundred programs are linked in each build: by what does it soonest.
LINKER = ["-Dc_link_args=-fuse-ld=gold"] if shutil.which("ld.gold") else []
QUICKLY = "-Doptimization=1"  # built sooner, and hardly slower to run
SANITIZE = ["-Db_sanitize=address,undefined", "-Db_lundef=false", QUICKLY, *LINKER]
SIDE_BY_SIDE = ["-n", "6", "--dist", "load"]  # most of their time they wait
STRICT = ["--werror", "--fatal-meson-warnings"]

# Folder under build/ -> (compiler, what meson is told).
BUILDS = {
    "release": ("gcc", ["--buildtype=release", *STRICT]),
    "sanitized": ("gcc", [*SANITIZE,
                          "-Dc_args=-fno-sanitize-recover=all -fno-omit-frame-pointer"]),
    # The fuzzers are made of it, too.
    "fuzz": ("clang", [*SANITIZE, *STRICT,
                       "-Dc_args=-fno-sanitize-recover=all -fsanitize=fuzzer-no-link"]),
    "threads": ("gcc", ["-Db_sanitize=thread", "-Db_lundef=false", QUICKLY, *LINKER]),
    "faults": ("gcc", ["-Dc_args=-DCURLEW_FAULTS", QUICKLY, *LINKER, *STRICT]),
}


def environment(**more):
    """Nothing of the caller's but where things are: proxies, flags and
    settings of his would change what is tested."""
    path = "/usr/sbin:/usr/bin:/sbin:/bin"
    if os.environ.get("PATH"):
        path += ":" + os.environ["PATH"]
    env = {"PATH": path, "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8",
           "PYTHONDONTWRITEBYTECODE": "1",
           "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
           "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
           "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1"}
    if "TMPDIR" in os.environ:
        env["TMPDIR"] = os.environ["TMPDIR"]
    env.update(more)
    return env


class Failed(Exception):
    """The step could not be run to its end."""


class Step:
    """Where a step writes, and what it counts."""

    def __init__(self, name):
        self.name = name
        self.log_path = os.path.join(LOGS, re.sub(r"\W+", "-", name) + ".log")
        self.log = open(self.log_path, "w", encoding="utf-8")
        self.passed = self.failed = self.skipped = 0
        self.why = ""  # something was left out

    def run(self, command, env=None, seconds=STEP_SECONDS):
        """The exit code.  What still runs when the time is up is killed."""
        self.log.write("$ " + " ".join(command) + "\n")
        self.log.flush()
        process = subprocess.Popen(
            command, cwd=ROOT, env=env or environment(), stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self.log.write(f"\nstopped after {seconds} seconds\n")
            raise Failed from None
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise

    def must(self, command, **how):
        if self.run(command, **how) != 0:
            raise Failed

    def count(self, passed, failed, skipped=0):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped


def versions(compiler):
    """What a build folder was made with; another compiler needs another."""
    said = [subprocess.run([program, "--version"], env=environment(), capture_output=True,
                           text=True, check=False).stdout.partition("\n")[0]
            for program in ("meson", compiler)]
    return " ".join(said)


def made(step, name):
    """Its folder, with what is there if that was made in the same way."""
    compiler, options = BUILDS[name]
    folder = os.path.join(BUILD, name)
    how = "\n".join([ROOT, versions(compiler), *options]) + "\n"
    mark = os.path.join(folder, "made-by-tests")
    try:
        with open(mark, encoding="utf-8") as file:
            usable = file.read() == how
    except OSError:
        usable = False
    if not usable:
        shutil.rmtree(folder, ignore_errors=True)
        step.must(["meson", "setup", *options, folder, ROOT], env=environment(CC=compiler))
        with open(mark, "w", encoding="utf-8") as file:
            file.write(how)
    return folder


def build(step, name, *targets):
    folder = made(step, name)
    step.must(["ninja", "--quiet", "-C", folder, *targets])
    return folder


def cases_of(test):
    """(passed, failed) in one program of tests."""
    output = test.get("stdout", "") + "\n" + test.get("stderr", "")
    good = test["result"] in ("OK", "EXPECTEDFAIL")
    told = re.findall(r"^(\d+) passed, (\d+) failed$", output, re.MULTILINE)
    if told:
        passed, failed = map(int, told[-1])
    else:
        passed = sum(map(int, re.findall(r"\[  PASSED  \] (\d+) test", output)))
        failed = sum(map(int, re.findall(r"\[  FAILED  \] (\d+) test", output)))
    if good:
        return max(passed, 1), failed
    return passed, max(failed, 1)


def meson_test(step, folder, *arguments):
    """Run meson's tests and count their cases."""
    log = re.sub(r"\W+", "-", step.name)
    # With --wrap, meson adds the wrapper's name to that of its files.
    pattern = os.path.join(folder, "meson-logs", log + "*.json")
    for old in glob.glob(pattern):
        os.remove(old)
    code = step.run(["meson", "test", "-C", folder, "--no-rebuild", "--print-errorlogs",
                     "--logbase", log, *arguments])
    ran = 0
    try:
        with open(glob.glob(pattern)[0], encoding="utf-8") as file:
            for line in file:
                test = json.loads(line)
                ran += 1
                if test["result"] == "SKIP":
                    step.count(0, 0, 1)
                else:
                    step.count(*cases_of(test))
    except (OSError, ValueError, IndexError) as error:
        step.log.write(f"\nmeson left no results: {error}\n")
        raise Failed from None
    if ran == 0:
        step.log.write("\nthere are no such tests\n")
        raise Failed
    if code != 0 and step.failed == 0:
        raise Failed


def pytest(step, program, *arguments, **env):
    """Run pytest on a built program and count its cases."""
    results = step.log_path.replace(".log", ".xml")
    if os.path.exists(results):
        os.remove(results)
    code = step.run(["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider",
                     "--tb=short", "-rs", "--durations=10", f"--junitxml={results}", *arguments],
                    env=environment(CURLEW=program, **env))
    try:
        suites = xml.etree.ElementTree.parse(results).getroot().iter("testsuite")
    except (OSError, xml.etree.ElementTree.ParseError) as error:
        step.log.write(f"\npytest left no results: {error}\n")
        raise Failed from None
    for suite in suites:
        bad = int(suite.get("failures")) + int(suite.get("errors"))
        skipped = int(suite.get("skipped"))
        step.count(int(suite.get("tests")) - bad - skipped, bad, skipped)
    if code != 0 and step.failed == 0:
        raise Failed


# The steps, in their order.


def step_build(step):
    build(step, "release")


def step_lint(step):
    meson_test(step, build(step, "release"), "--suite", "lint", "--num-processes", "1")


def step_unit(step):
    meson_test(step, build(step, "release"), "--suite", "unit")


def step_suites(step):
    meson_test(step, build(step, "release"), "--no-suite", "lint")


def step_sanitized(step):
    folder = build(step, "sanitized")
    meson_test(step, folder, "--no-suite", "lint", "--no-suite", "sim", "-t", "4")
    # Seeds that the release build has not run; each takes three times as long.
    good = step.run([os.path.join(folder, "tests", "sim", "sim"), "15", "1001"]) == 0
    step.count(int(good), int(not good))


def names_of(folder, *arguments):
    """The tests in a build folder."""
    listed = subprocess.run(["meson", "test", "-C", folder, "--list", *arguments],
                            env=environment(), capture_output=True, text=True,
                            check=True).stdout
    return sorted(set(re.findall(r"/ (\w+)$", listed, re.MULTILINE)))


def build_units(step, name, names=None):
    """Of its tests, those of units alone; `names` of them, or all."""
    folder = made(step, name)
    names = names or names_of(folder, "--suite", "unit")
    return build(step, name, "curlew", *(f"tests/unit/unit-{each}" for each in names))


def step_clang(step):
    meson_test(step, build_units(step, "fuzz"), "--suite", "unit")


def step_threads(step):
    folder = made(step, "threads")
    names = [name for name in names_of(folder) if "queue" in name or "worker" in name]
    build_units(step, "threads", names)
    meson_test(step, folder, "-t", "4", *names)
    # TSan holds signals back, seldom for ever.
    pytest(step, os.path.join(folder, "curlew"), "tests/flow", "-k", "reload and not hup",
           *SIDE_BY_SIDE, RELOADS="40")


def step_valgrind(step):
    folder = build_units(step, "faults")
    # Dozens of processes that are killed before valgrind could say anything, and
    # thousands of rounds that say the same as one.
    left_out = {"store_lossy", "external", "robots", "zone"}
    names = [name for name in names_of(folder, "--suite", "unit") if name not in left_out]
    known = os.path.join(ROOT, "tests", "support", "valgrind.supp")
    meson_test(step, folder, "--suite", "unit", *names, "-t", "10", "--wrap",
               "valgrind --error-exitcode=9 --quiet --leak-check=full --trace-children=no "
               f"--suppressions={known}")


def step_flow(step):
    folder = build(step, "release")
    pytest(step, os.path.join(folder, "curlew"), "tests/flow",
           "-k", "not kill and not storm", *SIDE_BY_SIDE)


def step_storm(step):
    folder = build(step, "release")
    pytest(step, os.path.join(folder, "curlew"), "tests/flow", "-k", "storm")


def step_flow_sanitized(step):
    folder = build(step, "sanitized")
    # Those that are left out load the machine, wait, or run the program hundreds of
    # times, and show nothing new here.
    left_out = ["kill", "storm", "dead_receivers", "every_default", "reference_says"]
    pytest(step, os.path.join(folder, "curlew"), "tests/flow",
           "-k", " and ".join("not " + name for name in left_out), *SIDE_BY_SIDE)


def step_fuzz(step):
    build(step, "fuzz", "libcurlew-parts.a")
    code = step.run(["sh", "tests/fuzz/run.sh", str(FUZZ_SECONDS)])
    with open(step.log_path, encoding="utf-8", errors="replace") as log:
        told = re.findall(r"^(\d+) passed, (\d+) failed$", log.read(), re.MULTILINE)
    if not told:
        raise Failed
    step.count(*map(int, told[-1]))
    if code != 0 and step.failed == 0:
        raise Failed


def step_kill(step):
    folder = build(step, "faults", "curlew", "tests/support/curlew-lossy")
    pytest(step, os.path.join(folder, "curlew"), "tests/flow", "-k", "kill")


def without_containers(step):
    """Why there can be none, or ""."""
    if os.geteuid() != 0:
        return "only root can make the base image"
    if not shutil.which("mmdebstrap", path=environment()["PATH"]):
        return "there is no mmdebstrap"
    info, env = ["sh", "docker/engine.sh", "info"], environment(CONTAINER_STORAGE=CONTAINERS)
    if step.run(info, env=env) == 0:
        return ""
    # Its storage does not bear to be moved.
    shutil.rmtree(CONTAINERS, ignore_errors=True)
    if step.run(info, env=env) == 0:
        return ""
    return "there is no podman that works"


def step_image(step):
    """Build both images, which tests inside, and run them."""
    step.why = without_containers(step)
    env = environment(CONTAINER_STORAGE=CONTAINERS)
    for suite in ("trixie", "bookworm"):
        code = None if step.why else step.run(
            ["sh", "docker/build.sh", "--suite", suite], env=env)
        if code != NO_BASE:
            break
    else:
        step.why = "no base image can be made; see " + os.path.relpath(step.log_path, ROOT)
    if step.why:
        step.count(0, 0, 1)
    elif code != 0:
        raise Failed
    else:
        step.count(1, 0)
        pytest(step, "", "tests/image", "-n", "2", CONTAINER_STORAGE=CONTAINERS)


# What waits most of its time runs beside the steps that follow it.
BESIDE = {"kill", "image", "storm"}
STEPS = [
    ("build", step_build),
    ("kill", step_kill),
    ("image", step_image),
    ("lint", step_lint),
    ("unit, golden, conf, sim", step_suites),
    ("the same under ASan and UBSan", step_sanitized),
    ("storm", step_storm),
    ("unit, built by clang, under ASan and UBSan", step_clang),
    ("threads under TSan", step_threads),
    ("unit under valgrind", step_valgrind),
    ("flow", step_flow),
    ("flow under ASan and UBSan", step_flow_sanitized),
    ("fuzz", step_fuzz),
]
QUICK = [("build", step_build), ("lint", step_lint), ("unit", step_unit)]


def show_tail(step):
    with open(step.log_path, encoding="utf-8", errors="replace") as file:
        lines = file.read().splitlines()
    for line in lines[-TAIL:]:
        print("    | " + line)
    print(f"    all of it: {os.path.relpath(step.log_path, ROOT)}", flush=True)


def run(name, function):
    """Run the step to its end, and print what became of it."""
    step = Step(name)
    began = time.monotonic()
    if sys.stdout.isatty():
        print(f"{name} ...", end="\r", flush=True)
    try:
        function(step)
    except Failed:
        step.failed += 1
    finally:
        step.log.close()
    told = [f"{step.passed} passed"] if step.passed else []
    told += [f"{step.failed} failed"] if step.failed else []
    told += [f"{step.skipped} left out{step.why and ': ' + step.why}"] if step.skipped else []
    with PRINTING:
        print(f"{name} ... {', '.join(told) or 'done'} ({time.monotonic() - began:.0f} s"
              f"{', beside others' if name in BESIDE else ''})", flush=True)
        if step.failed:
            show_tail(step)
    return step


def run_all(steps):
    """All of them, in their order but for those that run beside the others."""
    done = []
    with concurrent.futures.ThreadPoolExecutor() as pool:
        beside = []
        for name, function in steps:
            if name in BESIDE:
                beside.append(pool.submit(run, name, function))
            else:
                done.append(run(name, function))
        return done + [each.result() for each in beside]


def main():
    parser = argparse.ArgumentParser(description="Run the tests.")
    parser.add_argument("--quick", action="store_true", help="lint and unit tests alone")
    parser.add_argument("steps", nargs="*", help="only steps whose names begin so")
    chosen = parser.parse_args()
    steps = [(name, function) for name, function in (QUICK if chosen.quick else STEPS)
             if not chosen.steps or name.startswith(tuple(chosen.steps))]
    os.makedirs(LOGS, exist_ok=True)
    began = time.monotonic()
    done = run_all(steps)
    passed, failed = (sum(getattr(step, what) for step in done) for what in ("passed", "failed"))
    print(f"in {time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
