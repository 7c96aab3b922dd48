"""The database's clock and Xero's differ: what Xero wrote is found all the same, by its time or by the id that it told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service_runtime import metrics
from tests.integration.xero_writer.contacts_kit import put
from tests.integration.xero_writer.rig import TENANT
from tests.integration.xero_writer.xero_hands import verify
from xero_writer.core.body import Call

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig
    from xero_writer.adapters.answers import WriteAnswer

pytestmark = pytest.mark.stack
XERO_NUMBERS = pytest.mark.parametrize("rig", ["xero"], indirect=True)
PUT = {"method": "PUT"}
BROKEN = {"kind": "status", "status": 500, "body": {"ErrorNumber": 500}}


def xero_is_behind(rig: Rig, seconds: float) -> None:
    """Xero's clock is this much behind the database's, and always was."""
    rig.simulator.clock.set_offset(rig.simulator.clock.offset - seconds)
    rig.client.probe()


def be_sure(rig: Rig) -> None:
    """Both lookups, each when it is due. The moment of the intent stays as it is: from there on Xero is looked through."""
    for column, seconds in (("last_sent_at", 430), ("absent_since", 70)):
        rig.execute(f"UPDATE intent SET {column} = {column} - make_interval(secs => {seconds})")  # noqa: S608  # constants
        rig.work()


@pytest.mark.parametrize("seconds", [0, 200, 90_000])
@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
@XERO_NUMBERS
def test_a_written_document_is_not_missed_because_xeros_clock_is_behind(
    rig: Rig, kind: str, seconds: float
) -> None:
    xero_is_behind(rig, seconds)
    rig.plant(PUT, BROKEN, when="after")
    rig.arrive(rig.mapped(1, kind=kind))
    rig.work()
    be_sure(rig)
    assert rig.outcomes(1) == [("synced", "created")]
    rig.arrive(rig.mapped(1, kind=kind))
    rig.work()
    assert len(rig.copies(1)) == 1


@XERO_NUMBERS
def test_a_clock_that_was_put_right_since_hides_no_written_document(rig: Rig) -> None:
    def by_the_clock_of_that_time(_: WriteAnswer) -> None:
        rig.execute("UPDATE intent SET created_at = created_at + interval '200 s'")

    rig.client.after_write = by_the_clock_of_that_time
    rig.plant(PUT, BROKEN, when="after")
    rig.arrive(rig.mapped(1))
    rig.work()
    be_sure(rig)
    assert rig.outcomes(1) == [("synced", "created")]


@XERO_NUMBERS
def test_a_worker_that_has_not_heard_from_xero_yet_misses_nothing_either(rig: Rig) -> None:
    xero_is_behind(rig, 200)
    rig.plant(PUT, BROKEN, when="after")
    rig.arrive(rig.mapped(1))
    rig.work()
    rig.execute("UPDATE intent SET xero_time = NULL")  # of a release that did not note it
    rig.take_over()
    be_sure(rig)
    assert rig.outcomes(1) == [("synced", "created")]


@XERO_NUMBERS
def test_the_last_look_does_not_miss_a_double_because_xeros_clock_is_behind(rig: Rig) -> None:
    xero_is_behind(rig, 200)
    rig.plant(PUT, BROKEN, when="after")
    rig.arrive(rig.mapped(1))
    rig.work()
    be_sure(rig)
    sent = rig.row("SELECT method, path, body FROM intent")
    rig.client.write(
        Call(sent.method, sent.path, bytes(sent.body)), "of a process that woke late", lambda: True
    )
    before = metrics.duplicates.labels(TENANT)._value.get()
    rig.execute("UPDATE intent SET recheck_at = clock_timestamp()")
    rig.work()
    assert metrics.duplicates.labels(TENANT)._value.get() == before + 1


@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
@XERO_NUMBERS
def test_the_id_that_a_repeat_was_told_is_not_thrown_away(rig: Rig, kind: str) -> None:
    rig.plant(PUT, {"kind": "cut"}, when="after")
    rig.arrive(rig.mapped(1, kind=kind))
    rig.work()
    empty = {"kind": "status", "status": 200, "body": {"Id": "x", "Invoices": [], "CreditNotes": []}}
    rig.plant({"method": "GET", "path": ".*/(Invoices|CreditNotes)"}, empty, times=None)
    verify(rig)
    assert len(rig.calls("PUT")) == 2
    assert rig.outcomes(1) == [("synced", "created")]


def test_a_contact_made_in_xero_is_not_missed_because_its_clock_is_behind(rig: Rig) -> None:
    xero_is_behind(rig, 200)
    put(rig, Name="Late Ltd")
    rig.execute("UPDATE tenant SET contacts_seen_at = clock_timestamp() - interval '6 s'")
    rig.arrive(rig.mapped(1, customer="Late Ltd", priority="interactive"))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
