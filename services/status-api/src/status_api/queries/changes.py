"""Numbered changes, and what is shown of the things that changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from invoice_events.names import KINDS
from status_api.core.changes import COMMAND, CONNECTION, TENANT, Change, Place
from status_api.queries.commands import COMMANDS, STATE
from status_api.queries.documents import RESYNC_OPEN
from status_api.queries.rows import Fields, fetch_all

_WANTED = "unnest(CAST(:tenants AS text[]), CAST(:subjects AS text[]), CAST(:things AS text[])) AS w (tenant_id, subject, thing)"
_DOCUMENTS = (
    f"SELECT w.*, CASE WHEN {RESYNC_OPEN} THEN 'Pending Sync' ELSE d.status END AS status, d.changed_at FROM {_WANTED}"  # noqa: S608  # texts of this package
    " JOIN document d ON d.tenant_id = w.tenant_id AND d.kind = w.subject AND d.id = CAST(w.thing AS bigint)"
)
_COMMANDS = (
    f"SELECT c.tenant_id, w.subject, w.thing, {STATE} AS status, GREATEST(c.issued_at, c.finished_at, r.occurred_at) AS changed_at"  # texts of this package
    f" {COMMANDS} JOIN {_WANTED} ON c.command_id = w.thing AND c.tenant_id = w.tenant_id"
)
_CONNECTIONS = (
    f"SELECT w.*, c.state AS status, c.checked_at AS changed_at FROM {_WANTED}"  # noqa: S608  # texts of this module
    " JOIN connection c ON c.tenant_id = w.tenant_id AND c.side = w.thing"
)
_TENANTS = (
    f"SELECT w.*, t.state AS status, t.updated_at AS changed_at FROM {_WANTED}"  # noqa: S608  # texts of this module
    " JOIN tenant t ON t.tenant_id = w.tenant_id"
)
_STATEMENTS = (
    (frozenset(KINDS), _DOCUMENTS),
    (frozenset({COMMAND}), _COMMANDS),
    (frozenset({CONNECTION}), _CONNECTIONS),
    (frozenset({TENANT}), _TENANTS),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """Which changes there are: those above `forgotten`, up to `newest`."""

    newest: int
    forgotten: int


def kept(connection: Connection) -> Kept:
    """Which changes can be read at this moment."""
    row = connection.execute(text("SELECT newest, forgotten FROM change_counter")).one()
    return Kept(row.newest, row.forgotten)


def changes_after(connection: Connection, number: int, limit: int) -> list[Change]:
    """Changes with greater numbers, in order.

    The first is `number` + 1, or those in between were forgotten.
    """
    rows = connection.execute(
        text(
            "SELECT number, tenant_id, subject, thing, status, changed_at FROM change WHERE number > :number"
            " ORDER BY number LIMIT :limit"
        ),
        {"number": number, "limit": limit},
    )
    return [Change(**row) for row in fetch_all(rows)]


def shown(connection: Connection, places: Sequence[Place]) -> dict[Place, Fields]:
    """`status` and `changed_at` of things, as the API shows them; what can not be read is left out."""
    found: dict[Place, Fields] = {}
    for subjects, statement in _STATEMENTS:
        wanted = [place for place in places if place.subject in subjects]
        if not wanted:
            continue
        rows = connection.execute(
            text(statement),
            {
                "tenants": [place.tenant_id for place in wanted],
                "subjects": [place.subject for place in wanted],
                "things": [place.thing for place in wanted],
            },
        )
        for row in fetch_all(rows):
            found[Place(row["tenant_id"], row["subject"], row["thing"])] = row
    return found
