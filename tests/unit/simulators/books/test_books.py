from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from simulators.autotask.database import Database
from simulators.autotask.simulator import AutotaskSimulator
from simulators.books import Books, Fate, TenantBooks, generate, generate_plain
from simulators.books.__main__ import main
from simulators.books.model import ImportAs, Numbering
from simulators.kit import json_text
from simulators.xero.simulator import XeroSimulator

TODAY = date(2026, 11, 22)
SEEDS = [1, 2, 3]
CENT = Decimal("0.01")
SCHEMA = Path(__file__).parents[4] / "schemas" / "settings.schema.json"
SPECIAL = {
    "ordinary", "stamped", "voided", "out_of_window", "empty_number", "no_lines", "credit_note", "zero_covered",
    "zero_balanced", "tax_on_total", "long_text", "forty_lines", "contract_covered", "discount", "second_currency",
    "near_equal_name", "every_type", "fault_contact", "fault_account", "fault_currency", "fault_amounts",
    "four_decimal_amount", "four_decimal_rate", "fine_quantity", "product_needs_rounding", "covered_line",
    "negative_line", "group_description", "no_billing_code", "zero_total", "negative_total", "several_rates",
    "one_line", "twenty_lines", "non_billable", "non_billable_line", "long_service", "new_contact", "voided_later", "ticket_line", *(f"type_{each}" for each in range(1, 9)),
}  # fmt: skip


@cache
def books(seed: int = 1, invoices: int = 300) -> Books:
    return generate(seed, invoices, today=TODAY)


def each_tenant(seed: int) -> tuple[TenantBooks, ...]:
    return books(seed).tenants


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def lines_by_invoice(tenant: TenantBooks) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for line in tenant.autotask["entities"]["BillingItems"]:
        found.setdefault(line["invoiceID"], []).append(line)
    return found


def invoices(tenant: TenantBooks) -> list[tuple[dict[str, Any], Fate]]:
    return [(each, tenant.fates[each["id"]]) for each in tenant.autotask["entities"]["Invoices"]]


@pytest.mark.parametrize("seed", SEEDS)
def test_lines_always_add_up_to_the_invoice_unless_the_fate_says_otherwise(seed: int) -> None:
    for tenant in each_tenant(seed):
        lines = lines_by_invoice(tenant)
        gross = tenant.autotask["switches"]["invoice_total"] == "gross"
        for invoice, fate in invoices(tenant):
            if fate.cause == "voided":
                continue
            net = sum((cents(line["totalAmount"]) for line in lines.get(invoice["id"], [])), Decimal(0))
            wanted = invoice["invoiceTotal"] - (invoice["totalTaxValue"] if gross else 0)
            assert (net == wanted) == (fate.cause != "AMOUNTS_DO_NOT_MATCH"), (tenant.tenant, invoice["id"])


@pytest.mark.parametrize("seed", SEEDS)
def test_taxes_of_lines_never_miss_the_tax_of_the_invoice(seed: int) -> None:
    for tenant in each_tenant(seed):
        lines = lines_by_invoice(tenant)
        for invoice, fate in invoices(tenant):
            if fate.cause == "voided":
                continue
            taxes = [line["taxDollars"] for line in lines.get(invoice["id"], [])]
            assert cents(sum(taxes, Decimal(0))) == invoice["totalTaxValue"]
            in_cents = all(tax == cents(tax) for tax in taxes)
            assert in_cents or "tax_on_total" in fate.tags
            if "tax_on_total" in fate.tags:
                assert sum(map(cents, taxes), Decimal(0)) != invoice["totalTaxValue"]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_tax_of_a_line_never_differs_from_its_rate(seed: int) -> None:
    for tenant in each_tenant(seed):
        entities = tenant.autotask["entities"]
        scale = 100 if tenant.autotask["switches"]["tax_rate_scale"] == "percent" else 1
        rates = {
            (tax["taxRegionID"], tax["taxCategoryID"]): tax["taxRate"] / scale for tax in entities["Taxes"]
        }
        companies = {company["id"]: company for company in entities["Companies"]}
        categories = {code["id"]: code["taxCategoryID"] for code in entities["BillingCodes"]}
        for line in entities["BillingItems"]:
            company = companies[line["companyID"]]
            category = line["taxCategoryID"] or categories.get(line["billingCodeID"])
            rate = Decimal(0)
            if line["invoiceID"] == 0:
                continue
            if not company["isTaxExempt"]:
                rate = rates.get((company["taxRegionID"], category), rate)
            assert abs(line["taxDollars"] - cents(line["totalAmount"]) * rate) <= CENT / 2


