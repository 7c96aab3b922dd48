"""Writing contacts in batches. No journal is kept: whatever becomes of a write, sending it again never doubles a contact.

A new contact carries a ContactNumber, which Xero refuses a second time, archived holders included; a change names the
contact by its id and says how it is to be, not what to add.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Literal

from xero_writer.adapters.answers import CallRefused, DownError, NotProcessed, PostponedError, Readable
from xero_writer.core.answers import Refused, Unmatched, Verdict, refusal_texts
from xero_writer.core.batches import MAX_DOCUMENTS
from xero_writer.core.body import Call, wrap
from xero_writer.core.contact_answers import AskedContact, match_contacts
from xero_writer.worker.probe import note_not_processed, xero_answers
from xero_writer.worker.session import Session, log

Told = Sequence[tuple[AskedContact, Verdict]]


def write_contacts(
    session: Session, method: Literal["PUT", "POST"], asked: Sequence[AskedContact]
) -> Iterator[Told]:
    """Send contacts, up to 50 a call, and tell after each call what became of its contacts.

    A call that fails as a whole while Xero answers others is sent again in halves: the guilty contact is alone in the end,
    and is refused, or told as unmatched if Xero does not say what became of it. Each sending has a key of its own: Xero
    would replay its first answer to an old one.

    Raises:
        XeroError: the rest can not be sent now.
        LeaseLostError: somebody else works for this tenant.
    """
    pending = [asked[start : start + MAX_DOCUMENTS] for start in range(0, len(asked), MAX_DOCUMENTS)]
    while pending:
        batch = pending.pop(0)
        session.client.rest_for_limits()
        body = wrap("Contacts", [one.body for one in batch])
        call = Call(method, "/Contacts?summarizeErrors=false", body)
        answer = session.client.write(call, uuid.uuid4().hex, lambda: _may_send(session))
        if isinstance(answer, Readable):
            session.circuit.connected()
            yield list(zip(batch, match_contacts(batch, answer.body), strict=True))
            continue
        if isinstance(answer, NotProcessed):
            note_not_processed(session, answer)
            raise PostponedError(f"contacts can not be written now: {answer.reason}")
        refused = isinstance(answer, CallRefused)
        if not refused and not xero_answers(session):
            raise DownError("contacts can not be written now: Xero does not answer")
        if len(batch) > 1:
            log.warning(
                "a call with %d contacts failed, again in halves", len(batch), extra=session.context()
            )
            half = (len(batch) + 1) // 2
            pending[:0] = [batch[:half], batch[half:]]
        elif isinstance(answer, CallRefused):
            yield [(batch[0], Refused(refusal_texts(answer.body, answer.words)))]
        else:
            yield [(batch[0], Unmatched())]


def _may_send(session: Session) -> bool:
    """The last question before the first byte: the tenant is ours for the whole call, and nobody has paused it."""
    with session.transaction() as tx:
        outlives = tx.lease_outlives(session.timing.deadline)
    return outlives and session.is_active() and not session.lease.lost.is_set()
