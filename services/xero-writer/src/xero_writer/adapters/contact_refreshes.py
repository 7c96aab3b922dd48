"""Contacts whose details wait to be brought up to date: one row each, the newest details."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, text

from invoice_events.types import ContactDetails
from xero_writer.adapters.contact_cache import storable_json
from xero_writer.core.values import sound_text


@dataclass(frozen=True, slots=True)
class Refresh:
    """A contact whose details wait.

    Attributes:
        contact_name: the company's name in Autotask; Xero's may be another.
        document: the invoice that brought them, at this revision.
        attempts: how often Xero did not say what became of the write.
    """

    contact_id: str
    contact_name: str
    document: str
    revision: int
    details: ContactDetails
    attempts: int


def enqueue(connection: Connection, tenant_id: str, refresh: Refresh) -> None:
    """Let a contact's details wait. Older ones than those that wait already are nothing new."""
    connection.execute(
        text(
            "INSERT INTO contact_refresh AS r (tenant_id, contact_id, contact_name, document, revision, details)"
            " VALUES (:tenant, :contact, :name, :document, :revision, CAST(:details AS jsonb))"
            " ON CONFLICT (tenant_id, contact_id) DO UPDATE SET contact_name = excluded.contact_name, document = excluded.document,"
            " revision = excluded.revision, details = excluded.details, attempts = 0 WHERE r.revision < excluded.revision"
        ),
        {
            "tenant": tenant_id,
            "contact": sound_text(refresh.contact_id),
            "name": sound_text(refresh.contact_name),
            "document": refresh.document,
            "revision": refresh.revision,
            "details": storable_json(refresh.details),
        },
    )


def oldest(connection: Connection, tenant_id: str, limit: int) -> list[Refresh]:
    """What waits, oldest first."""
    rows = connection.execute(
        text(
            "SELECT contact_id, contact_name, document, revision, details, attempts FROM contact_refresh"
            " WHERE tenant_id = :tenant ORDER BY enqueued_at, contact_id LIMIT :limit"
        ),
        {"tenant": tenant_id, "limit": limit},
    )
    return [Refresh(**row._asdict()) for row in rows]


def queue(connection: Connection, tenant_id: str) -> tuple[int, float]:
    """How many wait, and for how many seconds the oldest has; 0 and 0.0 if none does."""
    row = connection.execute(
        text(
            "SELECT count(*) AS waiting, coalesce(extract(epoch FROM clock_timestamp() - min(enqueued_at)), 0)::float AS oldest"
            " FROM contact_refresh WHERE tenant_id = :tenant"
        ),
        {"tenant": tenant_id},
    ).one()
    return cast("tuple[int, float]", (row.waiting, row.oldest))


def done(connection: Connection, tenant_id: str, refreshes: Iterable[Refresh]) -> None:
    """These have been dealt with; newer details that came meanwhile go on waiting."""
    for one in refreshes:
        connection.execute(
            text(
                "DELETE FROM contact_refresh WHERE tenant_id = :tenant AND contact_id = :contact AND revision = :revision"
            ),
            {"tenant": tenant_id, "contact": one.contact_id, "revision": one.revision},
        )


def tried(connection: Connection, tenant_id: str, refresh: Refresh) -> None:
    """What became of a write is not known; it is safe to send it again."""
    connection.execute(
        text(
            "UPDATE contact_refresh SET attempts = attempts + 1 WHERE tenant_id = :tenant AND contact_id = :contact AND revision = :revision"
        ),
        {"tenant": tenant_id, "contact": refresh.contact_id, "revision": refresh.revision},
    )


def clear(connection: Connection, tenant_id: str) -> int:
    """Forget everything that waits. Returns how many that were."""
    return connection.execute(
        text("DELETE FROM contact_refresh WHERE tenant_id = :tenant"), {"tenant": tenant_id}
    ).rowcount
