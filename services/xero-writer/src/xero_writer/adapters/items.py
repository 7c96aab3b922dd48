"""One revision of one document: what travels unchanged from work into an intent, and back if nothing was written."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from xero_writer.core.lanes import Lane

COLUMNS = "tenant_id, document, revision, priority, mapped, traceparent, batch_limit, received_at, lane"
"""Columns that `work` and `intent_element` share."""

VALUES = (
    ":tenant_id, :document, :revision, :priority, :mapped, :traceparent, :batch_limit, :received_at, :lane"
)
"""Their parameters, as `item_parameters` names them."""


@dataclass(frozen=True, slots=True)
class Item:
    """One revision of one document.

    Attributes:
        mapped: the mapped event's bytes.
        batch_limit: largest batch it may be part of.
        received_at: when it came, by the database's clock.
        lane: when it is its turn.
    """

    tenant_id: str
    document: str
    revision: int
    priority: int
    mapped: bytes
    traceparent: str
    batch_limit: int
    received_at: datetime
    lane: Lane = Lane.WRITE


def item_of(row: Any) -> Item:  # noqa: ANN401  # a row of any query that selects COLUMNS
    """The item in a row that has the shared columns."""
    return Item(
        row.tenant_id,
        row.document,
        row.revision,
        row.priority,
        bytes(row.mapped),
        row.traceparent,
        row.batch_limit,
        row.received_at,
        Lane(row.lane),
    )


def item_parameters(item: Item) -> dict[str, Any]:
    """The item as parameters of a statement."""
    return asdict(item) | {"lane": int(item.lane)}
