"""Due dates by the terms of the Xero contact, through everything that writes a document."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.xero_writer.contacts_kit import put

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

pytestmark = pytest.mark.stack
FALLBACK = "2026-12-20"


def terms(day: int, kind: str) -> dict[str, Any]:
    return {"Sales": {"Day": day, "Type": kind}, "Bills": {"Day": 7, "Type": "DAYSAFTERBILLDATE"}}


def overridden(rig: Rig, number: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any field of the event
    """A document of 31 January whose due date follows the contact's terms; Autotask's is the fallback."""
    xero = {"date": date(2026, 1, 31)}
    return rig.mapped(number, due_rule="contact_terms", xero=xero, **changes)


def due(rig: Rig, number: int) -> str:
    [document] = rig.copies(number)
    return str(document["DueDate"])


@pytest.mark.parametrize(
    ("contact_terms", "expected"),
    [
        (terms(31, "DAYSAFTERBILLDATE"), "2026-03-03"),
        (terms(10, "DAYSAFTERBILLMONTH"), "2026-02-10"),
        (terms(31, "OFCURRENTMONTH"), "2026-01-31"),
        (terms(31, "OFFOLLOWINGMONTH"), "2026-02-28"),
        ({"Bills": {"Day": 7, "Type": "DAYSAFTERBILLDATE"}}, FALLBACK),
        (None, FALLBACK),
    ],
)
def test_no_terms_are_misread_and_a_contact_without_sales_terms_keeps_autotasks_date(
    rig: Rig, contact_terms: dict[str, Any] | None, expected: str
) -> None:
    if contact_terms is not None:
        put(rig, Name="Contoso Ltd", PaymentTerms=contact_terms)
    rig.arrive(overridden(rig, 1))
    rig.work()
    assert due(rig, 1) == expected
    assert str(rig.last_synced(1)["due_date"]) == expected


def test_terms_that_end_after_the_calendar_stop_no_other_document(rig: Rig) -> None:
    put(rig, Name="Contoso Ltd", PaymentTerms=terms(20, "DAYSAFTERBILLDATE"))
    xero = {"date": date(9999, 12, 25)}
    rig.arrive(rig.mapped(1, due_rule="contact_terms", xero=xero), rig.mapped(2))
    rig.work()
    assert rig.outcomes(1) == rig.outcomes(2) == [("synced", "created")]
    assert due(rig, 1) == FALLBACK


def test_a_resync_never_overwrites_the_contacts_terms_with_autotasks_date(rig: Rig) -> None:
    put(rig, Name="Contoso Ltd", PaymentTerms=terms(31, "DAYSAFTERBILLDATE"))
    rig.arrive(overridden(rig, 1))
    rig.work()
    rig.arrive(overridden(rig, 1))
    rig.work()
    assert rig.outcomes(1)[-1] == ("synced", "unchanged")
    rig.arrive(overridden(rig, 1, amount="50.00", tax="7.50"))
    rig.work()
    assert rig.outcomes(1)[-1] == ("synced", "updated")
    assert due(rig, 1) == "2026-03-03"


def test_with_the_option_off_a_resync_brings_autotasks_date(rig: Rig) -> None:
    put(rig, Name="Contoso Ltd", PaymentTerms=terms(31, "DAYSAFTERBILLDATE"))
    rig.arrive(overridden(rig, 1))
    rig.work()
    rig.arrive(rig.mapped(1, xero={"date": date(2026, 1, 31)}))
    rig.work()
    assert due(rig, 1) == FALLBACK


def test_a_person_who_corrects_the_terms_and_resyncs_does_not_get_the_old_date(rig: Rig) -> None:
    put(rig, Name="Contoso Ltd", PaymentTerms=terms(20, "DAYSAFTERBILLDATE"))
    rig.arrive(overridden(rig, 1))
    rig.work()
    rig.pass_time(45)
    put(rig, Name="Contoso Ltd", PaymentTerms=terms(31, "DAYSAFTERBILLDATE"))
    rig.arrive(overridden(rig, 1, priority="interactive"))
    rig.work()
    assert due(rig, 1) == "2026-03-03"


def test_a_credit_note_is_not_refused_for_the_terms_of_its_contact(rig: Rig) -> None:
    put(rig, Name="Contoso Ltd", PaymentTerms=terms(31, "DAYSAFTERBILLDATE"))
    rig.arrive(overridden(rig, 1, kind="credit_note"))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]


def test_an_approved_document_gets_its_due_date_by_the_terms(rig: Rig) -> None:
    put(rig, Name="Contoso Ltd", PaymentTerms=terms(20, "OFFOLLOWINGMONTH"))
    event = rig.mapped(1, due_rule="contact_terms", due_date=None, xero={"status": "AUTHORISED"})
    rig.arrive(event)
    rig.work()
    assert due(rig, 1) == "2026-12-20"
    assert rig.copies(1)[0]["Status"] == "AUTHORISED"
