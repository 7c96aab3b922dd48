"""The contact cache of a tenant in the database: what Xero showed of each contact, and until when."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from xero_writer.core.contact_body import Seen
from xero_writer.core.contact_match import XeroContact
from xero_writer.core.values import Json, sound


def load(connection: Connection, tenant_id: str) -> list[XeroContact]:
    """Every contact of the cache, without its details: they are many, and few are ever asked for."""
    rows = connection.execute(
        text(
            "SELECT contact_id AS id, name, account_number, status, terms_day, terms_type, contact_number, merged_to"
            " FROM contact WHERE tenant_id = :tenant"
        ),
        {"tenant": tenant_id},
    )
    return [XeroContact(**row._asdict()) for row in rows]


def store(connection: Connection, tenant_id: str, contacts: Sequence[Seen]) -> None:
    """Take new and changed contacts in."""
    if not contacts:
        return
    connection.execute(
        text(
            "INSERT INTO contact (tenant_id, contact_id, name, account_number, status, terms_day, terms_type, contact_number, merged_to, details)"
            " VALUES (:tenant, :id, :name, :account_number, :status, :day, :type, :contact_number, :merged_to, CAST(:details AS jsonb))"
            " ON CONFLICT (tenant_id, contact_id) DO UPDATE SET name = excluded.name, account_number = excluded.account_number,"
            " status = excluded.status, terms_day = excluded.terms_day, terms_type = excluded.terms_type,"
            " contact_number = excluded.contact_number, merged_to = excluded.merged_to, details = excluded.details"
        ),
        [
            {
                "tenant": tenant_id,
                "id": one.contact.id,
                "name": one.contact.name,
                "account_number": one.contact.account_number,
                "status": one.contact.status,
                "day": one.contact.terms_day,
                "type": one.contact.terms_type,
                "contact_number": one.contact.contact_number,
                "merged_to": one.contact.merged_to,
                "details": storable_json(one.details),
            }
            for one in contacts
        ],
    )


def details(connection: Connection, tenant_id: str, contact_ids: Iterable[str]) -> dict[str, Json]:
    """What Xero showed of the details of these contacts, by id."""
    rows = connection.execute(
        text("SELECT contact_id, details FROM contact WHERE tenant_id = :tenant AND contact_id = ANY(:ids)"),
        {"tenant": tenant_id, "ids": list(contact_ids)},
    )
    return {row.contact_id: row.details for row in rows}


@dataclass(frozen=True, slots=True)
class Reading:
    """When a reading of changed contacts began: the next one's age limit.

    Attributes:
        at: by the database's clock.
        xero_time: by Xero's, or a little earlier; None if that was not known, or a release noted it that does not know of it.
    """

    at: datetime
    xero_time: datetime | None


def last_reading(connection: Connection, tenant_id: str) -> Reading | None:
    """The last reading of changed contacts; None: they were never read."""
    row = connection.execute(
        text(
            "SELECT contacts_seen_at AS at, contacts_xero_time AS xero_time FROM tenant WHERE tenant_id = :tenant"
        ),
        {"tenant": tenant_id},
    ).one_or_none()
    return None if row is None or row.at is None else Reading(row.at, row.xero_time)


def note_reading(connection: Connection, tenant_id: str, reading: Reading) -> None:
    """Changed contacts were read and stored."""
    connection.execute(
        text(
            "UPDATE tenant SET contacts_seen_at = :at, contacts_xero_time = :xero_time WHERE tenant_id = :tenant"
        ),
        {"tenant": tenant_id, "at": reading.at, "xero_time": reading.xero_time},
    )


def storable_json(value: object) -> str:
    """JSON without what PostgreSQL can not hold in it."""
    return json.dumps(sound(value))
