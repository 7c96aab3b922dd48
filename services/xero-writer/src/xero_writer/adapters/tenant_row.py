"""What the journal keeps per tenant: its organisation and the state of its reference data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class TenantRow:
    """One tenant's row."""

    organisation_id: str
    listed_at: datetime | None
    orders_listed_at: datetime | None
    reference_version: int
    reference_digest: str | None
    reference_at: datetime | None
    short_code: str


def read_tenant(connection: Connection, tenant_id: str) -> TenantRow | None:
    """The tenant's row, None before its first contact with Xero."""
    row = connection.execute(
        text(
            "SELECT organisation_id, listed_at, orders_listed_at, reference_version, reference_digest, reference_at, short_code FROM tenant WHERE tenant_id = :tenant"
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


def note_listed(connection: Connection, tenant_id: str, *, orders: bool) -> None:
    """The whole list of purchase orders, or of the other documents, in Xero has been read once."""
    column = "orders_listed_at" if orders else "listed_at"
    connection.execute(
        text(f"UPDATE tenant SET {column} = clock_timestamp() WHERE tenant_id = :tenant"),  # noqa: S608  # one of two names
        {"tenant": tenant_id},
    )


def tenants_at_work(connection: Connection, tenant_id: str | None) -> list[str]:
    """Tenants, or the one named, for whom a replica works now."""
    rows = connection.execute(
        text(
            "SELECT tenant_id FROM lease WHERE expires_at > clock_timestamp()"
            " AND (CAST(:tenant AS text) IS NULL OR tenant_id = :tenant)"
        ),
        {"tenant": tenant_id},
    )
    return sorted(rows.scalars())


def forget_lists(connection: Connection, tenant_id: str | None) -> list[str]:
    """Have every list read again before the next write, of one tenant or of all. Returns the tenants it is true of."""
    rows = connection.execute(
        text(
            "UPDATE tenant SET listed_at = NULL, orders_listed_at = NULL"
            " WHERE CAST(:tenant AS text) IS NULL OR tenant_id = :tenant RETURNING tenant_id"
        ),
        {"tenant": tenant_id},
    )
    return sorted(rows.scalars())


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
