"""What a support bundle is put together from, beside what other queries give."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, text

from invoice_events.names import Document
from status_api.names import APP_SCHEMA
from status_api.queries import history
from status_api.queries.rows import Fields, fetch_all

_EVENTS_AT_ONCE = 5
"""An event may have eight megabytes."""


def events(connection: Connection, tenant_id: str, document: Document, most: int) -> Iterator[Fields]:
    """Events of a document with their payloads, oldest first, few in memory at a time."""

    def pages() -> Iterator[Fields]:
        after: tuple[str, str] | None = None
        while page := history.timeline(connection, tenant_id, document, after, _EVENTS_AT_ONCE):
            yield from page
            after = (page[-1]["occurred_at"].isoformat(), page[-1]["event_id"])

    return islice(pages(), most)


def settings_versions(connection: Connection, tenant_id: str, versions: Collection[int]) -> list[Fields]:
    """These versions of a tenant's settings, oldest first."""
    return fetch_all(
        connection.execute(
            text(
                "SELECT version, state, settings, updated_at FROM tenant_history"
                " WHERE tenant_id = :tenant AND version = ANY(:versions) ORDER BY version"
            ),
            {"tenant": tenant_id, "versions": list(versions)},
        )
    )


def database_versions(connection: Connection) -> dict[str, Any]:
    """Release of PostgreSQL, and the newest migration that ran."""
    newest = text(f"SELECT version_num FROM {APP_SCHEMA}.alembic_version")  # noqa: S608  # our own name
    return {
        "postgresql": connection.execute(text("SHOW server_version")).scalar_one(),
        "migration": connection.execute(newest).scalar(),
    }
