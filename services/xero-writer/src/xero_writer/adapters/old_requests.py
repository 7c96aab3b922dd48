"""Requests that came to their end long ago: nobody asks for their bytes any more."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, text

KEPT = timedelta(days=90)
"""As long as topics keep what was told of them meanwhile."""

# Numbers of earlier creates are asked for as long as the journal does not know where the document is.
_OLD = text(
    "SELECT id FROM intent i WHERE tenant_id = :tenant AND state = 'resolved' AND recheck_at IS NULL"
    " AND resolved_at < clock_timestamp() - :kept AND NOT (purpose = 'create' AND EXISTS (SELECT 1 FROM intent_element e"
    "  JOIN document d USING (tenant_id, document) WHERE e.intent_id = i.id AND e.number IS NOT NULL AND d.xero_id IS NULL))"
    " ORDER BY resolved_at LIMIT :limit"
)


def forget_old_requests(connection: Connection, tenant_id: str, limit: int) -> int:
    """Delete requests of a tenant that were resolved, and looked at for the last time, long ago. Returns how many, `limit` at most."""
    old = list(connection.execute(_OLD, {"tenant": tenant_id, "kept": KEPT, "limit": limit}).scalars())
    if old:
        connection.execute(text("DELETE FROM intent_element WHERE intent_id = ANY(:ids)"), {"ids": old})
        connection.execute(text("DELETE FROM intent WHERE id = ANY(:ids)"), {"ids": old})
    return len(old)
