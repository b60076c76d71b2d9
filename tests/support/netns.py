"""
A network of one's own: a namespace for the whole test, and a resolv.conf and
hosts file that only the agent sees.
"""

import contextlib
import ctypes
import os
import subprocess

CLONE_NEWNET = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)


def call(function, *words):
    if function(*words) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@contextlib.contextmanager
def network():
    """
    Everything that begins inside - sockets, threads, processes - is in a
    network with nothing but loopback.
    """
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        call(libc.unshare, CLONE_NEWNET)
        try:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True,
                           capture_output=True)
            yield
        finally:
            call(libc.setns, before, CLONE_NEWNET)
    finally:
        os.close(before)


MOUNT = ('cd "$0" && for file in resolv.conf hosts nsswitch.conf; do '
         'test ! -e "$file" || mount --bind "$file" "/etc/$file" || exit 9; '
         'done; exec "$@"')


def wrap(folder):
    """For Agent(wrap=...): files in `folder` stand for those in /etc."""
    return ["unshare", "--mount", "sh", "-c", MOUNT, str(folder)]


def why_not():
    """Why there can be no such network here; None when there can."""
    try:
        with network():
            subprocess.run(["unshare", "--mount", "mount", "--bind",
                            "/etc/hosts", "/etc/hosts"], check=True,
                           capture_output=True)
    except FileNotFoundError as error:
        return f"there is no {error.filename}"
    except (OSError, subprocess.CalledProcessError) as error:
        return f"namespaces need root: {error}"
    return None
