"""What a journal from a backup holds as under way: it came to its end long ago, and newer tries may have followed."""

from __future__ import annotations

from sqlalchemy import Connection, text

_OLD = "(CAST(:tenant AS text) IS NULL OR tenant_id = :tenant) AND {since} < clock_timestamp() - make_interval(secs => :age)"
_WORK = text(f"DELETE FROM work WHERE {_OLD.format(since='received_at')}")  # noqa: S608  # our own words
_HOLDS = text(
    "UPDATE document SET hold = 'none' WHERE hold <> 'none' AND (CAST(:tenant AS text) IS NULL OR tenant_id = :tenant)"
    " RETURNING tenant_id, document"
)
_HELD = text("DELETE FROM work WHERE tenant_id = :tenant_id AND document = :document")
_INTENTS = text(
    "UPDATE intent SET state = 'resolved', resolved_at = clock_timestamp()"  # noqa: S608  # our own words
    f" WHERE state <> 'resolved' AND purpose <> 'take_back' AND {_OLD.format(since='created_at')} RETURNING id"
)
_ELEMENTS = text(
    "UPDATE intent_element SET state = 'settled', outcome = 'given_up' WHERE state = 'pending' AND intent_id = ANY(:intents)"
)


def give_up_what_was_under_way(connection: Connection, tenant_id: str | None, age: float) -> int:
    """Neither write what waits nor judge what was sent: held against a newer try it would look wrong, and be taken back.

    Nothing is published: whoever still waits for an outcome begins a new try. A document that is being taken back is not to stay
    in Xero, so that goes on. Holds may have been lifted since, so they are forgotten, with what
    waited under them: for a held document nothing is begun anyhow.

    Args:
        connection: of the transaction.
        tenant_id: whose; None: of all.
        age: seconds; what is younger may still be under way, and stays.

    Returns:
        How many documents were given up.
    """
    values = {"tenant": tenant_id, "age": age}
    held = [row._asdict() for row in connection.execute(_HOLDS, values)]
    waiting = connection.execute(_HELD, held).rowcount if held else 0
    waiting += connection.execute(_WORK, values).rowcount
    intents = list(connection.execute(_INTENTS, values).scalars())
    return waiting + connection.execute(_ELEMENTS, {"intents": intents}).rowcount
