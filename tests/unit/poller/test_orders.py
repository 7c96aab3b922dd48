"""Which purchase orders go over, when, as what, and what counts as a change afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from invoice_events.settings import effective_settings
from poller.core.backfill import is_backfill
from poller.core.companies import CompanyNames
from poller.core.entry import Entry, State
from poller.core.look import Look
from poller.core.order_eligibility import (
    OrderFacts,
    changes_count,
    due_since,
    judge_order,
    judge_order_request,
    order_facts_of,
)
from poller.core.order_fingerprint import differs, fingerprint
from poller.core.order_snapshot import (
    OrderNames,
    OrderParts,
    make_order_snapshot,
    make_order_void_snapshot,
)
from poller.core.values import MalformedRecordError
from poller.core.verdicts import Leave, Refuse, Skip, Try

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
BEGAN = datetime(2026, 5, 14, 9, tzinfo=UTC)
BEFORE = BEGAN - timedelta(minutes=1)
LOOK, VOIDING = Look(BEGAN), Look(BEGAN, void=True)
ORDERS = effective_settings({"purchase_orders": {"enabled": True}})["purchase_orders"]
NEW, SUBMITTED, PARTIAL, FULL, CANCELLED, ODD = (OrderFacts(7, status, BEFORE) for status in range(1, 7))


def entry(state: State, **changes: object) -> Entry:
    made = Entry("purchase-order/7", 7, state, 10, TRACE, state_since=BEFORE)
    return replace(made, **changes)  # type: ignore[arg-type]  # any field of an entry


@pytest.mark.parametrize(
    ("trigger", "going"),
    [
        ("new", [NEW, SUBMITTED, PARTIAL, FULL]),
        ("submitted", [SUBMITTED, PARTIAL, FULL]),
        ("received_partially", [PARTIAL, FULL]),
        ("received_in_full", [FULL]),
    ],
)
def test_an_order_goes_over_at_its_status_or_one_after_it_and_never_cancelled(
    trigger: Any,  # noqa: ANN401  # one of the settings' values
    going: list[OrderFacts],
) -> None:
    settings = replace_trigger(trigger)
    every = [NEW, SUBMITTED, PARTIAL, FULL, CANCELLED, ODD]
    assert [facts for facts in every if judge_order(facts, None, LOOK, settings) == Try("discovery")] == going


def replace_trigger(trigger: str) -> Any:  # noqa: ANN401  # settings
    return effective_settings({"purchase_orders": {"enabled": True, "trigger_status": trigger}})[
        "purchase_orders"
    ]


@pytest.mark.parametrize("state", ["in_flight", "done", "fault", "skipped"])
@pytest.mark.parametrize("facts", [SUBMITTED, PARTIAL, FULL])
def test_an_order_goes_over_once(state: State, facts: OrderFacts) -> None:
    assert judge_order(facts, entry(state, synced_revision=5), LOOK, ORDERS) == Leave()
    assert judge_order(facts, entry(state), LOOK, ORDERS) == Leave()


def test_a_failed_order_is_tried_in_the_next_cycle_unless_it_was_put_back_or_is_held() -> None:
    failed = entry("waiting_retry")
    assert judge_order(SUBMITTED, failed, LOOK, ORDERS) == Try("retry")
    assert judge_order(SUBMITTED, replace(failed, state_since=BEGAN), LOOK, ORDERS) == Leave()
    assert judge_order(NEW, failed, LOOK, ORDERS) == Leave()
    assert judge_order(NEW, replace(failed, synced_revision=5), LOOK, ORDERS) == Try("retry")
    assert judge_order(SUBMITTED, replace(failed, hold="skip"), LOOK, ORDERS) == Leave()


def test_an_order_without_an_outcome_is_begun_again() -> None:
    late = entry("in_flight", state_since=BEGAN - timedelta(hours=2))
    assert judge_order(SUBMITTED, late, LOOK, ORDERS) == Try("overdue")


@pytest.mark.parametrize("state", ["done", "fault", "skipped"])
def test_a_cancelled_order_is_deleted_once_and_only_if_the_settings_want_it(state: State) -> None:
    over = entry(state, synced_revision=5)
    assert judge_order(CANCELLED, over, VOIDING, ORDERS) == Try("voided", void=True)
    assert judge_order(CANCELLED, over, LOOK, ORDERS) == Leave()
    assert judge_order(CANCELLED, replace(over, void_revision=9), VOIDING, ORDERS) == Leave()
    assert judge_order(CANCELLED, replace(over, hold="skip"), VOIDING, ORDERS) == Leave()


@pytest.mark.parametrize("state", ["waiting_retry", "fault"])
def test_an_order_that_was_cancelled_before_it_went_over_is_skipped(state: State) -> None:
    assert isinstance(judge_order(CANCELLED, entry(state), VOIDING, ORDERS), Skip)
    assert judge_order(CANCELLED, None, VOIDING, ORDERS) == Leave()


def test_a_person_is_told_why_an_order_can_not_go_over() -> None:
    early = judge_order_request(NEW, None, "resync", LOOK, ORDERS)
    assert isinstance(early, Refuse)
    assert "submitted" in early.text
    assert judge_order_request(SUBMITTED, None, "resync", LOOK, ORDERS) == Try("resync")
    done = entry("done", synced_revision=5)
    assert judge_order_request(NEW, done, "resync", LOOK, ORDERS) == Try("resync")
    assert judge_order_request(CANCELLED, done, "resync", VOIDING, ORDERS) == Try("resync", void=True)
    assert isinstance(judge_order_request(CANCELLED, done, "resync", LOOK, ORDERS), Skip)


def test_quiet_hours_hold_back_the_orders_that_were_there_before() -> None:
    quiet = Look(BEGAN, activated_at=BEGAN - timedelta(hours=1), quiet=True)
    submitted_before = replace(SUBMITTED, ordered_at=BEGAN - timedelta(hours=2))
    assert judge_order(submitted_before, None, quiet, ORDERS) == Leave()
    assert judge_order(SUBMITTED, None, quiet, ORDERS) == Try("discovery")


def test_an_order_that_was_put_back_while_its_try_is_overdue_ends_as_skipped_and_goes_once_it_is_due_again() -> (
    None
):
    late = entry("in_flight", state_since=BEGAN - timedelta(hours=2))
    ended = judge_order(NEW, late, LOOK, ORDERS)
    assert isinstance(ended, Skip)
    assert ended.reason == "not_triggered"
    assert "submitted" in ended.text
    assert judge_order(NEW, replace(late, synced_revision=5), LOOK, ORDERS) == Try("overdue")
    waits = entry("skipped", skip_reason=ended.reason)
    assert judge_order(NEW, waits, LOOK, ORDERS) == Leave()
    assert judge_order(SUBMITTED, waits, LOOK, ORDERS) == Try("discovery")
    assert judge_order(SUBMITTED, entry("skipped", skip_reason="no_lines"), LOOK, ORDERS) == Leave()


@pytest.mark.parametrize("state", ["done", "fault", "skipped"])
def test_what_a_fault_left_in_xero_of_a_cancelled_order_is_deleted_too(state: State) -> None:
    left = entry(state, xero_document_id="x")
    assert judge_order(CANCELLED, left, VOIDING, ORDERS) == Try("voided", void=True)
    assert judge_order(CANCELLED, replace(left, void_revision=9), VOIDING, ORDERS) == Leave()
    failed = entry("waiting_retry", xero_document_id="x")
    assert judge_order(CANCELLED, failed, VOIDING, ORDERS) == Try("retry", void=True)


LONG_AGO, LATELY = BEGAN - timedelta(days=30), BEGAN - timedelta(hours=3)


@pytest.mark.parametrize(
    ("trigger", "created", "ordered", "waits"),
    [
        ("new", LONG_AGO, LONG_AGO, True),
        ("new", LATELY, LATELY, False),
        ("submitted", LONG_AGO, LONG_AGO, True),
        ("submitted", LONG_AGO, LATELY, False),
        ("received_partially", LONG_AGO, LONG_AGO, False),
        ("received_in_full", LONG_AGO, LONG_AGO, False),
        ("new", None, None, False),
    ],
)
def test_an_order_is_backfill_only_if_it_has_been_due_for_long(
    trigger: str, created: datetime | None, ordered: datetime | None, *, waits: bool
) -> None:
    quiet = Look(BEGAN, activated_at=BEGAN - timedelta(days=90), quiet=True)
    facts = OrderFacts(7, 4, ordered, created)
    settings = replace_trigger(trigger)
    assert judge_order(facts, None, quiet, settings) == (Leave() if waits else Try("discovery"))
    since = due_since(settings, created, ordered)
    assert is_backfill(since, BEGAN, quiet.activated_at) is waits


def test_edits_of_an_order_that_never_went_over_or_was_to_be_deleted_do_not_count() -> None:
    assert changes_count(entry("done", synced_revision=5))
    assert changes_count(entry("done", synced_revision=5, hold="skip"))
    assert not changes_count(entry("in_flight", synced_revision=5))
    assert not changes_count(entry("fault"))
    assert not changes_count(entry("done", synced_revision=9, void_revision=9))


ORDER: dict[str, Any] = {
    "id": 771, "vendorID": 402, "status": 2, "purchaseOrderNumber": "PO-31", "externalPONumber": None, "vendorInvoiceNumber": "VI-1",
    "freight": Decimal("15.0"), "taxRegionID": 5, "paymentTerm": 3, "generalMemo": "Back door", "shipToName": "Example MSP",
    "shipToAddress1": "1 Example St", "shipToCity": "Auckland", "purchaseForCompanyID": 318, "phone": None,
    "createDateTime": "2026-05-12T21:00:00Z", "submitDateTime": "2026-05-13T12:30:00Z",
    "latestEstimatedArrivalDate": "2026-05-20T00:00:00Z",
}  # fmt: skip
ITEMS: list[dict[str, Any]] = [
    {"id": 2, "orderID": 771, "productID": 56, "memo": None, "quantity": 1, "unitCost": Decimal("9.9")},
    {
        "id": 1,
        "orderID": 771,
        "productID": 55,
        "memo": "24 port",
        "quantity": 2,
        "unitCost": Decimal("310.2575"),
    },
]
NAMES = OrderNames(
    companies=CompanyNames(currencies={1: "NZD"}, own_currency=1),
    company_names={318: "Harbour Dental Ltd"},
    statuses={2: "Submitted"},
    payment_terms={3: "Net 30"},
    products={55: "Switch", 56: None},
)
VENDOR = {"id": 402, "companyName": "Example Vendor"}


def test_the_snapshot_says_everything_in_a_stable_order_and_the_tenants_day() -> None:
    snapshot = make_order_snapshot(OrderParts(ORDER, ITEMS, VENDOR, NAMES), ZoneInfo("Pacific/Auckland"))
    order, lines = snapshot["order"], snapshot["lines"]
    assert order["date"] == date(2026, 5, 14)
    assert (order["number"], order["external_number"], order["status_name"]) == ("PO-31", "", "Submitted")
    assert (order["currency"], order["freight"], order["payment_term"]) == ("NZD", Decimal(15), "Net 30")
    assert (order["purchased_for"], order["expected_on"]) == ("Harbour Dental Ltd", date(2026, 5, 20))
    assert [(line["id"], line["product_name"], line["unit_cost"]) for line in lines] == [
        (1, "Switch", Decimal("310.2575")),
        (2, None, Decimal("9.9")),
    ]
    assert snapshot["vendor"]["name"] == "Example Vendor"


def test_an_order_that_was_never_submitted_is_dated_by_when_it_was_made() -> None:
    made = ORDER | {"submitDateTime": None}
    parts = OrderParts(made, [], VENDOR, NAMES)
    assert make_order_snapshot(parts, UTC)["order"]["date"] == date(2026, 5, 12)
    with pytest.raises(MalformedRecordError, match="createDateTime"):
        make_order_snapshot(replace(parts, order=made | {"createDateTime": None}), UTC)
    assert order_facts_of(made | {"createDateTime": "soon"}).ordered_at is None


def test_an_invisible_vendor_leaves_a_snapshot_without_a_name() -> None:
    vendor = make_order_snapshot(OrderParts(ORDER, ITEMS, None, NAMES), UTC)["vendor"]
    assert (vendor["id"], vendor["name"]) == (402, "")


WENT_OVER = fingerprint(ORDER, ITEMS)


@pytest.mark.parametrize(
    "change",
    [
        {"freight": Decimal(16)},
        {"generalMemo": "Front door"},
        {"vendorInvoiceNumber": "VI-2"},
        {"vendorID": 403},
        {"latestEstimatedArrivalDate": "2026-05-21T00:00:00Z"},
        {"shipToCity": "Napier"},
    ],
)
def test_an_edit_of_the_header_is_seen_without_reading_items(change: dict[str, Any]) -> None:
    assert differs(WENT_OVER, ORDER | change, None) is True


@pytest.mark.parametrize(
    "items",
    [
        ITEMS[:1],
        [*ITEMS, ITEMS[0] | {"id": 3}],
        [ITEMS[0] | {"quantity": 2}, ITEMS[1]],
        [ITEMS[0], ITEMS[1] | {"unitCost": Decimal("310.2576")}],
        [ITEMS[0] | {"memo": "x"}, ITEMS[1]],
    ],
)
def test_an_edit_of_the_items_is_seen_once_they_are_read(items: list[dict[str, Any]]) -> None:
    assert differs(WENT_OVER, ORDER, None) is None
    assert differs(WENT_OVER, ORDER, items) is True


def test_receiving_an_order_or_another_spelling_of_the_same_is_no_edit() -> None:
    received = ORDER | {
        "status": 4, "freight": Decimal("15.0000"), "externalPONumber": "", "phone": " ", "cancelDateTime": None,
        "latestEstimatedArrivalDate": "2026-05-20T00:00:00.000Z",
    }  # fmt: skip
    items = [ITEMS[1] | {"quantity": Decimal("2.0")}, ITEMS[0]]
    assert differs(WENT_OVER, received, items) is False


def test_a_void_needs_neither_a_known_currency_nor_readable_items() -> None:
    odd = VENDOR | {"currencyID": 99}
    parts = OrderParts(ORDER, [{"productID": 5}], odd, NAMES)
    snapshot = make_order_void_snapshot(parts, UTC)
    assert (snapshot["order"]["id"], snapshot["order"]["currency"], snapshot["lines"]) == (771, "", [])
    assert snapshot["vendor"]["id"] == 402
    whole = OrderParts(ORDER, ITEMS, VENDOR, NAMES)
    assert make_order_void_snapshot(whole, UTC) == make_order_snapshot(whole, UTC)
