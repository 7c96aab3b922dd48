"""Rows of topics that keep their records 90 days go as those do: log lines, answers to commands, `processing` in timelines.

Everything else of the read model is kept for ever, as its topics are.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from invoice_events import names
from invoice_events.identity import utc_now
from service_runtime.leases import failure_name

log = logging.getLogger(__name__)

KEPT = timedelta(days=90)
_EVERY_SECONDS = 3600.0
_ROWS = 1000  # per transaction: whoever folds the same rows waits for a moment only

# Each takes its rows by an index in the order of time, answers excepted: people cause them, so they are few.
_LOGS = text(
    "DELETE FROM log WHERE event_id = ANY(ARRAY(SELECT event_id FROM log"
    " WHERE tenant_id = :tenant AND occurred_at < :before ORDER BY occurred_at LIMIT :rows))"
)
_ANSWERS = text(
    "DELETE FROM command_result WHERE event_id = ANY(ARRAY(SELECT event_id FROM command_result"
    " WHERE occurred_at < :before ORDER BY occurred_at LIMIT :rows))"
)
# One statement per topic, the name written out: each has its own partial index.
_PROCESSING = tuple(
    text(
        "DELETE FROM timeline WHERE event_id = ANY(ARRAY(SELECT event_id FROM timeline"  # noqa: S608  # a name of this project
        f" WHERE topic = '{topic}' AND occurred_at < :before ORDER BY occurred_at LIMIT :rows))"
    )
    for topic in (names.PROCESSING, names.ORDER_PROCESSING)
)


class Retention:
    """Prunes the read model."""

    def __init__(self, engine: Engine, alive: Callable[[], None], rows: int = _ROWS) -> None:
        self._engine = engine
        self._alive = alive
        self._rows = rows

    def run(self, stopping: threading.Event) -> None:
        """Prune every hour until stopped."""
        while not stopping.is_set():
            try:
                self.prune(utc_now() - KEPT, stopping)
            except SQLAlchemyError as error:
                log.warning("old rows could not be pruned, trying again later: %s", failure_name(error))
            self._alive()
            stopping.wait(_EVERY_SECONDS)

    def prune(self, before: datetime, stopping: threading.Event) -> None:
        """Delete what is older, a few rows per transaction. Several replicas may do this at the same time.

        Raises:
            SQLAlchemyError: the database failed, or no connection was free; what was deleted stays so.
        """
        with self._engine.connect() as connection:
            tenants = (
                connection.execute(text("SELECT tenant_id FROM tenant ORDER BY tenant_id")).scalars().all()
            )
        steps = [(_LOGS, {"tenant": tenant}) for tenant in tenants]
        steps += [(_ANSWERS, {}), *((statement, {}) for statement in _PROCESSING)]
        for statement, values in steps:
            left = True
            while left and not stopping.is_set():
                self._alive()
                with self._engine.begin() as connection:
                    gone = connection.execute(statement, values | {"before": before, "rows": self._rows})
                    left = gone.rowcount == self._rows
