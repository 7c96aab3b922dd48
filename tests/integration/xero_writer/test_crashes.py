"""The process dies, the lease goes away, or time runs out, at every line of the write protocol."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from invoice_events import names
from service_runtime.leases import LeaseLostError
from xero_writer.adapters import work
from xero_writer.core.lanes import Lane
from xero_writer.worker.creates import candidates, commit_create
from xero_writer.worker.sending import Committed, send_first

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig
    from xero_writer.adapters.answers import WriteAnswer

pytestmark = pytest.mark.stack
BOTH = pytest.mark.parametrize("rig", ["ours", "xero"], indirect=True)
XERO_NUMBERS = pytest.mark.parametrize("rig", ["xero"], indirect=True)


def committed(rig: Rig, *numbers: int) -> Committed:
    """An intent for these documents, committed and not sent."""
    rig.arrive(*(rig.mapped(number) for number in numbers))
    with rig.engine.connect() as connection:
        waiting = work.waiting(connection, "acme", Lane.WRITE, 50)
    ready = candidates(rig.session, waiting, lambda _: rig.worker._contacts_read(timedelta(0)), 1)
    made = commit_create(rig.session, ready.ready)
    assert made is not None
    return made


def die(_: object = None) -> None:
    raise RuntimeError("the process ends here")


@BOTH
def test_an_intent_that_was_never_sent_is_sent_once_by_the_next_holder(rig: Rig) -> None:
    committed(rig, 1)
    rig.take_over()
    rig.turn()
    rig.pass_time(10)
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert len(rig.copies(1)) == len(rig.calls("PUT")) == 1


@BOTH
def test_a_process_killed_after_xero_did_the_work_leaves_one_document_and_one_outcome(rig: Rig) -> None:
    rig.client.after_write = die
    rig.arrive(rig.mapped(1))
    rig.turn()
    assert len(rig.copies(1)) == 1
    rig.take_over()
    rig.turn()
    rig.pass_time(10)
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert len(rig.copies(1)) == 1


@BOTH
def test_a_job_that_fails_while_recording_leaves_no_intent_behind(rig: Rig) -> None:
    rig.client.after_write = die
    rig.arrive(rig.mapped(1))
    rig.turn()
    rig.client.after_write = None
    rig.work()
    rig.pass_time(20)
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert len(rig.copies(1)) == 1


@XERO_NUMBERS
def test_an_intent_of_more_than_four_minutes_is_never_sent_again(rig: Rig) -> None:
    committed(rig, 1)
    rig.pass_time(241)
    rig.take_over()
    rig.work()
    assert rig.calls("PUT") == []
    rig.pass_time(419)
    rig.work()
    rig.pass_time(3600)  # had the first lookup counted already, this one would be believed
    rig.execute("UPDATE intent SET absent_since = NULL")
    rig.work()
    assert rig.calls("PUT") == []
    rig.pass_time(59)
    rig.work()
    assert rig.calls("PUT") == []
    rig.pass_time(2)
    rig.work()
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert len(rig.copies(1)) == 1


def test_the_first_sending_never_happens_more_than_thirty_seconds_after_the_commit(rig: Rig) -> None:
    made = committed(rig, 1)
    send_first(rig.session, replace(made, since=made.since - 30.1), rig.worker._ending)
    assert rig.calls("PUT") == []
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]


def test_nothing_is_sent_under_a_lease_that_ends_before_the_call_must(rig: Rig) -> None:
    made = committed(rig, 1)
    rig.execute("UPDATE lease SET expires_at = clock_timestamp() + interval '59 seconds'")
    send_first(rig.session, made, rig.worker._ending)
    assert rig.calls("PUT") == []
    rig.work()
    assert rig.calls("PUT") == []


@BOTH
def test_a_holder_whose_lease_is_lost_in_mid_call_commits_nothing(rig: Rig) -> None:
    old_session = rig.session

    def lost(_: WriteAnswer) -> None:
        rig.client.after_write = None
        rig.take_over()

    made = committed(rig, 1)
    rig.client.after_write = lost
    with pytest.raises(LeaseLostError):
        send_first(old_session, made, rig.worker._ending)
    assert rig.outcomes(1) == []
    rig.turn()
    rig.pass_time(10)
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert len(rig.copies(1)) == 1


@XERO_NUMBERS
def test_a_sending_under_way_when_the_lease_was_lost_counts_from_its_deadline(rig: Rig) -> None:
    made = committed(rig, 1)
    rig.plant({"method": "PUT"}, {"kind": "cut"})
    send_first(rig.session, made, rig.worker._ending)
    rig.pass_time(10)
    sent: list[float] = []

    def dies_while_sending(_: WriteAnswer) -> None:
        row = rig.row(
            "SELECT extract(epoch FROM last_sent_at - clock_timestamp())::float AS ahead FROM intent"
        )
        sent.append(row.ahead)
        die()

    rig.plant({"method": "PUT"}, {"kind": "cut"})
    rig.client.after_write = dies_while_sending
    rig.turn()
    assert sent[0] > 50  # bytes may leave until the deadline of the call


@BOTH
def test_newer_revisions_wait_for_the_open_intent_and_make_no_second_document(rig: Rig) -> None:
    committed(rig, 1)
    newer = rig.mapped(1, amount=200, tax=30)
    rig.arrive(newer)
    rig.work()
    assert rig.calls("PUT", "POST") == []
    rig.take_over()
    rig.turn()
    rig.pass_time(10)
    rig.work()
    assert rig.outcomes(1) == [("synced", "created"), ("synced", "updated")]
    [copy] = rig.copies(1)
    assert str(copy["Total"]) == "230.00"


def test_an_older_revision_never_comes_back_over_a_newer_one(rig: Rig) -> None:
    made = committed(rig, 1)
    rig.arrive(rig.mapped(1, amount=200, tax=30))
    send_first(rig.session, replace(made, since=made.since - 31), rig.worker._ending)  # put back, too late
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert str(rig.copies(1)[0]["Total"]) == "230.00"


def test_an_older_revision_does_not_come_back_after_a_newer_one_ended_elsewhere(rig: Rig) -> None:
    made = committed(rig, 1)
    with rig.engine.begin() as connection:
        work.store(connection, work.Batch([], [], [work.Ended("acme", "invoice/1", 99)]))
    send_first(rig.session, replace(made, since=made.since - 31), rig.worker._ending)  # put back, too late
    rig.work()
    assert rig.calls("PUT") == []
    assert rig.row("SELECT count(*) AS n FROM work").n == 0


def test_a_replay_of_every_event_writes_nothing(rig: Rig) -> None:
    events = [rig.mapped(number) for number in (1, 2)]
    rig.arrive(*events)
    rig.work()
    writes = len(rig.calls("PUT", "POST"))
    rig.arrive(*events)
    rig.work()
    assert len(rig.calls("PUT", "POST")) == writes
    assert rig.outcomes(1) == rig.outcomes(2) == [("synced", "created")]


@BOTH
def test_a_lost_journal_adopts_what_is_in_xero_and_does_not_revive_what_a_person_deleted(rig: Rig) -> None:
    events = [rig.mapped(number) for number in (1, 2)]
    rig.arrive(*events)
    rig.work()
    deleted = rig.copies(2)[0]["InvoiceID"]
    rig.person_changes(deleted, Status="DELETED")
    rig.execute("TRUNCATE document, work, intent, intent_element, tenant, contact, outbox")
    rig.take_over()
    rig.turn()
    rig.arrive(*events)
    rig.work()
    assert rig.outcomes(1) == [("synced", "adopted")]
    assert rig.outcomes(2) == [("faulted", "DELETED_IN_XERO")]
    assert rig.copies(2) == []
    assert rig.events(names.FAULTED, 2)[0]["final"] is True
