"""
Waiting for something to become true, rather than for time to pass.
"""

import time

PATIENCE = 60  # the machine may be busy, and stand still now and then


def until(predicate, what="it", timeout=PATIENCE, every=0.01):
    """Wait until predicate() is true, and return what it returned."""
    deadline = time.monotonic() + timeout
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > deadline:
            note = what() if callable(what) else what
            raise AssertionError(f"waited {timeout} s in vain for {note}")
        time.sleep(every)
