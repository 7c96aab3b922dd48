from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_events.types import DueRule
from tests.unit.xero_writer.samples import criteria
from xero_writer.core.contact_match import ContactBook, NoContact, XeroContact, find_contact
from xero_writer.core.due_date import due_date


def contact(number: int, name: str, **changes: Any) -> XeroContact:  # noqa: ANN401  # any field
    base: dict[str, Any] = {
        "id": f"ID-{number}",
        "name": name,
        "account_number": "",
        "status": "ACTIVE",
        "terms_day": None,
        "terms_type": None,
    }
    return XeroContact(**(base | changes))


def found(*contacts: XeroContact, **wanted: Any) -> XeroContact | NoContact:  # noqa: ANN401  # any field
    return find_contact(criteria(**wanted), ContactBook(contacts))


def test_another_customer_of_a_similar_name_is_never_billed() -> None:
    result = found(contact(1, "Contoso Limited"), contact(2, "Contoso Ltdx"))
    assert isinstance(result, NoContact)
    assert result.near[0].startswith("Contoso Ltdx (score 0.96, id ID-2)")


def test_case_counts_where_it_is_not_ignored() -> None:
    assert isinstance(found(contact(1, "CONTOSO LTD"), ignore_case=False), NoContact)
    assert found(contact(1, "CONTOSO LTD"), ignore_case=True) == contact(1, "CONTOSO LTD")


def test_accents_are_not_ignored_although_xeros_filter_ignores_them() -> None:
    assert isinstance(found(contact(1, "Cafe Ltd"), name="Café Ltd"), NoContact)


def test_the_exact_name_wins_over_another_case() -> None:
    exact = contact(1, "Contoso Ltd")
    assert found(contact(2, "CONTOSO LTD"), exact) == exact


def test_of_several_that_fit_none_is_guessed() -> None:
    result = found(contact(1, "contoso ltd"), contact(2, "CONTOSO LTD"))
    assert isinstance(result, NoContact)
    assert not result.archived
    assert len(result.near) == 2


def test_an_archived_contact_is_told_as_such_and_never_used() -> None:
    result = found(contact(1, "Contoso Ltd", status="ARCHIVED"))
    assert result == NoContact([], archived=True)


def test_an_archived_namesake_does_not_hide_the_active_one() -> None:
    active = contact(2, "CONTOSO LTD")
    assert found(contact(1, "Contoso Ltd", status="ARCHIVED"), active) == active


def test_an_empty_account_number_matches_nobody() -> None:
    assert isinstance(found(contact(1, "Contoso Ltd"), match_by="account_number"), NoContact)


def test_an_account_number_decides_whatever_the_name_is() -> None:
    other = contact(1, "Something Else", account_number="C-1")
    assert found(other, contact(2, "Contoso Ltd"), match_by="account_number", account_number="C-1") == other


def test_a_pinned_contact_wins_over_the_name_and_is_not_replaced_when_missing() -> None:
    pinned = contact(1, "Something Else")
    assert found(pinned, contact(2, "Contoso Ltd"), pinned_contact_id="id-1") == pinned
    assert isinstance(found(contact(2, "Contoso Ltd"), pinned_contact_id="id-1"), NoContact)


def test_a_renamed_contact_is_no_longer_found_under_its_old_name() -> None:
    book = ContactBook([contact(1, "Contoso Ltd")])
    book.put([contact(1, "Fabrikam Inc")])
    assert isinstance(find_contact(criteria(), book), NoContact)
    assert len(book) == 1


def test_no_reader_sees_a_half_filled_book_while_contacts_are_put() -> None:
    book = ContactBook(contact(number, f"Customer {number}") for number in range(2000))
    ending, missed = threading.Event(), []

    def read() -> None:
        while not ending.is_set():
            if not isinstance(find_contact(criteria(name="Customer 1999"), book), XeroContact):
                missed.append(1)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(30):
        book.put([contact(1, "Customer 1")])
    ending.set()
    reader.join()
    assert missed == []


TERMS = [
    ("DAYSAFTERBILLDATE", 30, date(2026, 1, 31), date(2026, 3, 2)),
    ("DAYSAFTERBILLDATE", 0, date(2026, 2, 28), date(2026, 2, 28)),
    ("DAYSAFTERBILLMONTH", 10, date(2026, 2, 3), date(2026, 3, 10)),
    ("DAYSAFTERBILLMONTH", 0, date(2024, 2, 3), date(2024, 2, 29)),
    ("DAYSAFTERBILLMONTH", 31, date(2026, 12, 31), date(2027, 1, 31)),
    ("OFCURRENTMONTH", 31, date(2026, 2, 10), date(2026, 2, 28)),
    ("OFCURRENTMONTH", 5, date(2026, 2, 10), date(2026, 2, 5)),
    ("OFFOLLOWINGMONTH", 31, date(2026, 1, 31), date(2026, 2, 28)),
    ("OFFOLLOWINGMONTH", 31, date(2024, 1, 31), date(2024, 2, 29)),
    ("OFFOLLOWINGMONTH", 20, date(2026, 12, 5), date(2027, 1, 20)),
]


@pytest.mark.parametrize(("terms", "day", "billed", "due"), TERMS)
def test_no_kind_of_terms_misses_its_day_at_a_months_end(
    terms: str, day: int, billed: date, due: date
) -> None:
    customer = contact(1, "Contoso Ltd", terms_day=day, terms_type=terms)
    assert due_date("contact_terms", date(2000, 1, 1), billed, customer) == due


@pytest.mark.parametrize(
    ("rule", "terms", "day"),
    [
        ("autotask", "DAYSAFTERBILLDATE", 30),
        ("contact_terms", None, None),
        ("contact_terms", "DAYSAFTERBILLDATE", None),
        ("contact_terms", "SOMETHINGNEW", 30),
    ],
)
def test_autotasks_date_stays_where_the_contact_says_nothing(
    rule: DueRule, terms: str | None, day: int | None
) -> None:
    customer = contact(1, "Contoso Ltd", terms_day=day, terms_type=terms)
    assert due_date(rule, date(2026, 12, 20), date(2026, 11, 20), customer) == date(2026, 12, 20)


@given(
    st.sampled_from(["DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH"]),
    st.integers(0, 31),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
)
def test_no_terms_and_no_date_break_the_computation(terms: str, day: int, billed: date) -> None:
    customer = contact(1, "Contoso Ltd", terms_day=day, terms_type=terms)
    due = due_date("contact_terms", None, billed, customer)
    assert due is not None
    assert (due.year * 12 + due.month) - (billed.year * 12 + billed.month) in {0, 1, 2}