@pytest.mark.parametrize("seed", SEEDS)
def test_an_expected_document_never_disagrees_with_its_invoice(seed: int) -> None:
    for tenant in each_tenant(seed):
        lines = lines_by_invoice(tenant)
        entities = tenant.autotask["entities"]
        companies = {company["id"]: company for company in entities["Companies"]}
        currencies = {currency["id"]: currency["name"] for currency in entities["Currencies"]}
        for invoice, fate in invoices(tenant):
            assert (fate.document is not None) == (fate.outcome == "synced")
            if fate.document is None:
                continue
            document = fate.document
            sign = -1 if document.kind == "ACCRECCREDIT" else 1
            assert document.total == document.sub_total + document.total_tax >= 0
            assert document.sub_total == sum((line.amount for line in document.lines), Decimal(0))
            assert sign * document.total_tax == invoice["totalTaxValue"]
            assert [sign * line.amount for line in document.lines] == [
                cents(line["totalAmount"]) for line in lines[invoice["id"]]
            ]
            assert document.currency == currencies[companies[invoice["companyID"]]["currencyID"]]
            assert document.due_date == datetime.fromisoformat(invoice["dueDate"]).date() >= document.date


@pytest.mark.parametrize("seed", SEEDS)
def test_what_must_sync_never_needs_something_that_xero_lacks(seed: int) -> None:
    for tenant in each_tenant(seed):
        accounts = {account["Code"] for account in tenant.xero["accounts"] if account["Type"] == "REVENUE"}
        rates = {rate["TaxType"]: rate["EffectiveRate"] / 100 for rate in tenant.xero["tax_rates"]}
        names = [each["Name"] for each in tenant.xero["contacts"] if each.get("ContactStatus") != "ARCHIVED"]
        assert len({name.casefold() for name in names}) == len(names)
        for fate in tenant.fates.values():
            if fate.document is None:
                continue
            made = tenant.entry["settings"].get("create_missing_contacts") and "new_contact" in fate.tags
            assert (fate.document.contact in names) is not bool(made)
            assert fate.document.currency in tenant.xero["currencies"]
            for line in fate.document.lines:
                assert line.account in accounts
                assert abs(line.tax - line.amount * rates[line.tax_type]) <= CENT / 2


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fault_never_lacks_its_cause_in_the_books(seed: int) -> None:
    for tenant in each_tenant(seed):
        causes = {fate.cause for fate in tenant.fates.values() if fate.outcome == "fault"}
        account = "ACCOUNT_INVALID" if tenant.tenant == "acme" else "ACCOUNT_MISSING"
        assert causes - {"NO_LINES"} == {
            "CONTACT_NOT_FOUND",
            account,
            "CURRENCY_NOT_SUBSCRIBED",
            "AMOUNTS_DO_NOT_MATCH",
        }
        faults = sum(fate.outcome == "fault" for fate in tenant.fates.values())
        assert 0.02 <= faults / len(tenant.fates) <= 0.04
        contacts = {contact["Name"].casefold() for contact in tenant.xero["contacts"]}
        companies = {each["id"]: each["companyName"] for each in tenant.autotask["entities"]["Companies"]}
        for invoice, fate in invoices(tenant):
            known = companies[invoice["companyID"]].casefold() in contacts
            made = tenant.tenant == "acme" and "new_contact" in fate.tags
            assert (known or made) == (fate.cause != "CONTACT_NOT_FOUND")


@pytest.mark.parametrize("seed", [*SEEDS, 4, 5])
def test_no_promised_special_case_is_missing_at_300_documents(seed: int) -> None:
    for tenant in each_tenant(seed):
        tags = {tag for fate in tenant.fates.values() for tag in fate.tags}
        assert SPECIAL - tags == set()
    causes = {fate.cause for tenant in each_tenant(seed) for fate in tenant.fates.values()}
    assert {"new", "stamped", "voided", "out_of_window", "no_lines", "NO_LINES"} <= causes


