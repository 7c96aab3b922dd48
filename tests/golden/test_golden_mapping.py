"""Every golden case, mapped in memory: a failure names the file and what is otherwise than it was worked out."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mapper.core.mapping import map_snapshot
from mapper.core.outcome import Mapped, OrderMapped, Outcome
from tests.golden.cases import files, read_case
from tests.golden.comparing import report, request_differences, total_differences
from tests.golden.events import NOW, invoice_discovered, order_discovered, reference
from tests.golden.model import Case, Invoice
from tests.golden.tenants import Profile, profiles
from xero_writer.core.body import element, wrap
from xero_writer.core.contact_match import ContactBook, XeroContact, find_contact
from xero_writer.core.due_date import due_date


@pytest.mark.parametrize("file", files(), ids=lambda file: file.stem)
def test_no_request_differs_from_the_one_worked_out_by_hand(file: Path) -> None:
    case = read_case(file)
    profile = profiles()[case.tenant]
    outcome = _mapped(case, profile)
    assert isinstance(outcome, Mapped | OrderMapped), report(case, [str(outcome)])
    prediction = outcome.event["prediction"]
    assert prediction is not None
    totals = {
        "SubTotal": prediction["sub_total"],
        "TotalTax": prediction["total_tax"],
        "Total": prediction["total"],
    }
    request = _request(outcome, case, profile)
    differences = request_differences(case, request, profile) + total_differences(case, totals)
    assert not differences, report(case, differences)


def _mapped(case: Case, profile: Profile) -> Outcome:
    source = (
        invoice_discovered(case, case.source, profile)
        if isinstance(case.source, Invoice)
        else order_discovered(case, case.source, profile)
    )
    return map_snapshot(source, profile.settings, 1, reference(profile), NOW)


def _request(outcome: Mapped | OrderMapped, case: Case, profile: Profile) -> dict[str, Any]:
    """The element that the xero-writer would send, read back from its bytes."""
    event = outcome.event
    terms = case.counterpart.terms
    wanted = XeroContact(
        id=profile.guid("contact", case.counterpart.name),
        name=case.counterpart.name,
        account_number=case.counterpart.account_number,
        status="ACTIVE",
        terms_day=terms[1] if terms else None,
        terms_type=terms[0] if terms else None,
    )
    contact = find_contact(event["contact"], ContactBook([wanted]))
    assert isinstance(contact, XeroContact), report(case, [str(contact)])
    day = None
    if event["xero_kind"] != "purchase_order":
        assert event["xero"] is not None
        day = due_date(event["due_rule"], event["due_date"], event["xero"]["date"], contact)
    sent = json.loads(wrap("Elements", [element(event, contact.id, day)]), parse_float=Decimal)
    found: dict[str, Any] = sent["Elements"][0]
    return found
