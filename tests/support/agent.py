"""
The real binary, in a folder of its own, with a configuration from a dict.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import urllib.error
import urllib.request

import yaml

from .wait import PATIENCE, until

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What of our own environment the agent may see.
PASSED_ON = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS",
             "TSAN_OPTIONS", "LLVM_PROFILE_FILE")


def binary(inside=None):
    """$CURLEW, build/curlew by default; or another path of its build."""
    curlew = pathlib.Path(os.environ.get("CURLEW", ROOT / "build" / "curlew"))
    return curlew.parent / inside if inside else curlew


class Agent:
    """
    config  a dict, or the text of the file; `state` is filled in
    wrap    words to put before the command, such as ["unshare", "-n"]
    """

    def __init__(self, config, folder=None, env=None, program=None, wrap=()):
        self.own_folder = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="curlew"))
        self.program = str(program or binary())
        self.env = dict(env or {})
        self.wrap = list(wrap)
        self.process = None
        self.state = self.folder / "state" / "curlew.db"
        self.state.parent.mkdir(exist_ok=True)
        self.path = self.folder / "config.yml"
        self.stderr = self.folder / "stderr"
        self.stdout = self.folder / "stdout"
        self.configure(config)

    def configure(self, config):
        """Write the configuration; a running agent does not look at it."""
        if isinstance(config, dict):
            config = {"state": str(self.state), **config}
            config = yaml.safe_dump(config, sort_keys=False)
        self.path.write_text(config)

    def environment(self, **more):
        env = {k: os.environ[k] for k in PASSED_ON if k in os.environ}
        env.update(HOME=str(self.folder), TZ="UTC", LC_ALL="C.UTF-8")
        env.update(self.env)
        env.update(more)
        return env

    def start(self, wait=True, **env):
        """Run it; with `wait`, until it answers on its socket."""
        assert self.process is None or self.process.poll() is not None
        with open(self.stderr, "ab") as err, open(self.stdout, "ab") as out:
            self.process = subprocess.Popen(
                [*self.wrap, self.program, "run", str(self.path)],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                cwd=self.folder, env=self.environment(**env))
        if wait:
            until(self._is_up, lambda: f"the agent to start:\n{self.log}",
                  every=0.02)
            until(self._listens, lambda: f"its port:\n{self.log}")
        return self

    def _listens(self):
        """Where it was told to; what it chose itself is in its log."""
        config = yaml.safe_load(self.path.read_text())
        listen = (config.get("server") or {}).get("listen", ":0")
        host, _, port = listen.rpartition(":")
        with socket.socket() as sock:
            return port == "0" or sock.connect_ex((host, int(port))) == 0

    def _is_up(self):
        code = self.process.poll()
        assert code is None, f"the agent ended with {code}:\n{self.log}"
        with socket.socket(socket.AF_UNIX) as sock:
            # Such addresses are short; the folder's may be long.
            folder = os.open(self.state.parent, os.O_PATH)
            try:
                sock.connect(f"/proc/self/fd/{folder}/curlew.sock")
            except OSError:
                return False
            finally:
                os.close(folder)
        return True

    @property
    def log(self):
        return self.stderr.read_text() if self.stderr.exists() else ""

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def wait_log(self, pattern, timeout=PATIENCE):
        """Until a line of the log matches."""
        return until(lambda: re.search(pattern, self.log, re.M),
                     lambda: f"{pattern!r} in the log:\n{self.log}", timeout)

    def wait_end(self, timeout=PATIENCE):
        """Until it ended by itself; its exit code."""
        return self.process.wait(timeout)

    def stop(self, how=signal.SIGTERM, timeout=PATIENCE):
        """Ask it to end, and insist that it ends well."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(timeout)
        self.process = None
        assert code == 0, f"the agent ended with {code}:\n{self.log}"

    def kill(self):
        """SIGKILL, if it still runs.  Its exit code."""
        if self.process.poll() is None:
            self.process.kill()
        code = self.process.wait()
        self.process = None
        return code

    def restart(self, **env):
        self.stop()
        return self.start(**env)

    def command(self, *words, timeout=PATIENCE, **env):
        """Run a verb to its end."""
        return subprocess.run(
            [*self.wrap, self.program, *map(str, words)], text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout,
            cwd=self.folder, env=self.environment(**env), check=False)

    def status(self):
        """What `curlew status --json` says."""
        done = self.command("status", "--json", self.path)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def endpoint(self, name):
        """What the status says of one endpoint."""
        found = [e for e in self.status()["endpoints"] if e["name"] == name]
        assert len(found) == 1, found
        return found[0]

    def ask(self, path):
        """A GET to the listener: (status, text); (0, why) when refused."""
        listen = yaml.safe_load(self.path.read_text())["server"]["listen"]
        try:
            with urllib.request.urlopen(f"http://{listen}{path}",
                                        timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def wait_told(self, reporters="", timeout=PATIENCE):
        """Until nothing waits to be told to those whose id begins so."""
        def waiting():
            return [r for r in self.status()["reporters"]
                    if r["id"].startswith(reporters) and r["waiting"]]
        until(lambda: not waiting(), waiting, timeout, every=.02)

    def wait_well(self):
        """Until all was found to be well, and Cachet knows: what happens from
        now on is a change."""
        until(lambda: all(e["status"] == "operational"
                          for e in self.status()["endpoints"]), self.status)
        self.wait_told("cachet/")

    def database(self, query, *values):
        """Ask a copy of the state file, so that nothing is disturbed."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            copy = pathlib.Path(folder) / "copy.db"
            for end in ("-wal", ""):
                source = pathlib.Path(str(self.state) + end)
                if source.exists():
                    shutil.copyfile(source, str(copy) + end)
            with sqlite3.connect(copy) as base:
                base.row_factory = sqlite3.Row
                rows = [dict(r) for r in base.execute(query, values)]
            base.close()
        return rows

    def traces(self):
        """All that it left behind: log, output and state, as bytes."""
        found = b""
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path != self.path:
                found += path.read_bytes()
        return found

    def close(self):
        if self.running:
            self.process.kill()
            self.process.wait()
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def endpoint(name, url, **more):
    """An endpoint that is looked at often; what is None is left out."""
    found = {"name": name, "url": url, "method": "GET", "timeout": 10,
             "expectation": [{"type": "HTTP_STATUS",
                              "status_range": "200-300"}],
             "frequency": 0.05, **more}
    return {k: v for k, v in found.items() if v is not None}


def announced(agent, name="foo"):
    """The endpoint and its detail, once something was announced of it; not
    while the last look was too late to tell anything."""
    found = agent.endpoint(name)
    text = agent.command("status", name, "--config", agent.path).stdout
    late = found["cause"] == "lag" or re.search(r"^ +cause +lag$", text, re.M)
    return found["status"] != "unknown" and not late and (found, text)
