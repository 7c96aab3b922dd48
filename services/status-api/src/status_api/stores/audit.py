"""Who did what: written in the transaction that does it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Who:
    """Who acts, in which request and trace, with which token of theirs."""

    actor: str
    request_id: str
    traceparent: str
    token_id: str | None = None


def write_audit(
    connection: Connection, who: Who, at: datetime, action: str, tenant_id: str | None, subject: str
) -> None:
    """One line of the audit; without a tenant it is about the installation."""
    connection.execute(
        text(
            "INSERT INTO audit (at, actor, action, tenant_id, subject, request_id, token_id)"
            " VALUES (:at, :actor, :action, :tenant, :subject, :request, :token)"
        ),
        {
            "at": at,
            "actor": who.actor,
            "action": action,
            "tenant": tenant_id,
            "subject": subject,
            "request": who.request_id,
            "token": who.token_id,
        },
    )
