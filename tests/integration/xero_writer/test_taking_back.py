"""A wrong document is taken back whatever happens on the way, and nobody is told that it could not be when it was."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_events import names
from tests.integration.xero_writer.rig import TIMING
from xero_writer.core.timing import Timing

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig
    from xero_writer.adapters.answers import WriteAnswer

pytestmark = pytest.mark.stack
BOTH = pytest.mark.parametrize("rig", ["ours", "xero"], indirect=True)
POST = {"method": "POST", "path": ".*/Invoices"}
BROKEN = {"kind": "status", "status": 500, "body": {"ErrorNumber": 500}}
WRONG = Decimal("115.01")


def statuses(rig: Rig) -> list[str]:
    books = rig.simulator.books("acme")
    assert isinstance(books, dict)
    return [one["Status"] for one in books["invoices"]]


@BOTH
def test_a_take_back_interrupted_between_its_steps_is_finished_by_the_next_holder(rig: Rig) -> None:
    def die_after_the_mark(_: WriteAnswer) -> None:
        if len(rig.calls("POST")) == 1:
            raise RuntimeError("the process ends here")

    rig.client.after_write = die_after_the_mark
    rig.arrive(rig.mapped(1, total=WRONG))
    rig.turn(2)
    assert statuses(rig) == ["DRAFT"]
    assert rig.outcomes(1) == []
    rig.take_over()
    rig.work()
    assert statuses(rig) == ["DELETED"]
    assert rig.outcomes(1) == [("faulted", "XERO_AMOUNTS_DIFFER")]
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created"), ("faulted", "XERO_AMOUNTS_DIFFER")]
    assert len(rig.copies(1)) == 1


@BOTH
def test_steps_whose_answers_are_lost_are_found_out_and_not_called_refused(rig: Rig) -> None:
    rig.plant(POST, {"kind": "cut"}, times=2, when="after")
    rig.arrive(rig.mapped(1, total=WRONG))
    rig.work()
    for _ in range(4):
        rig.pass_time(60)
        rig.work()
    assert statuses(rig) == ["DELETED"]
    assert rig.outcomes(1) == [("faulted", "XERO_AMOUNTS_DIFFER")]


def test_no_step_is_sent_long_after_its_commit(rig: Rig) -> None:
    def dawdle() -> None:
        if rig.calls("PUT"):
            rig.session.timing = Timing(0.001)  # as if the time for a first sending were over

    rig.client.before_send = dawdle
    rig.arrive(rig.mapped(1, total=WRONG))
    rig.turn(3)
    assert rig.calls("POST") == []
    rig.client.before_send = None
    rig.session.timing = TIMING
    rig.pass_time(60)
    rig.work()
    assert statuses(rig) == ["DELETED"]
    assert rig.outcomes(1) == [("faulted", "XERO_AMOUNTS_DIFFER")]


def test_a_step_that_was_overtaken_by_its_own_late_twin_is_no_refusal(rig: Rig) -> None:
    rig.arrive(rig.mapped(1, total=WRONG))
    writes: list[str] = []

    def late_twin() -> None:
        writes.append("asked")
        if len(writes) == 3:  # create, mark and number, status
            rig.person_changes(next(iter(_ids(rig))), Status="DELETED")

    rig.client.before_send = late_twin
    rig.work()
    assert rig.outcomes(1) == [("faulted", "XERO_AMOUNTS_DIFFER")]
    assert rig.events(names.FAULTED, 1)[0]["final"] is False


def _ids(rig: Rig) -> list[str]:
    books = rig.simulator.books("acme")
    assert isinstance(books, dict)
    return [one["InvoiceID"] for one in books["invoices"]]


def test_a_step_that_xero_breaks_on_is_tried_with_pauses_and_never_with_the_same_key(rig: Rig) -> None:
    rig.plant(POST, BROKEN, times=None)
    rig.arrive(rig.mapped(1, total=WRONG), rig.mapped(2))
    rig.work()
    assert len(rig.calls("POST")) == 1
    assert rig.outcomes(2) == [("synced", "created")]
    for _ in range(3):
        rig.pass_time(400)
        rig.work()
    assert len(rig.calls("POST")) == 4
    keys = rig.row(
        "SELECT count(DISTINCT idempotency_key) AS keys, count(*) AS intents FROM intent WHERE purpose = 'take_back'"
    )
    assert keys.keys == keys.intents == 4
    rig.server.app.faults.clear()
    rig.pass_time(400)
    rig.work()
    assert rig.outcomes(1) == [("faulted", "XERO_AMOUNTS_DIFFER")]


def test_a_paid_document_that_can_not_be_taken_back_is_final_at_once_and_linked(rig: Rig) -> None:
    event = rig.mapped(1, total=WRONG, xero={"status": "AUTHORISED"})
    rig.arrive(event)

    def pay(_: WriteAnswer) -> None:
        rig.client.after_write = None
        rig.person_changes(_ids(rig)[0], Payment="115.00")

    rig.client.after_write = pay
    rig.work()
    assert rig.outcomes(1) == [("faulted", "CAN_NOT_TAKE_BACK")]
    fault = rig.events(names.FAULTED, 1)[0]
    assert fault["final"] is True
    assert fault["xero_document_id"] == _ids(rig)[0]
    assert any("115.01" in detail for detail in fault["details"])


def test_a_warning_that_takes_a_document_back_is_told_in_xeros_words(rig: Rig) -> None:
    rig.switch(unknown_account="remove")
    event = rig.mapped(1)
    event["xero"]["lines"][0]["account_code"] = "476"
    rig.arrive(event)
    rig.work()
    assert rig.outcomes(1) == [("faulted", "ACCOUNT_INVALID")]
    assert "Account code '476' has been removed" in rig.events(names.FAULTED, 1)[0]["text"]
    assert rig.copies(1) == []


def test_a_newer_revision_waits_until_the_wrong_document_is_gone(rig: Rig) -> None:
    rig.plant(POST, BROKEN)
    rig.arrive(rig.mapped(1, total=WRONG))
    rig.work()
    rig.arrive(rig.mapped(1))
    rig.work()
    assert len(rig.calls("PUT")) == 1
    rig.pass_time(60)
    rig.work()
    assert rig.outcomes(1) == [("synced", "created"), ("faulted", "XERO_AMOUNTS_DIFFER")]
    assert len(rig.copies(1)) == 1
