"""
What is different in a container, as far as it shows without one: the commands
of cachet-url-monitor's image, the duties of process 1, and files of others.
"""

import os
import pathlib
import signal
import subprocess
import tempfile

import pytest
import yaml
from support.agent import Agent, endpoint
from support.cachet import TOKEN
from support.cachet_lists import CachetLists
from support.wait import PATIENCE, until

SCHEDULER = ("python3.7", "./cachet_url_monitor/scheduler.py")
CLIENT = ("python3.7", "./cachet_url_monitor/client.py")
SOMEBODY = 12345
DOCKER = pathlib.Path(__file__).resolve().parents[2] / "docker"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may be somebody else")


def small(target, **more):
    return {"endpoints": [endpoint("foo", target.at())], **more}


def test_the_old_command(make, target):
    agent = make(small(target))
    (agent.folder / "config").mkdir()
    agent.path.rename(agent.folder / "config" / "config.yml")
    with open(agent.stderr, "ab") as err:
        agent.process = subprocess.Popen(
            [agent.program, *SCHEDULER, "config/config.yml"], stderr=err,
            stdin=subprocess.DEVNULL, cwd=agent.folder, env=agent.environment())
    until(lambda: target.requests, lambda: agent.log)
    agent.stop()


def test_the_old_generator(make, target):
    agent = make(small(target))
    with CachetLists() as server:
        server.fill()
        done = agent.command(*CLIENT, server.api_url, TOKEN, "config/made.yml")
        assert done.returncode == 1, "there is no such folder"
        (agent.folder / "config").mkdir()
        done = agent.command(*CLIENT, server.api_url, TOKEN, "config/made.yml")
        assert done.returncode == 0, done.stderr
    made = yaml.safe_load((agent.folder / "config" / "made.yml").read_text())
    assert made["cachet"]["api_url"] == server.api_url and made["endpoints"]


def test_what_only_looks_like_it(make, target):
    agent = make(small(target))
    for words in (["python3.7"], ["python3.7", "other.py"], ["pythonic", SCHEDULER[1]],
                  ["perl", SCHEDULER[1]]):
        done = agent.command(*words)
        assert done.returncode == 2 and "there is no verb" in done.stderr


@needs_root
def test_as_process_1_it_ends_when_asked(make, target):
    """Verbs leave that to the kernel, which does not do it for process 1."""
    target.set("/", fault="hang")
    agent = make(small(target))
    outside = subprocess.Popen(
        ["unshare", "--pid", "--fork", "--kill-child", agent.program, "probe", "--timeout", "60",
         target.at()], stdin=subprocess.DEVNULL, env=agent.environment())
    try:
        until(lambda: target.requests, "the probe")
        children = f"/proc/{outside.pid}/task/{outside.pid}/children"
        with open(children, encoding="ascii") as file:
            os.kill(int(file.read()), signal.SIGINT)
        assert outside.wait(PATIENCE) == 128 + signal.SIGINT
    finally:
        outside.kill()
        outside.wait()


@needs_root
@pytest.mark.parametrize("image", ["", "slim"])
def test_a_configuration_of_somebody_else(target, image):
    """Whom to run the container as; elsewhere that would be no help."""
    # pytest's own folders are closed to others.
    with tempfile.TemporaryDirectory(prefix="curlew") as folder, \
            Agent(small(target), folder) as agent:
        agent.folder.chmod(0o755)
        agent.path.chmod(0o600)
        os.chown(agent.path, SOMEBODY, SOMEBODY + 1)
        other = SOMEBODY + 2
        agent.wrap = ["setpriv", f"--reuid={other}", f"--regid={other}", "--clear-groups"]
        done = agent.command("check", agent.path, CURLEW_IMAGE=image)
    assert done.returncode == 1 and "Permission denied" in done.stderr
    advice = f"run the container with --user {SOMEBODY}:{SOMEBODY + 1}"
    assert (advice in done.stderr) == bool(image)


def services(name):
    """Of a compose file, which has one of ours."""
    return yaml.safe_load((DOCKER / name).read_text())


def test_what_compose_mounts_can_be_loaded(make, target, tmp_path):
    agent = make(small(target))
    ours = services("compose.yml")["services"]["curlew"]
    source, place, _ = ours["volumes"][0].split(":")
    assert place == "/etc/curlew/config.yml"
    done = agent.command("check", "--strict", DOCKER / source)
    assert done.returncode == 0, done.stderr

    example = services("compose.cachet.yml")
    text = example["configs"]["curlew"]["content"].replace("$$", "$")
    secret = tmp_path / "token"
    secret.write_text("abc")
    path = tmp_path / "cachet.yml"
    path.write_text(text.replace("/run/secrets/token", str(secret)))
    done = agent.command("check", "--strict", path)
    assert done.returncode == 0, done.stderr
    for key in ("build", "image", "restart", "read_only", "cap_drop", "security_opt"):
        assert example["services"]["curlew"][key] == ours[key]


# Of the compose specification, as far as one might want them here.
TOP = {"name", "services", "volumes", "networks", "configs", "secrets"}
SERVICE = {
    "build", "cap_add", "cap_drop", "command", "configs", "container_name", "depends_on",
    "entrypoint", "env_file", "environment", "expose", "healthcheck", "hostname", "image", "init",
    "labels", "logging", "network_mode", "networks", "ports", "profiles", "read_only", "restart",
    "secrets", "security_opt", "stop_grace_period", "stop_signal", "tmpfs", "ulimits", "user",
    "volumes", "working_dir"}
PARTS = {"build": {"context", "dockerfile", "target", "args"},
         "configs": {"content", "environment", "external", "file", "name"},
         "secrets": {"environment", "external", "file", "name"},
         "volumes": {"driver", "driver_opts", "external", "labels", "name"}}


@pytest.mark.parametrize("name", ["compose.yml", "compose.cachet.yml"])
def test_what_compose_knows(name):
    """There is no compose here to ask; what stands there is of its language."""
    config = services(name)
    assert set(config) <= TOP
    for part in ("configs", "secrets", "volumes"):
        for about in config.get(part, {}).values():
            assert set(about or {}) <= PARTS[part]
    for service in config["services"].values():
        assert set(service) <= SERVICE and ("image" in service or "build" in service)
        build = service.get("build", {})
        assert set(build) <= PARTS["build"]
        if build:
            assert (DOCKER / build["context"] / build["dockerfile"]).is_file()
            assert f" AS {build['target']}\n" in (DOCKER / "Dockerfile").read_text()
        named = {"secrets": service.get("secrets", []),
                 "configs": [c["source"] for c in service.get("configs", [])],
                 "volumes": [v.split(":")[0] for v in service.get("volumes", [])
                             if v[0] not in "./~"]}
        for part, names in named.items():
            assert set(names) <= set(config.get(part, {})), part
        assert set(service.get("depends_on", [])) <= set(config["services"])
        for port in service.get("ports", []):
            assert all(number.isdigit() for number in port.split(":")[-2:]), port
        assert service.get("restart", "no") in ("no", "always", "on-failure", "unless-stopped")
