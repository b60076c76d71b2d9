"""
One case, played with the real program against servers of its own.
"""

import dataclasses
import json
import pathlib
import re
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

# pylint: disable=wrong-import-position
from support.agent import Agent                                # noqa: E402

import notation                                                # noqa: E402
from notation import Differs                                   # noqa: E402
from servers import Cachet, Hook, Probed, TlsProbed            # noqa: E402

PATIENCE = 40        # seconds for all that a case waits for
CACHET_TIMEOUT = 3   # seconds; some retries wait as long
HOLD_TIMEOUT = 120   # of a probe whose answer may be kept back
SLOWER = 6           # where a case is about time, everything takes longer
PAUSE = 0.3          # between probes in such a case


@dataclasses.dataclass
class Case:
    """
    expect    what should happen, as written in the notation
    requests  the same with all parameters, when they are known
    exit      it should end by itself, with this code and these `says`
    quiet     nobody should have been asked anything
    says      patterns of which each must be in the log
    checks    functions of the World, called when all else was good
    timed     it is about time: SLOWER stretches its times, and since a busy
              machine may spoil it, it is played more than once if need be
    doubtful  Cachet's answers leave it in doubt, so that some retries have
              their own time
    tls       the target speaks TLS, with a certificate of its own
    extra     a function of the World that makes more servers; it returns what
              is to be written for "@NAME@" in the configuration
    own_way   a function of the World that plays it, rather than the script
    """

    number: str
    title: str
    config: str
    expect: str = ""
    requests: list = None
    script: list = dataclasses.field(default_factory=list)
    paths: dict = dataclasses.field(default_factory=dict)
    rules: list = dataclasses.field(default_factory=list)
    hook_rules: list = dataclasses.field(default_factory=list)
    components: dict = dataclasses.field(
        default_factory=lambda: {"1": 1, "2": 1})
    seeds: list = dataclasses.field(default_factory=list)
    env: dict = dataclasses.field(default_factory=dict)
    exit: int = None
    quiet: bool = False
    says: tuple = ()
    checks: tuple = ()
    timed: bool = False
    token: str = "tok"
    metrics: tuple = (3,)
    path: str = "/p"
    name: str = "foo"
    patience: float = PATIENCE
    doubtful: bool = False
    tls: bool = False
    extra: object = None
    own_way: object = None

    @property
    def attempts(self):
        return 3 if self.timed else 1


