"""
curlew in a container: what docker/README.md promises.
"""

import os
import signal

import pytest
import yaml
from support.agent import endpoint
from support.cachet import TOKEN
from support.cachet_lists import CachetLists
from support.certificates import SecureServer, context, self_signed
from support.container import engine, health_check, inspect
from support.wait import until

TIGHT = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges")
SOMEBODY = 12345
OLD = "/usr/src/app/config"
SCHEDULER = ("python3.7", "./cachet_url_monitor/scheduler.py", "config/config.yml")


@pytest.fixture
def folder(tmp_path):
    """One that everybody can read, to be mounted."""
    made = tmp_path / "config"
    made.mkdir(mode=0o755)
    return made


def write(folder, config, name="config.yml"):
    path = folder / name
    path.write_text(yaml.safe_dump(config))
    path.chmod(0o644)
    return path


def watched(target, **more):
    return {"endpoints": [endpoint("foo", target.at("/foo"), **more)]}


def wait_probe(container, target):
    until(lambda: target.seen("/foo"), lambda: container.log)


def test_metadata(image):
    config = inspect(image, ".Config")
    assert config["User"] == "10001:10001"
    assert config["StopSignal"] == "SIGTERM"
    assert config["Entrypoint"] == ["/usr/bin/curlew"] and not config.get("Cmd")
    assert list(config["Volumes"]) == ["/var/lib/curlew"]
    assert health_check(image) == ["/usr/bin/curlew", "status", "--health"]
    labels = config["Labels"]
    name = "org.opencontainers.image."
    assert labels[name + "title"] == "curlew" and labels[name + "licenses"] == "MIT"
    said = engine("run", "--rm", "--network=none", image, "--version").stdout
    assert said.split("\n", maxsplit=1)[0] == "curlew " + labels[name + "version"]


def test_with_nothing_but_what_it_needs(image, start, target, folder):
    """Sandboxed by the runtime and by itself; stopped in time."""
    path = write(folder, watched(target))
    container = start(image, *TIGHT, "-v", f"{path}:/etc/curlew/config.yml:ro")
    wait_probe(container, target)
    container.wait_health(0, "healthy: 1 endpoint, 0 down")
    assert "the sandbox leaves" not in container.log
    with open(f"/proc/{container.pid}/status", encoding="ascii") as file:
        status = file.read()
    assert "\nSeccomp:\t2\n" in status and "\nUid:\t10001\t10001\t" in status
    assert container.stop() == 0
    assert 'msg="stopped"' in container.log


@pytest.mark.parametrize("how", ["folder", "file", "words"])
def test_commands_of_the_old_readme(image, how, start, target, folder):
    path = write(folder, watched(target), "my.yml" if how == "file" else "config.yml")
    mount = f"{path}:{OLD}/config.yml:ro" if how == "file" else f"{folder}:{OLD}/"
    container = start(image, "-v", mount, words=SCHEDULER if how == "words" else ())
    wait_probe(container, target)
    container.wait_health(0)


def test_variables_and_secrets(image, start, target, cachet, folder):
    """As before; and what the runtime keeps secret."""
    secret = folder / "token"
    secret.write_text(TOKEN + "\n")
    target.down("/foo")
    config = watched(target, component_id=1, action=["CREATE_INCIDENT"],
                     public_incidents=True)
    config["cachet"] = {"api_url": "http://127.0.0.1:1/", "token": "${file:/run/secrets/cachet}"}
    container = start(image, *TIGHT, "-v", f"{write(folder, config)}:/etc/curlew/config.yml:ro",
                      "-v", f"{secret}:/run/secrets/cachet:ro",
                      "--env", f"CACHET_API_URL={cachet.api_url}")
    until(lambda: cachet.incidents, lambda: container.log)
    assert TOKEN not in container.log


def test_any_user_and_a_state_that_stays(image, start, target, folder):
    volume = "curlew-test-" + os.urandom(6).hex()
    path = write(folder, watched(target))
    options = (*TIGHT, "--user", str(SOMEBODY), "-v", f"{volume}:/var/lib/curlew",
               "-v", f"{path}:/etc/curlew/config.yml:ro")
    try:
        first = start(image, *options)
        first.wait_health(0)
        place = inspect(volume, ".Mountpoint")
        assert os.stat(os.path.join(place, "curlew.db")).st_uid == SOMEBODY
        assert first.stop() == 0
        second = start(image, *options)
        second.wait_health(0)
    finally:
        engine("rm", "--force", first.name, second.name, check=False)
        engine("volume", "rm", volume, check=False)


