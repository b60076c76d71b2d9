"""
What is probed: paths whose behaviour a test changes while the agent looks on.
"""

from .server import Answer, Server

GOOD = Answer(200, "all is well")
BAD = Answer(500, "something broke")


class Target(Server):
    def __init__(self):
        super().__init__()
        self._answers = {}
        self._scripts = {}

    def at(self, path="/"):
        """The URL of a path."""
        return self.url + path

    def set(self, path, answer=None, **how):
        """From now on this path answers so; Answer(**how) for short."""
        with self.lock:
            self._scripts.pop(path, None)
            self._answers[path] = answer or Answer(**how)

    def up(self, path="/"):
        self.set(path, GOOD)

    def down(self, path="/"):
        self.set(path, BAD)

    def script(self, path, answers):
        """Answer the next probes one by one so; the last is repeated."""
        with self.lock:
            self._scripts[path] = list(answers)

    def seen(self, path="/"):
        """The probes of a path so far."""
        return [r for r in self.requests if r.path == path]

    def answer(self, request):
        script = self._scripts.get(request.path)
        if script:
            return script.pop(0) if len(script) > 1 else script[0]
        return self._answers.get(request.path, GOOD)
