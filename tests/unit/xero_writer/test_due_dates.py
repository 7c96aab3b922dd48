from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_events.types import DueRule
from tests.unit.xero_writer.samples import CONTACT_ID, contact, in_xero, mapped
from xero_writer.core.body import update
from xero_writer.core.due_date import due_date
from xero_writer.core.judgement import content_differences

AUTOTASKS = date(2026, 12, 20)

TERMS = [
    ("DAYSAFTERBILLDATE", 30, date(2026, 1, 31), date(2026, 3, 2)),
    ("DAYSAFTERBILLDATE", 0, date(2026, 2, 28), date(2026, 2, 28)),
    ("DAYSAFTERBILLDATE", 1, date(2026, 12, 31), date(2027, 1, 1)),
    ("DAYSAFTERBILLDATE", 1, date(2024, 2, 28), date(2024, 2, 29)),
    ("DAYSAFTERBILLMONTH", 10, date(2026, 2, 3), date(2026, 3, 10)),
    ("DAYSAFTERBILLMONTH", 0, date(2024, 2, 3), date(2024, 2, 29)),
    ("DAYSAFTERBILLMONTH", 31, date(2026, 1, 31), date(2026, 3, 3)),
    ("DAYSAFTERBILLMONTH", 31, date(2026, 12, 31), date(2027, 1, 31)),
    ("OFCURRENTMONTH", 31, date(2026, 2, 10), date(2026, 2, 28)),
    ("OFCURRENTMONTH", 31, date(2026, 4, 30), date(2026, 4, 30)),
    ("OFCURRENTMONTH", 5, date(2026, 2, 10), date(2026, 2, 5)),
    ("OFCURRENTMONTH", 15, date(2026, 12, 1), date(2026, 12, 15)),
    ("OFFOLLOWINGMONTH", 31, date(2026, 1, 31), date(2026, 2, 28)),
    ("OFFOLLOWINGMONTH", 31, date(2024, 1, 31), date(2024, 2, 29)),
    ("OFFOLLOWINGMONTH", 20, date(2026, 12, 5), date(2027, 1, 20)),
    ("OFFOLLOWINGMONTH", 1, date(2026, 11, 30), date(2026, 12, 1)),
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
        ("autotask", "DAYSAFTERBILLDATE", 45),
        ("contact_terms", None, None),
        ("contact_terms", "DAYSAFTERBILLDATE", None),
        ("contact_terms", "SOMETHINGNEW", 30),
        ("contact_terms", "OFCURRENTMONTH", 0),
        ("contact_terms", "OFFOLLOWINGMONTH", 0),
    ],
)
def test_autotasks_date_stays_where_the_contact_names_no_day(
    rule: DueRule, terms: str | None, day: int | None
) -> None:
    customer = contact(1, "Contoso Ltd", terms_day=day, terms_type=terms)
    assert due_date(rule, AUTOTASKS, date(2026, 11, 20), customer) == AUTOTASKS


DATES = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize("terms", ["DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFFOLLOWINGMONTH"])
def test_no_terms_fail_at_the_end_of_the_calendar(terms: str) -> None:
    customer = contact(1, "Contoso Ltd", terms_day=20, terms_type=terms)
    assert due_date("contact_terms", AUTOTASKS, date(9999, 12, 25), customer) == AUTOTASKS


@given(st.integers(0, 31), DATES)
def test_terms_of_days_are_always_so_many_days_away(day: int, billed: date) -> None:
    after_invoice = contact(1, "Contoso Ltd", terms_day=day, terms_type="DAYSAFTERBILLDATE")
    after_month = contact(1, "Contoso Ltd", terms_day=day, terms_type="DAYSAFTERBILLMONTH")
    last = billed.replace(day=monthrange(billed.year, billed.month)[1])
    assert due_date("contact_terms", None, billed, after_invoice) == billed + timedelta(days=day)
    assert due_date("contact_terms", None, billed, after_month) == last + timedelta(days=day)


@given(st.sampled_from([("OFCURRENTMONTH", 0), ("OFFOLLOWINGMONTH", 1)]), st.integers(1, 31), DATES)
def test_terms_of_a_day_never_leave_their_month_and_miss_the_day_only_where_there_is_none(
    terms: tuple[str, int], day: int, billed: date
) -> None:
    due = due_date(
        "contact_terms", None, billed, contact(1, "Contoso Ltd", terms_day=day, terms_type=terms[0])
    )
    assert due is not None
    assert (due.year * 12 + due.month) - (billed.year * 12 + billed.month) == terms[1]
    assert due.day == min(day, monthrange(due.year, due.month)[1])


def test_a_resync_never_puts_autotasks_date_over_the_contacts_terms() -> None:
    event = mapped(due_rule="contact_terms", due_date=AUTOTASKS)
    customer = contact(1, "Contoso Ltd", terms_day=45, terms_type="DAYSAFTERBILLDATE")
    due = due_date(event["due_rule"], event["due_date"], date(2026, 11, 20), customer)
    assert due == date(2027, 1, 4)
    assert update(event, "X", CONTACT_ID, due)["DueDate"] == "2027-01-04"
    standing = in_xero(DueDateString="2027-01-04T00:00:00")
    assert content_differences(event, CONTACT_ID, due, standing) == []
    assert content_differences(event, CONTACT_ID, due, in_xero()) == ["DueDate"]