def test_a_state_folder_of_somebody_else(image, start, target, folder):
    state = folder / "state"
    state.mkdir(mode=0o755)
    os.chown(state, SOMEBODY, SOMEBODY)
    path = write(folder, watched(target))
    options = ("-v", f"{state}:/var/lib/curlew", "-v", f"{path}:/etc/curlew/config.yml:ro")
    refused = start(image, *options)
    assert refused.wait_end() == 1
    user = f"--user {SOMEBODY}:{SOMEBODY}"
    assert "run the container with " + user in refused.log
    start(image, *user.split(), *options).wait_health(0)


def test_a_file_that_is_written(image, folder):
    """Into a mounted folder of somebody else, and into none."""
    os.chown(folder, SOMEBODY, SOMEBODY)
    words = (image, "init", "--url", "http://127.0.0.1/", "config/config.yml")
    options = ("run", "--rm", "--network=none")
    refused = engine(*options, *words, check=False)
    assert refused.returncode == 1 and "nothing is mounted there" in refused.stdout
    options += ("-v", f"{folder}:{OLD}")
    refused = engine(*options, *words, check=False)
    user = f"--user {SOMEBODY}:{SOMEBODY}"
    assert refused.returncode == 1 and "run the container with " + user in refused.stdout
    engine(*options, *user.split(), *words)
    assert (folder / "config.yml").stat().st_uid == SOMEBODY


def test_the_old_generator(image, folder):
    """As its README has it, with the name of the image changed."""
    folder.chmod(0o777)
    with CachetLists() as server:
        server.fill()
        engine("run", "--rm", "--network=host", "-v", f"{folder}:{OLD}/", image, "python3.7",
               "./cachet_url_monitor/client.py", server.api_url, TOKEN, "config/config.yml")
    made = yaml.safe_load((folder / "config.yml").read_text())
    assert made["cachet"]["api_url"] == server.api_url and len(made["endpoints"]) > 20


def test_a_full_disk(slim, start, target, folder):
    """Nothing is to be written, and yet it is told; and it is not the end."""
    path = write(folder, watched(target))
    container = start(slim, *TIGHT, "--tmpfs", "/var/lib/curlew:size=2m,mode=1777",
                      "-v", f"{path}:/etc/curlew/config.yml:ro")
    container.wait_health(0)
    container.exec("sh", "-c", "cat /dev/zero >/var/lib/curlew/full")
    container.wait_health(1, "unhealthy: cannot write /var/lib/curlew/curlew.db")
    container.exec("rm", "/var/lib/curlew/full", check=True)
    container.wait_health(0)
    assert container.stop() == 0


def test_names_and_certificates(image, start, target, folder):
    """What libc and the libraries load by themselves is there."""
    config = watched(target)
    config["endpoints"][0]["url"] = target.at("/foo").replace("127.0.0.1", "localhost")
    config["resolver"] = "system"
    path = write(folder, config)
    container = start(image, *TIGHT, "-v", f"{path}:/etc/curlew/config.yml:ro")
    wait_probe(container, target)
    with SecureServer(context(self_signed(folder))) as server:
        said = engine("run", "--rm", "--network=host", image, "probe", server.url(),
                      check=False).stdout
    assert "it is self-signed, by CN=lonely" in said


def test_process_1_ends_and_reaps(slim, start, target):
    target.set("/foo", fault="hang")
    container = start(slim, words=("probe", "--timeout", "60", target.at("/foo")))
    wait_probe(container, target)
    container.exec("sh", "-c", "sleep .1 &", check=True)
    children = f"/proc/{container.pid}/task/{container.pid}/children"

    def left():
        with open(children, encoding="ascii") as file:
            return file.read()

    until(lambda: not left(), left)
    engine("kill", "--signal", "INT", container.name)
    assert container.wait_end() == 128 + signal.SIGINT
