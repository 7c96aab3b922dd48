"""Who hears live changes: how many there may be, and whether they are still there.

Whoever closes a page says nothing, and a stream that has nothing to say would notice only at its next heartbeat. Until then
status-api counts it as one of the few streams that a person may have, and somebody who reloads a few times would have none left.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from dashboard.api.connection import Stream
from service_web.clients import has_hung_up

MOST_STREAMS = 24
_LOOK_SECONDS = 1.0


class Listener:
    """One browser that hears a stream."""

    def __init__(self, environ: Mapping[str, Any], left: Callable[[Listener], None]) -> None:
        self._environ = environ
        self._left = left
        self._stream: Stream | None = None

    def hear(self, stream: Stream) -> None:
        """What is handed on to it."""
        self._stream = stream

    def leave(self) -> None:
        """It hears nothing more."""
        if self._stream is not None:
            self._stream.close()
        self._left(self)

    @property
    def is_gone(self) -> bool:
        """Whether the browser has closed the connection."""
        return has_hung_up(self._environ)

    def interrupt(self) -> None:
        """Let the thread that hands on find the end of the stream."""
        if self._stream is not None:
            self._stream.end()


class Listeners:
    """Everybody who hears changes through this process."""

    def __init__(self, ending: Callable[[], bool], most: int = MOST_STREAMS) -> None:
        """
        Args:
            ending: whether the process is to stop: then every stream ends.
            most: how many there may be; each keeps a thread.
        """  # noqa: D205, D212  # the signature needs its arguments explained, nothing else
        self._ending = ending
        self._most = most
        self._here: set[Listener] = set()
        self._changed = threading.Condition()
        self._looks = False

    def take(self, environ: Mapping[str, Any]) -> Listener | None:
        """A place for whoever sent this request; None if all are taken. It is given back by `leave`."""
        with self._changed:
            if len(self._here) >= self._most:
                return None
            listener = Listener(environ, self._forget)
            self._here.add(listener)
            if not self._looks:
                self._looks = True
                threading.Thread(target=self._look, name="listeners", daemon=True).start()
            self._changed.notify_all()
            return listener

    def count(self) -> int:
        """How many there are."""
        with self._changed:
            return len(self._here)

    def _forget(self, listener: Listener) -> None:
        with self._changed:
            self._here.discard(listener)

    def _look(self) -> None:
        """Interrupt those whose browser is gone, all of them when the process stops."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._here)
                self._changed.wait(_LOOK_SECONDS)
                here = list(self._here)
            for listener in here:
                if self._ending() or listener.is_gone:
                    listener.interrupt()
