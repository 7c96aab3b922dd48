"""Which invoices are discovered: those dated within the last days, as the tenant's calendar counts them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo


def first_day(now: datetime, days_back: int, zone: tzinfo) -> date:
    """The earliest invoice date that is still discovered: `days_back` days before today in the tenant's zone, that day included."""
    return now.astimezone(zone).date() - timedelta(days=days_back)


def as_autotask_date(day: date) -> str:
    """A date as Autotask keeps date-only values: midnight without conversion."""
    return f"{day.isoformat()}T00:00:00Z"
