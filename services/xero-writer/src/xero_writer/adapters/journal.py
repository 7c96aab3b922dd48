"""The journal: what is known of each intent's outcome, and what is still to be looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from xero_writer.adapters import work
from xero_writer.adapters.intents import Cause, Element
from xero_writer.core.answers import Refused
from xero_writer.core.kinds import Kind

_WORDS = 2000


def mark_sending(connection: Connection, intent_id: str, deadline: float) -> None:
    """The request is about to be sent (again): its last byte may leave until the call's deadline, in seconds."""
    connection.execute(
        text(
            "UPDATE intent SET last_sent_at = clock_timestamp() + make_interval(secs => :deadline) WHERE id = :id"
        ),
        {"id": intent_id, "deadline": deadline},
    )


def mark_call_over(connection: Connection, intent_id: str) -> None:
    """The call has ended: no byte of it leaves any more."""
    connection.execute(
        text("UPDATE intent SET last_sent_at = clock_timestamp() WHERE id = :id"), {"id": intent_id}
    )


def mark_unknown(
    connection: Connection, intent_id: str, cause: Cause, words: str, code: str | None, *, may_resend: bool
) -> None:
    """The outcome is unknown from now on, whatever later answers say. Bytes may have left until this moment.

    `code`: what its documents are at fault with if nothing was written and nothing else is to blame.
    """
    connection.execute(
        text(
            "UPDATE intent SET state = 'unknown', was_unknown = true, cause = :cause, words = :words, code = :code,"
            " may_resend = may_resend AND :may_resend, last_sent_at = clock_timestamp() WHERE id = :id AND state <> 'resolved'"
        ),
        {
            "id": intent_id,
            "cause": cause,
            "words": storable(words),
            "code": code,
            "may_resend": may_resend,
        },
    )


def mark_answered(connection: Connection, intent_id: str, refused: Refused | None) -> None:
    """A later sending of an unknown request was answered: it is looked up next.

    `refused`: how Xero refused the one document that the request carries; it explains why nothing will be found.
    """
    words = None if refused is None else storable("; ".join(refused.texts))
    connection.execute(
        text(
            "UPDATE intent SET answered_since = true, looked_up_at = NULL, last_sent_at = clock_timestamp(),"
            " cause = CASE WHEN CAST(:refusal AS text) IS NULL THEN cause ELSE 'call_refused' END,"
            " words = coalesce(:refusal, words), code = coalesce(:code, code) WHERE id = :id"
        ),
        {"id": intent_id, "refusal": words, "code": None if refused is None else refused.code},
    )


def note_told(connection: Connection, intent_id: str, told: Mapping[int, str]) -> None:
    """Ids of documents that the answer to a later sending told, by their places in the request."""
    for position, xero_id in told.items():
        connection.execute(
            text(
                "UPDATE intent_element SET told_id = :id WHERE intent_id = :intent AND position = :position"
            ),
            {"intent": intent_id, "position": position, "id": xero_id},
        )


def mark_looked_up(connection: Connection, intent_id: str, deadline: float, *, absence_counts: bool) -> None:
    """A lookup found something missing.

    Moments that lie in the future are of a clock that was set back since: waiting goes on from now, at the earliest moment
    that is safe. `deadline` of a call, in seconds: no byte leaves later than that from now.
    """
    connection.execute(
        text(
            "UPDATE intent SET looked_up_at = clock_timestamp(),"
            " last_sent_at = least(last_sent_at, clock_timestamp() + make_interval(secs => :deadline)),"
            " absent_since = CASE WHEN absent_since <= clock_timestamp() THEN absent_since WHEN :counts THEN clock_timestamp() END WHERE id = :id"
        ),
        {"id": intent_id, "deadline": deadline, "counts": absence_counts},
    )


def settle(
    connection: Connection, intent_id: str, element: Element, outcome: str, xero_id: str | None
) -> bool:
    """A document's outcome in this intent. False if it had one already: then nothing may be published again."""
    settled = connection.execute(
        text(
            "UPDATE intent_element SET state = 'settled', outcome = :outcome, xero_id = coalesce(:xero_id, xero_id)"
            " WHERE intent_id = :intent AND position = :position AND state = 'pending'"
        ),
        {"intent": intent_id, "position": element.position, "outcome": outcome, "xero_id": xero_id},
    )
    return settled.rowcount == 1


def put_back(
    connection: Connection,
    intent_id: str,
    element: Element,
    outcome: str,
    *,
    batch_limit: int | None = None,
    check_number: bool = False,
) -> None:
    """A document that is known not to have been written waits again, unless a newer revision has come."""
    if settle(connection, intent_id, element, outcome, None):
        limit = batch_limit or element.item.batch_limit
        work.put_back(connection, element.item, limit, check_number=check_number)


def close_if_settled(connection: Connection, intent_id: str, recheck_seconds: float) -> None:
    """Resolve an intent without open documents. One that was unknown is looked at again later."""
    connection.execute(
        text(
            "UPDATE intent SET state = 'resolved', resolved_at = clock_timestamp(),"
            " recheck_at = CASE WHEN was_unknown THEN clock_timestamp() + make_interval(secs => :recheck) END"
            " WHERE id = :id AND state <> 'resolved' AND NOT EXISTS (SELECT 1 FROM intent_element WHERE intent_id = :id AND state = 'pending')"
        ),
        {"id": intent_id, "recheck": recheck_seconds},
    )


@dataclass(frozen=True, slots=True)
class Recheck:
    """An intent that was unknown and is due for its last look: documents, and where each is in Xero as far as known.

    `created_at`, `xero_time` and `app`: when it was committed and who sent it, as in the intent.
    """

    intent_id: str
    xero_kind: Kind
    created_at: datetime
    xero_time: datetime | None
    app: str | None
    documents: dict[str, str | None]


def due_rechecks(connection: Connection, tenant_id: str) -> list[Recheck]:
    """Rechecks that are due."""
    rows = connection.execute(
        text(
            "SELECT i.id::text AS id, i.xero_kind, i.created_at, i.xero_time, i.app, jsonb_object_agg(e.document, d.xero_id) AS documents FROM intent i"
            " JOIN intent_element e ON e.intent_id = i.id JOIN document d ON d.tenant_id = e.tenant_id AND d.document = e.document"
            " WHERE i.tenant_id = :tenant AND i.recheck_at <= clock_timestamp() GROUP BY i.id ORDER BY i.recheck_at LIMIT 20"
        ),
        {"tenant": tenant_id},
    )
    return [
        Recheck(row.id, row.xero_kind, row.created_at, row.xero_time, row.app, row.documents) for row in rows
    ]


def rechecked(connection: Connection, intent_id: str) -> None:
    """The last look was taken."""
    connection.execute(text("UPDATE intent SET recheck_at = NULL WHERE id = :id"), {"id": intent_id})


def database_now(connection: Connection) -> datetime:
    """The database's clock: the only one that decides about intents."""
    now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now


def storable(words: str) -> str:
    """Words of others, short enough and without the one character that PostgreSQL's texts can not hold."""
    return words.replace("\x00", "")[:_WORDS]
