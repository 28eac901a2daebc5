"""Ports for servers that tests start."""

import socket


def free_port() -> int:
    """Return a port of this machine that is free now; whoever uses it may lose the race for it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
