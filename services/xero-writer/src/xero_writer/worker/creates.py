"""Creating documents in Xero: who can go, in which batches, and the intent before each call."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from invoice_events.classification import UNKNOWN
from service_runtime import metrics
from xero_writer.adapters import work
from xero_writer.adapters.intents import Element, commit_intent
from xero_writer.adapters.work import PRIORITIES, Waiting
from xero_writer.core.batches import Candidate, FullBatches
from xero_writer.core.body import create_call, element, wrap
from xero_writer.core.events import Fault
from xero_writer.core.kinds import Kind, Mapped, wanted_of
from xero_writer.core.values import Json
from xero_writer.worker.contacts import CYCLE, INTERACTIVE_CYCLE, is_to_be_made, resolve
from xero_writer.worker.own_lane import is_in_its_lane
from xero_writer.worker.sending import Committed, publish_processing
from xero_writer.worker.session import Session, log


@dataclass(frozen=True, slots=True)
class Ready:
    """A document whose contact is known, and its part of the request."""

    waiting: Waiting
    element: Element
    body: Json


@dataclass(frozen=True, slots=True)
class Sorted:
    """Documents that can be created now, and those whose contact is to be made first."""

    ready: list[Candidate[Ready]]
    without_contact: list[Waiting]


def candidates(
    session: Session, waiting: Sequence[Waiting], read_again: Callable[[timedelta], bool], room: int
) -> Sorted:
    """Documents by what is to be done for them. Those whose contact is missing for good fault, after the cache was read again.

    Those of which nothing can be made fault at once.

    Args:
        session: the tenant's.
        waiting: in their order.
        read_again: reads contacts if the cache is older than the given age; False = that is not possible now, so that
            nobody can say that a contact is missing.
        room: as soon as so many batches are full the rest is left alone, unread: it is a multiple of its bytes once decoded.

    Raises:
        LeaseLostError: somebody else works for this tenant.
    """
    full = FullBatches()
    found: list[Candidate[Ready]] = []
    missed: list[Waiting] = []
    without_contact: list[Waiting] = []
    for one in waiting:
        if full.count >= room:
            break
        mapped = session.mapped_of(one.item)
        if not is_in_its_lane(session, one, mapped):
            continue
        candidate = _candidate(session, one, mapped)
        if not isinstance(candidate, Fault):
            found.append(candidate)
            full.add(candidate)
        elif candidate.code == UNKNOWN:
            fault_waiting(session, one, candidate)
        else:
            missed.append(one)
    if missed and read_again(_patience(missed)):
        for one in missed:
            mapped = session.mapped_of(one.item)
            candidate = _candidate(session, one, mapped)
            if not isinstance(candidate, Fault):
                found.append(candidate)
            elif is_to_be_made(session, mapped):
                without_contact.append(one)
            else:
                fault_waiting(session, one, candidate)
    return Sorted(found, without_contact)


def _patience(missed: Sequence[Waiting]) -> timedelta:
    interactive = any(one.item.priority == PRIORITIES["interactive"] for one in missed)
    return INTERACTIVE_CYCLE if interactive else CYCLE


def _candidate(session: Session, one: Waiting, mapped: Mapped) -> Candidate[Ready] | Fault:
    """What is to be sent of a document. One of which nothing can be made, for whatever reason, keeps no other waiting."""
    try:
        return _planned(session, one, mapped)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is about this document
        metrics.worker_crashes.labels(session.tenant_id).inc()
        log.exception("nothing can be made of a document", extra=session.context(one.item))
        return Fault(UNKNOWN, f"The document can not be prepared for Xero: {type(error).__name__}")


def _planned(session: Session, one: Waiting, mapped: Mapped) -> Candidate[Ready] | Fault:
    resolved = resolve(session, mapped)
    if isinstance(resolved, Fault):
        return resolved
    document = wanted_of(mapped)
    body = element(mapped, resolved.contact.id, resolved.due_date)
    planned = Element(one.item, document["number"], resolved.contact.name, resolved.due_date, None)
    return Candidate(
        Ready(one, planned, body),
        (mapped["xero_kind"], document["unit_decimals"]),
        len(wrap("", [body])),
        one.item.batch_limit,
        one.waited,
    )


def fault_waiting(session: Session, one: Waiting, fault: Fault) -> None:
    """A document that waits can not be written: its try ends here, unless a newer revision has come."""
    with session.transaction() as tx:
        if work.take(tx.connection, one):
            session.publish_fault(tx.connection, one.item, fault)


def commit_create(session: Session, batch: Sequence[Candidate[Ready]]) -> Committed | None:
    """Commit the intent of a batch. None: nothing is left of it, or the lease is too short for a call."""
    kind, unit_decimals = cast("Kind", batch[0].group[0]), batch[0].group[1]
    since = time.monotonic()
    with session.transaction() as tx:
        if not tx.lease_outlives(session.timing.deadline):
            return None
        in_lock_order = sorted(batch, key=lambda one: one.item.waiting.item.document)
        taken = {
            one.item.waiting.item.document
            for one in in_lock_order
            if work.take(tx.connection, one.item.waiting)
        }
        ready = [one.item for one in batch if one.item.waiting.item.document in taken]
        if not ready:
            return None
        intent = commit_intent(
            tx.connection,
            tenant_id=session.tenant_id,
            epoch=session.lease.epoch,
            xero_time=session.client.clock.now(),
            app=session.app,
            purpose="create",
            xero_kind=kind,
            call=create_call(kind, unit_decimals, [one.body for one in ready]),
            elements=[one.element for one in ready],
        )
        for one in intent.elements:
            publish_processing(session, tx.connection, intent, one, "writing")
    return Committed(intent, since)
