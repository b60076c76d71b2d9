"""
What the service manager hears: ready, reloading, stopping, the watchdog.
"""

import os
import signal
import socket
import time

import pytest
from support.agent import endpoint
from support.wait import until


class Manager:
    """Listens as systemd does, at a path or at an abstract name ("@...")."""

    def __init__(self, path):
        self.path = str(path)
        self.heard = []  # (when, {name: value})
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path.replace("@", "\0", 1))
        self.socket.setblocking(False)

    def listen(self):
        while True:
            try:
                text = self.socket.recv(65536).decode()
            except BlockingIOError:
                return self.heard
            lines = dict(line.split("=", 1) for line in text.splitlines())
            self.heard.append((time.monotonic(), lines))

    def said(self, name):
        """All values of it, in order."""
        return [lines[name] for _, lines in self.listen() if name in lines]

    def wait(self, name, value=None):
        def there():
            values = self.said(name)
            return values and (value is None or value in values)
        until(there, lambda: (name, value, self.heard))


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    name = f"@curlew-{os.getpid()}" if request.param == "abstract" else tmp_path / "notify"
    manager = Manager(name)
    yield manager
    manager.socket.close()


def test_from_ready_to_stopping(make, target, hook, manager):
    config = {"endpoints": [endpoint("foo", target.at()), endpoint("bar", target.at("/bar"))],
              "reporters": [{"name": "hook", "type": "webhook", "url": hook.url,
                             "body": {"t": "{title}"}}]}
    agent = make(config).start(NOTIFY_SOCKET=manager.path, WATCHDOG_USEC="400000")
    manager.wait("READY", "1")
    manager.wait("WATCHDOG")
    manager.wait("STATUS", "2 endpoints, 0 down, 0 waiting")
    assert "MAINPID" not in str(manager.heard)

    hook.fault(status=503)
    target.set("/bar", status=500)
    manager.wait("STATUS", "2 endpoints, 1 down, 1 waiting")

    agent.configure({**config, "endpoints": config["endpoints"][:1]})
    ready = len(manager.said("READY"))
    before = time.monotonic_ns() // 1000
    agent.process.send_signal(signal.SIGHUP)
    manager.wait("RELOADING", "1")
    until(lambda: len(manager.said("READY")) > ready, "READY=1 after the reload")
    names = [name for _, lines in manager.heard for name in lines if name in ("READY", "RELOADING")]
    assert names == ["READY", "RELOADING", "READY"]
    assert before <= int(manager.said("MONOTONIC_USEC")[0]) <= time.monotonic_ns() // 1000

    agent.stop()
    assert manager.said("STOPPING") == ["1"]


def test_a_reload_that_is_refused_ends_too(make, target, tmp_path):
    manager = Manager(tmp_path / "notify")
    agent = make({"endpoints": [endpoint("foo", target.at())]}).start(NOTIFY_SOCKET=manager.path)
    manager.wait("READY")
    assert not manager.said("WATCHDOG")  # nobody asked for it
    agent.configure("endpoints: what")
    agent.process.send_signal(signal.SIGHUP)
    manager.wait("RELOADING")
    until(lambda: len(manager.said("READY")) == 2, "READY=1 after the reload")
    agent.stop()
    manager.socket.close()


def test_the_start_may_take_long(make, target, cachet, tmp_path):
    """While receivers are asked, the manager is told to be patient."""
    manager = Manager(tmp_path / "notify")
    hang = cachet.fault(fault="hang")
    agent = make({"endpoints": [endpoint("foo", target.at(), component_id=1,
                                         action=["UPDATE_STATUS"])],
                  "cachet": {"api_url": cachet.api_url, "token": cachet.token}})
    agent.start(NOTIFY_SOCKET=manager.path, WATCHDOG_USEC="400000")
    manager.wait("EXTEND_TIMEOUT_USEC")
    manager.wait("STATUS", "it is starting")
    manager.wait("WATCHDOG")
    cachet.heal(hang)
    manager.wait("READY")
    names = [name for _, lines in manager.heard for name in lines]
    assert names.index("READY") > names.index("EXTEND_TIMEOUT_USEC")
    assert names.index("READY") > names.index("WATCHDOG")
    agent.stop()
    manager.socket.close()
