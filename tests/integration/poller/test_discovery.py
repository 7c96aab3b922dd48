"""What a cycle finds and publishes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from invoice_events import names
from invoice_events.identity import utc_now
from tests.integration.poller.rig import Rig

pytestmark = pytest.mark.stack


def test_an_unstamped_invoice_is_published_whole(rig: Rig) -> None:
    rig.activated(ago=timedelta(days=1))
    rig.add_invoice(41208, orderNumber="PO-7")
    rig.turn()
    (event,) = rig.events(names.DISCOVERED)
    assert event["document"] == "invoice/41208"
    assert (event["action"], event["attempt"], event["priority"]) == ("create", 1, "normal")
    assert event["autotask_url"].endswith("?invoiceId=41208")
    assert "xero" not in event["autotask_url"]
    invoice, (line,) = event["invoice"], event["lines"]
    assert (invoice["total"], invoice["tax_total"], invoice["currency"]) == (Decimal(240), Decimal(36), "NZD")
    assert (invoice["payment_term"], invoice["tax_region_id"]) == ("Net 30 days", 5)
    assert event["company"]["name"] == "Harbour Dental Ltd"
    assert event["contact"]["email"] == "ana@harbour.example"
    assert (line["ticket_number"], line["ticket_title"]) == ("T20260101.0001", "Mailbox migration")
    assert (line["billing_code_name"], line["tax_category_id"], line["contract_name"]) == (
        "Remote support",
        2,
        "Managed services",
    )
    entry = rig.known(41208)
    assert (entry.state, entry.revision, entry.strikes) == ("in_flight", event["revision"], 0)


def test_an_invoice_in_flight_is_not_published_again(rig: Rig) -> None:
    rig.add_invoice(1)
    for _ in range(3):
        rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 1


def test_stamped_and_older_invoices_stay_out(rig: Rig) -> None:
    def days_ago(days: int) -> dict[str, Any]:
        return {"invoiceDateTime": f"{(utc_now().date() - timedelta(days=days)).isoformat()}T00:00:00Z"}

    rig.add_invoice(1, webServiceDate="2026-01-01T10:00:00Z")
    rig.add_invoice(2, **days_ago(14))
    rig.add_invoice(3, **days_ago(15))
    rig.turn()
    assert [event["invoice"]["id"] for event in rig.events(names.DISCOVERED)] == [2]


@pytest.mark.parametrize("missing", ["settings", "reference", "active"])
def test_nothing_is_asked_before_the_tenant_is_ready(rig: Rig, missing: str) -> None:
    rig.add_invoice(1)
    if missing == "settings":
        rig.tenants.current = None
    elif missing == "reference":
        rig.tenants.reference = False
    else:
        rig.tenants.pause()
    rig.turn()
    assert rig.calls() == []
    assert rig.events(names.DISCOVERED) == []


def test_an_invoice_voided_before_sync_is_skipped_once(rig: Rig) -> None:
    rig.add_invoice(1, isVoided=True)
    rig.turn()
    rig.turn()
    (event,) = rig.events(names.SKIPPED)
    assert (event["document"], event["reason"]) == ("invoice/1", "voided")
    assert rig.known(1).state == "skipped"
    assert rig.events(names.DISCOVERED) == []


def test_a_company_without_active_contact_is_published_without_one(rig: Rig) -> None:
    database = rig.simulator.database("acme")
    database.upsert(
        "Contacts", [{"id": 12, "companyID": 318, "isActive": 0, "firstName": "A", "lastName": "B"}]
    )
    rig.add_invoice(1)
    rig.turn()
    assert rig.events(names.DISCOVERED)[0]["contact"] is None


@pytest.mark.parametrize("trouble", [{"invoiceNumber": ""}, {"invoiceTotal": Decimal(999)}])
def test_a_young_unfinished_invoice_waits_without_a_strike(rig: Rig, trouble: dict[str, Any]) -> None:
    rig.add_invoice(1, age=timedelta(minutes=1), **trouble)
    rig.turn()
    rig.turn()
    (event,) = rig.events(names.FAULTED)
    assert (event["code"], event["strike"], event["final"]) == ("INVOICE_INCOMPLETE", False, False)
    assert (rig.known(1).state, rig.known(1).strikes) == ("waiting_retry", 0)
    rig.change_invoice(1, invoiceNumber="INV-1", invoiceTotal=Decimal(240))
    rig.turn()
    (discovered,) = rig.events(names.DISCOVERED)
    assert (discovered["attempt"], discovered["revision"] > event["revision"]) == (1, True)


def test_an_old_unfinished_invoice_goes_to_the_mapper(rig: Rig) -> None:
    rig.add_invoice(1, age=timedelta(minutes=11), invoiceNumber="", invoiceTotal=Decimal(999))
    rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 1


def test_an_old_invoice_is_backfill(rig: Rig) -> None:
    rig.add_invoice(1, age=timedelta(days=3))
    rig.turn()
    assert rig.events(names.DISCOVERED)[0]["priority"] == "backfill"


def test_an_amount_with_too_many_digits_is_a_fault_and_never_rounded(rig: Rig) -> None:
    database = rig.simulator.database("acme")
    rig.add_invoice(1)
    with database.lock:
        database.tables["BillingItems"].change(10, {"extendedPrice": Decimal("240.00001")})
    rig.turn()
    (event,) = rig.events(names.FAULTED)
    assert (event["code"], event["strike"]) == ("AMOUNT_PRECISION", True)
    assert (rig.known(1).state, rig.known(1).strikes) == ("waiting_retry", 1)


def test_a_record_without_its_date_stops_neither_the_cycle_nor_others(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.add_invoice(2, createDateTime=None)
    rig.add_invoice(3)
    rig.turn()
    assert [event["invoice"]["id"] for event in rig.events(names.DISCOVERED)] == [1, 2, 3]
    assert rig.events(names.DISCOVERED)[1]["invoice"]["date"] == date.today()  # noqa: DTZ011  # the rig dates invoices today


def test_a_backlog_costs_at_most_1_05_calls_per_invoice(rig: Rig) -> None:
    many = 1000
    for number in range(1, many + 1):
        rig.add_invoice(number, lines=[{"id": number * 10 + place, "ticketID": number} for place in range(5)])
    tickets = [{"id": number, "ticketNumber": f"T{number}", "title": "x"} for number in range(1, many + 1)]
    rig.simulator.database("acme").upsert("Tickets", tickets)
    rig.turn()
    for number in range(1, many + 1):
        rig.synced(number)
    rig.worker.turn()
    assert len(rig.events(names.DISCOVERED)) == many
    assert all(rig.stamp_of(number) for number in range(1, many + 1))
    assert len(rig.calls()) <= 1.05 * many
