"""Which invoices are discovered: those dated within the last days, as the tenant's calendar counts them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def first_day(now: datetime, days_back: int, zone: tzinfo) -> date:
    """The earliest invoice date that is still discovered: `days_back` days before today in the tenant's zone, that day included."""
    return now.astimezone(zone).date() - timedelta(days=days_back)


def first_moment(now: datetime, days_back: int, zone: tzinfo) -> datetime:
    """The moment at which the first day begins in the tenant's zone, UTC."""
    return datetime.combine(first_day(now, days_back, zone), time.min, zone).astimezone(UTC)


def as_autotask_moment(moment: datetime) -> str:
    """A moment as Autotask's date-times are written: UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_autotask_date(day: date) -> str:
    """A date as Autotask keeps date-only values: midnight without conversion."""
    return f"{day.isoformat()}T00:00:00Z"
