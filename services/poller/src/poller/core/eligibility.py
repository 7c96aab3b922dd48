"""What a look at Autotask does with an invoice: leave it alone, try it, or skip it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from poller.core.entry import Entry
from poller.core.look import Look
from poller.core.values import MalformedRecordError, Record, flag, moment, record_id
from poller.core.verdicts import VOIDED, Cause, Leave, Skip, Try, Verdict

STAMPED_ELSEWHERE = "stamped_elsewhere"
UNPAID = "unpaid"

CLEAR_PATH = "Contracts > Invoice History > three dots beside the Batch ID > Clear Web Service Date > Yes"
"""Where a person clears the stamp in Autotask."""

_NOT_PAID = Skip(
    UNPAID,
    "The invoice is not paid in full in Autotask. With Paid invoices only it goes over by itself once it is.",
)
_VOIDED = Skip(VOIDED, "The invoice was voided in Autotask.")


@dataclass(frozen=True, slots=True)
class Facts:
    """What eligibility needs to know of an Autotask invoice.

    Attributes:
        id: Autotask id.
        stamped_at: the Web Service Date, whoever set it.
        voided: whether a person voided it.
        paid: whether Autotask holds a paid date, which it does once the invoice is paid in full.
        created_at: when Autotask made it, None if that is not told.
    """

    id: int
    stamped_at: datetime | None
    voided: bool
    paid: bool = False
    created_at: datetime | None = None


def facts_of(invoice: Record) -> Facts:
    """The facts of an invoice record.

    Raises:
        MalformedRecordError: the record has no id, or a stamp that is no time.
    """
    return Facts(
        record_id(invoice),
        moment(invoice, "webServiceDate"),
        flag(invoice, "isVoided"),
        flag(invoice, "paidDate"),
        made_at(invoice),
    )


def made_at(record: Record) -> datetime | None:
    """When Autotask made a document; None where that can not be read: it decides about priority only."""
    try:
        return moment(record, "createDateTime")
    except MalformedRecordError:
        return None


def judge(facts: Facts, entry: Entry | None, look: Look) -> Verdict:
    """What a cycle does with an invoice.

    Args:
        facts: the invoice as Autotask has just shown it.
        entry: what the ledger knows of it.
        look: the look that has shown it.
    """
    if entry is None:
        return _new(facts, look)
    if entry.hold != "none":
        return Leave()
    if entry.state == "waiting_retry":
        return Leave() if look.failed_lately(entry) else _may_go(facts, entry, "retry", look)
    if entry.state == "in_flight":
        # A stamp says nothing here, nor does a payment: the success that led to them may be what was lost.
        return Leave() if look.on_time(entry) else _unless_voided(facts, entry, "overdue", look)
    if was_cleared(facts, entry, look.began):
        return _may_go(facts, entry, "cleared", look)
    return _settled(facts, entry, look)


def judge_void(facts: Facts, entry: Entry | None, look: Look) -> Verdict:
    """What is done with an invoice that may be in Xero and was voided in Autotask: Xero is asked to void it, once.

    A try on its way comes first: its success is needed to know what has to be voided. A failed one is tried again as what it is
    now, a void.
    """
    if entry is None or entry.hold != "none" or entry.state in {"in_flight", "waiting_retry"}:
        return Leave()
    if not facts.voided or not look.void or not entry.may_be_in_xero or entry.void_revision is not None:
        return Leave()
    return Try("voided", void=True)


def judge_request(facts: Facts, entry: Entry | None, cause: Cause, look: Look) -> Try | Skip:
    """What a person's wish does with an invoice, whatever its state: a new try, unless it can not go over at all.

    A stamped invoice that the ledger does not know may be our own, from before the ledger was lost: the writer looks for our
    mark in Xero before it writes. One that the ledger knows was never synced by us, so somebody else has stamped it.
    """
    if facts.stamped_at is not None and entry is None:
        return _unless_voided(facts, entry, cause, look)
    return _may_go(facts, entry, cause, look)


def was_cleared(facts: Facts, entry: Entry, began: datetime) -> bool:
    """Whether somebody emptied a stamp that we know was set: ours, confirmed before this look, or another's that made us skip.

    While a newer success still waits for its stamp, an empty one proves nothing. A document that went over once and is at fault
    now carries the stamp of its success: to clear it is a wish for a new try there too.
    """
    if facts.stamped_at is not None:
        return False
    if entry.state in {"done", "fault"}:
        return not entry.stamp_wanted and entry.stamped_at is not None and entry.stamped_at < began
    return entry.state == "skipped" and entry.skip_reason == STAMPED_ELSEWHERE


def stamped_elsewhere(stamped_at: datetime) -> Skip:
    """Skipped because another integration stamped it before we synced; says where the stamp can be cleared."""
    return Skip(
        STAMPED_ELSEWHERE,
        f"Another integration set the Web Service Date {stamped_at:%Y-%m-%d %H:%M} UTC. To sync it, clear the date in Autotask: {CLEAR_PATH}.",
    )


def _new(facts: Facts, look: Look) -> Verdict:
    if facts.stamped_at is not None or look.leaves_alone(facts.created_at):
        return Leave()
    if not facts.voided and look.paid_only and not facts.paid:
        return Leave()
    return _unless_voided(facts, None, "discovery", look)


def _settled(facts: Facts, entry: Entry, look: Look) -> Verdict:
    """Of what is done, skipped or at fault, only what never went over can move by itself."""
    if entry.synced_revision is not None:
        return Leave()
    if entry.state == "fault" and facts.voided:
        verdict = _unless_voided(facts, entry, "voided", look)
        return verdict if isinstance(verdict, Skip) else Leave()  # the look for voids asks Xero, once
    if entry.state == "skipped" and entry.skip_reason == UNPAID:
        verdict = _may_go(facts, entry, "paid", look)
        return Leave() if verdict == _NOT_PAID else verdict
    return Leave()


def _may_go(facts: Facts, entry: Entry | None, cause: Cause, look: Look) -> Try | Skip:
    """What never went over goes only if nobody else has stamped it and, where the settings want that, it is paid."""
    if facts.voided and entry is not None and entry.may_be_in_xero:
        return _unless_voided(facts, entry, cause, look)  # whoever has stamped it
    never_synced = entry is None or entry.synced_revision is None
    if facts.stamped_at is not None and never_synced:
        return stamped_elsewhere(facts.stamped_at)
    if not facts.voided and look.paid_only and never_synced and not facts.paid:
        return _NOT_PAID
    return _unless_voided(facts, entry, cause, look)


def _unless_voided(facts: Facts, entry: Entry | None, cause: Cause, look: Look) -> Try | Skip:
    """What was voided is voided in Xero too if it may be there and the settings want it, else it is skipped."""
    if not facts.voided:
        return Try(cause)
    may_be_in_xero = facts.stamped_at is not None if entry is None else entry.may_be_in_xero
    return Try(cause, void=True) if look.void and may_be_in_xero else _VOIDED
