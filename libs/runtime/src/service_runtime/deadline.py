"""HTTP calls with a total deadline: connecting, sending, waiting and reading together, not per read.

`requests` bounds only the wait for each piece; a server that drips could hold a call for ever, and a call must be over
before the lease that allows it. So a watchdog shuts the connection down when the deadline comes.

A connection belongs to a call only from its request until it goes back to the pool: a watchdog that wakes late never
touches a connection that another thread has taken since.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class DeadlineExceededError(requests.Timeout):
    """The call did not end in time. Whether the other side did the work is unknown."""


class _Scope:
    """The calls of one `deadline` block: which lines they use, and whether their time is up."""

    def __init__(self, seconds: float, outer: _Scope | None) -> None:
        self.ends = time.monotonic() + seconds
        if outer is not None:
            self.ends = min(self.ends, outer.ends)
        self.expired = False
        self._lines: set[socket.socket] = set()
        self._left_behind: list[socket.socket] = []
        self._lock = threading.Lock()

    def left(self) -> float:
        """Seconds until the deadline, at least a moment, since 0 would mean not to block."""
        return max(self.ends - time.monotonic(), 0.001)

    def attach(self, line: socket.socket) -> None:
        """This line now works for the block; if time is up already, it is shut at once."""
        with self._lock:
            self._lines.add(line)
            if self.expired:
                _shut(line)

    def detach(self, line: socket.socket) -> None:
        """The line works for the block no longer. When this returns, the watchdog will never touch it."""
        with self._lock:
            self._lines.discard(line)

    def keep(self, line: socket.socket) -> None:
        """The connection is closed, but an answer may still be read from it: watch it to the end of the block."""
        with self._lock:
            self._left_behind.append(line)

    def expire(self) -> None:
        """Time is up: shut whatever is in use."""
        with self._lock:
            self.expired = True
            for line in self._lines:
                _shut(line)

    def end(self) -> None:
        """The block is over."""
        with self._lock:
            self._lines.clear()
            for line in self._left_behind:
                line.close()


def _shut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):  # already closed by the other side
        line.shutdown(socket.SHUT_RDWR)


_current = threading.local()


def _scope() -> _Scope | None:
    scope: _Scope | None = getattr(_current, "scope", None)
    return scope


class _Line:
    """A connection's line: a second handle on its socket, which stays valid before, during and after a TLS handshake."""

    def __init__(self) -> None:
        self._handle: socket.socket | None = None
        self._owner: _Scope | None = None

    def opened(self, sock: socket.socket) -> None:
        """The connection has a new socket."""
        self.closed()
        self._handle = sock.dup()
        self.taken()

    def taken(self) -> None:
        """The calling thread uses the line now."""
        self.given_back()
        self._owner = _scope()
        if self._owner is not None and self._handle is not None:
            self._owner.attach(self._handle)

    def given_back(self) -> None:
        """The connection waits in the pool; whoever takes it next must not meet this call's watchdog."""
        if self._owner is not None and self._handle is not None:
            self._owner.detach(self._handle)
        self._owner = None

    def closed(self) -> None:
        """The connection is closed. Its answer may still be open: an answer without length ends with the connection."""
        if self._handle is not None:
            if self._owner is not None:
                self._owner.keep(self._handle)
            else:
                self._handle.close()
        self._handle = self._owner = None


class _TrackedMixin(HTTPConnection):
    """What both kinds of connection do: tell the thread's deadline which line is in use."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # urllib3's own signature
        super().__init__(*args, **kwargs)
        self.line = _Line()

    def _new_conn(self) -> socket.socket:
        """Open the line. The time left bounds connecting, where there is no socket yet that could be shut."""
        scope = _scope()
        if scope is not None:
            own = self.timeout if isinstance(self.timeout, (int, float)) else scope.left()
            self.timeout = min(own, scope.left())
        sock = super()._new_conn()
        self.line.opened(sock)
        return sock

    def request(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # urllib3's own signature
        self.line.taken()
        super().request(*args, **kwargs)

    def close(self) -> None:
        self.line.closed()
        super().close()


class _TrackedHTTPConnection(_TrackedMixin):
    pass


class _TrackedHTTPSConnection(_TrackedMixin, HTTPSConnection):
    pass


class _TrackedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _TrackedHTTPConnection

    def _put_conn(self, conn: Any) -> None:  # noqa: ANN401  # urllib3's own signature
        if conn is not None:
            conn.line.given_back()
        super()._put_conn(conn)


class _TrackedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _TrackedHTTPSConnection

    def _put_conn(self, conn: Any) -> None:  # noqa: ANN401  # urllib3's own signature
        if conn is not None:
            conn.line.given_back()
        super()._put_conn(conn)


class DeadlineAdapter(HTTPAdapter):
    """Transport whose calls `deadline` can end. Never retries by itself: what may be repeated is decided elsewhere."""

    def __init__(self, pool_size: int = 10) -> None:
        super().__init__(pool_connections=pool_size, pool_maxsize=pool_size, max_retries=0)
        self.poolmanager.pool_classes_by_scheme = {"http": _TrackedHTTPPool, "https": _TrackedHTTPSPool}


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Bound everything that a call of this thread does inside the block, the reading of the body included.

    Blocks may be nested: the earlier end holds. Looking a name up is bounded by the resolver's own limits only.

    Raises:
        DeadlineExceededError: time was up; whatever the library raised because of it is chained.
    """
    outer = _scope()
    scope = _Scope(seconds, outer)
    timer = threading.Timer(scope.left(), scope.expire)
    timer.daemon = True
    _current.scope = scope
    timer.start()
    try:
        yield
    except Exception as error:
        if scope.expired or time.monotonic() >= scope.ends:
            raise DeadlineExceededError(f"no complete answer within {seconds:g} s") from error
        raise
    finally:
        timer.cancel()
        scope.end()
        _current.scope = outer
    if scope.expired:
        raise DeadlineExceededError(f"no complete answer within {seconds:g} s")


def make_session(pool_size: int = 10) -> requests.Session:
    """Session for outside calls: deadline-aware, no proxies or credentials taken from the environment by surprise.

    Of the environment only REQUESTS_CA_BUNDLE is heeded: which certificates are trusted is the machine's business.
    """
    session = requests.Session()
    session.trust_env = False
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
    session.mount("http://", DeadlineAdapter(pool_size))
    session.mount("https://", DeadlineAdapter(pool_size))
    return session
