"""Documents that wait to be written: one row each, the newest revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from invoice_events.types import Hold, InvoiceMapped
from xero_writer.core.batches import MAX_DOCUMENTS

PRIORITIES = {"interactive": 0, "normal": 1, "backfill": 2}


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mapped event as it came: decoded, raw, and its trace."""

    mapped: InvoiceMapped
    raw: bytes
    traceparent: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document that waits.

    Attributes:
        raw: the mapped event's bytes.
        batch_limit: largest batch it may be part of.
        waited: seconds since it came, by the database's clock.
        xero_kind, xero_id: what the ledger knows of it in Xero; None if it is not there yet.
        adopted: it was found in Xero without our having an outcome for it.
        check_number: Xero said that its number is taken; who has it is to be looked at first.
    """

    tenant_id: str
    document: str
    revision: int
    priority: int
    raw: bytes
    traceparent: str
    batch_limit: int
    received_at: datetime
    waited: float
    xero_kind: str | None
    xero_id: str | None
    adopted: bool
    check_number: bool


def store_arrived(connection: Connection, arrived: Sequence[Arrived]) -> set[str]:
    """Store mapped events: a newer revision replaces one that was not started; the first mapped of a revision counts.

    Returns:
        The tenants that got work.
    """
    newest: dict[tuple[str, str], Arrived] = {}
    for one in arrived:
        key = (one.mapped["tenant_id"], one.mapped["document"])
        if key not in newest or one.mapped["revision"] > newest[key].mapped["revision"]:
            newest[key] = one
    tenants = set()
    for (tenant_id, document), one in sorted(newest.items()):
        taken = connection.execute(
            text(
                "INSERT INTO document AS d (tenant_id, document, latest_revision) VALUES (:tenant, :document, :revision)"
                " ON CONFLICT (tenant_id, document) DO UPDATE SET latest_revision = :revision WHERE d.latest_revision < :revision RETURNING 1"
            ),
            {"tenant": tenant_id, "document": document, "revision": one.mapped["revision"]},
        ).scalar()
        if taken is not None:
            tenants.add(tenant_id)
            _put(connection, one)
    return tenants


def _put(connection: Connection, one: Arrived) -> None:
    connection.execute(
        text(
            "INSERT INTO work (tenant_id, document, revision, priority, mapped, traceparent, batch_limit)"
            " VALUES (:tenant, :document, :revision, :priority, :mapped, :traceparent, :batch_limit)"
            " ON CONFLICT (tenant_id, document) DO UPDATE SET revision = excluded.revision, priority = excluded.priority, mapped = excluded.mapped,"
            " traceparent = excluded.traceparent, batch_limit = excluded.batch_limit, check_number = false, received_at = excluded.received_at"
        ),
        {
            "tenant": one.mapped["tenant_id"],
            "document": one.mapped["document"],
            "revision": one.mapped["revision"],
            "priority": PRIORITIES[one.mapped["priority"]],
            "mapped": one.raw,
            "traceparent": one.traceparent,
            "batch_limit": MAX_DOCUMENTS,
        },
    )


def store_hold(connection: Connection, tenant_id: str, document: str, hold: Hold, version: int) -> None:
    """Note a hold; an older one than known changes nothing."""
    connection.execute(
        text(
            "INSERT INTO document AS d (tenant_id, document, hold, hold_version) VALUES (:tenant, :document, :hold, :version)"
            " ON CONFLICT (tenant_id, document) DO UPDATE SET hold = :hold, hold_version = :version WHERE d.hold_version < :version"
        ),
        {"tenant": tenant_id, "document": document, "hold": hold, "version": version},
    )


def waiting(connection: Connection, tenant_id: str, limit: int) -> list[Waiting]:
    """What can be started: not held, not in an unresolved intent; by priority, then age."""
    rows = connection.execute(
        text(
            "SELECT w.tenant_id, w.document, w.revision, w.priority, w.mapped AS raw, w.traceparent, w.batch_limit, w.received_at,"
            " extract(epoch FROM clock_timestamp() - w.received_at)::float AS waited, d.xero_kind, d.xero_id, d.adopted, w.check_number"
            " FROM work w JOIN document d USING (tenant_id, document)"
            " WHERE w.tenant_id = :tenant AND d.hold = 'none' AND NOT EXISTS (SELECT 1 FROM intent_element e"
            "  WHERE e.tenant_id = w.tenant_id AND e.document = w.document AND e.state = 'pending')"
            " ORDER BY w.priority, w.received_at, w.document LIMIT :limit"
        ),
        {"tenant": tenant_id, "limit": limit},
    )
    return [Waiting(**(row._asdict() | {"raw": bytes(row.raw)})) for row in rows]


def take(connection: Connection, one: Waiting) -> bool:
    """Remove a document's work, if it is still this revision. False: a newer one has come meanwhile."""
    taken = connection.execute(
        text("DELETE FROM work WHERE tenant_id = :tenant AND document = :document AND revision = :revision"),
        {"tenant": one.tenant_id, "document": one.document, "revision": one.revision},
    )
    return taken.rowcount == 1


def remember(
    connection: Connection,
    tenant_id: str,
    document: str,
    xero_kind: str,
    xero_id: str,
    number: str,
    *,
    synced_revision: int | None,
) -> None:
    """Note which document in Xero is ours. `synced_revision` None: it was found, no outcome of ours tells of it yet."""
    connection.execute(
        text(
            "INSERT INTO document AS d (tenant_id, document, xero_kind, xero_id, xero_number, adopted, synced_revision)"
            " VALUES (:tenant, :document, :kind, :xero_id, :number, :revision IS NULL, :revision)"
            " ON CONFLICT (tenant_id, document) DO UPDATE SET xero_kind = :kind, xero_id = :xero_id, xero_number = :number,"
            " adopted = CAST(:revision AS bigint) IS NULL, synced_revision = coalesce(:revision, d.synced_revision)"
        ),
        {
            "tenant": tenant_id,
            "document": document,
            "kind": xero_kind,
            "xero_id": xero_id,
            "number": number,
            "revision": synced_revision,
        },
    )


def forget(connection: Connection, tenant_id: str, document: str) -> None:
    """The document in Xero was taken back: the next try creates a new one."""
    connection.execute(
        text(
            "UPDATE document SET xero_kind = NULL, xero_id = NULL, xero_number = NULL, adopted = false WHERE tenant_id = :tenant AND document = :document"
        ),
        {"tenant": tenant_id, "document": document},
    )
