"""Ports of this machine for servers of tests."""

import socket
import sys

from aiohttp.test_utils import unused_port


def own_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, and that stays this process's until its end.

    A port that was only looked up may be another process's before a server listens on it, or after that server is
    gone. This one stays bound, by a socket that never listens: the system gives it to nobody who asks for any port,
    connections to it are refused, and a server that reuses addresses, as all of these do, can listen on it.
    """
    if sys.platform != "linux":  # elsewhere a socket that is bound is in the server's way
        return unused_port()
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    port = int(held.getsockname()[1])
    held.detach()  # left open for ever
    return port
