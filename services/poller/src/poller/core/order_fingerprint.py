"""Whether a purchase order was changed in Autotask after it went over.

Autotask keeps no time of the last change of an order, so what went over is remembered as a fingerprint of two parts: the header's,
which every look sees, and the items', which are read less often. It covers what goes into the document in Xero, and nothing that
changes by itself: an order that is received is not one that was changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from decimal import Decimal

from poller.core.values import Record, record_id

_HEADER = (
    "vendorID", "purchaseOrderNumber", "externalPONumber", "vendorInvoiceNumber", "freight", "taxRegionID", "generalMemo",
    "shipToName", "shipToAddress1", "shipToAddress2", "shipToCity", "shipToState",
    "shipToPostalCode", "phone",
)  # fmt: skip
_ITEM = ("id", "productID", "memo", "quantity", "unitCost")
_DAY = len("2026-05-14")  # Autotask writes a time behind it, in more than one form
_DIGITS = 16  # of each part: 64 bits, and both have to meet for a change to be missed


def fingerprint(order: Record, items: Iterable[Record]) -> str:
    """The fingerprint of an order, `{header}.{items}`.

    Raises:
        MalformedRecordError: an item has no id.
    """
    rows = [_values(item, _ITEM) for item in sorted(items, key=record_id)]
    return f"{_header(order)}.{_digest(rows)}"


def differs(went_over: str, order: Record, items: Iterable[Record] | None) -> bool | None:
    """Whether an order differs from what went over; None if that can not be told without its items.

    Args:
        went_over: fingerprint of what went over.
        order: its header as Autotask has just shown it.
        items: its items, None if they were not read.

    Raises:
        MalformedRecordError: an item has no id.
    """
    if went_over.partition(".")[0] != _header(order):
        return True
    return None if items is None else fingerprint(order, items) != went_over


def _header(order: Record) -> str:
    day = _plain(order.get("latestEstimatedArrivalDate"))[:_DAY]
    return _digest([*_values(order, _HEADER), day])


def _values(record: Record, names: Iterable[str]) -> list[str]:
    return [_plain(record.get(name)) for name in names]


def _plain(value: object) -> str:
    """A value without what makes no difference: nothing, an empty text and zero as one, idle zeros, blanks around a text."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return "" if value == 0 else format(Decimal(value).normalize(), "f")
    return "" if value is None else str(value).strip()


def _digest(values: object) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:_DIGITS]
