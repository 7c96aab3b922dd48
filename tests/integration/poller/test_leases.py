"""Two replicas, and a process that dies in between."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from invoice_events import names
from service_runtime import metrics
from service_runtime.leases import LeaseLostError
from tests.integration.poller.rig import TENANT, Rig
from tests.support.waiting import wait_until

pytestmark = pytest.mark.stack
GAUGES = (
    metrics.ledger_documents,
    metrics.oldest_pending_seconds,
    metrics.stamps_waiting,
    metrics.oldest_stamp_seconds,
    metrics.stuck,
    metrics.circuit_open,
    metrics.budget_left,
)


def test_a_worker_that_lost_its_lease_commits_nothing(rig: Rig) -> None:
    rig.add_invoice(1)
    old = rig.worker
    rig.take_over()
    with pytest.raises(LeaseLostError):
        old.turn()
    assert rig.entry(1) is None
    assert rig.events(names.DISCOVERED) == []
    rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 1


def test_a_lease_lost_in_the_middle_of_a_cycle_stops_its_commit(rig: Rig) -> None:
    rig.add_invoice(1)
    old, reader = rig.worker, rig.worker._connection.page

    def stolen(*arguments: object, **named: object) -> object:
        page = reader(*arguments, **named)  # type: ignore[arg-type]  # passed on as they came
        if arguments[0] == "BillingItems":
            rig.take_over()
        return page

    old._connection.page = stolen  # type: ignore[method-assign,assignment]  # the lease goes while Autotask answers
    with pytest.raises(LeaseLostError):
        old.turn()
    assert rig.events(names.DISCOVERED) == []


def test_the_next_holder_goes_on_where_the_last_one_was(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.add_invoice(2)
    rig.turn()
    rig.synced(1)
    rig.take_over()
    rig.turn()
    assert rig.stamp_of(1) is not None
    assert len(rig.events(names.DISCOVERED)) == 2


def test_events_survive_a_crash_between_commit_and_publication(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()  # committed; this process dies before its outbox is published
    rig.take_over()
    rig.turn()
    assert [event["document"] for event in rig.events(names.DISCOVERED)] == ["invoice/1"]


def test_a_woken_worker_serves_at_once_and_ends_when_told(rig: Rig) -> None:
    rig.add_invoice(1)
    stopping = threading.Event()
    thread = threading.Thread(target=rig.worker.run, args=(stopping,))
    thread.start()
    try:
        wait_until(lambda: rig.events(names.DISCOVERED), "the first cycle")
        rig.command("c1", "resync", "invoice/1")
        rig.worker.wake()
        wait_until(lambda: len(rig.events(names.DISCOVERED)) == 2, "the resync", 10)
    finally:
        stopping.set()
        rig.worker.wake()
        thread.join()


def test_a_command_is_served_between_two_requests_of_a_cycle(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.add_invoice(2, invoiceDateTime="2020-01-01T00:00:00Z")
    connection = rig.worker._connection
    reader = connection.page

    def slow(*arguments: object, **named: object) -> object:
        page = reader(*arguments, **named)  # type: ignore[arg-type]  # passed on as they came
        if arguments[0] == "Companies" and not rig.results("c1"):
            rig.command("c1", "resync", "invoice/2")
            rig.worker.wake()
        return page

    connection.page = slow  # type: ignore[method-assign,assignment]  # somebody asks while the cycle reads
    rig.turn()
    assert [event["invoice"]["id"] for event in rig.events(names.DISCOVERED)] == [2, 1]


def test_figures_of_a_tenant_that_is_worked_for_elsewhere_are_not_left_standing(rig: Rig) -> None:
    for gauge in GAUGES:
        gauge.clear()  # other tests of this process had workers of the same name
    rig.turn()
    assert figures()
    rig.lease.lost.set()
    rig.worker.run(threading.Event())
    assert figures() == set()


def test_no_worker_works_unheard_and_none_that_has_ended_is_taken_for_one_that_hangs(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(rig.worker._beats, "beat", heard.append)
    rig.turn()
    before = len(heard)
    rig.add_invoice(1)
    rig.turn()
    assert len(heard) > before + 1, "once a turn, and between the requests of a cycle"
    rig.take_over().turn()
    assert set(rig.worker._beats.silent()) == {TENANT}
    rig.lease.lost.set()
    rig.worker.run(threading.Event())
    assert not rig.worker._beats.silent()


def figures() -> set[str]:
    """Gauges that show something of the tenant's work."""
    samples = [sample for gauge in GAUGES for metric in gauge.collect() for sample in metric.samples]
    return {sample.name for sample in samples if sample.labels["tenant"] == TENANT}


def test_a_document_on_hold_makes_no_alarm_about_documents_on_their_way(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.command("c1", "skip", "invoice/1")
    rig.turn()
    with rig.engine.connect() as connection:
        totals = rig.worker._store.ledger.totals(connection, quiet=False)
    assert (totals.by_state["held"], totals.waits.in_flight) == (1, 0.0)


def test_backfill_that_has_to_wait_makes_no_alarm_about_documents_on_their_way(rig: Rig) -> None:
    rig.add_invoice(1, age=timedelta(days=3))
    rig.turn()
    with rig.engine.connect() as connection:
        ledger = rig.worker._store.ledger
        assert ledger.totals(connection, quiet=True).waits.in_flight == 0.0
        assert ledger.totals(connection, quiet=False).waits.in_flight > 0.0


def test_commands_that_no_replay_can_bring_back_are_forgotten(rig: Rig) -> None:
    for command_id in ("old", "new"):
        rig.command(command_id, "sync-now")
    rig.worker._next_forgetting = float("inf")
    rig.turn()
    with rig.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE command_inbox SET received_at = received_at - interval '1 year' WHERE command_id = 'old'"
            )
        )
    rig.worker._next_forgetting = 0.0
    rig.turn()
    with rig.engine.connect() as connection:
        assert list(connection.execute(text("SELECT command_id FROM command_inbox")).scalars()) == ["new"]
