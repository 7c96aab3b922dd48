"""HTTP calls with a total deadline: connecting, sending, waiting and reading together, not per read.

`requests` bounds only the wait for each piece; a server that drips could hold a call for ever, and a call must be over
before the lease that allows it. So a watchdog shuts the socket down when the deadline comes.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class DeadlineExceededError(requests.Timeout):
    """The call did not end in time. Whether the other side did the work is unknown."""


class _Scope:
    """The connection of the call that is running in this thread, and whether its time is up."""

    def __init__(self) -> None:
        self.expired = False
        self._connection: HTTPConnection | None = None
        self._lock = threading.Lock()

    def attach(self, connection: HTTPConnection) -> None:
        with self._lock:
            self._connection = connection

    def expire(self) -> None:
        with self._lock:
            self.expired = True
            sock = getattr(self._connection, "sock", None)
            if sock is not None:
                with contextlib.suppress(OSError):  # already closed by the other side
                    sock.shutdown(socket.SHUT_RDWR)


_current = threading.local()


class _TrackedHTTPConnection(HTTPConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # urllib3's own signature
        _attach(self)
        super().request(*args, **kwargs)


class _TrackedHTTPSConnection(HTTPSConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # urllib3's own signature
        _attach(self)
        super().request(*args, **kwargs)


def _attach(connection: HTTPConnection) -> None:
    scope: _Scope | None = getattr(_current, "scope", None)
    if scope is not None:
        scope.attach(connection)


class _TrackedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _TrackedHTTPConnection


class _TrackedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _TrackedHTTPSConnection


class DeadlineAdapter(HTTPAdapter):
    """Transport whose calls `deadline` can end. Never retries by itself: what may be repeated is decided elsewhere."""

    def __init__(self, pool_size: int = 10) -> None:
        super().__init__(pool_connections=pool_size, pool_maxsize=pool_size, max_retries=0)
        self.poolmanager.pool_classes_by_scheme = {"http": _TrackedHTTPPool, "https": _TrackedHTTPSPool}


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Bound everything that a call of this thread does inside the block, the reading of the body included.

    Raises:
        DeadlineExceededError: time was up; whatever the library raised because of it is chained.
    """
    scope = _Scope()
    timer = threading.Timer(seconds, scope.expire)
    timer.daemon = True
    _current.scope = scope
    timer.start()
    try:
        yield
    except Exception as error:
        if scope.expired:
            raise DeadlineExceededError(f"no complete answer within {seconds:g} s") from error
        raise
    finally:
        timer.cancel()
        _current.scope = None
    if scope.expired:
        raise DeadlineExceededError(f"no complete answer within {seconds:g} s")


def make_session(pool_size: int = 10) -> requests.Session:
    """Session for outside calls: deadline-aware, no proxies or credentials taken from the environment by surprise."""
    session = requests.Session()
    session.mount("http://", DeadlineAdapter(pool_size))
    session.mount("https://", DeadlineAdapter(pool_size))
    return session
