"""Leases: one replica at a time works for a tenant, told by the database's clock and an epoch that grows with each holder."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from psycopg2.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from service_runtime import metrics

log = logging.getLogger(__name__)

_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'; SET LOCAL idle_in_transaction_session_timeout = {silence}"
"""A guarded transaction share-locks its lease. Whoever waits for one tenant's lease keeps those of others waiting, so not for long.
Nor does one that is frozen in mid-transaction keep the row longer than its lease (milliseconds)."""
_LEAST_SILENCE_SECONDS = 1.0
"""A transaction that is only slow is not ended, however little its lease has left."""


class LeaseLostError(Exception):
    """The lease is no longer ours: whatever was about to be committed must not be."""


@dataclass(slots=True)
class Lease:
    """The right to work for one tenant.

    Attributes:
        tenant_id: whom.
        epoch: grows with each new holder; commits are guarded by it.
        lost: set when the lease can no longer be relied on.
    """

    tenant_id: str
    epoch: int
    lost: threading.Event = field(default_factory=threading.Event)


def guard(connection: Connection, lease: Lease) -> float:
    """Bind this transaction to the lease: it commits only while the lease is ours.

    The lease row stays share-locked until the transaction ends, so nobody can take it in between. The database ends a
    transaction that falls silent for as long as the lease still has: a frozen holder must not keep the row locked.

    Returns:
        Seconds that the lease still has, by the database's clock.

    Raises:
        LeaseLostError: somebody else holds it, or it has run out.
    """
    left = connection.execute(
        text(
            # The row is locked first and judged by the clock afterwards: the lock may have been waited for.
            "WITH mine AS MATERIALIZED (SELECT expires_at FROM lease WHERE tenant_id = :tenant AND epoch = :epoch FOR SHARE),"
            " judged AS MATERIALIZED (SELECT extract(epoch FROM expires_at - clock_timestamp()) AS seconds FROM mine)"
            " SELECT seconds, set_config('idle_in_transaction_session_timeout', ceil(greatest(seconds, :least) * 1000)::bigint::text, true)"
            " FROM judged WHERE seconds > 0"
        ),
        {"tenant": lease.tenant_id, "epoch": lease.epoch, "least": _LEAST_SILENCE_SECONDS},
    ).scalar()
    if left is None:
        lease.lost.set()
        raise LeaseLostError(f"the lease of {lease.tenant_id} (epoch {lease.epoch}) is no longer ours")
    return float(left)


class Leases:
    """Takes, renews and releases leases of one process."""

    def __init__(self, engine: Engine, seconds: float, owner: str | None = None) -> None:
        """`seconds` is LEASE_SECONDS, the length of a lease; it is renewed eight times in that span."""
        self._engine = engine
        self.seconds = seconds
        self.owner = owner or str(uuid.uuid4())
        self._held: dict[str, Lease] = {}
        self._confirmed: dict[str, float] = {}
        self._lock = threading.Lock()

    @property
    def renewal_interval(self) -> float:
        """Seconds between renewals: 15 for the default of 120."""
        return self.seconds / 8

    def held(self) -> dict[str, Lease]:
        """Leases of this process, by tenant."""
        with self._lock:
            return dict(self._held)

    def taken(self) -> set[str]:
        """Tenants whose lease is running, whoever holds it. A look without locks, so that holders are not disturbed."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                text("SELECT tenant_id FROM lease WHERE expires_at > clock_timestamp()")
            )
            return {row.tenant_id for row in rows}

    def acquire(self, tenant_id: str) -> Lease | None:
        """Take a lease that is free or has run out. None if another replica holds it.

        Raises:
            SQLAlchemyError: the database failed, or the row is locked by a transaction that goes on.
        """
        with self._engine.begin() as connection:
            self._bound(connection)
            before = time.monotonic()
            epoch = connection.execute(
                text(
                    "INSERT INTO lease AS l (tenant_id, owner, epoch, expires_at)"
                    " VALUES (:tenant, :owner, 1, clock_timestamp() + make_interval(secs => :seconds))"
                    " ON CONFLICT (tenant_id) DO UPDATE SET owner = :owner, epoch = l.epoch + 1, expires_at = excluded.expires_at"
                    " WHERE l.expires_at <= clock_timestamp() RETURNING epoch"
                ),
                {"tenant": tenant_id, "owner": self.owner, "seconds": self.seconds},
            ).scalar()
        if epoch is None:
            return None
        lease = Lease(tenant_id, int(epoch))
        with self._lock:
            self._held[tenant_id] = lease
            self._confirmed[tenant_id] = before
        metrics.lease_held.labels(tenant_id).set(1)
        log.info("lease taken, epoch %d", lease.epoch, extra={"tenant": tenant_id})
        return lease

    def renew_all(self) -> None:
        """Renew every lease; mark as lost those that somebody else took, or that could not be confirmed in time."""
        for lease in self.held().values():
            if lease.lost.is_set():
                continue  # dropped or released while others were renewed
            before = time.monotonic()
            try:
                renewed = self._renew(lease)
            except SQLAlchemyError as error:
                log.warning("renewing failed: %s", failure_name(error), extra={"tenant": lease.tenant_id})
                self.drop_unconfirmed()
                continue
            if renewed:
                with self._lock:
                    self._confirmed[lease.tenant_id] = before
            else:
                self._drop(lease)

    def drop_unconfirmed(self) -> None:
        """Mark as lost what was not confirmed for the length of a lease. Asks no database, which may be what hangs."""
        now = time.monotonic()
        with self._lock:
            overdue = [
                lease
                for tenant_id, lease in self._held.items()
                if now - self._confirmed[tenant_id] > self.seconds
            ]
        for lease in overdue:
            self._drop(lease)

    def _renew(self, lease: Lease) -> bool:
        with self._engine.begin() as connection:
            self._bound(connection)
            updated = connection.execute(
                text(
                    "UPDATE lease SET expires_at = clock_timestamp() + make_interval(secs => :seconds)"
                    " WHERE tenant_id = :tenant AND epoch = :epoch AND expires_at > clock_timestamp()"
                ),
                {"tenant": lease.tenant_id, "epoch": lease.epoch, "seconds": self.seconds},
            )
            return updated.rowcount > 0

    def release(self, tenant_id: str) -> None:
        """Give a lease back so that another replica need not wait for its end."""
        epochs = self._forget([tenant_id])
        if epochs:
            self._give_back(epochs)

    def release_many(self, tenant_ids: Iterable[str], alive: Callable[[], None] = lambda: None) -> None:
        """Give several back, at once; one that can not be given back runs out by itself.

        Args:
            tenant_ids: whose; those without a lease here are passed over.
            alive: called between statements.
        """
        epochs = self._forget(tenant_ids)
        if not epochs:
            return
        alive()
        if self._could_give_back(epochs) or len(epochs) == 1:
            return
        for (
            tenant_id,
            epoch,
        ) in epochs.items():  # a lease that somebody keeps locked must not hold up the others
            alive()
            self._could_give_back({tenant_id: epoch})

    def _forget(self, tenant_ids: Iterable[str]) -> dict[str, int]:
        """From now on these leases are not ours. Returns the epochs of those that were, by tenant."""
        with self._lock:
            leases = [lease for name in tenant_ids if (lease := self._held.pop(name, None)) is not None]
        for lease in leases:
            lease.lost.set()
            metrics.lease_held.labels(lease.tenant_id).set(0)
        return {lease.tenant_id: lease.epoch for lease in leases}

    def _could_give_back(self, epochs: dict[str, int]) -> bool:
        """Give leases back. False if it is worth while to try them one by one."""
        try:
            self._give_back(epochs)
        except SQLAlchemyError as error:
            log.warning(
                "%d leases could not be released and will run out unless they can be soon: %s",
                len(epochs),
                failure_name(error),
                extra={"tenant": next(iter(epochs)) if len(epochs) == 1 else None},
            )
            return not isinstance(getattr(error, "orig", None), LockNotAvailable)
        return True

    def _give_back(self, epochs: dict[str, int]) -> None:
        with self._engine.begin() as connection:
            self._bound(connection)
            connection.execute(
                text(
                    "UPDATE lease SET expires_at = clock_timestamp()"
                    " FROM unnest(CAST(:tenants AS text[]), CAST(:epochs AS bigint[])) AS mine (tenant_id, epoch)"
                    " WHERE lease.tenant_id = mine.tenant_id AND lease.epoch = mine.epoch"
                ),
                {"tenants": list(epochs), "epochs": list(epochs.values())},
            )

    def _bound(self, connection: Connection) -> None:
        """Neither wait for a row for long, nor keep one locked for longer than a lease."""
        connection.execute(text(_LOCK_TIMEOUT.format(silence=max(1, round(self.seconds * 1000)))))

    def _drop(self, lease: Lease) -> None:
        with self._lock:
            if self._held.get(lease.tenant_id) is not lease:
                return  # dropped or released already
            del self._held[lease.tenant_id]
        lease.lost.set()
        metrics.lease_held.labels(lease.tenant_id).set(0)
        metrics.lease_lost.labels(lease.tenant_id).inc()
        log.warning("lease lost, epoch %d", lease.epoch, extra={"tenant": lease.tenant_id})


def failure_name(error: SQLAlchemyError) -> str:
    """Name of the driver's error, or of SQLAlchemy's own (such as a pool without a free connection)."""
    return type(getattr(error, "orig", None) or error).__name__
