"""What updates and voids share: the reading before, and the intent of a change of one document by its id."""

from __future__ import annotations

import time

from xero_writer.adapters import work
from xero_writer.adapters.answers import BadQueryError, DownError, PostponedError
from xero_writer.adapters.intents import Element, Purpose, commit_intent
from xero_writer.adapters.work import Waiting
from xero_writer.core.body import Call
from xero_writer.core.events import Fault
from xero_writer.core.kinds import Kind
from xero_writer.worker.probe import xero_answers
from xero_writer.worker.sending import Committed, publish_processing
from xero_writer.worker.session import Session

_READINGS = 3
"""How often a reading has to fail, each time while Xero answers others, before it is the document's own fault."""


def fault_of_reading(session: Session, one: Waiting, error: BadQueryError | DownError) -> Fault | None:
    """What a reading that failed means for the document. None: nothing, Xero can not be used now.

    What fails again and again for this document while Xero answers others is its own fault; once is chance, such as a
    connection that breaks under it.

    Raises:
        PostponedError: it is read once more after a pause.
        LeaseLostError: somebody else works for this tenant.
    """
    document, revision = one.item.document, one.item.revision
    if not xero_answers(session):
        return None
    if isinstance(error, BadQueryError):
        session.unread.pop(document, None)
        return Fault(error.code, str(error), xero_id=one.xero_id)
    before, failed = session.unread.pop(document, (revision, 0))
    if before != revision:
        failed = 0
    if failed + 1 < _READINGS:
        session.unread[document] = revision, failed + 1
        raise PostponedError(str(error)) from error
    return Fault("PROVIDER_ERROR", str(error), xero_id=one.xero_id)


def was_read(session: Session, one: Waiting) -> None:
    """A reading succeeded: failures before it count no more."""
    session.unread.pop(one.item.document, None)


def commit_change(
    session: Session, one: Waiting, purpose: Purpose, kind: Kind, call: Call, element: Element
) -> Committed | None:
    """Commit the intent of a change. None: a newer revision has come.

    Raises:
        PostponedError: the lease is too short for a call.
        LeaseLostError: somebody else works for this tenant.
    """
    since = time.monotonic()
    with session.transaction() as tx:
        if not tx.lease_outlives(session.timing.deadline):
            raise PostponedError("the lease is too short for a call")
        if not work.take(tx.connection, one):
            return None
        intent = commit_intent(
            tx.connection,
            tenant_id=session.tenant_id,
            epoch=session.lease.epoch,
            xero_time=session.client.clock.now(),
            app=session.app,
            purpose=purpose,
            xero_kind=kind,
            call=call,
            elements=[element],
        )
        publish_processing(session, tx.connection, intent, intent.elements[0], "writing")
    return Committed(intent, since)
