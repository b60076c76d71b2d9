"""
What the agent gives up after its start.  That every feature works without it
is what all other tests show; what fails is in tests/unit/sandbox.c.
"""

import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile

import pytest
from support.agent import endpoint
from support.wait import until


def threads(agent):
    """What /proc says of each thread: name -> value."""
    for path in pathlib.Path(f"/proc/{agent.process.pid}/task").glob("*/status"):
        yield dict(line.split(":\t") for line in path.read_text().splitlines() if ":\t" in line)


def skip_if_watched(agent):
    if "no sandbox under a sanitizer" in agent.log:
        pytest.skip("a sanitizer needs what the sandbox takes away")


def small(target, **more):
    return {"endpoints": [endpoint("foo", target.at())], **more}


def test_every_thread_is_in_it(run, target):
    agent = run(small(target, workers=3))
    until(lambda: target.requests, "a probe")
    skip_if_watched(agent)
    found = list(threads(agent))
    assert len(found) >= 4
    assert {thread["Seccomp"] for thread in found} == {"2"}
    assert {thread["NoNewPrivs"] for thread in found} == {"1"}


def test_it_can_be_left_out(run, target):
    agent = run(small(target, sandbox=False))
    until(lambda: target.requests, "a probe")
    assert {thread["Seccomp"] for thread in threads(agent)} == {"0"}


def test_names_of_the_system(run, target):
    """Libraries for it are loaded in the sandbox, in threads of their own."""
    url = target.at().replace("127.0.0.1", "localhost")
    agent = run({"endpoints": [endpoint("foo", url)], "resolver": "system"})
    until(lambda: agent.endpoint("foo")["status"] == "operational")


@pytest.fixture
def elsewhere():
    with tempfile.TemporaryDirectory(prefix="curlew") as folder:
        yield pathlib.Path(folder)


def test_secrets_after_a_reload(make, target, elsewhere, tmp_path):
    """A file beside one that was named at the start is read; another is not,
    and the agent says why and goes on."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "one").write_text("one\n")
    (elsewhere / "two").write_text("two\n")

    def with_token(path):
        return {"endpoints": [endpoint("foo", target.at(),
                                       header={"X-Token": f"${{file:{path}}}"})]}

    def last():
        return target.requests[-1].headers["x-token"]

    agent = make(with_token(secrets / "one")).start()
    until(lambda: target.requests and last() == "one")
    skip_if_watched(agent)

    # As they are replaced in practice: by another file of the same name.
    (secrets / "new").write_text("uno\n")
    os.replace(secrets / "new", secrets / "one")
    assert agent.command("ctl", "reload", "--config", agent.path).returncode == 0
    until(lambda: last() == "uno")

    agent.configure(with_token(elsewhere / "two"))
    done = agent.command("ctl", "reload", "--config", agent.path)
    assert done.returncode == 1
    assert f"{elsewhere / 'two'}: Permission denied" in done.stdout + done.stderr
    assert "sandbox: false" in done.stdout + done.stderr
    mark = len(target.requests)
    until(lambda: len(target.requests) > mark + 2 and last() == "uno")

    agent.restart()
    until(lambda: last() == "two")


def test_a_change_takes_effect_at_the_next_start(run, target):
    agent = run(small(target))
    agent.configure(small(target, sandbox=False))
    agent.process.send_signal(signal.SIGHUP)
    agent.wait_log(r"a change takes effect at the next start.*key=sandbox")


# Says that this kernel has neither Landlock nor seccomp filters, then runs the
# rest of its command line.
OLD_KERNEL = """
import ctypes, os, struct, sys
def op(code, jt, jf, k):
    return struct.pack("HBBI", code, jt, jf, k)
code = op(0x20, 0, 0, 0)                        # the number of the call
for call in (317, 444):                         # seccomp, landlock_create_ruleset
    code += op(0x15, 0, 1, call) + op(0x06, 0, 0, 0x00050000 | 38)
code += op(0x06, 0, 0, 0x7fff0000)
class Program(ctypes.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("code", ctypes.c_char_p)]
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0          # PR_SET_NO_NEW_PRIVS
program = Program(len(code) // 8, code)
assert libc.prctl(22, 2, ctypes.byref(program), 0, 0) == 0  # PR_SET_SECCOMP
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="calls have other numbers here")
def test_a_kernel_without_it(run, target):
    agent = run(small(target), wrap=[sys.executable, "-c", OLD_KERNEL])
    until(lambda: target.requests, "a probe")
    skip_if_watched(agent)
    assert re.search(r"level=warn msg=\"the sandbox leaves files open\" reason=.*Landlock", agent.log)
    assert re.search(r"level=warn msg=\"the sandbox leaves system calls open\" reason=.*seccomp",
                     agent.log)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_without_any_privilege(make, target):
    """As nobody, with no capability; and nobody can look into it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="curlew"))
    try:
        agent = make(small(target), folder=folder, wrap=[
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
            "--bounding-set=-all"])
        for path in (folder, folder / "state"):
            os.chown(path, 65534, 65534)
        os.chmod(agent.path, 0o644)
        agent.start()
        until(lambda: target.requests, "a probe")
        for thread in threads(agent):
            assert thread["Uid"].split() == ["65534"] * 4
            assert int(thread["CapEff"], 16) == int(thread["CapPrm"], 16) == 0
        # What may not be dumped belongs to root.
        assert os.stat(f"/proc/{agent.process.pid}/status").st_uid == 0
        until(lambda: agent.endpoint("foo")["status"] == "operational")
        agent.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
