"""Answers that are sent while they are made: what they hold is given back however they end."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import quote

from service_web.failures import failure
from status_api.server.problems import too_many_long_answers

log = logging.getLogger(__name__)

_SLOTS = 2
_MOST_ROWS = 1_000_000
_LONGEST = timedelta(minutes=10)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


class Streamed:
    """The body of an answer, piece by piece.

    The server iterates, then closes; it closes too if whoever asked went away, or if no body is wanted (HEAD).
    """

    def __init__(self, pieces: Iterator[bytes], release: Callable[[], None], **told: str) -> None:
        """
        Args:
            pieces: of the body.
            release: called once, at the end, whatever kind of end.
            told: context of the log line, should it break off.
        """  # noqa: D205, D212  # the signature needs its arguments explained, nothing else
        self._pieces = pieces
        self._release = release
        self._told = told
        self._first: bytes | None = None
        self._open = True

    def begin(self) -> None:
        """Make the first piece, while a failure can still be told as a problem."""
        try:
            self._first = next(self._pieces, None)
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        try:
            return next(self._pieces)
        except StopIteration:
            self.close()
            raise
        except Exception as error:
            # The status was sent long ago: the cut connection is what tells the client.
            log.error("an answer broke off: %s", failure(error), extra=self._told)  # noqa: TRY400  # no text of the error
            self.close()
            raise

    def close(self) -> None:
        """Give back what the answer holds; a second call does nothing."""
        if not self._open:
            return
        self._open = False
        try:
            close: Callable[[], None] | None = getattr(self._pieces, "close", None)
            if close is not None:
                close()
        finally:
            self._release()


class LongAnswers:
    """How many long answers one process makes at the same time, and how long they may be.

    Each holds a connection, a thread, and a snapshot that keeps PostgreSQL from tidying up.

    Attributes:
        most_rows: of an export.
        longest: from its first row to its last.
    """

    def __init__(
        self, slots: int = _SLOTS, most_rows: int = _MOST_ROWS, longest: timedelta = _LONGEST
    ) -> None:
        self._free = threading.BoundedSemaphore(slots)
        self.most_rows = most_rows
        self.longest = longest

    def take(self) -> Callable[[], None]:
        """Take a slot; returns what gives it back.

        Raises:
            Problem: all are taken.
        """
        if not self._free.acquire(blocking=False):
            raise too_many_long_answers()
        return self._free.release


def attachment(name: str) -> dict[str, str]:
    """Header that makes a browser save the answer under this name (RFC 6266).

    What not every program can read in a name is spelt out beside a plain form of it, as RFC 8187 says.
    """
    plain = _UNSAFE.sub("_", name)
    spelt_out = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": f"attachment; filename={plain}{spelt_out}"}
