"""One worker per tenant whose lease is held here: started, woken, ended and started again without disturbing others."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from service_runtime import tenant_workers
from service_runtime.leases import Lease, Leases, guard
from service_runtime.tenant_workers import TenantWorkers
from tests.support.loops import Run
from tests.support.waiting import wait_until

pytestmark = pytest.mark.stack
MakeEngine = Callable[[], Engine]


class Worker:
    """Does what the test planned for its tenant, else waits to be woken."""

    def __init__(self, tenant: str, lease: Lease, office: Office) -> None:
        self.tenant = tenant
        self.lease = lease
        self._office = office
        self._woken = threading.Event()

    def run(self, stopping: threading.Event) -> None:
        self._office.started[self.tenant] += 1
        plan = self._office.plans.get(self.tenant, [])
        if plan:
            plan.pop(0)()
            return
        while not stopping.is_set():
            self._woken.wait()
            self._woken.clear()
            self._office.woken[self.tenant] += 1
        self._office.ended[self.tenant] += 1

    def wake(self) -> None:
        self._woken.set()


class Office:
    """Every worker that was made, and what happened to them."""

    def __init__(self) -> None:
        self.tenants = ["acme", "beta"]
        self.started: Counter[str] = Counter()
        self.woken: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        self.plans: dict[str, list[Callable[[], None]]] = {}
        self.unmakeable: list[str] = []
        self.made: dict[str, Worker] = {}

    def make(self, tenant: str, lease: Lease) -> Worker:
        if tenant in self.unmakeable:
            self.unmakeable.remove(tenant)
            message = "credentials are missing"
            raise ValueError(message)
        self.made[tenant] = Worker(tenant, lease, self)
        return self.made[tenant]

    def workers(self, leases: Leases) -> TenantWorkers:
        return TenantWorkers(leases, lambda: self.tenants, self.make, lambda: None)


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash pause that a test can wait for."""
    monkeypatch.setattr(tenant_workers, "_CRASH_PAUSE_SECONDS", 1.0)


