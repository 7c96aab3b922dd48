"""Leases on a real database: never two holders, by the database's clock, and nothing is committed without one."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import OperationalError

from service_runtime.leases import Lease, LeaseLostError, Leases, guard
from tests.support.waiting import wait_until

MakeEngine = Callable[[], Engine]

pytestmark = pytest.mark.stack
LONG = 60.0
SHORT = 0.4


def _run_out(engine: Engine) -> None:
    """Let every lease run out, as time would."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE lease SET expires_at = clock_timestamp() - interval '1 ms'"))


def _taken(leases: Leases, tenant: str = "acme") -> Lease:
    lease = leases.acquire(tenant)
    assert lease is not None
    return lease


def _is_guarded(engine: Engine, lease: Lease) -> bool:
    try:
        with engine.begin() as connection:
            guard(connection, lease)
    except LeaseLostError:
        return False
    return True


@contextmanager
def _at_work(connection: Connection) -> Iterator[None]:
    """For as long as this lasts, the transaction has one statement after the other under way."""
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            connection.execute(text("SELECT pg_sleep(0.2)"))

    working = threading.Thread(target=work)
    working.start()
    try:
        yield
    finally:
        done.set()
        working.join()


def test_no_lease_is_held_twice(make_service_engine: MakeEngine) -> None:
    one, other = Leases(make_service_engine(), LONG), Leases(make_service_engine(), LONG)
    lease = _taken(one)

    assert other.acquire("acme") is None
    assert one.acquire("acme") is None, "not even by its holder"
    assert other.taken() == {"acme"}
    assert _taken(other, "beta").epoch == 1
    assert (lease.epoch, set(one.held()), set(other.held())) == (1, {"acme"}, {"beta"})


def test_no_lease_that_ran_out_is_kept_from_others_or_guards_its_old_holder(
    make_service_engine: MakeEngine,
) -> None:
    engine = make_service_engine()
    one, other = Leases(engine, LONG), Leases(make_service_engine(), LONG)
    old = _taken(one)
    _run_out(engine)
    assert not _is_guarded(engine, old), "not even before somebody else takes it"

    new = _taken(other)

    assert new.epoch == old.epoch + 1
    assert not _is_guarded(engine, old)
    assert old.lost.is_set()
    assert _is_guarded(engine, new)


def test_no_lease_that_ran_out_is_renewed(make_service_engine: MakeEngine) -> None:
    """Somebody may have taken and given it back meanwhile."""
    engine = make_service_engine()
    leases = Leases(engine, LONG)
    lease = _taken(leases)
    _run_out(engine)

    leases.renew_all()

    assert lease.lost.is_set()
    assert leases.held() == {}


def test_no_renewed_lease_runs_out(make_service_engine: MakeEngine) -> None:
    engine = make_service_engine()
    leases = Leases(engine, LONG)
    lease = _taken(leases)
    with engine.begin() as connection:
        connection.execute(text("UPDATE lease SET expires_at = clock_timestamp() + interval '2 s'"))

    leases.renew_all()

    with engine.begin() as connection:
        assert LONG - 10 < guard(connection, lease) <= LONG


def test_no_released_lease_has_to_run_out_or_can_be_used(make_service_engine: MakeEngine) -> None:
    engine = make_service_engine()
    one, other = Leases(engine, LONG), Leases(make_service_engine(), LONG)
    lease = _taken(one)

    one.release("acme")

    assert lease.lost.is_set()
    assert not _is_guarded(engine, lease)
    assert _taken(other).epoch == lease.epoch + 1
    one.release("acme")  # again: nothing
    assert set(other.held()) == {"acme"}
    assert _is_guarded(engine, other.held()["acme"])


def test_no_lease_is_taken_while_a_guarded_transaction_is_open(make_service_engine: MakeEngine) -> None:
    """Even if it ran out meanwhile: what was guarded commits before anybody else begins."""
    engine = make_service_engine()
    one, other = Leases(engine, LONG), Leases(make_service_engine(), LONG)
    lease = Lease("acme", 1)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO lease VALUES ('acme', 'one', 1, clock_timestamp() + interval '300 ms')")
        )
    with engine.begin() as connection:
        guard(connection, lease)
        with _at_work(connection):  # one that is silent is ended: see test_frozen_transactions.py
            wait_until(lambda: other.taken() == set(), "the lease to run out")
            with pytest.raises(OperationalError, match="lock timeout"):
                other.acquire("acme")

    assert _taken(other).epoch == 2
    assert one.held() == {}


def test_no_guard_believes_in_a_time_before_it_waited(make_service_engine: MakeEngine) -> None:
    """The row is locked by somebody who changes nothing, until the lease has run out."""
    engine = make_service_engine()
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO lease VALUES ('acme', 'one', 1, clock_timestamp() + interval '700 ms')")
        )
    refused: list[bool] = []
    with engine.begin() as blocking:
        blocking.execute(text("SELECT 1 FROM lease FOR UPDATE"))
        waiting = threading.Thread(target=lambda: refused.append(not _is_guarded(engine, Lease("acme", 1))))
        waiting.start()
        wait_until(lambda: Leases(engine, LONG).taken() == set(), "the lease to run out")
    waiting.join(30)

    assert refused == [True]


def test_no_guarded_transaction_of_one_tenant_keeps_others_from_being_renewed(
    make_service_engine: MakeEngine,
) -> None:
    engine = make_service_engine()
    leases = Leases(engine, LONG)
    slow, quick = _taken(leases, "slow"), _taken(leases, "quick")
    with engine.begin() as connection:
        guard(connection, slow)
        with engine.begin() as other:
            other.execute(
                text(
                    "UPDATE lease SET expires_at = clock_timestamp() + interval '9 s' WHERE tenant_id = 'quick'"
                )
            )
        leases.renew_all()

    with engine.begin() as connection:
        assert guard(connection, quick) > 10
    assert not slow.lost.is_set(), "one renewal that did not get through is no loss"


