"""A process that is frozen, or cut off, in mid-transaction: its locks end with its lease, not when it wakes up."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from psycopg2.errors import LockNotAvailable
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError

from service_runtime.leases import Lease, Leases, guard
from service_runtime.outbox import _ACKNOWLEDGED_SECONDS
from tests.support.waiting import wait_until

MakeEngine = Callable[[], Engine]

pytestmark = pytest.mark.stack
SECONDS = 1.0
DEFAULT_LEASE_SECONDS = 120


def _acquired(leases: Leases) -> Lease | None:
    """The lease, or None while it or its row is somebody else's."""
    try:
        return leases.acquire("acme")
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            return None
        raise


def test_no_guarded_transaction_that_went_silent_keeps_its_tenant_from_other_replicas(
    make_service_engine: MakeEngine,
) -> None:
    one, other = Leases(make_service_engine(), SECONDS), Leases(make_service_engine(), 60.0)
    lease = one.acquire("acme")
    assert lease is not None
    with one._engine.connect() as frozen:
        guard(frozen, lease)
        wait_until(lambda: _acquired(other), "the other replica to take over", 20)
        assert other.held()["acme"].epoch == lease.epoch + 1
        with pytest.raises(OperationalError):  # what every worker takes for a database that is away
            frozen.execute(text("SELECT 1"))


def test_no_renewal_that_went_silent_keeps_its_tenant_from_other_replicas(
    make_service_engine: MakeEngine,
) -> None:
    one, other = Leases(make_service_engine(), SECONDS), Leases(make_service_engine(), 60.0)
    assert one.acquire("acme") is not None
    woken = threading.Event()
    event.listen(one._engine, "commit", lambda _: woken.wait(60))
    renewing = threading.Thread(target=one.renew_all)
    renewing.start()
    try:
        wait_until(lambda: _acquired(other), "the other replica to take over", 20)
        assert other.held()["acme"].epoch == 2
    finally:
        woken.set()
        renewing.join()
    assert one.held() == {}, "and the frozen one does not believe that it renewed"


def test_no_transaction_of_any_kind_may_be_silent_for_long(engine: Engine) -> None:
    """Such as that of the one publisher of an outbox, which all replicas wait for; waiting for Kafka is no silence."""
    with engine.connect() as connection:
        allowed = connection.execute(
            text(
                "SELECT setting::int / 1000 FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'"
            )
        ).scalar_one()
    assert _ACKNOWLEDGED_SECONDS < allowed <= DEFAULT_LEASE_SECONDS