def _fails(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def _free(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return {
            row.tenant_id
            for row in connection.execute(
                text("SELECT tenant_id FROM lease WHERE expires_at <= clock_timestamp()")
            )
        }


def test_no_tenant_is_without_a_worker_and_none_outlives_the_service(engine: Engine, run: Run) -> None:
    office = Office()
    running = run(office.workers(Leases(engine, 60)).run)
    wait_until(lambda: office.started == {"acme": 1, "beta": 1}, "both workers")

    running.stop()

    assert office.ended == {"acme": 1, "beta": 1}
    assert _free(engine) == {"acme", "beta"}, "other replicas need not wait"


def test_no_wake_is_lost_or_goes_to_somebody_else(engine: Engine, run: Run) -> None:
    office = Office()
    workers = office.workers(Leases(engine, 60))
    run(workers.run)
    wait_until(lambda: office.started == {"acme": 1, "beta": 1}, "both workers")

    workers.wake("acme")
    wait_until(lambda: office.woken["acme"] == 1, "acme to be woken")
    assert office.woken["beta"] == 0
    workers.wake("")
    wait_until(lambda: office.woken == {"acme": 2, "beta": 1}, "everybody to be woken")
    workers.wake("nobody")


def test_no_crashed_worker_stays_down_or_takes_others_with_it(engine: Engine, run: Run) -> None:
    office = Office()
    office.plans["acme"] = [_fails(ValueError("a bug")), _fails(KeyError("another"))]
    run(office.workers(Leases(engine, 60)).run)

    wait_until(lambda: office.started["acme"] == 3, "the worker to be started again")

    assert office.started["beta"] == 1
    wait_until(lambda: "acme" not in _free(engine), "its lease to be taken again")


@pytest.mark.parametrize(
    "error",
    [ValueError("a bug"), OperationalError("SELECT", {}, Exception("away")), None],
    ids=["bug", "database", "returns"],
)
def test_no_failing_worker_is_started_again_as_fast_as_it_fails(
    engine: Engine, run: Run, error: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the length of the pause there is one start only, whatever ended it."""
    office = Office()
    ends = (lambda: None) if error is None else _fails(error)
    office.plans["acme"] = [ends] * 3
    beats = Counter[str]()

    def alive() -> None:
        beats["turns"] += 1
        if beats["turns"] == 10:
            turned.set()

    turned = threading.Event()
    workers = TenantWorkers(
        Leases(engine, 0.8), lambda: ["acme"], office.make, alive
    )  # ten turns in about a second
    monkeypatch.setattr(tenant_workers, "_CRASH_PAUSE_SECONDS", 3600.0)
    run(workers.run)

    assert turned.wait(60)
    assert office.started["acme"] == 1


def test_no_worker_that_can_not_be_made_ends_the_service_or_keeps_the_lease(engine: Engine, run: Run) -> None:
    office = Office()
    office.unmakeable = ["acme"]
    run(office.workers(Leases(engine, 60)).run)

    wait_until(lambda: office.started["beta"] == 1, "the other tenant's worker")
    wait_until(lambda: office.started["acme"] == 1, "another try")


def test_no_worker_goes_on_without_its_lease(make_service_engine: MakeEngine, run: Run) -> None:
    engine = make_service_engine()
    office = Office()
    office.tenants = ["acme"]
    run(office.workers(Leases(engine, 60)).run)
    wait_until(lambda: office.started["acme"] == 1, "the worker")
    lease = office.made["acme"].lease
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE lease SET epoch = epoch + 1, owner = 'other', expires_at = clock_timestamp() + interval '1 h'"
            )
        )

    with pytest.raises(Exception, match="no longer ours"), engine.begin() as connection:
        guard(connection, lease)

    wait_until(lambda: office.ended["acme"] == 1, "the worker to end")
    assert office.started["acme"] == 1, "the tenant is somebody else's"


def test_no_tenant_stays_alone_when_its_replica_ends(make_service_engine: MakeEngine, run: Run) -> None:
    offices = [Office(), Office()]
    first = run(offices[0].workers(Leases(make_service_engine(), 60)).run)
    wait_until(lambda: offices[0].started == {"acme": 1, "beta": 1}, "the first replica")
    run(offices[1].workers(Leases(make_service_engine(), 60)).run)

    first.stop()

    wait_until(lambda: offices[1].started == {"acme": 1, "beta": 1}, "the second replica to take over")


def test_no_slow_worker_lets_its_lease_run_out_even_while_the_service_stops(engine: Engine, run: Run) -> None:
    """A call under way is waited for, and its lease is renewed meanwhile."""
    office = Office()
    office.tenants = ["acme"]
    in_call, answer = threading.Event(), threading.Event()
    outcome: list[float] = []

    def calls() -> None:
        in_call.set()
        answer.wait()
        with engine.begin() as connection:
            outcome.append(guard(connection, office.made["acme"].lease))

    office.plans["acme"] = [calls]
    leases = Leases(engine, 1.6)
    running = run(office.workers(leases).run)
    assert in_call.wait(30)
    stopper = threading.Thread(target=running.stop)
    stopper.start()
    with engine.connect() as connection:
        ends = connection.execute(text("SELECT expires_at FROM lease")).scalar_one()
        connection.rollback()
        wait_until(
            lambda: connection.execute(text("SELECT clock_timestamp() > :ends"), {"ends": ends}).scalar_one(),
            "longer than the lease was when the service began to stop",
        )
    answer.set()
    stopper.join(30)

    assert outcome
    assert outcome[0] > 0


def test_no_slow_worker_keeps_the_others_tenants_without_one_while_the_service_stops(
    engine: Engine, run: Run
) -> None:
    """Its call may take a minute; the tenants whose workers have ended are another replica's at once."""
    office = Office()
    in_call, answer = threading.Event(), threading.Event()

    def calls() -> None:
        in_call.set()
        answer.wait()

    office.plans["acme"] = [calls]
    running = run(office.workers(Leases(engine, 60)).run)
    assert in_call.wait(30)
    wait_until(lambda: office.started["beta"] == 1, "the other worker")
    stopper = threading.Thread(target=running.stop)
    stopper.start()
    try:
        wait_until(lambda: _free(engine) == {"beta"}, "the other tenant to be free")
    finally:
        answer.set()
        stopper.join(30)
    assert _free(engine) == {"acme", "beta"}


def test_no_removed_tenant_keeps_its_worker(engine: Engine, run: Run) -> None:
    office = Office()
    run(office.workers(Leases(engine, 60)).run)
    wait_until(lambda: office.started == {"acme": 1, "beta": 1}, "both workers")

    office.tenants = ["beta"]

    wait_until(lambda: office.ended["acme"] == 1, "the worker to end")
    wait_until(lambda: _free(engine) == {"acme"}, "its lease to be free")
    assert office.ended["beta"] == 0


def test_no_pool_without_a_free_connection_ends_the_renewing(engine: Engine, run: Run) -> None:
    """The thread that renews must outlive whatever it meets, or every lease would run out over and over."""
    office = Office()
    office.tenants = ["acme"]
    leases = Leases(engine, 60)
    renewed: Counter[str] = Counter()
    renew_all = leases.renew_all

    def fails_first() -> None:
        renewed["calls"] += 1
        if renewed["calls"] == 1:
            message = "something nobody thought of"
            raise RuntimeError(message)
        renew_all()

    leases.renew_all = fails_first  # type: ignore[method-assign]  # the one failure is planted
    leases.seconds = 1.6
    run(office.workers(leases).run)

    wait_until(lambda: renewed["calls"] >= 3, "renewing to go on")
