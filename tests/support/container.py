"""
A container of curlew's image, by the engine that docker/engine.sh finds.
"""

import json
import pathlib
import subprocess
import time
import uuid

from .wait import until

ROOT = pathlib.Path(__file__).resolve().parents[2]


def engine(*words, check=True, timeout=120):
    """Standard output and standard error together, as `docker logs` mixes."""
    done = subprocess.run(
        ["sh", str(ROOT / "docker" / "engine.sh"), *map(str, words)], text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=timeout, check=False)
    if check:
        assert done.returncode == 0, f"{words}:\n{done.stdout}"
    return done


def inspect(what, template):
    return json.loads(engine("inspect", "--format", f"{{{{json {template}}}}}", what).stdout)


def health_check(image):
    """The words of its HEALTHCHECK; engines differ in where they say it."""
    about = json.loads(engine("inspect", image).stdout)[0]
    found = {**about, **about["Config"]}
    kind, *command = next(found[key] for key in found if key.lower() == "healthcheck")["Test"]
    assert kind == "CMD"
    return command


class Container:
    """
    options  of `docker run`, before the image
    words    after it
    """

    def __init__(self, image, options=(), words=()):
        self.name = f"curlew-test-{uuid.uuid4().hex[:12]}"
        self.image = image
        self.began = time.monotonic()
        engine("run", "--detach", "--network=host", "--name", self.name, *options, image, *words)

    @property
    def log(self):
        return engine("logs", self.name).stdout

    @property
    def pid(self):
        return inspect(self.name, ".State.Pid")

    def exec(self, *words, check=False):
        return engine("exec", self.name, *words, check=check)

    def health(self):
        """What the image says is to be asked: (exit code, line)."""
        done = self.exec(*health_check(self.image))
        return done.returncode, done.stdout.strip()

    def wait_health(self, code, words=""):
        """Until it is well (0) or not (1), and says these words."""
        until(lambda: self.health()[0] == code and words in self.health()[1],
              lambda: f"{self.health()}\n{self.log}", every=.1)

    def wait_end(self):
        """Until it ended by itself; its exit code."""
        return int(engine("wait", self.name).stdout)

    def stop(self):
        """With the patience of `docker stop`; the exit code, 137 if it was too
        short."""
        engine("stop", self.name)
        return inspect(self.name, ".State.ExitCode")

    def close(self):
        engine("rm", "--force", "--volumes", self.name, check=False)
