"""Creating documents in Xero: who can go, in which batches, and the intent before each call."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from xero_writer.adapters import work
from xero_writer.adapters.intents import Element, commit_intent
from xero_writer.adapters.work import PRIORITIES, Waiting
from xero_writer.core.batches import Candidate
from xero_writer.core.body import create_call, element, wrap
from xero_writer.core.events import Fault
from xero_writer.core.kinds import Kind, Mapped, wanted_of
from xero_writer.core.values import Json
from xero_writer.worker.contacts import CYCLE, INTERACTIVE_CYCLE, is_to_be_made, resolve
from xero_writer.worker.own_lane import is_in_its_lane
from xero_writer.worker.sending import Committed, publish_processing
from xero_writer.worker.session import Session


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
    session: Session, waiting: Sequence[Waiting], read_again: Callable[[timedelta], bool]
) -> Sorted:
    """Documents by what is to be done for them. Those whose contact is missing for good fault, after the cache was read again.

    `read_again` reads contacts if the cache is older than the given age; False = that is not possible now, so that nobody
    can say that a contact is missing.

    Raises:
        LeaseLostError: somebody else works for this tenant.
    """
    found: list[Candidate[Ready]] = []
    missed: list[Waiting] = []
    without_contact: list[Waiting] = []
    for one in waiting:
        mapped = session.mapped_of(one.item)
        if not is_in_its_lane(session, one, mapped):
            continue
        candidate = _candidate(session, one, mapped)
        if isinstance(candidate, Fault):
            missed.append(one)
        else:
            found.append(candidate)
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
            purpose="create",
            xero_kind=kind,
            call=create_call(kind, unit_decimals, [one.body for one in ready]),
            elements=[one.element for one in ready],
        )
        for one in intent.elements:
            publish_processing(session, tx.connection, intent, one, "writing")
    return Committed(intent, since)
