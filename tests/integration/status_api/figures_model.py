"""What the kept figures have to be, counted row by row in Python and independently of the triggers that keep them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.integration.status_api.conftest import ReadModel

Figures = dict[tuple[Any, ...], Any]

_CLASSES = 24
_QUARTER_MINUTES = 15


def kept(read_model: ReadModel) -> Figures:
    """Every figure in the tallies, by table and key; what is zero would be there, too."""
    found: Figures = {}
    for row in read_model.rows("SELECT * FROM tally_status"):
        found["status", row["tenant_id"], row["kind"], row["status"], row["cause"]] = row["documents"]
    for row in read_model.rows("SELECT * FROM tally_xero"):
        place = ("xero", row["tenant_id"], row["kind"], row["currency"])
        found[place] = (row["documents"], row["total"], row["total_tax"])
    for row in read_model.rows("SELECT * FROM tally_synced"):
        classes = {
            number: row[f"class_{number:02}"] for number in range(_CLASSES) if row[f"class_{number:02}"]
        }
        found["synced", row["tenant_id"], row["kind"], row["quarter"]] = (row["documents"], classes)
    for row in read_model.rows("SELECT * FROM tally_failed"):
        found["failed", row["tenant_id"], row["kind"], row["quarter"], row["code"]] = row["tries"]
    return found


def counted(read_model: ReadModel) -> Figures:
    """The same figures, of the documents and timelines that are there."""
    found: Figures = {}
    for row in read_model.rows("SELECT * FROM document"):
        owner = (row["tenant_id"], row["kind"])
        place: tuple[Any, ...] = ("status", *owner, row["status"], row["cause"] or "")
        found[place] = found.get(place, 0) + 1
        if row["synced_currency"] is not None and row["synced_outcome"] != "voided":
            sign = -1 if row["synced_xero_kind"] == "credit_note" else 1
            place = ("xero", *owner, row["synced_currency"])
            number, total, tax = found.get(place, (0, Decimal(0), Decimal(0)))
            found[place] = (
                number + 1,
                total + sign * row["synced_total"],
                tax + sign * row["synced_total_tax"],
            )
        if row["first_synced_at"] is not None:
            place = ("synced", *owner, _quarter(row["first_synced_at"]))
            number, classes = found.get(place, (0, {}))
            took = (
                [] if row["first_seen_at"] is None else [_class(row["first_seen_at"], row["first_synced_at"])]
            )
            found[place] = (number + 1, dict(Counter(classes) + Counter(took)))
    tries = "SELECT tenant_id, kind, occurred_at, payload ->> 'code' AS code FROM timeline WHERE topic LIKE '%.faulted'"
    for row in read_model.rows(tries):
        place = ("failed", row["tenant_id"], row["kind"], _quarter(row["occurred_at"]), row["code"])
        found[place] = found.get(place, 0) + 1
    return found


def _quarter(at: datetime) -> datetime:
    return at.replace(minute=at.minute // _QUARTER_MINUTES * _QUARTER_MINUTES, second=0, microsecond=0)


def _class(first: datetime, then: datetime) -> int:
    seconds = max(0.0, (then - first).total_seconds())
    return next((number for number in range(_CLASSES - 1) if seconds < 2**number), _CLASSES - 1)
