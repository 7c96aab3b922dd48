"""The database's clock and Xero's differ: what Xero wrote is found all the same, by its time or by the id that it told."""

from __future__ import annotations

from decimal import Decimal
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


def set_back(rig: Rig, seconds: float) -> None:
    """The database's clock is set back: every moment that it noted lies that much nearer, or in the future."""
    for column in ("created_at", "last_sent_at", "looked_up_at", "absent_since"):
        rig.execute(f"UPDATE intent SET {column} = {column} + make_interval(secs => {seconds})")  # noqa: S608  # constants


def be_sure(rig: Rig) -> None:
    """Both lookups, each when it is due. The moment of the intent stays as it is: from there on Xero is looked through."""
    for columns, seconds in ((("last_sent_at", "xero_time"), 430), (("absent_since",), 70)):
        for column in columns:
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


@pytest.mark.parametrize("back", [300, 3600])
@XERO_NUMBERS
def test_a_database_clock_that_was_set_back_sends_no_dead_key_again(rig: Rig, back: float) -> None:
    """By the database the request is young again, or not even made yet; Xero has forgotten its key."""
    rig.plant(PUT, {"kind": "cut"}, when="after")
    rig.arrive(rig.mapped(1))
    rig.turn()
    rig.pass_time(400)
    set_back(rig, back)
    rig.work()
    assert len(rig.calls("PUT")) == 1
    verify(rig)
    assert (len(rig.calls("PUT")), len(rig.copies(1))) == (1, 1)
    assert rig.outcomes(1) == [("synced", "created")]


@XERO_NUMBERS
def test_a_database_clock_that_was_set_forward_does_not_make_a_living_key_dead(rig: Rig) -> None:
    """By the database seven minutes have passed. By Xero's clock the request could still be processed."""
    rig.plant(PUT, BROKEN)
    rig.arrive(rig.mapped(1))
    rig.turn()
    set_back(rig, -3600)
    rig.work()
    set_back(rig, -60)
    rig.work()
    assert rig.outcomes(1) == []
    for seconds in (430, 70):
        rig.pass_time(seconds)
        rig.work()
    assert rig.outcomes(1) == [("faulted", "PROVIDER_ERROR")]


@XERO_NUMBERS
def test_what_is_not_there_is_found_out_soon_although_the_database_clock_was_set_back(rig: Rig) -> None:
    rig.plant(PUT, {"kind": "cut"})
    rig.arrive(rig.mapped(1))
    rig.turn()
    set_back(rig, 90_000)
    rig.work()
    for seconds in (730, 70):  # five minutes more: when the last byte left is not known any more
        rig.execute(
            "UPDATE intent SET last_sent_at = last_sent_at - make_interval(secs => :s), absent_since = absent_since - make_interval(secs => :s),"
            " xero_time = xero_time - make_interval(secs => :s)",
            s=seconds,
        )
        rig.work()
    assert rig.outcomes(1) == [("faulted", "PROVIDER_ERROR")]


@XERO_NUMBERS
def test_a_request_that_seems_to_lie_in_the_future_is_looked_for_in_the_past(rig: Rig) -> None:
    rig.plant(PUT, BROKEN, when="after")
    rig.arrive(rig.mapped(1))
    rig.turn()
    rig.execute("UPDATE intent SET xero_time = NULL")  # of a release that did not note it
    set_back(rig, 3600)
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]


def test_a_wrong_document_is_taken_back_although_the_database_clock_was_set_back(rig: Rig) -> None:
    rig.plant({"method": "POST"}, BROKEN)
    rig.arrive(rig.mapped(1, total=Decimal("115.01")))
    rig.work()
    assert len(rig.copies(1)) == 1
    set_back(rig, 3600)
    rig.pass_time(60)
    rig.work()
    assert rig.outcomes(1) == [("faulted", "XERO_AMOUNTS_DIFFER")]


def test_a_contact_made_in_xero_is_not_missed_because_its_clock_is_behind(rig: Rig) -> None:
    xero_is_behind(rig, 200)
    put(rig, Name="Late Ltd")
    rig.execute("UPDATE tenant SET contacts_seen_at = clock_timestamp() - interval '6 s'")
    rig.arrive(rig.mapped(1, customer="Late Ltd", priority="interactive"))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]


@pytest.mark.parametrize("past", [0, 7200], ids=["at once", "when that clock has caught up"])
def test_a_contact_that_changed_while_the_database_clock_was_ahead_is_not_missed_for_good(
    rig: Rig, past: float
) -> None:
    """The last reading is noted for an hour later than it was. A contact is made before that hour is over."""
    rig.arrive(rig.mapped(1))
    rig.work()
    noted = "contacts_seen_at = contacts_seen_at + interval '1 hour' - make_interval(secs => :s)"
    began = "contacts_xero_time = contacts_xero_time - make_interval(secs => :s)"
    rig.execute(f"UPDATE tenant SET {noted}, {began}", s=past)  # noqa: S608  # our own words
    now = rig.simulator.clock.offset
    rig.simulator.clock.set_offset(now - past)
    put(rig, Name="Early Ltd")
    rig.simulator.clock.set_offset(now)
    rig.client.probe()
    rig.arrive(rig.mapped(2, customer="Early Ltd", priority="interactive"))
    rig.work()
    assert rig.outcomes(2) == [("synced", "created")]


def test_reference_data_are_read_again_although_the_database_clock_was_set_back(rig: Rig) -> None:
    before = len(rig.calls("GET"))
    rig.execute("UPDATE tenant SET reference_at = reference_at + interval '1 day'")
    rig.turn()
    assert any(call["path"].endswith("/Accounts") for call in rig.calls("GET")[before:])
