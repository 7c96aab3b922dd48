"""Documents as rows of a list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboard.core.listing_rows import row_of

AUCKLAND = ZoneInfo("Pacific/Auckland")
NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)
INVOICE: dict[str, Any] = {
    "id": 48213,
    "document": "invoice/48213",
    "status": "Pending Sync",
    "phase": None,
    "cause": {
        "code": "CONTACT_NOT_FOUND",
        "text": "Can't find Xero Contact with Account Name: <b>Harbour</b>",
    },
    "strikes": 2,
    "hold": "none",
    "changed_at": "2026-05-19T22:30:00Z",
    "number": None,
    "date": "2026-05-04",
    "company": {"id": 7, "name": "<b>Harbour</b>"},
    "total": "-1234567.5000",
    "currency": "NZD",
    "has_warnings": True,
    "xero": None,
}


def row(**changed: object) -> dict[str, Any]:
    return row_of(INVOICE | changed, NOW, AUCKLAND)


def test_every_cell_is_in_words() -> None:
    assert row() == {
        "id": 48213,
        "name": "invoice/48213",
        "status": "Pending Sync",
        "words": "Pending Sync",
        "phase": "",
        "look": "pending",
        "symbol": "clock",
        "meaning": "Downloaded from Autotask and queued for Xero.",
        "strikes": "2 of 3 faults",
        "warned": True,
        "number": "",
        "party": "<b>Harbour</b>",
        "date": "4 May 2026",
        "total": "\N{MINUS SIGN}1,234,567.50 NZD",
        "xero": "",
        "cause": "Can't find Xero Contact with Account Name: <b>Harbour</b>",
        "changed": "20 May, 10:30",
        "moment": "20 May 2026, 10:30:00, Pacific/Auckland",
        "acts": ["resync", "skip"],
    }


def test_what_is_not_known_yet_is_empty() -> None:
    empty = row(company=None, date=None, total=None, currency=None, cause=None, strikes=0)
    assert [empty[name] for name in ("party", "date", "total", "cause", "strikes")] == [""] * 5


def test_a_purchase_order_is_of_its_vendor() -> None:
    order = {name: value for name, value in INVOICE.items() if name != "company"}
    assert row_of(order | {"vendor": {"id": 9, "name": "Ridgeline"}}, NOW, AUCKLAND)["party"] == "Ridgeline"


def test_a_year_that_is_not_this_one_is_told() -> None:
    assert row(changed_at="2025-12-31T10:30:00Z")["changed"] == "31 Dec 2025, 23:30"
    assert row(changed_at="2025-12-31T11:30:00Z")["changed"] == "1 Jan, 00:30"


def test_a_phase_stands_beside_its_status() -> None:
    processing = row(status="Processing Now", phase="verifying")
    assert (processing["words"], processing["phase"]) == ("Processing Now, verifying", "verifying")


@pytest.mark.parametrize(
    ("status", "hold", "acts"),
    [
        ("Fault", "none", ["resync", "skip"]),
        ("Skipped", "skip", ["unskip"]),
        ("Skipped", "none", ["resync", "skip"]),
        ("Diagnostic Mode", "diagnose", ["release"]),
    ],
)
def test_only_acts_that_would_be_taken_are_offered(status: str, hold: str, acts: list[str]) -> None:
    assert row(status=status, hold=hold)["acts"] == acts
