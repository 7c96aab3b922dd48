"""What the journal keeps per tenant: its organisation, the state of its reference data and contact cache."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from xero_writer.core.contact_match import XeroContact


@dataclass(frozen=True, slots=True)
class TenantRow:
    """One tenant's row."""

    organisation_id: str
    listed_at: datetime | None
    reference_version: int
    reference_digest: str | None
    reference_at: datetime | None
    short_code: str
    contacts_at: datetime | None


def read_tenant(connection: Connection, tenant_id: str) -> TenantRow | None:
    """The tenant's row, None before its first contact with Xero."""
    row = connection.execute(
        text(
            "SELECT organisation_id, listed_at, reference_version, reference_digest, reference_at, short_code, contacts_at FROM tenant WHERE tenant_id = :tenant"
        ),
        {"tenant": tenant_id},
    ).one_or_none()
    return TenantRow(**row._asdict()) if row else None


def claim_organisation(connection: Connection, tenant_id: str, organisation_id: str) -> str | None:
    """Bind a tenant to its organisation. Returns the tenant that has it already, if another one does."""
    holder: str | None = connection.execute(
        text("SELECT tenant_id FROM tenant WHERE organisation_id = :organisation AND tenant_id <> :tenant"),
        {"organisation": organisation_id, "tenant": tenant_id},
    ).scalar()
    if holder is None:
        connection.execute(
            text(
                "INSERT INTO tenant (tenant_id, organisation_id) VALUES (:tenant, :organisation) ON CONFLICT (tenant_id) DO NOTHING"
            ),
            {"tenant": tenant_id, "organisation": organisation_id},
        )
    return holder


def note_listed(connection: Connection, tenant_id: str) -> None:
    """The whole list of documents in Xero has been read once."""
    connection.execute(
        text("UPDATE tenant SET listed_at = clock_timestamp() WHERE tenant_id = :tenant"),
        {"tenant": tenant_id},
    )


def note_reference(
    connection: Connection, tenant_id: str, version: int, digest: str, short_code: str
) -> None:
    """Reference data were read."""
    connection.execute(
        text(
            "UPDATE tenant SET reference_version = :version, reference_digest = :digest, short_code = :code, reference_at = clock_timestamp() WHERE tenant_id = :tenant"
        ),
        {"tenant": tenant_id, "version": version, "digest": digest, "code": short_code},
    )


def load_contacts(connection: Connection, tenant_id: str) -> list[XeroContact]:
    """The contact cache."""
    rows = connection.execute(
        text(
            "SELECT contact_id AS id, name, account_number, status, terms_day, terms_type FROM contact WHERE tenant_id = :tenant"
        ),
        {"tenant": tenant_id},
    )
    return [XeroContact(**row._asdict()) for row in rows]


def store_contacts(
    connection: Connection, tenant_id: str, contacts: list[XeroContact], read_at: datetime
) -> None:
    """Take changed contacts into the cache. `read_at`: when the reading began, the next one's age limit."""
    if contacts:
        connection.execute(
            text(
                "INSERT INTO contact (tenant_id, contact_id, name, account_number, status, terms_day, terms_type)"
                " VALUES (:tenant, :id, :name, :number, :status, :day, :type) ON CONFLICT (tenant_id, contact_id) DO UPDATE SET name = excluded.name,"
                " account_number = excluded.account_number, status = excluded.status, terms_day = excluded.terms_day, terms_type = excluded.terms_type"
            ),
            [
                {
                    "tenant": tenant_id,
                    "id": one.id,
                    "name": one.name,
                    "number": one.account_number,
                    "status": one.status,
                    "day": one.terms_day,
                    "type": one.terms_type,
                }
                for one in contacts
            ],
        )
    connection.execute(
        text("UPDATE tenant SET contacts_at = :at WHERE tenant_id = :tenant"),
        {"tenant": tenant_id, "at": read_at},
    )