@pytest.mark.parametrize("seed", SEEDS)
def test_a_special_case_is_never_only_a_name(seed: int) -> None:
    for tenant in each_tenant(seed):
        lines = lines_by_invoice(tenant)
        window = TODAY - timedelta(days=tenant.entry["settings"]["days_back"])
        for invoice, fate in invoices(tenant):
            own = lines.get(invoice["id"], [])
            day = datetime.fromisoformat(invoice["invoiceDateTime"]).date()
            assert (invoice["webServiceDate"] is not None) == (fate.cause == "stamped")
            assert invoice["isVoided"] == (fate.cause == "voided")
            assert (day < window) == (fate.cause == "out_of_window")
            assert (not invoice["invoiceNumber"]) == ("empty_number" in fate.tags)
            if fate.cause != "voided":
                assert (not own) == ("no_lines" in fate.tags)
                assert any(len(line["lineItemFullDescription"]) > 4000 for line in own) == (
                    "long_text" in fate.tags
                )
                assert any(line["totalAmount"] == 0 != line["extendedPrice"] for line in own) == (
                    "covered_line" in fate.tags
                )
                assert len(own) <= 40


def test_a_long_text_always_fits_autotask() -> None:
    for tenant in each_tenant(1):
        texts = [line["lineItemFullDescription"] for line in tenant.autotask["entities"]["BillingItems"]]
        assert 4000 < max(map(len, texts)) < 4700


def test_no_invoice_is_young_enough_to_wait() -> None:
    for tenant in each_tenant(1):
        created = [datetime.fromisoformat(invoice["createDateTime"]) for invoice, _ in invoices(tenant)]
        assert max(created).date() < TODAY
        assert created == sorted(created) or len({each.date() for each in created}) > 1


def test_two_runs_with_one_seed_never_differ_and_two_seeds_never_agree() -> None:
    again = generate(1, 300, today=TODAY)
    assert again == books(1)
    assert generate(2, 300, today=TODAY) != books(1)


def test_another_day_moves_every_date_and_changes_nothing_else() -> None:
    later = generate(1, 300, today=TODAY + timedelta(days=7))
    for before, after in zip(books(1).tenants, later.tenants, strict=True):
        for one, two in zip(
            before.autotask["entities"]["Invoices"], after.autotask["entities"]["Invoices"], strict=True
        ):
            shift = datetime.fromisoformat(two["invoiceDateTime"]) - datetime.fromisoformat(
                one["invoiceDateTime"]
            )
            assert shift == timedelta(days=7)
            assert one["invoiceTotal"] == two["invoiceTotal"]


def test_the_two_tenants_never_agree_on_an_open_point() -> None:
    acme, northwind = each_tenant(1)
    for switch in ("invoice_total", "tax_rate_scale"):
        assert acme.autotask["switches"][switch] != northwind.autotask["switches"][switch]
    assert acme.xero["switches"]["rounding_mode"] != northwind.xero["switches"]["rounding_mode"]
    assert set(acme.fates) & set(northwind.fates), "invoice ids shall overlap, so that a mix-up shows"
    assert acme.xero["organisation"]["OrganisationID"] != northwind.xero["organisation"]["OrganisationID"]


@pytest.mark.parametrize("numbering", get_args(Numbering))
def test_numbers_always_follow_the_mode(numbering: Numbering) -> None:
    made = generate(1, 120, today=TODAY, numbering={"acme": numbering, "northwind": numbering})
    for tenant in made.tenants:
        assert tenant.entry["settings"]["invoice_numbers"] == numbering
        for invoice, fate in invoices(tenant):
            if not invoice["invoiceNumber"] and numbering == "autotask_number":
                assert fate.cause == "NUMBER_EMPTY"
            if fate.document:
                wanted = {
                    "xero": None,
                    "autotask_id": f"INV:{invoice['id']}",
                    "autotask_number": invoice["invoiceNumber"],
                }
                assert fate.document.number == wanted[numbering]


def test_settings_are_never_refused_by_the_product() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    for tenant in (*each_tenant(1), *generate_plain(1, today=TODAY).tenants):
        validator.validate(tenant.entry["settings"])


@pytest.mark.parametrize("import_as", get_args(ImportAs))
def test_the_status_always_follows_the_import_setting(import_as: ImportAs) -> None:
    made = generate(1, 120, today=TODAY, import_as={"acme": import_as})
    statuses = {
        (f.document.status, f.document.total == 0) for f in made.tenant("acme").fates.values() if f.document
    }
    approved = {("AUTHORISED", False), ("PAID", True)}
    assert statuses == ({("DRAFT", False), ("DRAFT", True)} if import_as == "draft" else approved)


