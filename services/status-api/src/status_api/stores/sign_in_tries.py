"""Passwords that were tried: counted in PostgreSQL, so that all replicas count together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine, text

from status_api.core.throttling import SPAN, Counter, counters, wait

_COUNT = text(
    "INSERT INTO sign_in_tries AS t (key, tries, since) VALUES (:key, 1, :now) ON CONFLICT (key) DO UPDATE SET"
    " tries = CASE WHEN t.since <= :over THEN 1 ELSE t.tries + 1 END,"
    " since = CASE WHEN t.since <= :over THEN :now ELSE t.since END RETURNING tries, since"
)
_TAKE_BACK = text("UPDATE sign_in_tries SET tries = tries - 1 WHERE key = :key AND tries > 0")
_FORGET = text("DELETE FROM sign_in_tries WHERE key = :key")


class SignInTries:
    """Counts tries before they are made: those that run at the same time can not pass together."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def count(self, address: str, account: str) -> timedelta | None:
        """Count a try. Returns how long it has to wait, None if it may be made.

        What is refused by a wider counter does not count for the narrower ones: strangers can not fill the table.
        """
        now = self._now()
        counted: list[Counter] = []
        for counter in counters(address, account):
            with self._engine.begin() as connection:
                row = connection.execute(_COUNT, {"key": counter.key, "now": now, "over": now - SPAN}).one()
            has_to_wait = wait(counter, row.tries, row.since, now)
            if has_to_wait is not None:
                self._take_back(counted)
                return has_to_wait
            counted.append(counter)
        return None

    def succeeded(self, address: str, account: str) -> None:
        """A counted try was right: it does not count."""
        counted = counters(address, account)
        with self._engine.begin() as connection:
            for counter in counted:
                connection.execute(_FORGET if counter.forgiven else _TAKE_BACK, {"key": counter.key})

    def not_made(self, address: str, account: str) -> None:
        """A counted try was not made after all."""
        self._take_back(counters(address, account))

    def _take_back(self, counted: Sequence[Counter]) -> None:
        with self._engine.begin() as connection:
            for counter in counted:
                connection.execute(_TAKE_BACK, {"key": counter.key})