def test_no_lease_is_believed_in_when_it_could_not_be_confirmed_for_its_length(
    make_service_engine: MakeEngine,
) -> None:
    """A database that hangs answers nothing; what was not confirmed in time is lost without asking it."""
    leases = Leases(make_service_engine(), SHORT)
    lease = _taken(leases)
    leases.drop_unconfirmed()
    assert not lease.lost.is_set()

    def is_dropped() -> bool:
        leases.drop_unconfirmed()
        return lease.lost.is_set()

    wait_until(is_dropped, "the lease to be dropped", seconds=10)

    assert leases.held() == {}


def test_no_failing_database_ends_the_renewing(make_service_engine: MakeEngine) -> None:
    engine = make_service_engine()
    leases = Leases(engine, SHORT)
    lease = _taken(leases)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE lease RENAME TO gone"))

    def is_dropped() -> bool:
        leases.renew_all()
        return lease.lost.is_set()

    wait_until(is_dropped, "the lease to be dropped", seconds=10)

    leases.release_many(["acme", "nobody"])
    assert leases.held() == {}


def _give_back_all(engine: Engine, leases: Leases) -> tuple[int, int]:
    """Release every lease. Returns how many statements changed leases, and how often the loop showed its life."""
    updates: list[str] = []
    beats: list[None] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(*call: object) -> None:
        if str(call[2]).startswith("UPDATE lease"):
            updates.append(str(call[2]))

    leases.release_many(list(leases.held()), lambda: beats.append(None))
    event.remove(engine, "before_cursor_execute", note)
    return len(updates), len(beats)


def _running(engine: Engine) -> set[str]:
    return Leases(engine, LONG).taken()


def test_no_replica_gives_its_leases_back_one_by_one(make_service_engine: MakeEngine) -> None:
    engine = make_service_engine()
    leases, other = Leases(engine, LONG), Leases(make_service_engine(), LONG)
    names = [f"t{number}" for number in range(20)]
    held = [lease for name in names if (lease := leases.acquire(name)) is not None]
    assert other.acquire("not ours") is not None

    assert _give_back_all(engine, leases)[0] == 1

    assert _running(engine) == {"not ours"}
    assert len(held) == 20
    assert all(lease.lost.is_set() for lease in held)


def test_no_locked_lease_keeps_the_others_from_being_given_back(make_service_engine: MakeEngine) -> None:
    engine = make_service_engine()
    leases = Leases(engine, LONG)
    for name in ("acme", "beta", "gamma"):
        assert leases.acquire(name) is not None
    with make_service_engine().begin() as somebody:
        somebody.execute(text("SELECT FROM lease WHERE tenant_id = 'acme' FOR UPDATE"))

        _, beats = _give_back_all(engine, leases)

        assert _running(engine) == {"acme"}
    assert beats == 4, "the loop showed its life before each statement"


@pytest.mark.parametrize("seed", range(4))
def test_no_two_holders_work_at_once_whatever_is_paused(make_service_engine: MakeEngine, seed: int) -> None:
    """Three replicas take, renew and lose one short lease; renewing is paused at random.

    Each notes, inside guarded transactions, that it works: epochs never go back, and no epoch is used by two.
    """
    random_seed = random.Random(seed)
    engines = [make_service_engine() for _ in range(3)]
    with engines[0].begin() as connection:
        connection.execute(
            text("CREATE TABLE worked (id bigint GENERATED ALWAYS AS IDENTITY, owner text, epoch bigint)")
        )
    over = threading.Event()
    plans = [random.Random(random_seed.random()) for _ in engines]

    def replica(engine: Engine, plan: random.Random) -> None:
        leases = Leases(engine, SHORT)
        while not over.is_set():
            lease = leases.held().get("acme") or leases.acquire("acme")
            if lease is None:
                over.wait(0.01)
                continue
            if plan.random() < 0.1:
                over.wait(plan.choice([0.2, 0.5, 0.7]))  # frozen: nothing is renewed
            elif plan.random() < 0.5:
                leases.renew_all()
            _work(engine, leases, lease, plan)

    threads = [threading.Thread(target=replica, args=pair) for pair in zip(engines, plans, strict=True)]
    for thread in threads:
        thread.start()
    with engines[0].connect() as connection:
        query = text("SELECT count(DISTINCT owner), max(epoch) FROM worked")
        wait_until(
            lambda: (row := connection.execute(query).one())[0] == 3 and row[1] >= 6,
            "everybody to have worked",
        )
    over.set()
    for thread in threads:
        thread.join(30)

    with engines[0].connect() as connection:
        rows = connection.execute(text("SELECT owner, epoch FROM worked ORDER BY id")).all()
    epochs = [row.epoch for row in rows]
    assert epochs == sorted(epochs), "somebody worked after somebody else had begun"
    owners = {row.epoch: {other.owner for other in rows if other.epoch == row.epoch} for row in rows}
    assert all(len(names) == 1 for names in owners.values())


def _work(engine: Engine, leases: Leases, lease: Lease, plan: random.Random) -> None:
    try:
        with engine.begin() as connection:
            guard(connection, lease)
            if plan.random() < 0.1:
                time.sleep(plan.choice([0.1, 0.5]))  # the transaction itself outlasts the lease
            connection.execute(
                text("INSERT INTO worked (owner, epoch) VALUES (:owner, :epoch)"),
                {"owner": leases.owner, "epoch": lease.epoch},
            )
    except LeaseLostError:
        leases.release("acme")
    except OperationalError:
        return  # somebody else's guarded transaction was in the way
