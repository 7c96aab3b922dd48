"""Free TCP ports on loopback for servers that must be told their port."""

import random
import socket
import threading

LOOPBACK = "127.0.0.1"
# Below the kernel's ephemeral range (32768 and up): no outgoing connection can take the port of a broker
# while it is being restarted.
FIRST, LAST = 15_000, 31_999
_ATTEMPTS = 500

_handed_out: set[int] = set()
_lock = threading.Lock()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on and that this process has not handed out before.

    Raises:
        OSError: no port was free in many tries.
    """
    with _lock:
        for _ in range(_ATTEMPTS):
            port = random.randint(FIRST, LAST)
            if port not in _handed_out and is_free(port):
                _handed_out.add(port)
                return port
    raise OSError(f"no free port between {FIRST} and {LAST} on {LOOPBACK}")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        # As every server does: what lingers of closed connections is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
