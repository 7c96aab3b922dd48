from __future__ import annotations

import json
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from simulators.autotask.simulator import AutotaskSimulator
from simulators.books import Books, TenantBooks, generate_random
from simulators.books.model import Expected, ImportAs, Numbering
from simulators.xero.simulator import XeroSimulator

TODAY = date(2026, 11, 22)
SCHEMA = Path(__file__).parents[4] / "schemas" / "settings.schema.json"
SEEDS = [1, 2]


@cache
def books(seed: int = 1) -> Books:
    return generate_random(seed, 900, today=TODAY)


def documents(tenant: TenantBooks) -> list[tuple[dict[str, Any], list[dict[str, Any]], Expected]]:
    items: dict[int, list[dict[str, Any]]] = {}
    for item in tenant.autotask["entities"]["BillingItems"]:
        items.setdefault(item["invoiceID"], []).append(item)
    return [
        (invoice, items[invoice["id"]], document)
        for invoice in tenant.autotask["entities"]["Invoices"]
        if (document := tenant.fates[invoice["id"]].document) is not None
    ]


def rounded(items: list[dict[str, Any]], field: str) -> list[Decimal]:
    return [item[field].quantize(Decimal("0.01"), ROUND_HALF_UP) for item in items]


def test_one_seed_never_gives_two_books() -> None:
    assert generate_random(1, 90, today=TODAY) == generate_random(1, 90, today=TODAY)
    assert generate_random(1, 90, today=TODAY) != generate_random(2, 90, today=TODAY)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_mode_and_no_value_of_an_option_is_missing(seed: int) -> None:
    settings = [tenant.entry["settings"] for tenant in books(seed).tenants]
    assert {each["invoice_numbers"] for each in settings} == set(get_args(Numbering))
    assert {each["invoices_import_as"] for each in settings} == set(get_args(ImportAs))
    assert {each.get("paid_invoices_only", False) for each in settings} == {True, False}
    assert len({json.dumps(each, sort_keys=True, default=str) for each in settings}) == len(settings)
    assert sum(len(tenant.fates) for tenant in books(seed).tenants) == 900


@pytest.mark.parametrize("seed", SEEDS)
def test_no_tenant_has_only_one_reading_of_its_amounts(seed: int) -> None:
    everywhere = set()
    for tenant in books(seed).tenants:
        seen = set()
        for _, items, document in documents(tenant):
            covered = any(item["totalAmount"] == 0 != item["extendedPrice"] for item in items)
            same = sum(rounded(items, "totalAmount")) == sum(rounded(items, "extendedPrice"))
            seen.add((document.basis, not same and not covered))
        assert {basis for basis, _ in seen} == {"net", "gross"}
        assert {taxed for _, taxed in seen} == {True, False}
        everywhere |= seen
    assert everywhere == {("net", False), ("net", True), ("gross", False), ("gross", True)}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_planned_amounts_are_always_those_that_add_up(seed: int) -> None:
    for tenant in books(seed).tenants:
        for invoice, items, document in documents(tenant):
            sign = -1 if document.kind == "ACCRECCREDIT" else 1
            planned = [sign * line.amount for line in document.lines]
            readings = [rounded(items, field) for field in ("extendedPrice", "totalAmount")]
            assert planned in readings
            total, tax = invoice["invoiceTotal"], invoice["totalTaxValue"]
            with_tax = [each for each in readings if sum(each) == total - tax]
            without = [each for each in readings if sum(each) == total]
            assert all(each == planned for each in with_tax or without)
            assert document.total == sign * (total if document.basis == "gross" else total + tax) >= 0
            assert sign * document.total_tax == tax


def test_no_kind_of_line_or_document_is_missing() -> None:
    for tenant in books().tenants:
        tags = {tag for fate in tenant.fates.values() for tag in fate.tags}
        wanted = {
            "negative_line",
            "covered_line",
            "non_billable_line",
            "long_text",
            "four_decimal_rate",
            "ticket_line",
        }
        assert (wanted | {f"type_{each}" for each in range(1, 9)}) <= tags
        kinds = {document.kind for _, _, document in documents(tenant)}
        assert kinds == {"ACCREC", "ACCRECCREDIT"}
        assert len({document.currency for _, _, document in documents(tenant)}) == 2


@pytest.mark.parametrize("seed", SEEDS)
def test_no_setting_and_no_record_is_ever_refused(seed: int) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    autotask, xero = AutotaskSimulator(), XeroSimulator()
    for tenant in books(seed).tenants:
        validator.validate(tenant.entry["settings"])
        assert autotask.load_tenant(tenant.autotask) == tenant.tenant
        assert xero.load_tenant(tenant.xero) == tenant.tenant


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_that_stays_out_of_xero_lacks_a_cause(seed: int) -> None:
    for tenant in books(seed).tenants:
        for name, fate in tenant.by_document().items():
            assert (fate.document is None) == (fate.outcome != "synced"), name
            assert fate.cause
        unpaid = {
            invoice["id"]
            for invoice in tenant.autotask["entities"]["Invoices"]
            if invoice["paidDate"] is None
        }
        planned = {number for number, fate in tenant.fates.items() if fate.cause == "unpaid"}
        assert planned == (unpaid if tenant.entry["settings"].get("paid_invoices_only") else set())
