"""A void goes over with whatever can be read of its invoice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from poller.core.companies import CompanyNames
from poller.core.snapshot import Names, Parts, make_snapshot, make_void_snapshot
from poller.core.values import MalformedRecordError

INVOICE: dict[str, Any] = {
    "id": 7, "companyID": 318, "invoiceNumber": "INV-7", "invoiceDateTime": "2026-05-14T00:00:00Z", "isVoided": True,
    "invoiceTotal": Decimal("-12.5"),
}  # fmt: skip
COMPANY = {"id": 318, "companyName": "Harbour Dental Ltd", "currencyID": 1}
NAMES = Names(CompanyNames(currencies={1: "NZD"}, own_currency=1))


@pytest.mark.parametrize(
    ("company", "lines", "contact"),
    [
        (COMPANY | {"currencyID": 99}, [], None),
        (COMPANY, [{"id": 1, "rate": "dear"}], None),
        (COMPANY | {"countryID": "NZ"}, [], None),
        (COMPANY, [], {"id": None}),
    ],
)
def test_a_void_needs_nothing_but_the_invoices_own_record(
    company: dict[str, Any], lines: list[dict[str, Any]], contact: dict[str, Any] | None
) -> None:
    parts = Parts(INVOICE, lines, company, contact, NAMES)
    with pytest.raises(MalformedRecordError):
        make_snapshot(parts)
    snapshot = make_void_snapshot(parts)
    assert (snapshot["invoice"]["id"], snapshot["invoice"]["total"]) == (7, Decimal("-12.5"))
    assert (snapshot["invoice"]["currency"], snapshot["lines"], snapshot["contact"]) == ("", [], None)
    assert snapshot["company"]["id"] == 318


def test_a_void_carries_the_whole_snapshot_where_that_can_be_read() -> None:
    parts = Parts(INVOICE, [{"id": 1}], COMPANY, None, NAMES)
    assert make_void_snapshot(parts) == make_snapshot(parts)
