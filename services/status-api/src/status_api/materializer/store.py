"""Stores a folded batch: rows and offsets in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from psycopg2.extensions import connection as DriverConnection  # noqa: N812  # a class, whatever psycopg2 calls it
from sqlalchemy import Connection, text

from status_api.core.fold import Batch
from status_api.core.group_values import Row
from status_api.materializer import tables
from status_api.materializer.copying import copy_rows
from status_api.materializer.tables import TARGETS, Target


def store_batch(connection: Connection, batch: Batch) -> None:
    """Merge a batch into the read model, close the commands that it tells of, and leave word of what changed.

    All of it inside the caller's transaction.
    """
    merge_rows(connection, batch, telling=True)
    _close_commands(connection, batch)


def merge_rows(connection: Connection, batch: Batch, *, telling: bool = False) -> None:
    """Merge a batch into the read model, inside the caller's transaction. Unless it is `telling`, it leaves `app` alone."""
    filled = [(target, rows) for target, rows in _rows(batch) if rows]
    driver = cast("DriverConnection", connection.connection.dbapi_connection)  # the URL says psycopg2
    with driver.cursor() as cursor:
        for target, rows in filled:
            cursor.execute(target.make_stage)
            copy_rows(cursor, target.stage, target.columns, rows)
            cursor.execute(target.merge_and_tell if telling else target.merge)
            cursor.execute(f"TRUNCATE {target.stage}")


def _rows(batch: Batch) -> Iterable[tuple[Target, list[Row]]]:
    documents = [
        {"tenant_id": tenant_id, "kind": kind, "id": number}
        | {name: value for group in groups.values() for name, value in group.items()}
        for (tenant_id, kind, number), groups in batch.documents.items()
    ]
    by_target: dict[Target, list[Row]] = {
        tables.DOCUMENT: documents,
        tables.TIMELINE: list(batch.timeline.values()),
        tables.LOG: list(batch.logs.values()),
        tables.RESULT: list(batch.results.values()),
        tables.CONNECTION: list(batch.connections.values()),
        tables.REFERENCE: list(batch.references.values()),
        tables.SETTINGS: list(batch.settings.values()),
    }
    return [(target, by_target[target]) for target in TARGETS]


def _close_commands(connection: Connection, batch: Batch) -> None:
    """Tell the commands of this API what became of them. Both marks only ever go one way, so a replay changes nothing."""
    if batch.shown_commands:
        connection.execute(
            text("UPDATE command SET shows_pending = false WHERE command_id = ANY(:ids) AND shows_pending"),
            {"ids": sorted(batch.shown_commands)},
        )
    if batch.finished_commands:
        connection.execute(
            text(
                "UPDATE command SET finished_at = :at WHERE command_id = :id AND (finished_at IS NULL OR finished_at > :at)"
            ),
            [{"id": name, "at": at} for name, at in sorted(batch.finished_commands.items())],
        )
