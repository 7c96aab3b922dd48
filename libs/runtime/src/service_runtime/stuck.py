"""What of a whole service should move and does not: its outbox, the leases of its tenants, and their workers. Seen from outside by a loop of its own.

The publisher and the workers can not tell it themselves: one that hangs, or that another replica should have, tells nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from service_runtime import metrics
from service_runtime.leases import failure_name

log = logging.getLogger(__name__)

_EVERY_SECONDS = 15.0
_OUTBOX_TOO_LONG = 120.0  # longer than Kafka may take to acknowledge a batch
_LEASE_TOO_LONG = 60.0  # longer than a replica needs to see that a lease has run out
_WORKER_TOO_LONG = 600.0  # longer than several calls to the outside may take one after another
_OLDEST = text("SELECT extract(epoch FROM clock_timestamp() - created_at) FROM outbox ORDER BY id LIMIT 1")
_EXPIRED = text(
    "SELECT tenant_id, greatest(0, extract(epoch FROM clock_timestamp() - expires_at)) AS expired FROM lease"
)


class StuckWatch:
    """Shows the age of the outbox, and for each tenant how long nobody has worked for it."""

    def __init__(
        self,
        engine: Engine,
        tenants: Callable[[], Iterable[str]] | None,
        alive: Callable[[], None],
        now: Callable[[], float] = time.monotonic,
        silent: Callable[[], Mapping[str, float]] = dict,
    ) -> None:
        """`tenants`: those that somebody should work for, None for a service without leases; `now`: seconds of a monotonic clock.

        `silent`: seconds since each tenant's worker of this replica was last heard from.
        """
        self._engine = engine
        self._tenants = tenants
        self._alive = alive
        self._now = now
        self._silent = silent
        self._missed_since: dict[str, float] = {}
        self._shown: set[str] = set()
        self._with_worker: set[str] = set()
        self._stuck: frozenset[tuple[str, str]] = frozenset()

    def run(self, stopping: threading.Event) -> None:
        """Look every 15 seconds until stopped."""
        while not stopping.is_set():
            self._alive()
            try:
                self.look()
            except SQLAlchemyError as error:
                log.warning("it can not be seen what is stuck: %s", failure_name(error))
            stopping.wait(_EVERY_SECONDS)

    def look(self) -> None:
        """Look once.

        Raises:
            SQLAlchemyError: the database failed; the figures stay as they were.
        """
        with self._engine.connect() as connection:
            oldest = float(connection.execute(_OLDEST).scalar() or 0)
            leases = [] if self._tenants is None else connection.execute(_EXPIRED).all()
        expired = {row.tenant_id: float(row.expired) for row in leases}
        metrics.outbox_age_seconds.set(oldest)
        found = {("", "outbox"): oldest > _OUTBOX_TOO_LONG}
        tenants = set(self._tenants()) if self._tenants else set()
        for tenant_id in tenants:
            without = expired.get(tenant_id, self._missed(tenant_id))
            metrics.lease_expired_seconds.labels(tenant_id).set(without)
            found[tenant_id, "lease"] = without > _LEASE_TOO_LONG
        found |= {(name, "worker"): seconds > _WORKER_TOO_LONG for name, seconds in self._silent().items()}
        self._forget(self._shown - tenants)
        self._shown = tenants
        self._show(found)

    def _missed(self, tenant_id: str) -> float:
        """How long a tenant has been there that nobody has ever worked for."""
        return self._now() - self._missed_since.setdefault(tenant_id, self._now())

    def _forget(self, gone: set[str]) -> None:
        for tenant_id in gone:
            self._missed_since.pop(tenant_id, None)
            metrics.lease_expired_seconds.remove(tenant_id)
            metrics.stuck.remove(tenant_id, "lease")

    def _show(self, found: dict[tuple[str, str], bool]) -> None:
        for tenant_id in self._with_worker - {name for name, reason in found if reason == "worker"}:
            metrics.stuck.remove(tenant_id, "worker")
        self._with_worker = {name for name, reason in found if reason == "worker"}
        for (tenant_id, reason), is_stuck in found.items():
            metrics.stuck.labels(tenant_id, reason).set(int(is_stuck))
            if is_stuck and (tenant_id, reason) not in self._stuck:
                log.warning("stuck: %s", _WORDS[reason], extra={"tenant": tenant_id or None})
        self._stuck = frozenset(place for place, is_stuck in found.items() if is_stuck)


_WORDS = {
    "outbox": "events wait in the outbox and are not published",
    "lease": "nobody works for the tenant: its lease is neither renewed nor taken",
    "worker": "the tenant's worker hangs: it was not heard from for over ten minutes",
}
