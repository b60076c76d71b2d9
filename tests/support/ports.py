"""
A port for a program that cannot be asked which one it took.
"""

import random
import socket

# Below those that the kernel itself gives to whoever connects: between this
# look and the program's own there are thousands of them.
PORTS = range(10000, 32000)


def free_port():
    while True:
        port = random.choice(PORTS)
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
