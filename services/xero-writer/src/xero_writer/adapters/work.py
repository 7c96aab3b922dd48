"""Documents that wait to be written: one row each, the newest revision; and what is known of each document in Xero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, text

from invoice_events.types import InvoiceHeld, PurchaseOrderHeld
from xero_writer.adapters.items import COLUMNS, VALUES, Item, item_of, item_parameters
from xero_writer.core.batches import MAX_DOCUMENTS
from xero_writer.core.earlier_numbers import EarlierNumber
from xero_writer.core.kinds import Kind, Mapped
from xero_writer.core.lanes import Lane, lane_of

PRIORITIES = {"interactive": 0, "normal": 1, "backfill": 2}
Held = InvoiceHeld | PurchaseOrderHeld

# In doubt: the intent's last look is to come, and nothing was found of this element. Two lookups have agreed about credit
# notes; a number that somebody else turned out to have can not be used by a late request either.
_EARLIER = (
    "SELECT jsonb_agg(DISTINCT jsonb_build_array(i.xero_kind, e.number, i.recheck_at IS NOT NULL AND e.xero_id IS NULL"
    " AND i.xero_kind <> 'credit_note' AND e.outcome IS DISTINCT FROM 'NUMBER_CONFLICT')) FROM intent_element e"
    " JOIN intent i ON i.id = e.intent_id WHERE e.tenant_id = w.tenant_id AND e.document = w.document"
    " AND i.purpose = 'create' AND e.number IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mapped event as it came: decoded, raw, and its trace."""

    mapped: Mapped
    raw: bytes
    traceparent: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document that waits.

    Attributes:
        waited: seconds since it came, by the database's clock; between then and now, should that clock have been set back meanwhile.
        xero_kind, xero_id: what the journal knows of it in Xero; None if it is not there yet.
        adopted: it was found in Xero without our having an outcome for it.
        check_number: Xero said that its number is taken; who has it is to be looked at first.
        earlier: every number of ours that a create of it carried before.
        ledger_id: where it is in Xero by the poller's ledger; None: it knows of none, or that was looked at already.
    """

    item: Item
    waited: float
    xero_kind: Kind | None
    xero_id: str | None
    adopted: bool
    check_number: bool
    earlier: tuple[EarlierNumber, ...] = ()
    ledger_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A try that poller or mapper ended without a document to write: skipped, or at fault."""

    tenant_id: str
    document: str
    revision: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch of records says: mapped events, holds, tries that ended elsewhere."""

    arrived: Sequence[Arrived]
    held: Sequence[Held]
    ended: Sequence[Ended]


def store(connection: Connection, batch: Batch) -> set[str]:
    """Store what a batch says, in the order of its documents, in which everybody locks them.

    A newer revision replaces one that was not started; the first mapped of a revision counts; an older hold than known
    changes nothing; a try that ended elsewhere takes older work that was not started with it.

    Returns:
        The tenants that got something to do.
    """
    newest: dict[tuple[str, str], Arrived] = {}
    for one in batch.arrived:
        key = (one.mapped["tenant_id"], one.mapped["document"])
        if key not in newest or one.mapped["revision"] > newest[key].mapped["revision"]:
            newest[key] = one
    holds: dict[tuple[str, str], Held] = {}
    for hold in batch.held:
        key = (hold["tenant_id"], hold["document"])
        if key not in holds or hold["hold_version"] > holds[key]["hold_version"]:
            holds[key] = hold
    ends: dict[tuple[str, str], int] = {}
    for end in batch.ended:
        key = (end.tenant_id, end.document)
        ends[key] = max(end.revision, ends.get(key, 0))
    tenants = {tenant_id for tenant_id, _ in holds}
    for key in sorted(newest.keys() | holds.keys() | ends.keys()):
        if key in newest and _store_arrived(connection, newest[key]):
            tenants.add(key[0])
        if key in ends:
            _store_end(connection, *key, ends[key])
        if key in holds:
            _store_hold(connection, holds[key])
    return tenants


def _store_end(connection: Connection, tenant_id: str, document: str, revision: int) -> None:
    """Older mapped events of the document are not written any more, whether they are here or still to come."""
    values = {"tenant": tenant_id, "document": document, "revision": revision}
    connection.execute(
        text(
            "INSERT INTO document AS d (tenant_id, document, latest_revision) VALUES (:tenant, :document, :revision)"
            " ON CONFLICT (tenant_id, document) DO UPDATE SET latest_revision = :revision WHERE d.latest_revision < :revision"
        ),
        values,
    )
    connection.execute(
        text("DELETE FROM work WHERE tenant_id = :tenant AND document = :document AND revision <= :revision"),
        values,
    )


def _store_arrived(connection: Connection, one: Arrived) -> bool:
    """False: this revision or a newer one was stored before.

    A document whose earlier try waits, or is in doubt, keeps its place in the queue: in a long outage each is tried anew every
    hour, and who has waited longest still goes first.
    """
    mapped = one.mapped
    taken = connection.execute(
        text(
            "INSERT INTO document AS d (tenant_id, document, latest_revision) VALUES (:tenant, :document, :revision)"
            " ON CONFLICT (tenant_id, document) DO UPDATE SET latest_revision = :revision WHERE d.latest_revision < :revision RETURNING 1"
        ),
        {"tenant": mapped["tenant_id"], "document": mapped["document"], "revision": mapped["revision"]},
    ).scalar()
    if taken is None:
        return False
    connection.execute(
        text(
            "INSERT INTO work (tenant_id, document, revision, priority, mapped, traceparent, batch_limit, lane, ledger_id, received_at)"
            " VALUES (:tenant, :document, :revision, :priority, :mapped, :traceparent, :batch_limit, :lane, :ledger_id, coalesce("
            "  (SELECT received_at FROM intent_element WHERE tenant_id = :tenant AND document = :document AND state = 'pending'),"
            "  clock_timestamp()))"
            " ON CONFLICT (tenant_id, document) DO UPDATE SET revision = excluded.revision, priority = excluded.priority, mapped = excluded.mapped,"
            " traceparent = excluded.traceparent, batch_limit = excluded.batch_limit, lane = excluded.lane, ledger_id = excluded.ledger_id, check_number = false"
        ),
        {
            "tenant": mapped["tenant_id"],
            "document": mapped["document"],
            "revision": mapped["revision"],
            "priority": PRIORITIES[mapped["priority"]],
            "mapped": one.raw,
            "traceparent": one.traceparent,
            "batch_limit": MAX_DOCUMENTS,
            "lane": int(lane_of(mapped)),
            "ledger_id": mapped["xero_document_id"],
        },
    )
    return True


def _store_hold(connection: Connection, hold: Held) -> None:
    connection.execute(
        text(
            "INSERT INTO document AS d (tenant_id, document, hold, hold_version) VALUES (:tenant, :document, :hold, :version)"
            " ON CONFLICT (tenant_id, document) DO UPDATE SET hold = :hold, hold_version = :version WHERE d.hold_version < :version"
        ),
        {
            "tenant": hold["tenant_id"],
            "document": hold["document"],
            "hold": hold["hold"],
            "version": hold["hold_version"],
        },
    )


def waiting(
    connection: Connection, tenant_id: str, lane: Lane, limit: int, *, backfill: bool = True
) -> list[Waiting]:
    """What can be started in a lane: not held, not in an unresolved intent; by priority, then age.

    `backfill` False: it is quiet time, in which backfill is left alone.
    """
    columns = ", ".join(f"w.{name}" for name in COLUMNS.split(", "))
    rows = connection.execute(
        text(
            f"SELECT {columns}, abs(extract(epoch FROM clock_timestamp() - w.received_at))::float AS waited,"  # noqa: S608  # constant column names
            f" d.xero_kind, d.xero_id, d.adopted, w.check_number, w.ledger_id, ({_EARLIER}) AS earlier FROM work w JOIN document d USING (tenant_id, document)"
            " WHERE w.tenant_id = :tenant AND w.lane = :lane AND w.priority < :end AND d.hold = 'none' AND NOT EXISTS (SELECT 1 FROM intent_element e"
            "  WHERE e.tenant_id = w.tenant_id AND e.document = w.document AND e.state = 'pending')"
            " ORDER BY w.priority, w.received_at, w.document LIMIT :limit"
        ),
        {
            "tenant": tenant_id,
            "lane": int(lane),
            "limit": limit,
            "end": PRIORITIES["backfill"] + int(backfill),
        },
        # A result that is fetched at once is in memory as text too, twice the size of its bytes, for every tenant at a time.
        execution_options={"yield_per": MAX_DOCUMENTS},
    )
    return [
        Waiting(
            item_of(row),
            row.waited,
            row.xero_kind,
            row.xero_id,
            row.adopted,
            row.check_number,
            tuple(EarlierNumber(*each) for each in row.earlier or ()),
            row.ledger_id,
        )
        for row in rows
    ]


def take(connection: Connection, one: Waiting) -> bool:
    """Remove a document's work. False: a newer revision or a hold has come, or it has been found in Xero meanwhile.

    The document's row is locked until the transaction ends, so that nobody finds it in Xero in between either.
    """
    taken = connection.execute(
        text(
            "WITH same AS MATERIALIZED (SELECT tenant_id, document FROM document WHERE tenant_id = :tenant AND document = :document"
            "  AND xero_id IS NOT DISTINCT FROM :xero_id AND hold = 'none' FOR UPDATE)"
            " DELETE FROM work w USING same WHERE w.tenant_id = same.tenant_id AND w.document = same.document AND w.revision = :revision"
        ),
        {
            "tenant": one.item.tenant_id,
            "document": one.item.document,
            "revision": one.item.revision,
            "xero_id": one.xero_id,
        },
    )
    return taken.rowcount == 1


def put_back(connection: Connection, item: Item, batch_limit: int, *, check_number: bool) -> None:
    """Let a document wait again, unless a newer revision does already, or has ended elsewhere."""
    connection.execute(
        text(
            f"INSERT INTO work ({COLUMNS}, check_number) SELECT {VALUES}, :check FROM document d"  # noqa: S608  # constant column names
            " WHERE d.tenant_id = :tenant_id AND d.document = :document AND d.latest_revision <= :revision"
            " ON CONFLICT (tenant_id, document) DO NOTHING"
        ),
        item_parameters(replace(item, batch_limit=batch_limit)) | {"check": check_number},
    )


def move(connection: Connection, item: Item, lane: Lane) -> None:
    """Let a document wait in another lane, unless a newer revision has come."""
    connection.execute(
        text(
            "UPDATE work SET lane = :lane WHERE tenant_id = :tenant AND document = :document AND revision = :revision"
        ),
        {
            "tenant": item.tenant_id,
            "document": item.document,
            "revision": item.revision,
            "lane": int(lane),
        },
    )


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
    """Note which document in Xero is ours.

    `synced_revision` None: it was found. If another one or none was known so far, no outcome of ours tells of it yet.
    """
    connection.execute(
        text(
            "INSERT INTO document AS d (tenant_id, document, xero_kind, xero_id, xero_number, adopted, synced_revision)"
            " VALUES (:tenant, :document, :kind, :xero_id, :number, :revision IS NULL, :revision)"
            " ON CONFLICT (tenant_id, document) DO UPDATE SET xero_kind = :kind, xero_id = :xero_id, xero_number = :number,"
            " adopted = CAST(:revision AS bigint) IS NULL AND (d.adopted OR d.xero_id IS DISTINCT FROM :xero_id), synced_revision = coalesce(:revision, d.synced_revision)"
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


def known(connection: Connection, tenant_id: str, document: str) -> tuple[Kind, str] | None:
    """What the journal knows of a document in Xero: kind and id, None if it is not there yet."""
    row = connection.execute(
        text(
            "SELECT xero_kind, xero_id FROM document WHERE tenant_id = :tenant AND document = :document AND xero_id IS NOT NULL"
        ),
        {"tenant": tenant_id, "document": document},
    ).one_or_none()
    return None if row is None else (row.xero_kind, row.xero_id)


def known_in_xero(connection: Connection, tenant_id: str) -> dict[str, str]:
    """Ids of documents in Xero, by ours, as far as the journal knows them."""
    rows = connection.execute(
        text("SELECT document, xero_id FROM document WHERE tenant_id = :tenant AND xero_id IS NOT NULL"),
        {"tenant": tenant_id},
    )
    return {row.document: row.xero_id for row in rows}


def take_over(
    connection: Connection,
    tenant_id: str,
    document: str,
    xero_kind: str,
    xero_id: str,
    number: str,
    *,
    instead_of: str | None,
) -> None:
    """Note a document that a whole list in Xero has of ours, if the journal knows none, or still this one, which went stale."""
    connection.execute(
        text(
            "INSERT INTO document AS d (tenant_id, document, xero_kind, xero_id, xero_number, adopted)"
            " VALUES (:tenant, :document, :kind, :xero_id, :number, true)"
            " ON CONFLICT (tenant_id, document) DO UPDATE SET xero_kind = :kind, xero_id = :xero_id, xero_number = :number,"
            " adopted = true WHERE d.xero_id IS NOT DISTINCT FROM :instead_of"
        ),
        {
            "tenant": tenant_id,
            "document": document,
            "kind": xero_kind,
            "xero_id": xero_id,
            "number": number,
            "instead_of": instead_of,
        },
    )


def forget(connection: Connection, tenant_id: str, document: str, xero_id: str) -> None:
    """This document in Xero is not ours any more: the next try creates a new one."""
    connection.execute(
        text(
            "UPDATE document SET xero_kind = NULL, xero_id = NULL, xero_number = NULL, adopted = false"
            " WHERE tenant_id = :tenant AND document = :document AND xero_id = :xero_id"
        ),
        {"tenant": tenant_id, "document": document, "xero_id": xero_id},
    )
