"""Due dates from a contact's payment terms. Xero does not apply them to API calls, so they are computed here."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from invoice_events.types import DueRule
from xero_writer.core.contact_match import XeroContact

_LONGEST_MONTH = 31


def due_date(rule: DueRule, fallback: date | None, invoice_date: date, contact: XeroContact) -> date | None:
    """The due date of a document: Autotask's, or by the contact's sales terms with Autotask's as fallback.

    The fallback holds for a contact without terms, for a type of terms that is not known, and where the terms name no day or
    one after the end of the calendar.
    """
    if rule == "autotask" or contact.terms_day is None or contact.terms_type is None:
        return fallback
    try:
        return _by_terms(contact.terms_type, contact.terms_day, invoice_date) or fallback
    except (OverflowError, ValueError):
        return fallback


def _by_terms(terms: str, day: int, invoice_date: date) -> date | None:
    """Xero's four types of terms, as the settings page of a contact words them; None: they name no day.

    `day` is 0 to 31. So many days after the invoice date, so many days after the end of the invoice's month, or on that day
    of the invoice's month (which may lie before the invoice) or of the next one, at most its last. The day 0 of a month is
    none.
    """
    if terms == "DAYSAFTERBILLDATE":
        return invoice_date + timedelta(days=day)
    if terms == "DAYSAFTERBILLMONTH":
        return _in_month(invoice_date, 0, _LONGEST_MONTH) + timedelta(days=day)
    if day < 1:
        return None
    if terms == "OFCURRENTMONTH":
        return _in_month(invoice_date, 0, day)
    if terms == "OFFOLLOWINGMONTH":
        return _in_month(invoice_date, 1, day)
    return None


def _in_month(start: date, months: int, day: int) -> date:
    """The given day of the month so many months later, at most that month's last."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))
