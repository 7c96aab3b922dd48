"""What bulk acts ask: documents of a cause, what lies over documents, which commands of theirs are open, how far an act has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from invoice_events.names import Document
from status_api.core.bulk import OfCause
from status_api.queries.commands import COMMANDS, STATE
from status_api.queries.documents import RESYNC_OPEN
from status_api.queries.rows import Fields, fetch_one

_OF_CAUSE = (
    "FROM document d WHERE d.tenant_id = :tenant AND d.kind = ANY(:kinds) AND d.cause = :cause"
    f" AND d.status = ANY(:statuses) AND d.hold = :hold AND NOT {RESYNC_OPEN}"
)
_NAMED = "unnest(CAST(:kinds AS text[]), CAST(:ids AS bigint[])) AS w (kind, id)"


def of_cause(connection: Connection, tenant_id: str, wanted: OfCause) -> tuple[list[Document], int]:
    """Documents of a cause without an open resync, those that changed last first, and how many more there are."""
    values: dict[str, Any] = {
        "tenant": tenant_id,
        "kinds": list(wanted.kinds),
        "cause": wanted.cause,
        "statuses": list(wanted.statuses),
        "hold": wanted.hold,
        "limit": wanted.limit,
    }
    rows = connection.execute(
        text(f"SELECT d.kind, d.id {_OF_CAUSE} ORDER BY d.changed_at DESC, d.id DESC, d.kind LIMIT :limit"),
        values,
    )
    found = [Document(row.kind, row.id) for row in rows]
    if len(found) < wanted.limit:
        return found, 0
    every = connection.execute(text(f"SELECT count(*) {_OF_CAUSE}"), values).scalar_one()
    return found, max(0, int(every) - len(found))


def holds_of(connection: Connection, tenant_id: str, documents: Sequence[Document]) -> dict[Document, str]:
    """The hold over each of those documents that are known."""
    rows = connection.execute(
        text(
            f"SELECT d.kind, d.id, d.hold FROM {_NAMED}"  # noqa: S608  # texts of this module
            " JOIN document d ON d.tenant_id = :tenant AND d.kind = w.kind AND d.id = w.id"
        ),
        _named(tenant_id, documents),
    )
    return {Document(row.kind, row.id): row.hold for row in rows}


def open_commands(
    connection: Connection, tenant_id: str, commands: Sequence[str], documents: Sequence[Document]
) -> dict[Document, str]:
    """Open commands of these names about these documents; of several the oldest."""
    rows = connection.execute(
        text(
            f"SELECT DISTINCT ON (c.document_kind, c.document_id) c.document_kind, c.document_id, c.command_id FROM {_NAMED}"  # noqa: S608  # texts of this module
            " JOIN command c ON c.tenant_id = :tenant AND c.document_kind = w.kind AND c.document_id = w.id"
            " AND c.kind = ANY(:commands) AND c.finished_at IS NULL"
            " ORDER BY c.document_kind, c.document_id, c.issued_at, c.command_id"
        ),
        _named(tenant_id, documents) | {"commands": list(commands)},
    )
    return {Document(row.document_kind, row.document_id): row.command_id for row in rows}


def bulk_act(connection: Connection, tenant_id: str, bulk_id: str) -> Fields | None:
    """One act, None if the tenant has no such one."""
    return fetch_one(
        connection.execute(
            text(
                "SELECT bulk_id, kind, about, actor, issued_at FROM bulk_act WHERE tenant_id = :tenant AND bulk_id = :bulk"
            ),
            {"tenant": tenant_id, "bulk": bulk_id},
        )
    )


def progress(connection: Connection, tenant_id: str, bulk_id: str) -> dict[str, int]:
    """How many commands of an act are in each state."""
    rows = connection.execute(
        text(
            f"SELECT {STATE} AS state, count(*) AS n {COMMANDS} WHERE c.tenant_id = :tenant AND c.bulk_id = :bulk GROUP BY 1"
        ),
        {"tenant": tenant_id, "bulk": bulk_id},
    )
    return {row.state: int(row.n) for row in rows}


def _named(tenant_id: str, documents: Sequence[Document]) -> dict[str, Any]:
    return {
        "tenant": tenant_id,
        "kinds": [document.kind for document in documents],
        "ids": [document.id for document in documents],
    }
