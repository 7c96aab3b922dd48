"""Who an answer without an end is for: whether they are still there, and whether they take what they are sent."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

_STALLED_MS = 60_000
_HAS_TIMEOUT = hasattr(socket, "TCP_USER_TIMEOUT")  # Linux


def has_hung_up(environ: Mapping[str, Any]) -> bool:
    """Whether whoever asked has closed the connection: who has nothing to send to them would not notice."""
    client = environ.get("gunicorn.socket")
    if not isinstance(client, socket.socket):
        return False
    try:
        return not client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


def give_up_if_stalled(environ: Mapping[str, Any]) -> None:
    """Cut whoever takes nothing of the answer for a minute.

    A client that neither reads nor goes away would hold its thread for ever: writing to its socket has no timeout of its own.
    """
    client = environ.get("gunicorn.socket")
    if _HAS_TIMEOUT and isinstance(client, socket.socket) and client.family != socket.AF_UNIX:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _STALLED_MS)
