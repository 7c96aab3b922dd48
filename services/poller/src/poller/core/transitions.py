"""What an outcome does to the ledger. Any repetition or reordering of the outcomes ends in the same entry.

A try is ended by its first terminal event, of which there should be exactly one. Should there be several all the same (an event
from the dead letters was replayed), the strongest counts: skipped < faulted < synced.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from invoice_events.names import Document
from poller.core.entry import MAX_STRIKES, Entry, State
from poller.core.verdicts import VOIDED

OutcomeKind = Literal["synced", "faulted", "skipped"]

_STAGE: dict[State, int] = {"in_flight": 0, "skipped": 1, "waiting_retry": 2, "fault": 2, "done": 3}
_STAGE_OF: dict[OutcomeKind, int] = {"skipped": 1, "faulted": 2, "synced": 3}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A terminal event, as far as the ledger cares.

    Attributes:
        document: `invoice/48213`.
        revision: the try it ends.
        kind: synced, faulted or skipped.
        traceparent: of the event.
        xero_document_id: of a success, or known before, or found by the try that failed.
        code: of a fault.
        text: of a fault or skip, in words.
        strike: whether a fault counts.
        final: whether a fault ends the automatic tries at once.
        reason: of a skip.
        xero_number: of a success, the document's number in Xero.
        xero_url: of a success, the link to it.
        result: of a success, what became of the document: created, updated, unchanged, adopted or voided; None from an older release.
    """

    document: str
    revision: int
    kind: OutcomeKind
    traceparent: str
    xero_document_id: str | None = None
    code: str = ""
    text: str = ""
    strike: bool = False
    final: bool = False
    reason: str = ""
    xero_number: str | None = None
    xero_url: str | None = None
    result: str | None = None


def settle(entry: Entry | None, outcome: Outcome) -> Entry | None:
    """The entry after an outcome; the same object if it changes nothing.

    - Outcomes of another revision never change state or counters. A success is recorded all the same, with
      its id and stamp: the document is in Xero.
    - A success that is newer than the entry, or of an unknown document, means that the ledger lost its memory: it is taken over.
    - Faults and skips of unknown documents are passed over: the next cycle sees what is still unstamped.
    """
    if outcome.kind == "synced":
        return _synced(entry, outcome)
    if entry is None or outcome.revision != entry.revision or _STAGE_OF[outcome.kind] <= _STAGE[entry.state]:
        return entry
    if outcome.kind == "skipped":
        return replace(entry, state="skipped", skip_reason=outcome.reason)
    return _faulted(entry, outcome)


def _synced(entry: Entry | None, outcome: Outcome) -> Entry:
    if entry is None:
        entry = Entry(
            document=outcome.document,
            autotask_id=Document.parse(outcome.document).id,
            state="in_flight",
            revision=outcome.revision,
            traceparent=outcome.traceparent,
        )
    if outcome.revision > (entry.synced_revision or 0):
        nothing_there = (
            outcome.result == VOIDED and outcome.xero_document_id is None
        )  # the void found nothing
        entry = replace(
            entry,
            synced_revision=outcome.revision,
            stamped_revision=entry.stamped_revision if _wants_stamp(entry, outcome) else outcome.revision,
            xero_document_id=outcome.xero_document_id or entry.xero_document_id,
            xero_number=outcome.xero_number or (None if nothing_there else entry.xero_number),
            xero_url=outcome.xero_url or (None if nothing_there else entry.xero_url),
        )
    if outcome.revision > entry.revision:
        entry = replace(
            entry, revision=outcome.revision, state="in_flight", command_id=None, fingerprint=None
        )
    if outcome.revision == entry.revision and entry.state != "done":
        entry = replace(
            entry,
            state="done",
            strikes=0,
            attempt=1,
            fault_code=None,
            fault_text=None,
            skip_reason=None,
            synced_fingerprint=entry.fingerprint,
            changed_since=None,
        )
    return entry


def _wants_stamp(entry: Entry, outcome: Outcome) -> bool:
    """Whether a success is stamped. A void leaves alone the stamp that is there: it needs no other one.

    An order has no stamp: none is wanted, not even by an older release that knows invoices only.
    """
    return not (entry.is_order or (outcome.result == VOIDED and entry.stamped_at is not None))


def _faulted(entry: Entry, outcome: Outcome) -> Entry:
    """Strikes are counted from the attempt, not from the counter: a repeated event can not count twice."""
    strikes = entry.attempt if outcome.strike else entry.attempt - 1
    given_up = outcome.final or strikes >= MAX_STRIKES
    return replace(
        entry,
        state="fault" if given_up else "waiting_retry",
        strikes=strikes,
        xero_document_id=outcome.xero_document_id or entry.xero_document_id,
        fault_code=outcome.code,
        fault_text=outcome.text,
        skip_reason=None,
    )
