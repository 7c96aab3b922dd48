"""Gives changes their numbers.

Transactions commit in another order than they draw numbers from a sequence: a reader would pass over those that come late. So
the numbers are given afterwards, to what has committed, by one at a time, and are committed together with their counter.
"""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from service_runtime.leases import failure_name
from status_api.core.changes import EVERYTHING, MOST_NAMED, Place, told
from status_api.queries.changes import shown

log = logging.getLogger(__name__)

KEPT = timedelta(hours=1)
_MOST_KEPT = 100_000
_AT_ONCE = 10_000
_EVERY_SECONDS = 5.0

# Without a lock, so that an idle installation writes nothing.
_ANYTHING = text(
    "SELECT EXISTS (SELECT 1 FROM change_waiting) OR read_model IS DISTINCT FROM to_regclass('document')::oid"
    " OR EXISTS (SELECT 1 FROM (SELECT numbered_at FROM change ORDER BY number LIMIT 1) o"
    " WHERE o.numbered_at < now() - CAST(:kept AS interval) - interval '1 minute') FROM change_counter"
)
_LOCK = text(
    "SELECT newest, forgotten, read_model, to_regclass('document')::oid AS served FROM change_counter FOR UPDATE SKIP LOCKED"
)
_TAKE = text(
    "WITH taken AS (DELETE FROM change_waiting WHERE id = ANY(ARRAY(SELECT id FROM change_waiting ORDER BY id LIMIT :most))"
    " RETURNING id, tenant_id, subject, thing) SELECT tenant_id, subject, thing FROM taken ORDER BY id"
)
_INSERT = text(
    "INSERT INTO change (number, tenant_id, subject, thing, status, changed_at)"
    " SELECT :newest + ordinality, tenant, subject, thing, status, changed_at FROM unnest(CAST(:tenants AS text[]),"
    " CAST(:subjects AS text[]), CAST(:things AS text[]), CAST(:statuses AS text[]), CAST(:times AS timestamptz[]))"
    " WITH ORDINALITY AS c (tenant, subject, thing, status, changed_at, ordinality)"
)
_FIRST_KEPT = text(
    "SELECT number FROM change WHERE numbered_at >= now() - CAST(:kept AS interval) ORDER BY number LIMIT 1"
)


class ChangeNumbers:
    """Numbers what waits and forgets what is old. Several processes may do this: one does, the others pass."""

    def __init__(
        self,
        engine: Engine,
        *,
        kept: timedelta = KEPT,
        most_kept: int = _MOST_KEPT,
        most_named: int = MOST_NAMED,
        at_once: int = _AT_ONCE,
    ) -> None:
        """
        Args:
            engine: connections that see both schemas.
            kept: how long a numbered change can be read.
            most_kept: how many, whatever their age.
            most_named: changes of one tenant and subject that are told one by one.
            at_once: how many are numbered in one transaction.
        """  # noqa: D205, D212  # the signature needs its arguments explained, nothing else
        self._engine = engine
        self._kept = kept
        self._most_kept = most_kept
        self._most_named = most_named
        self._at_once = at_once

    def run(self, stopping: threading.Event) -> None:
        """Every five seconds until stopped: so nothing piles up while nobody serves, who does it more often."""
        while not stopping.is_set():
            try:
                self.number()
            except SQLAlchemyError as error:
                log.warning("changes can not be numbered, trying again: %s", failure_name(error))
            stopping.wait(_EVERY_SECONDS)

    def number(self) -> None:
        """Number what waits now, unless another process is at it.

        Raises:
            SQLAlchemyError: the database failed, or no connection was free.
        """
        while self._anything() and self._part():
            pass

    def _anything(self) -> bool:
        with self._engine.connect() as connection:
            return bool(connection.execute(_ANYTHING, {"kept": self._kept}).scalar())

    def _part(self) -> bool:
        """Number as many as are numbered at once. Returns whether there may be more."""
        with self._engine.begin() as connection:
            counter = connection.execute(_LOCK).first()
            if counter is None:
                return False
            rows = connection.execute(_TAKE, {"most": self._at_once}).all()
            newest = counter.newest
            if counter.read_model != counter.served:
                newest = _insert(connection, newest, [(None, EVERYTHING, None, None, None)])
            places = told([Place(*row) for row in rows], self._most_named)
            newest = _insert(connection, newest, _numbered(connection, places))
            forgotten = max(counter.forgotten, self._old(connection, newest))
            connection.execute(text("DELETE FROM change WHERE number <= :number"), {"number": forgotten})
            connection.execute(
                text(
                    "UPDATE change_counter SET newest = :newest, forgotten = :forgotten, read_model = :served"
                ),
                {"newest": newest, "forgotten": forgotten, "served": counter.served},
            )
        return len(rows) == self._at_once

    def _old(self, connection: Connection, newest: int) -> int:
        """The last change that is not kept."""
        first = connection.execute(_FIRST_KEPT, {"kept": self._kept}).scalar()
        return max(newest if first is None else first - 1, newest - self._most_kept)


_Row = tuple[object, object, object, object, object]


def _numbered(connection: Connection, places: list[Place]) -> list[_Row]:
    """Rows of what is told. What can not be read, such as a document that is only named by a command, is not told."""
    found = shown(connection, [place for place in places if place.thing is not None])
    rows: list[_Row] = []
    for place in places:
        row = found.get(place)
        if row is not None:
            rows.append((place.tenant_id, place.subject, place.thing, row["status"], row["changed_at"]))
        elif place.thing is None:
            rows.append((place.tenant_id, place.subject, None, None, None))
    return rows


def _insert(connection: Connection, newest: int, rows: list[_Row]) -> int:
    """Insert rows under the next numbers. Returns the last one."""
    if rows:
        tenants, subjects, things, statuses, times = (list(column) for column in zip(*rows, strict=True))
        connection.execute(
            _INSERT,
            {
                "newest": newest,
                "tenants": tenants,
                "subjects": subjects,
                "things": things,
                "statuses": statuses,
                "times": times,
            },
        )
    return newest + len(rows)
