"""Creating documents in Xero: who can go, in which batches, and the intent before each call."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from invoice_events.types import XeroKind
from xero_writer.adapters import journal, work
from xero_writer.adapters.journal import Planned
from xero_writer.adapters.work import PRIORITIES, Waiting
from xero_writer.core.batches import Candidate
from xero_writer.core.body import element, wrap
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.events import Fault
from xero_writer.core.values import Json
from xero_writer.worker.contacts import CYCLE, INTERACTIVE_CYCLE, refresh_contacts, resolve
from xero_writer.worker.sending import Committed, publish_processing
from xero_writer.worker.session import Session, log


@dataclass(frozen=True, slots=True)
class Ready:
    """A document whose contact is known, and its part of the request."""

    planned: Planned
    body: Json


def candidates(session: Session, waiting: Sequence[Waiting]) -> list[Candidate[Ready]]:
    """Documents that can be created now. Those without a contact fault, after the cache was read again.

    Raises:
        XeroError: contacts can not be read now.
        LeaseLostError: somebody else works for this tenant.
    """
    found: list[Candidate[Ready]] = []
    missed: list[Waiting] = []
    for one in waiting:
        candidate = _candidate(session, one)
        if isinstance(candidate, Fault):
            missed.append(one)
        else:
            found.append(candidate)
    if missed:
        refresh_contacts(session, _patience(missed))
        for one in missed:
            candidate = _candidate(session, one)
            if isinstance(candidate, Fault):
                fault_waiting(session, one, candidate)
            else:
                found.append(candidate)
    return found


def _patience(missed: Sequence[Waiting]) -> timedelta:
    return INTERACTIVE_CYCLE if any(one.priority == PRIORITIES["interactive"] for one in missed) else CYCLE


def _candidate(session: Session, one: Waiting) -> Candidate[Ready] | Fault:
    mapped = session.mapped_of(one)
    resolved = resolve(session, mapped)
    if isinstance(resolved, Fault):
        return resolved
    document = mapped["xero"]
    if document is None:
        raise ValueError(f"{one.document}: mapped without a document")
    body = element(mapped, document, resolved.contact.id, resolved.due_date)
    number = document["number"]
    planned = Planned(one, number, resolved.contact.name, resolved.due_date, None)
    return Candidate(
        Ready(planned, body),
        (mapped["xero_kind"], document["unit_decimals"]),
        len(wrap("", [body])),
        one.batch_limit,
        one.waited,
    )


def fault_waiting(session: Session, one: Waiting, fault: Fault) -> None:
    """A document that waits can not be written: its try ends here, unless a newer revision has come."""
    with session.transaction() as tx:
        if work.take(tx.connection, one):
            session.publish_fault(tx.connection, session.mapped_of(one), fault, one.traceparent)
    log.warning("fault %s", fault.code, extra=session.context(one))


def commit_create(session: Session, batch: Sequence[Candidate[Ready]]) -> Committed | None:
    """Commit the intent of a batch. None: nothing is left of it, or the lease is too short for a call."""
    kind = cast("XeroKind", batch[0].group[0])
    path = ENDPOINTS[kind].path
    with session.transaction() as tx:
        if tx.lease_left <= session.timing.deadline:
            return None
        taken = [one.item for one in batch if work.take(tx.connection, one.item.planned.work)]
        if not taken:
            return None
        intent = journal.commit_intent(
            tx.connection,
            tenant_id=session.tenant_id,
            epoch=session.lease.epoch,
            purpose="create",
            xero_kind=kind,
            method="PUT",
            path=f"/{path}?summarizeErrors=false&unitdp={batch[0].group[1]}",
            body=wrap(path, [one.body for one in taken]),
            planned=[one.planned for one in taken],
        )
        for one in intent.elements:
            publish_processing(session, tx.connection, intent, one, "writing")
        left = tx.lease_left
    return Committed(intent, time.monotonic(), left)
