"""The simulators' generated books say of every invoice what must become of it; the mapper has to agree, to the cent."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from invoice_events.settings import effective_settings, settings_problems
from invoice_events.types import AutotaskLine, InvoiceDiscovered
from mapper.core.mapping import map_invoice
from mapper.core.outcome import Faulted, Mapped, Outcome
from mapper.core.rules import Rules, prepare
from simulators.books.generate import generate
from simulators.books.model import Expected, TenantBooks
from tests.unit.mapper.conftest import NOW, document_of, invoice, line, reference

D = Decimal
TODAY = date(2026, 5, 15)
MODES = ("xero", "autotask_id", "autotask_number")


def rules_of(books: TenantBooks) -> Rules:
    document = books.entry["settings"]
    assert settings_problems(document) == []
    xero = books.xero
    organisation = reference()["organisation"] | {"base_currency": xero["organisation"]["BaseCurrency"]}
    known: dict[str, Any] = {
        "organisation": organisation,
        "accounts": [
            {
                "code": each["Code"], "name": each["Name"], "type": each["Type"], "account_class": each["Type"],
                "status": each.get("Status", "ACTIVE"), "tax_type": "", "system_account": each.get("SystemAccount", ""),
            }
            for each in xero["accounts"]
        ],
        "tax_rates": [
            {
                "tax_type": each["TaxType"], "name": each["Name"], "status": each.get("Status", "ACTIVE"),
                "effective_rate": D(str(each["EffectiveRate"])), "can_apply_to_revenue": each.get("CanApplyToRevenue", True),
            }
            for each in xero["tax_rates"]
        ],
        "currencies": xero["currencies"],
    }  # fmt: skip
    return prepare(effective_settings(document), 1, reference(**known))


def day(text: str | None) -> date | None:
    return None if text is None else datetime.fromisoformat(text).date()


def snapshot(books: TenantBooks, record: dict[str, Any], items: list[dict[str, Any]]) -> InvoiceDiscovered:
    entities = books.autotask["entities"]
    company = next(each for each in entities["Companies"] if each["id"] == record["companyID"])
    currency = next(each["name"] for each in entities["Currencies"] if each["id"] == company["currencyID"])
    regions = {each["name"]: each["id"] for each in entities["TaxRegions"]}
    categories = {each["id"]: each["taxCategoryID"] for each in entities["BillingCodes"]}
    lines: list[AutotaskLine] = [
        line(
            item["id"], "0", type=item["billingItemType"], item_name=item["itemName"], description=item["lineItemFullDescription"],
            quantity=item["quantity"], rate=item["rate"], extended_price=item["extendedPrice"], total_amount=item["totalAmount"],
            tax=item["taxDollars"], group_id=item["lineItemID"], group_description=item["lineItemGroupDescription"],
            billing_code_id=item["billingCodeID"], tax_category_id=item["taxCategoryID"] or categories.get(item["billingCodeID"]),
            sort_order=item["sortOrderID"],
        )
        for item in items
    ]  # fmt: skip
    return invoice(
        lines, id=record["id"], number=record["invoiceNumber"] or "", date=day(record["invoiceDateTime"]), due_date=day(record["dueDate"]),
        total=record["invoiceTotal"], tax_total=record["totalTaxValue"], currency=currency, is_voided=record["isVoided"],
        tax_region_id=regions[record["taxRegionName"]], tax_region_name=record["taxRegionName"], order_number=record["orderNumber"],
    )  # fmt: skip


def verdict(outcome: Outcome) -> tuple[str, str]:
    if isinstance(outcome, Mapped):
        return "synced", "new"
    if isinstance(outcome, Faulted):
        return "fault", outcome.event["code"]
    return "skipped", outcome.event["reason"]


def by_account(entries: list[tuple[str, str, Decimal]]) -> Counter[tuple[str, str]]:
    """Amounts by account and tax type: lines of a group are printed as one, so lines alone can not be compared."""
    sums: Counter[tuple[str, str]] = Counter()
    for account, tax_type, amount in entries:
        sums[account, tax_type] += amount  # type: ignore[assignment]  # a Counter of decimals adds just as well
    return sums


def check(outcome: Mapped, expected: Expected) -> None:
    event, document = outcome.event, document_of(outcome.event)
    prediction = event["prediction"]
    assert prediction
    assert (prediction["sub_total"], prediction["total_tax"], prediction["total"]) == (
        expected.sub_total,
        expected.total_tax,
        expected.total,
    )
    assert (event["xero_kind"] == "credit_note") == (expected.kind == "ACCRECCREDIT")
    assert (document["number"], document["currency"]) == (expected.number, expected.currency)
    assert (document["date"], event["due_date"]) == (expected.date, expected.due_date)
    made = [
        (each["account_code"] or "", each["tax_type"] or "", amounts["line_amount"])
        for each, amounts in zip(document["lines"], prediction["lines"], strict=True)
        if each["quantity"] is not None
    ]
    wanted = [(each.account, each.tax_type, each.amount) for each in expected.lines]
    assert by_account(made) == by_account(wanted)


@pytest.mark.parametrize("mode", MODES)
def test_every_invoice_of_two_realistic_tenants_meets_its_fate(mode: Any) -> None:  # noqa: ANN401  # one of the numbering modes
    books = generate(7, 400, today=TODAY, numbering={"acme": mode, "northwind": mode})
    met: Counter[str] = Counter()
    for tenant in books.tenants:
        rules = rules_of(tenant)
        items: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        for item in tenant.autotask["entities"]["BillingItems"]:
            items[item["invoiceID"]].append(item)
        for record in tenant.autotask["entities"]["Invoices"]:
            fate = tenant.fates[record["id"]]
            if fate.outcome == "not_discovered":
                continue
            outcome = map_invoice(snapshot(tenant, record, items[record["id"]]), rules, NOW)
            # Whether Xero knows the contact is beyond the mapper.
            wanted = ("synced", "new") if fate.cause == "CONTACT_NOT_FOUND" else (fate.outcome, fate.cause)
            assert verdict(outcome) == wanted, (tenant.entry["id"], record["id"], outcome)
            if isinstance(outcome, Mapped) and fate.document is not None:
                check(outcome, fate.document)
            met[wanted[0]] += 1
    assert met["synced"] > 250
    assert met["fault"] > 5
    assert met["skipped"] > 5
