"""Does Xero answer others? Then a failed call is about its documents, else it is an outage."""

from __future__ import annotations

from xero_writer.adapters.answers import (
    NotOursError,
    NotProcessed,
    RefusedError,
    ThrottledError,
    XeroError,
)
from xero_writer.worker.refused import note_refused
from xero_writer.worker.session import Session


def xero_answers(session: Session) -> bool:
    """Ask Xero for something cheap; the circuit learns what came of it. A worker that ends does not: nobody can say then.

    Raises:
        LeaseLostError: somebody else works for this tenant.
    """
    if session.is_ending():
        return False
    try:
        session.client.probe()
    except XeroError as error:
        note_failure(session, error)
        return False
    session.circuit.connected()
    return True


def note_failure(session: Session, error: XeroError) -> None:
    """Tell the circuit why Xero can not be used now.

    Raises:
        LeaseLostError: somebody else works for this tenant.
    """
    if isinstance(error, ThrottledError):
        session.circuit.throttled(error.wait, str(error))
    elif isinstance(error, NotOursError):
        session.circuit.refused(str(error))
    elif isinstance(error, RefusedError):
        note_refused(session, str(error))
    else:
        session.circuit.down(str(error))


def note_not_processed(session: Session, answer: NotProcessed) -> None:
    """Tell the circuit why a write was not processed. One that came too late says nothing about Xero.

    Raises:
        LeaseLostError: somebody else works for this tenant.
    """
    if answer.why == "throttled":
        session.circuit.throttled(answer.wait, answer.reason)
    elif answer.why == "refused":
        note_refused(session, answer.reason)
    elif answer.why == "down":
        session.circuit.down(answer.reason)
