"""Who did what: written in the transaction that does it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Who:
    """Who acts, in which request and trace."""

    actor: str
    request_id: str
    traceparent: str


def write_audit(
    connection: Connection, who: Who, at: datetime, action: str, tenant_id: str, subject: str
) -> None:
    """One line of the audit."""
    connection.execute(
        text(
            "INSERT INTO audit (at, actor, action, tenant_id, subject, request_id)"
            " VALUES (:at, :actor, :action, :tenant, :subject, :request)"
        ),
        {
            "at": at,
            "actor": who.actor,
            "action": action,
            "tenant": tenant_id,
            "subject": subject,
            "request": who.request_id,
        },
    )
