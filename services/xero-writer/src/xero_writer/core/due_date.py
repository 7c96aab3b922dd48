"""Due dates from a contact's payment terms. Xero does not apply them to API calls, so they are computed here."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from invoice_events.types import DueRule
from xero_writer.core.contact_match import XeroContact


def due_date(rule: DueRule, fallback: date | None, invoice_date: date, contact: XeroContact) -> date | None:
    """The due date of a document: Autotask's, or by the contact's terms with Autotask's as fallback."""
    if rule == "autotask" or contact.terms_day is None or contact.terms_type is None:
        return fallback
    return _by_terms(contact.terms_type, contact.terms_day, invoice_date) or fallback


def _by_terms(terms: str, day: int, invoice_date: date) -> date | None:
    """Xero's four types of terms; an unknown type gives None."""
    if terms == "DAYSAFTERBILLDATE":
        return invoice_date + timedelta(days=day)
    if terms == "DAYSAFTERBILLMONTH":
        return _in_month(invoice_date, 0, 31) + timedelta(days=day)
    if terms == "OFCURRENTMONTH":
        return _in_month(invoice_date, 0, day)
    if terms == "OFFOLLOWINGMONTH":
        return _in_month(invoice_date, 1, day)
    return None


def _in_month(start: date, months: int, day: int) -> date:
    """The given day of the month so many months later, at most that month's last."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, max(1, min(day, monthrange(year, month + 1)[1])))
