"""Autotask's values, the snapshot of an invoice, the budget and the circuit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_events.settings import effective_settings
from poller.core import circuit as circuits
from poller.core.budget import Usage, allowance
from poller.core.circuit import Circuit
from poller.core.companies import CompanyNames
from poller.core.completeness import is_incomplete
from poller.core.links import autotask_url
from poller.core.snapshot import Names, Parts, make_snapshot
from poller.core.values import MalformedRecordError, amount, business_date, moment, reference, whole

NOW = datetime(2026, 5, 14, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-12-01T00:00:00Z", datetime(2021, 12, 1, tzinfo=UTC)),
        ("2022-12-02T08:52:54.023Z", datetime(2022, 12, 2, 8, 52, 54, 23000, tzinfo=UTC)),
        ("2022-12-02T08:52:54", datetime(2022, 12, 2, 8, 52, 54, tzinfo=UTC)),
        ("2022-12-02T08:52:54.1234567Z", datetime(2022, 12, 2, 8, 52, 54, 123456, tzinfo=UTC)),
        ("2022-12-02T08:52:54+12:00", datetime(2022, 12, 1, 20, 52, 54, tzinfo=UTC)),
    ],
)
def test_every_form_of_time_is_read_as_utc(text: str, expected: datetime) -> None:
    assert moment({"at": text}, "at") == expected


@pytest.mark.parametrize(
    "text", ["2026-05-14T00:00:00Z", "2026-05-14T00:00:00", "2026-05-14T00:00:00.000+12:00"]
)
def test_a_date_keeps_its_day_whatever_zone_is_written_beside_it(text: str) -> None:
    assert business_date({"day": text}, "day") == date(2026, 5, 14)


@pytest.mark.parametrize("value", [7, "soon", [], "2026-13-01T00:00:00Z"])
def test_what_is_no_time_is_refused_by_name(value: object) -> None:
    with pytest.raises(MalformedRecordError, match="at is"):
        moment({"at": value}, "at")
    with pytest.raises(MalformedRecordError, match="at is"):
        business_date({"at": value}, "at")


@pytest.mark.parametrize("value", ["1.5", True, [], 1.5])
def test_money_is_never_taken_from_texts_or_floats(value: object) -> None:
    with pytest.raises(MalformedRecordError, match="total"):
        amount({"total": value}, "total")


def test_zero_and_null_references_are_none() -> None:
    assert reference({"ticketID": 0}, "ticketID") is reference({"ticketID": None}, "ticketID") is None
    assert reference({"ticketID": Decimal(88)}, "ticketID") == 88
    with pytest.raises(MalformedRecordError):
        whole({"ticketID": Decimal("88.5")}, "ticketID")


NAMES = Names(
    companies=CompanyNames(currencies={1: "NZD", 2: "AUD"}, own_currency=1),
    payment_terms={3: "Net 30"},
    tax_regions={"new zealand gst": 5},
    billing_codes={901: {"id": 901, "name": "Support", "taxCategoryID": 2}},
)


def parts(invoice: dict[str, Any] | None = None, *lines: dict[str, Any]) -> Parts:
    record = {
        "id": 41208, "companyID": 318, "createDateTime": "2026-05-14T07:58:41.113Z", "invoiceDateTime": "2026-05-14T00:00:00Z",
        "invoiceNumber": "INV-10277", "invoiceTotal": Decimal("240.0"), "totalTaxValue": Decimal("36.0"), "taxGroup": None,
        "taxRegionName": "New Zealand GST", "isVoided": False, "paymentTerm": 3,
    }  # fmt: skip
    company = {"id": 318, "companyName": "Harbour Dental Ltd", "companyNumber": None}
    return Parts(record | (invoice or {}), lines, company, None, NAMES)


LINE = {
    "id": 1, "billingItemType": 1, "subType": 1, "quantity": Decimal("3.175"), "rate": 100, "extendedPrice": 240,
    "totalAmount": Decimal("0.0"), "taxDollars": 36, "nonBillable": 0, "billingCodeID": 901, "ticketID": 0,
}  # fmt: skip


def test_the_region_is_found_by_name_and_the_category_by_billing_code() -> None:
    snapshot = make_snapshot(parts(None, LINE))
    assert (snapshot["invoice"]["tax_region_id"], snapshot["invoice"]["payment_term"]) == (5, "Net 30")
    (line,) = snapshot["lines"]
    assert (line["tax_category_id"], line["ticket_id"], line["non_billable"]) == (2, None, False)
    assert (line["quantity"], line["total_amount"]) == (Decimal("3.175"), Decimal(0))


def test_lines_are_in_a_stable_order() -> None:
    assert [
        line["id"] for line in make_snapshot(parts(None, LINE | {"id": 3}, LINE | {"id": 2}))["lines"]
    ] == [2, 3]


def test_an_invisible_company_leaves_a_snapshot_without_a_name() -> None:
    hidden = Parts(parts().invoice, (), None, None, NAMES)
    assert make_snapshot(hidden)["company"]["id"] == 318
    assert make_snapshot(hidden)["contact"] is None


@pytest.mark.parametrize(("currency", "expected"), [(None, "NZD"), (0, "NZD"), (1, "NZD"), (2, "AUD")])
def test_the_currency_is_the_companys_else_the_tenants_own(currency: int | None, expected: str) -> None:
    company = {"id": 318, "currencyID": currency}
    assert make_snapshot(Parts(parts().invoice, (), company, None, NAMES))["invoice"]["currency"] == expected


@pytest.mark.parametrize(("currency", "names"), [(9, NAMES), (None, Names())])
def test_an_unknown_currency_is_never_taken_for_another(currency: int | None, names: Names) -> None:
    with pytest.raises(MalformedRecordError, match="currencyID"):
        make_snapshot(Parts(parts().invoice, (), {"id": 318, "currencyID": currency}, None, names))


def test_an_invoice_without_its_date_is_malformed() -> None:
    with pytest.raises(MalformedRecordError, match="invoiceDateTime"):
        make_snapshot(parts({"invoiceDateTime": None}))


def test_the_link_is_stable_and_never_names_the_other_side() -> None:
    links = {
        autotask_url(root, document)
        for document in ("invoice/7", "purchase-order/7")
        for root in ("https://ww14.autotask.net/", "https://ww14.autotask.net")
    }
    assert len(links) == 2
    assert not any("xero" in link.lower() for link in links)
    assert all(link.endswith("=7") for link in links)


@pytest.mark.parametrize(
    ("minutes", "changes", "incomplete"),
    [
        (9, {}, False),
        (9, {"invoiceNumber": " "}, True),
        (9, {"invoiceTotal": Decimal(999)}, True),
        (10, {"invoiceNumber": ""}, False),
        (10, {"invoiceTotal": Decimal(999)}, False),
    ],
)
def test_only_a_young_unfinished_invoice_waits(
    minutes: int, changes: dict[str, Any], *, incomplete: bool
) -> None:
    snapshot = make_snapshot(parts(changes, LINE))
    now = snapshot["invoice"]["created_at"] + timedelta(minutes=minutes)
    assert is_incomplete(snapshot, effective_settings({}), now) is incomplete


@pytest.mark.parametrize(
    ("usage", "share", "expected"),
    [
        (None, 0.5, "everything"),
        (Usage(5_000, 10_000), 0.5, "everything"),
        (Usage(5_001, 10_000), 0.5, "interactive"),
        (Usage(9_500, 10_000), 0.5, "interactive"),
        (Usage(9_501, 10_000), 1.0, "nothing"),
        (Usage(1, 10_000), 0.0, "interactive"),
        (Usage(0, 0), 0.5, "nothing"),
    ],
)
def test_the_budget_is_shared(usage: Usage | None, share: float, expected: str) -> None:
    assert allowance(usage, share) == expected


@given(st.integers(0, 30))
def test_probes_come_later_and_later_but_at_least_every_five_minutes(failures: int) -> None:
    state = Circuit("down", "", NOW, failures)
    after = circuits.failed(state, "down", "still", NOW, None)
    assert after.retry_at is not None
    assert timedelta(seconds=15) <= after.retry_at - NOW <= timedelta(minutes=5)
    assert after.blocked(NOW)
    assert not after.blocked(after.retry_at)


def test_a_refusal_ends_all_asking_until_something_changes() -> None:
    state = circuits.refused(Circuit("connected", "", NOW), "401", NOW)
    assert state.blocked(NOW + timedelta(days=365))
    assert not circuits.reopened(state, NOW).blocked(NOW)
    assert circuits.succeeded(state, NOW).state == "connected"


@pytest.mark.parametrize(("asked", "waited"), [(0.0, 1.0), (7.0, 7.0), (900.0, 900.0)])
def test_retry_after_is_obeyed_but_never_without_any_wait(asked: float, waited: float) -> None:
    after = circuits.failed(Circuit("throttled", "", NOW), "throttled", "", NOW, asked)
    assert after.retry_at == NOW + timedelta(seconds=waited)


def test_a_change_of_state_is_dated_and_a_repetition_is_not() -> None:
    first = circuits.failed(Circuit("connected", "", NOW), "down", "no answer", NOW, None)
    later = circuits.failed(first, "down", "no answer", NOW + timedelta(minutes=1), None)
    assert (first.changed_at, later.changed_at) == (NOW, NOW)
    same = Circuit("connected", "", NOW)
    assert circuits.succeeded(same, NOW + timedelta(minutes=1)) is same