def test_both_sides_never_disagree_about_credentials() -> None:
    for tenant in each_tenant(1):
        for name in ("username", "secret", "integration_code"):
            assert tenant.entry["autotask"][name] == tenant.autotask[name]
        for name in ("client_id", "client_secret"):
            assert tenant.entry["xero"][name] == tenant.xero[name]


def test_references_between_records_never_lead_nowhere() -> None:
    for tenant in each_tenant(1):
        ids = {
            name: {record["id"] for record in records}
            for name, records in tenant.autotask["entities"].items()
        }
        database = Database(tenant.autotask)
        for table in database.tables.values():
            for field in table.entity.fields:
                if field.references not in ids or field.name == "invoiceID":
                    continue
                wanted = {record.get(field.name) for record in table} - {None}
                assert wanted <= ids[field.references], (table.entity.name, field.name)


def test_every_company_has_an_active_accounts_contact() -> None:
    for tenant in each_tenant(1):
        entities = tenant.autotask["entities"]
        field = tenant.entry["settings"]["accounts_contact_udf"]
        for company in entities["Companies"]:
            own = [contact for contact in entities["Contacts"] if contact["companyID"] == company["id"]]
            accounts = [
                contact for contact in own if contact["isActive"] and field in contact["userDefinedFields"]
            ]
            assert len(accounts) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_no_simulator_ever_refuses_the_books(seed: int) -> None:
    autotask, xero = AutotaskSimulator(), XeroSimulator()
    for tenant in (*each_tenant(seed), *generate_plain(20, today=TODAY).tenants):
        assert autotask.load_tenant(tenant.autotask) == tenant.tenant
        assert xero.load_tenant(tenant.xero) == tenant.tenant
        xero_books: Any = xero.books(tenant.tenant)
        active = {each["Name"] for each in xero_books["contacts"] if each["ContactStatus"] == "ACTIVE"}
        wanted = {fate.document.contact for fate in tenant.by_document().values() if fate.document}
        assert wanted - active <= {"Zealandia Kite School", "Quokka Cabling Supplies"}


def test_a_small_set_is_never_made_of_faults_only() -> None:
    for tenant in books(1, 24).tenants:
        synced = sum(fate.outcome == "synced" for fate in tenant.fates.values())
        assert len(tenant.fates) == 12
        assert synced >= 10


def test_a_plain_backlog_never_contains_anything_special() -> None:
    (tenant,) = generate_plain(50, today=TODAY, lines=5).tenants
    Database(tenant.autotask)
    lines = lines_by_invoice(tenant)
    assert len(tenant.fates) == 50
    assert {fate.outcome for fate in tenant.fates.values()} == {"synced"}
    for number in tenant.fates:
        assert len(lines[number]) == 5
        assert sum("ticketID" in line for line in lines[number]) == 1
    assert len(tenant.autotask["entities"]["Tickets"]) == 50


def test_plain_tenants_never_share_credentials() -> None:
    made = generate_plain(3, today=TODAY, tenants=("one", "two"))
    assert len({tenant.autotask["username"] for tenant in made.tenants}) == 2
    assert len({tenant.xero["client_id"] for tenant in made.tenants}) == 2
    assert len({tenant.xero["organisation"]["OrganisationID"] for tenant in made.tenants}) == 2


def test_files_never_change_a_digit(tmp_path: Path) -> None:
    main(["--out", str(tmp_path), "--invoices", "60", "--seed", "9"])
    loaded = json_text.loads((tmp_path / "autotask.json").read_bytes())
    for document in loaded:
        Database(document)
    fates = json.loads((tmp_path / "fates.json").read_text())
    entries = json.loads((tmp_path / "tenants.json").read_text())["tenants"]
    assert sorted(fates) == [entry["id"] for entry in entries] == ["acme", "northwind"]
    for document in loaded:
        invoices = {f"invoice/{each['id']}" for each in document["entities"]["Invoices"]}
        orders = {f"purchase-order/{each['id']}" for each in document["entities"]["PurchaseOrders"]}
        assert set(fates[document["tenant"]]) == invoices | orders
    some = next(fate["document"] for fate in fates["acme"].values() if fate["document"])
    assert Decimal(some["total"]) == Decimal(some["sub_total"]) + Decimal(some["total_tax"])
