"""Golden files say what they mean or are refused, and between them show everything that has to be shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.golden.cases import files, parse_case, read_case
from tests.golden.comparing import report, request_differences, total_differences
from tests.golden.model import LINE_TYPES, Case, Invoice, Order
from tests.golden.reading import BadBookError, load
from tests.golden.records import tenant_books
from tests.golden.tenants import FOLDER, profiles

PLAIN = files()[0]
CASES = [read_case(file) for file in files()]
_INVOICES = [case.source for case in CASES if isinstance(case.source, Invoice)]
_LINES = [line for invoice in _INVOICES for line in invoice.lines]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title:", "headline: x\ntitle:", "unknown headline"),
        ("invoice: {", "invoice: {colour: red, ", "invoice: unknown colour"),
        ("company: {", "company: {colour: red, ", "company: unknown colour"),
        ("- {type: labour", "- {colour: red, type: labour", r"lines\[0\]: unknown colour"),
        ("    Type:", "    Colour: red\n    Type:", "request: unknown Colour"),
        ("- {Description:", "- {Colour: red, Description:", r"LineItems\[0\]: unknown Colour"),
        ("  totals: {", "  totals: {Due: 1, ", "totals: unknown Due"),
        ("settings: {", "settings: {colour: red, ", "settings: unknown colour"),
        ("settings: {", "settings: {days_back: 14, ", "settings.days_back: nz has 365, not 14"),
        ("tenant: nz", "tenant: moon", "tenant: one of .*nz"),
        ("type: labour", "type: magic", "type: one of labour"),
        ("code: support", "code: magic", "code: one of support"),
        ("rate: 150.00, ", "", "rate: is missing"),
        ("rate: 150.00, ", "rate: a lot, ", "rate: Decimal is wanted, not 'a lot'"),
        ("date: 2026-05-14", "date: soon", "date: date is wanted"),
        ("title:", "title: twice\ntitle:", "'title'.* given twice"),
        ("TaxAmount: 22.50", "TaxAmount: 22.51", "the lines' TaxAmount make 22.51"),
        ("UnitAmount: 150", "UnitAmount: 151", "the lines make 151.00"),
        ("Total: 172.50", "Total: 172.51", "do not make Total"),
    ],
)
def test_no_file_with_something_unknown_missing_or_contradictory_is_taken(
    old: str, new: str, said: str
) -> None:
    text = PLAIN.read_text("utf-8")
    assert old in text
    with pytest.raises(BadBookError, match=said):
        parse_case(PLAIN.name, text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Reference": "x"}, 'Reference\n    wanted "20260514-1"\n    is     "x"'),
        ({"SentToContact": True}, "SentToContact\n    wanted (not there)\n    is     true"),
        ({"DueDate": None}, 'DueDate\n    wanted "2026-06-13"\n    is     null'),
        ({"Contact": {"ContactID": "0"}}, "Contact\n"),
        ({"Url": "https://x.example/#sync=invoice/1"}, 'Url\n    wanted "#sync=invoice/48001"'),
        ({"LineItems": []}, "LineItems[0]\n"),
    ],
    ids=str,
)
def test_no_difference_passes_or_is_told_without_its_file_and_place(
    change: dict[str, Any], said: str
) -> None:
    case = read_case(PLAIN)
    profile = profiles()[case.tenant]
    request = _as_sent(case)
    assert request_differences(case, request, profile) == []

    differences = request_differences(case, request | change, profile)

    assert len(differences) == 1
    assert said in report(case, differences)
    assert report(case, differences).startswith(f"{PLAIN.name} (One hour of remote support), tenant nz:")


def test_no_digit_of_a_line_passes_unseen() -> None:
    case = read_case(PLAIN)
    for member, value in {
        "Quantity": Decimal("1.0001"),
        "UnitAmount": Decimal("150.0001"),
        "TaxAmount": Decimal("22.51"),
    }.items():
        request = _as_sent(case)
        request["LineItems"] = [request["LineItems"][0] | {member: value}]
        [found] = request_differences(case, request, profiles()[case.tenant])
        assert f"LineItems[0].{member}" in found
    wrong = case.totals | {"Total": Decimal("172.51")}
    assert total_differences(case, wrong) == ["Total: wanted 172.50, is 172.51"]


def _as_sent(case: Case) -> dict[str, Any]:
    """The request of the plain case as the xero-writer would send it."""
    contact = profiles()[case.tenant].guid("contact", case.counterpart.name)
    return {
        name: value.isoformat() if isinstance(value, date) else value for name, value in case.request.items()
    } | {"Contact": {"ContactID": contact}, "Url": "https://ww5.autotask.net/x#sync=invoice/48001"}


def test_years_are_moved_in_dates_and_texts_alike_and_nothing_else_is() -> None:
    moved = load(
        "{a: 2026-03-15, b: 14 May 2026, c: 2027-01-15, d: 20260514-1, e: 2026.50, f: 12026, g: In 2025.}",
        2031,
    )

    assert moved == {
        "a": date(2031, 3, 15),
        "b": "14 May 2031",
        "c": date(2032, 1, 15),
        "d": "20260514-1",
        "e": Decimal("2026.50"),
        "f": 12026,
        "g": "In 2030.",
    }


@pytest.mark.parametrize("file", files(), ids=lambda file: file.stem)
def test_no_figure_is_taken_for_a_year(file: Path) -> None:
    case, moved = read_case(file), read_case(file, 2031)

    assert case.totals == moved.totals
    assert [line.get("UnitAmount") for line in case.request["LineItems"]] == [
        line.get("UnitAmount") for line in moved.request["LineItems"]
    ]


def test_no_two_cases_are_mixed_up() -> None:
    numbers = Counter((case.tenant, case.document) for case in CASES)
    names = Counter((case.tenant, case.counterpart.name.casefold()) for case in CASES)
    lines = Counter((case.tenant, line.id) for case in CASES if isinstance(case.source, Invoice) for line in case.source.lines)  # fmt: skip
    for counted in (numbers, names, lines):
        assert [key for key, count in counted.items() if count > 1] == []


def test_no_profile_is_unused_and_there_are_not_too_many() -> None:
    assert {case.tenant for case in CASES} == set(profiles()) == {file.stem for file in FOLDER.glob("*.yaml")}
    assert len(profiles()) <= 8
    for profile in profiles().values():
        tenant_books(profile, [case for case in CASES if case.tenant == profile.id])


def test_there_are_enough_cases_and_each_says_what_it_shows() -> None:
    assert len(CASES) >= 48
    for case in CASES:
        assert case.title
        assert case.shows.endswith(".")
    assert len({case.shows for case in CASES}) == len(CASES)


def test_no_mode_kind_or_type_goes_without_a_case() -> None:
    settings = [profile.settings for profile in profiles().values()]
    assert {each["invoices_import_as"] for each in settings} == {"draft", "approved", "approved_and_sent"}
    assert {each["invoice_numbers"] for each in settings} == {"xero", "autotask_id", "autotask_number"}
    assert {each["tax_amounts"] for each in settings} == {"autotask", "xero"}
    assert {case.request.get("Type", "order") for case in CASES} == {"ACCREC", "ACCRECCREDIT", "order"}
    assert {line.type for line in _LINES} == set(LINE_TYPES.values())
    terms = {case.counterpart.terms[0] for case in CASES if case.counterpart.terms}
    assert terms == {"DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH"}
    statuses = {case.request["Status"] for case in CASES if isinstance(case.source, Order)}
    assert {"DRAFT", "AUTHORISED", "BILLED"} <= statuses


def test_no_shape_of_amounts_goes_without_a_case() -> None:
    assert {case.request["CurrencyCode"] for case in CASES} >= {"NZD", "AUD", "GBP", "EUR", "USD", "JPY"}
    assert {profile.gross for profile in profiles().values()} == {True, False}
    assert any(case.totals["Total"] == 0 for case in CASES)
    assert any(line.quantity < 0 for line in _LINES)
    assert any(line.rate < 0 for line in _LINES)
    assert any(line.counted == 0 and line.amount and not line.non_billable for line in _LINES)
    assert any(line.non_billable for line in _LINES)
    assert any(line.counted not in (0, line.amount) for line in _LINES)
    assert any(len(line.text) > 4000 for line in _LINES)
    assert {1, 40} <= {len(invoice.lines) for invoice in _INVOICES}
    assert any("xero" in (invoice.link or "") for invoice in _INVOICES)


def test_a_product_of_two_names_is_refused() -> None:
    case = next(case for case in CASES if isinstance(case.source, Order) and len(case.source.items) > 1)
    assert isinstance(case.source, Order)
    first = case.source.items[0]
    twice = replace(case.source, items=(first, replace(first, id=first.id + 1, product="Other")))

    with pytest.raises(ValueError, match="has two names"):
        tenant_books(profiles()[case.tenant], [replace(case, source=twice)])
