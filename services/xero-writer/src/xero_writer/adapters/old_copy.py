"""What a journal from a backup holds as under way: it came to its end long ago, and newer tries may have followed."""

from __future__ import annotations

from sqlalchemy import Connection, text

_OLD = "(CAST(:tenant AS text) IS NULL OR tenant_id = :tenant) AND {since} < clock_timestamp() - make_interval(secs => :age)"
_WORK = text(f"DELETE FROM work WHERE {_OLD.format(since='received_at')}")  # noqa: S608  # our own words
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
    in Xero, so that goes on.

    Args:
        connection: of the transaction.
        tenant_id: whose; None: of all.
        age: seconds; what is younger may still be under way, and stays.

    Returns:
        How many documents were given up.
    """
    values = {"tenant": tenant_id, "age": age}
    waiting = connection.execute(_WORK, values).rowcount
    intents = list(connection.execute(_INTENTS, values).scalars())
    return waiting + connection.execute(_ELEMENTS, {"intents": intents}).rowcount
