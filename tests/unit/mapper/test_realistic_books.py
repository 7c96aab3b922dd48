"""The simulators' generated books say of every document what must become of it; the mapper has to agree, to the cent."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mapper.core.mapping import map_document
from mapper.core.outcome import Faulted, Mapped, OrderMapped, Outcome, Skipped
from simulators.books.generate import generate
from simulators.books.model import Expected, ExpectedLine, Fate
from tests.unit.mapper.books import Ledger, rules_of
from tests.unit.mapper.conftest import NOW, document_of
from tests.unit.mapper.orders import order_of

TODAY = date(2026, 5, 15)
MODES = ("xero", "autotask_id", "autotask_number")
KINDS = {"invoice": "ACCREC", "credit_note": "ACCRECCREDIT", "purchase_order": "PURCHASEORDER"}
Booked = tuple[str, str, tuple[str, ...]]


def verdict(outcome: Outcome) -> tuple[str, str]:
    if isinstance(outcome, Mapped | OrderMapped):
        return "synced", "new"
    if isinstance(outcome, Faulted):
        return "fault", outcome.event["code"]
    assert isinstance(outcome, Skipped)
    return "skipped", outcome.event["reason"]


def summed(entries: list[tuple[Booked, Decimal]]) -> Counter[Booked]:
    """Amounts by account, tax type and tracking: lines of a group are printed as one, so lines alone can not be compared."""
    sums: Counter[Booked] = Counter()
    for booked, amount in entries:
        sums[booked] += amount  # type: ignore[assignment]  # a Counter of decimals adds just as well
    return sums


def booked(each: ExpectedLine) -> Booked:
    return each.account, each.tax_type, tuple(sorted(each.tracking))


def check(outcome: Mapped | OrderMapped, expected: Expected) -> None:
    event = outcome.event
    document = document_of(outcome.event) if isinstance(outcome, Mapped) else order_of(outcome.event)
    prediction = event["prediction"]
    assert prediction
    assert (prediction["sub_total"], prediction["total_tax"], prediction["total"]) == (
        expected.sub_total,
        expected.total_tax,
        expected.total,
    )
    assert (KINDS[event["xero_kind"]], document["number"]) == (expected.kind, expected.number)
    assert (document["currency"], document["date"]) == (expected.currency, expected.date)
    if isinstance(outcome, Mapped) and outcome.event["due_rule"] == "autotask":
        assert outcome.event["due_date"] == expected.due_date
    # Xero itself marks what is approved and over nothing as paid.
    assert document["status"] == ("AUTHORISED" if expected.status == "PAID" else expected.status)
    made = [
        (
            (
                each["account_code"] or "",
                each["tax_type"] or "",
                tuple(sorted(f"{pair['name']}: {pair['option']}" for pair in each["tracking"])),
            ),
            amounts["line_amount"],
        )
        for each, amounts in zip(document["lines"], prediction["lines"], strict=True)
        if each["quantity"] is not None
    ]
    assert summed(made) == summed([(booked(each), each.amount) for each in expected.lines])
    for text in expected.texts:
        assert any(text in each["description"] for each in document["lines"])


def met(fate: Fate, outcome: Outcome, place: object) -> str:
    """That an outcome is the one that was planned. Whether Xero knows the contact is beyond the mapper."""
    wanted = ("synced", "new") if fate.cause == "CONTACT_NOT_FOUND" else (fate.outcome, fate.cause)
    assert verdict(outcome) == wanted, (place, outcome)
    if isinstance(outcome, Mapped | OrderMapped) and fate.document is not None:
        check(outcome, fate.document)
    return wanted[0]


@pytest.mark.parametrize("mode", MODES)
def test_every_document_of_two_realistic_tenants_meets_its_fate(mode: Any) -> None:  # noqa: ANN401  # one of the numbering modes
    books = generate(7, 400, today=TODAY, numbering={"acme": mode, "northwind": mode})
    invoices: Counter[str] = Counter()
    orders: Counter[str] = Counter()
    for tenant in books.tenants:
        rules, ledger = rules_of(tenant), Ledger(tenant)
        name = tenant.entry["id"]
        for record in ledger.invoices:
            fate = tenant.fates[record["id"]]
            if fate.outcome != "not_discovered":
                outcome = map_document(ledger.invoice(record), rules, NOW)
                invoices[met(fate, outcome, (name, record["id"]))] += 1
        for record in ledger.orders:
            fate = tenant.orders[record["id"]]
            if fate.outcome != "not_discovered":
                outcome = map_document(ledger.order(record), rules, NOW)
                orders[met(fate, outcome, (name, record["id"]))] += 1
    assert invoices["synced"] > 250
    assert invoices["fault"] > 5
    assert invoices["skipped"] > 5
    assert orders["synced"] > 10
    assert orders["fault"] > 0