class World:
    """The servers of a case, and the program."""

    def __init__(self, case, program, folder):
        self.case = case
        self.expected = notation.Expected(case.expect, case.requests)
        self.trouble = None
        self.over = threading.Event()
        self.ended = threading.Event()
        self.armed = set()
        self.probed_before = None
        self.began = time.monotonic()
        self.cachet = Cachet(case.components, case.seeds, case.metrics,
                             case.token)
        self.hook = Hook()
        self.servers = [self.cachet, self.hook]
        self.mute = []  # that take no requests
        self.names = {"@CACHET@": self.cachet.host, "@HOOK@": self.hook.host,
                      "@FOLDER@": str(folder)}
        self.names.update(case.extra(self) if case.extra else {})
        script = json.loads(self.filled(json.dumps(case.script)))
        probed = TlsProbed if case.tls else Probed
        self.probed = probed(case.path, script, case.paths, self.gate,
                             SLOWER if case.timed else 1)
        self.servers.append(self.probed)
        self.names["@PROBE@"] = self.probed.host
        for rule in case.hook_rules:
            set_fault(self.hook, rule)
        env = {"STATE_DIRECTORY": str(pathlib.Path(folder) / "state"),
               **{k: self.filled(v) for k, v in case.env.items()}}
        self.agent = Agent(self.configured(), folder=folder, env=env,
                           program=program)
        self.deadline = time.monotonic() + case.patience
        self.arm(0)

    def close(self):
        self.ended.set()
        self.agent.close()
        for server in [*self.servers, *self.mute]:
            server.close()

    def filled(self, text):
        for name, value in self.names.items():
            text = text.replace(name, value)
        return text

    def configured(self):
        """The case's configuration, with time enough for answers that are
        kept back."""
        text = self.filled(self.case.config)
        if self.case.timed:
            text = re.sub(r"(timeout|threshold): (0\.\d+)", stretched, text)
            text = text.replace("frequency: 0.01", f"frequency: {PAUSE}")
        else:
            text = text.replace("timeout: 0.3\n", f"timeout: {HOLD_TIMEOUT}\n")
        return re.sub(r"^cachet:\n", f"cachet:\n  timeout: {CACHET_TIMEOUT}\n",
                      text, flags=re.M)

    # What the agent itself says.

    def ask(self, request):
        """One request at its socket; {} when nobody answers."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(PATIENCE)
            try:
                sock.connect(str(self.agent.state.with_suffix(".sock")))
                sock.sendall(request.encode() + b"\n")
                with sock.makefile("rb") as answer:
                    return json.loads(answer.read() or b"{}")
            except OSError:
                return {}

    def looked(self, key):
        found = self.ask(f"status {self.case.name}")
        return found.get("endpoint", {}).get(key)

    def is_judged(self):
        """The latest result is no more the one of before."""
        return self.looked("probed") not in (None, self.probed_before)

    def is_idle(self):
        """Nothing waits to be told."""
        reporters = self.ask("summary").get("reporters")
        return reporters is not None \
            and all(r["waiting"] == 0 for r in reporters)

    def is_well(self):
        """What could not be told was told since."""
        reporters = self.ask("summary").get("reporters")
        return reporters is not None \
            and all(not r["trouble"] for r in reporters)

    # Keeping the pace.

    def arm(self, evaluation):
        """Faults of Cachet begin with the evaluation in which they are meant
        to be met: how often Cachet is read before is nobody's business."""
        for i, rule in enumerate(self.case.rules):
            due = 0
            if rule.get("skip"):
                due = self.expected.evaluation_of("G", rule["skip"])
            if i not in self.armed and evaluation >= due:
                self.armed.add(i)
                set_fault(self.cachet, rule)

    def receivers(self):
        return (("cachet", self.cachet), ("hook", self.hook))

    def is_told(self, evaluation):
        """All that is expected by the end of this evaluation was done."""
        return all(
            len(server.effects()) >= len(self.expected.told(role, evaluation))
            for role, server in self.receivers())

    def gate(self, number):
        """Keep back the answer until the evaluation before had its effect."""
        done = number - 1
        limit = self.expected.evaluations
        try:
            if number > limit + 1:
                self.wait(self.is_judged, f"evaluation {done} to be judged")
                self.settle(limit)
                self.over.set()
                self.ended.wait()
                return
            if done > 0:
                self.wait(self.is_judged, f"evaluation {done} to be judged")
            self.settle(min(done, limit))
            self.arm(number)
            self.probed_before = self.looked("probed")
        except (AssertionError, Differs) as trouble:
            self.trouble = self.trouble or trouble
            self.over.set()

    def settle(self, evaluation):
        """Until all by the end of this evaluation was told, and nothing else.
        A retry has its own time: it may come before it is expected here."""
        self.wait(lambda: self.is_told(evaluation),
                  f"the effects of evaluation {evaluation}")
        if self.case.doubtful or self.expected.failed_before(evaluation + 1):
            self.wait(self.is_well, "what was refused to be told")
            return
        self.wait(self.is_idle, "all to be told")
        for role, server in self.receivers():
            wanted = self.expected.told(role, evaluation)
            if evaluation == self.expected.evaluations:
                wanted += self.surplus(server)
            notation.compare(f"{role}, by the end of evaluation {evaluation}",
                             wanted, server.effects())

    def wait(self, predicate, what):
        while not predicate():
            if self.ended.is_set() or not self.agent.running:
                raise AssertionError(f"it ended while waiting for {what}")
            if time.monotonic() > self.deadline:
                raise AssertionError(f"waited in vain for {what}")
            time.sleep(0.005)

    # The verdict.

    def surplus(self, server):
        """The point of the probe that was made after the script."""
        seen = server.effects()
        if server is not self.cachet \
                or len(seen) <= len(self.expected.told("cachet")):
            return []
        return [e for e in seen[-1:] if e.word[0] == "M"]

    def compare(self):
        case, expected = self.case, self.expected
        last = expected.evaluations if case.exit is None else sys.maxsize
        notation.compare("probes", expected.probes(),
                         self.probed.effects(last))
        for role, server in self.receivers():
            notation.compare(
                role, expected.told(role) + self.surplus(server),
                server.effects())
        if case.quiet:
            asked = sum((s.requests for s in self.servers), [])
            if asked:
                raise Differs(f"nobody should have been asked: {asked}")
        self.check()

    def check(self):
        for pattern in self.case.says:
            if not re.search(self.filled(pattern), self.agent.log):
                raise Differs(f"it does not say {self.filled(pattern)!r}")
        for check in self.case.checks:
            check(self)

    def story(self):
        """What happened, for a reader."""
        lines = [f"cachet: {r.at - self.began:.3f} {r.method} {r.target} "
                 f"{r.body.decode()} -> {r.answered}"
                 for r in self.cachet.requests]
        lines += [f"hook: {r.at - self.began:.3f} {r}"
                  for r in self.hook.requests]
        lines += [f"probe: {r.at - self.began:.3f} {r}"
                  for r in self.probed.requests[:20]]
        lines.sort(key=lambda line: float(line.split()[1]))
        return "\n".join([*lines, self.agent.log])

    def play(self):
        self.began = time.monotonic()
        if self.case.own_way:
            self.case.own_way(self)
            self.check()
            return
        self.agent.start(wait=False)
        if self.case.exit is not None:
            self.play_short()
            return
        while not self.over.wait(0.02):
            if not self.agent.running:
                raise AssertionError("it ended by itself with "
                                     f"{self.agent.process.returncode}")
            if time.monotonic() > self.deadline:
                raise AssertionError("waited in vain for probe "
                                     f"{self.probed.evaluation + 1}")
        if self.trouble:
            raise self.trouble
        self.agent.stop()
        self.compare()

    def play_short(self):
        try:
            code = self.agent.wait_end(self.case.patience)
        except Exception:
            raise AssertionError("it should have ended by itself") from None
        if code != self.case.exit:
            raise Differs(f"it ended with {code}, not {self.case.exit}")
        self.compare()


def stretched(match):
    return f"{match[1]}: {float(match[2]) * SLOWER:.1f}"


def set_fault(server, rule):
    """A rule of the cases as a fault of a server."""
    how = {"times": rule.get("times")}
    if rule.get("action"):
        how["fault"] = rule["action"]
    else:
        how["status"] = rule["status"]
        how["body"] = rule.get("body", "{}")
        how["headers"] = {"Content-Type": "application/json"}
    server.fault(rule.get("method", ".*"), rule["path"], **how)
