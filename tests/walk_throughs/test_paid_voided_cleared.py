"""Walk-through 11: paid on day 45, voided on day 60, and stamps that people clear while a document is Complete, Pending and at Fault."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from invoice_events import names
from simulators.books.model import Books
from tests.end_to_end.suite import Suite, Times, running_suite, today
from tests.support.waiting import wait_until
from tests.walk_throughs.support import (
    Bill,
    events_of,
    in_xero,
    nothing_is_buried,
    statuses,
    tenant_books,
)

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

NAME = "paid-only"
OPTIONS = {"paid_invoices_only": True, "void_autotask_invoices": True}
"""Invoices go over once they are paid, if that was in the last 14 days, the default."""
LATE, COMPLETE, PENDING, FAULT = range(4)
"""The places of the invoices in the books, named by what happens to them."""
AWAY: dict[str, Any] = {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}}
CYCLES = 3


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    bills = [Bill(days_ago=45), *(Bill(rate=Decimal(place)) for place in (20, 30, 40))]
    made = tenant_books(NAME, bills, import_as="approved", options=OPTIONS)
    late = list(made.fates)[LATE]
    later = replace(made.fates[late], later="voided", gone=True)
    books = Books((replace(made, fates={**made.fates, late: later}),))
    folder, loaded = tmp_path_factory.mktemp("paid"), {NAME: list(made.fates)}
    with running_suite(books, folder, loaded=loaded, times=Times(lifetime=24, lease=10, poll=1)) as running:
        yield running


def test_no_payment_void_or_cleared_stamp_loses_or_doubles_a_document(suite: Suite) -> None:
    tenant = suite.books.tenant(NAME)
    late, *others = tenant.fates
    pages = suite.autotask.in_autotask(NAME)

    # Nobody has paid yet: nothing goes over, however often Autotask is asked.
    _let_cycles_pass(suite)
    assert statuses(suite, NAME) == {}
    assert in_xero(suite, NAME) == []

    # Day 45: paid at last. The three others are paid on the same day.
    for number in tenant.fates:
        pages.set_paid(number, today())
    suite.await_stamped(NAME, set(tenant.fates))
    for number in tenant.fates:
        assert suite.await_complete(NAME, f"invoices/{number}")["xero"]["status"] == "AUTHORISED"
    assert suite.comparison(tenant).problems == []

    _assert_cleared_on_complete(suite, others[COMPLETE - 1])
    _assert_cleared_on_pending(suite, others[PENDING - 1])
    _assert_cleared_on_fault(suite, others[FAULT - 1])
    _assert_voided_on_day_60(suite, late)

    comparison = suite.comparison(tenant, later_done=True)
    assert comparison.problems == []
    assert (comparison.documents, comparison.gone) == (3, 1)
    assert set(statuses(suite, NAME).values()) == {"Complete"}
    assert _stamped_now(suite) >= set(others)
    assert nothing_is_buried(suite)


def _assert_cleared_on_complete(suite: Suite, number: int) -> None:
    """It is a resync that is said to be one, once. Xero is asked, and nothing is written."""
    since, tries = suite.last_call(suite.xero), len(_tries(suite, number))
    suite.autotask.in_autotask(NAME).clear_stamp(number)
    wait_until(lambda: number in _stamped_now(suite), "the stamp to be set again", pause=0.5)
    _let_cycles_pass(suite)
    assert len(_tries(suite, number)) == tries + 1
    assert suite.await_complete(NAME, f"invoices/{number}")["synced"]["outcome"] == "unchanged"
    assert suite.writes(since) == []
    _assert_told(suite, number)


def _assert_cleared_on_pending(suite: Suite, number: int) -> None:
    """While a resync waits for Xero the stamp is no news: the try under way goes on alone, and stamps again."""
    since, tries = suite.last_call(suite.xero), len(_tries(suite, number))
    suite.xero.plant({"path": "/api.xro/.*", "tenant": NAME}, AWAY, times=None)
    suite.status.command(NAME, "resync", f"invoice/{number}")
    wait_until(lambda: len(_tries(suite, number)) == tries + 1, "the resync to be on its way", pause=0.5)
    suite.autotask.in_autotask(NAME).clear_stamp(number)
    _let_cycles_pass(suite)
    assert statuses(suite, NAME)[number] == "Pending Sync"
    assert number not in _stamped_now(suite), "stamped before Xero has confirmed"
    suite.xero.clear_faults()
    wait_until(lambda: number in _stamped_now(suite), "the stamp to be set again", pause=0.5)
    suite.await_complete(NAME, f"invoices/{number}")
    _let_cycles_pass(suite)
    assert len(_tries(suite, number)) == tries + 1
    assert suite.writes(since) == []


def _assert_cleared_on_fault(suite: Suite, number: int) -> None:
    """What went over once and is at Fault since begins anew when its stamp is cleared: that is what the person wanted."""
    pages = suite.autotask.in_autotask(NAME)
    [invoice] = [one for one in pages.records("Invoices") if one["id"] == number]
    total = Decimal(str(invoice["invoiceTotal"]))
    pages.put("Invoices", {"id": number, "invoiceTotal": total + 1})  # its lines do not add up to it any more
    suite.status.command(NAME, "resync", f"invoice/{number}")
    wait_until(lambda: statuses(suite, NAME)[number] == "Fault", "the fault", pause=0.5)
    tries = len(_tries(suite, number))
    pages.clear_stamp(number)  # nothing was mended: three more tries, and no more than that
    wait_until(lambda: len(_tries(suite, number)) == tries + 3, "three tries", pause=0.5)
    wait_until(lambda: statuses(suite, NAME)[number] == "Fault", "the fault again", pause=0.5)
    _let_cycles_pass(suite)
    assert len(_tries(suite, number)) == tries + 3, "tried for ever for want of a stamp"
    _assert_told(suite, number)
    pages.put("Invoices", {"id": number, "invoiceTotal": total})
    suite.status.command(NAME, "resync", f"invoice/{number}")
    suite.await_complete(NAME, f"invoices/{number}")
    wait_until(lambda: number in _stamped_now(suite), "the stamp to be set again", pause=0.5)


def _assert_voided_on_day_60(suite: Suite, number: int) -> None:
    """Fifteen days after the payment no window shows the invoice any more. It is voided in Xero all the same, once."""
    pages = suite.autotask.in_autotask(NAME)
    day = _date(pages.records("Invoices"), number)
    pages.put("Invoices", {"id": number, "invoiceDateTime": f"{day - timedelta(days=15)}T00:00:00Z"})
    pages.set_paid(number, today() - timedelta(days=15))
    pages.void_invoice(number, lines="detached")
    wait_until(lambda: _document(suite, number)["Status"] == "VOIDED", "the void", pause=0.5)
    shown = wait_until(
        lambda: (
            (found := suite.await_complete(NAME, f"invoices/{number}"))["synced"]["outcome"] == "voided"
            and found
        ),
        "the void to be shown",
    )
    assert shown["xero"]["status"] == "VOIDED"
    since, tries = suite.last_call(suite.xero), len(_tries(suite, number))
    pages.clear_stamp(number)
    # Only the hourly look sees that: a poller that starts anew begins with one.
    suite.stack.supervisor.restart("poller")
    wait_until(lambda: len(_tries(suite, number)) == tries + 1, "the cleared stamp to be seen", pause=0.5)
    suite.await_complete(NAME, f"invoices/{number}")
    _let_cycles_pass(suite)
    assert (len(_tries(suite, number)), suite.writes(since)) == (tries + 1, [])
    assert _document(suite, number)["Status"] == "VOIDED"


def _let_cycles_pass(suite: Suite) -> None:
    """Wait until Autotask was asked three times more what is unstamped; the events of all that are in Kafka by then."""
    since = suite.last_call(suite.autotask)

    def cycles() -> int:
        return sum(_is_cycle(call) for call in suite.autotask.calls(since))

    wait_until(lambda: cycles() > CYCLES, "some cycles", pause=0.5)


def _is_cycle(call: dict[str, Any]) -> bool:
    """Whether a call asks what is unstamped, as every cycle does once; the look at known ids names these too."""
    body = str(call["request_body"])
    return bool(call["tenant"] == NAME and "notExist" in body and "paidDate" in body)


def _tries(suite: Suite, number: int) -> set[int]:
    """Revisions of an invoice's tries so far."""
    return {
        event["revision"]
        for event in events_of(suite, names.DISCOVERED, NAME)
        if event["document"] == f"invoice/{number}"
    }


def _stamped_now(suite: Suite) -> set[int]:
    records = suite.autotask.in_autotask(NAME).records("Invoices")
    return {int(invoice["id"]) for invoice in records if invoice["webServiceDate"]}


def _document(suite: Suite, number: int) -> dict[str, Any]:
    """The one document in Xero that carries the invoice's mark."""
    [found] = [one for one in in_xero(suite, NAME) if str(one["Url"]).endswith(f"#sync=invoice/{number}")]
    return found


def _assert_told(suite: Suite, number: int) -> None:
    """The Sync Logs say that a stamp was cleared on a document that we knew."""
    wait_until(
        lambda: any(
            "was cleared in Autotask" in line["message"]
            for line in suite.status.get(f"tenants/{NAME}/invoices/{number}/logs")["items"]
        ),
        "the log line about the cleared stamp",
        pause=0.5,
    )


def _date(records: list[dict[str, Any]], number: int) -> date:
    [invoice] = [one for one in records if one["id"] == number]
    return date.fromisoformat(str(invoice["invoiceDateTime"])[:10])
