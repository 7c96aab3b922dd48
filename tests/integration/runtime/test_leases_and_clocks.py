"""Leases go by the database's clock alone: what happens when that clock is stepped, and that no other clock counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from local_stack.postgres import EmbeddedPostgres, PostgresOptions, why_no_false_clock
from service_runtime.config import Environment
from service_runtime.database import make_engine
from service_runtime.leases import Lease, LeaseLostError, Leases, guard
from service_runtime.tables import LEASE_V1

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(why_no_false_clock() is not None, reason=str(why_no_false_clock())),
]
LENGTH = 60.0
HOUR = 3600.0


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    own = EmbeddedPostgres(PostgresOptions(false_clock=True))
    own.start()
    yield own
    own.stop()


@pytest.fixture
def replica(server: EmbeddedPostgres) -> Iterator[Callable[[], Leases]]:
    """Makes replicas of one service, each with connections of its own. The server's clock is right at first."""
    server.step_clock(0)
    made = server.create_database(f"leases_{time.monotonic_ns()}")
    engines: list[Engine] = []

    def make() -> Leases:
        engines.append(
            make_engine(Environment({"DATABASE_URL": made}).database_url(), "service", pool_size=2)
        )
        return Leases(engines[-1], LENGTH)

    make()
    with engines[0].begin() as connection:
        connection.execute(text("CREATE SCHEMA service"))
        connection.execute(text(LEASE_V1))
    yield make
    for engine in engines:
        engine.dispose()
    server.drop_database(made)


def taken(leases: Leases, tenant: str = "acme") -> Lease:
    lease = leases.acquire(tenant)
    assert lease is not None
    return lease


def left(leases: Leases, lease: Lease) -> float:
    """Seconds that a guarded transaction would have; 0 if it may not commit."""
    try:
        with leases._engine.begin() as connection:
            return guard(connection, lease)
    except LeaseLostError:
        return 0.0


def test_no_holder_works_on_after_the_clock_was_stepped_beyond_its_lease(
    server: EmbeddedPostgres, replica: Callable[[], Leases]
) -> None:
    one, other = replica(), replica()
    old, idle = taken(one), taken(one, "beta")
    server.step_clock(HOUR)
    assert left(one, old) == 0.0, "not even before somebody else takes it"
    assert old.lost.is_set()
    new = taken(other)
    assert new.epoch == old.epoch + 1
    assert left(other, new) > 0
    one.renew_all()
    assert idle.lost.is_set(), "and what ran out is not renewed"


def test_no_step_in_the_middle_of_a_transaction_lets_both_holders_commit(
    server: EmbeddedPostgres, replica: Callable[[], Leases]
) -> None:
    """Either the first one's transaction goes on and the other waits for its end, or the database has ended it."""
    one, other = replica(), replica()
    old = taken(one)
    new, committed = None, False
    with suppress(OperationalError):
        with one._engine.begin() as connection:
            guard(connection, old)
            server.step_clock(HOUR)
            with suppress(OperationalError):
                new = other.acquire("acme")
        committed = True
    assert (new is None) == committed
    assert (new or taken(other)).epoch == old.epoch + 1


def test_a_step_within_a_lease_is_made_good_by_the_next_renewal(
    server: EmbeddedPostgres, replica: Callable[[], Leases]
) -> None:
    one, other = replica(), replica()
    lease = taken(one)
    server.step_clock(LENGTH * 0.75)
    assert other.acquire("acme") is None
    assert left(one, lease) < LENGTH / 2, "so that no long call is begun"
    one.renew_all()
    assert left(one, lease) > LENGTH * 0.9


def test_no_step_backwards_gives_a_lease_to_two(
    server: EmbeddedPostgres, replica: Callable[[], Leases]
) -> None:
    one, other = replica(), replica()
    lease = taken(one)
    server.step_clock(-HOUR)
    assert other.acquire("acme") is None
    assert left(one, lease) > HOUR, "it still ends when it was to end"
    one.renew_all()
    assert LENGTH * 0.9 < left(one, lease) <= LENGTH, "from here on it is as long as any other"
    server.step_clock(-HOUR + LENGTH + 1)  # its holder renews no more
    assert taken(other).epoch == lease.epoch + 1
    assert left(one, lease) == 0.0
