"""What a cycle does with an invoice it sees: leave it alone, try it, or skip it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from poller.core.entry import Entry
from poller.core.values import MalformedRecordError, Record, flag, moment, record_id

Cause = Literal["discovery", "retry", "overdue", "cleared", "resync", "unskip"]
"""Why a try begins."""

LONGEST_FLIGHT = timedelta(hours=1)
"""How long a try may be on its way. Everything that is known to take time takes minutes: a request whose outcome is unknown is
looked up after seven. What takes longer waits for an outage, which a new try does not prolong, or its outcome was lost with
somebody's database and will never come. The writer writes each document once, however many tries there are."""

VOIDED = "voided"
STAMPED_ELSEWHERE = "stamped_elsewhere"

CLEAR_PATH = "Contracts > Invoice History > three dots beside the Batch ID > Clear Web Service Date > Yes"
"""Where a person clears the stamp in Autotask."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What eligibility needs to know of an Autotask invoice.

    Attributes:
        id: Autotask id.
        stamped_at: the Web Service Date, whoever set it.
        voided: whether a person voided it.
    """

    id: int
    stamped_at: datetime | None
    voided: bool


@dataclass(frozen=True, slots=True)
class Leave:
    """Nothing is to be done now."""


@dataclass(frozen=True, slots=True)
class Try:
    """A new try begins."""

    cause: Cause


@dataclass(frozen=True, slots=True)
class Skip:
    """It is not synced: reason and words for people."""

    reason: str
    text: str


Verdict = Leave | Try | Skip


def facts_of(invoice: Record) -> Facts:
    """The facts of an invoice record.

    Raises:
        MalformedRecordError: the record has no id, or a stamp that is no time.
    """
    return Facts(record_id(invoice), moment(invoice, "webServiceDate"), flag(invoice, "isVoided"))


def readable_facts(invoice: Record) -> Facts | None:
    """The facts, or None of a record from which not even these can be read."""
    try:
        return facts_of(invoice)
    except MalformedRecordError:
        return None


def judge(
    facts: Facts, entry: Entry | None, began: datetime, longest_flight: timedelta = LONGEST_FLIGHT
) -> Verdict:
    """What a cycle does with an invoice.

    Args:
        facts: the invoice as Autotask has just shown it.
        entry: what the ledger knows of it.
        began: when the cycle began, by the database's clock: what was confirmed before then must show in Autotask's answer,
            and what failed after then waits for the next cycle.
        longest_flight: how long a try may be on its way before another begins.
    """
    if entry is None:
        return _new(facts)
    if entry.hold != "none":
        return Leave()
    if entry.state == "waiting_retry":
        return _waiting(facts, entry, began)
    if entry.state == "in_flight":
        return _on_its_way(facts, entry, began - longest_flight)
    if was_cleared(facts, entry, began):
        return _skipped_if_voided(facts, "cleared")
    return Leave()


def judge_request(facts: Facts, entry: Entry | None, cause: Cause) -> Verdict:
    """What a person's wish does with an invoice, whatever its state: a new try, unless it can not go over at all.

    A stamped invoice that the ledger does not know may be our own, from before the ledger was lost: the writer looks for our
    mark in Xero before it writes. One that the ledger knows was never synced by us, so somebody else has stamped it.
    """
    if facts.stamped_at is not None and entry is not None and entry.synced_revision is None:
        return stamped_elsewhere(facts.stamped_at)
    return _skipped_if_voided(facts, cause)


def was_cleared(facts: Facts, entry: Entry, began: datetime) -> bool:
    """Whether somebody emptied a stamp that we know was set: ours, confirmed before this look, or another's that made us skip.

    While a newer success still waits for its stamp, an empty one proves nothing.
    """
    if facts.stamped_at is not None:
        return False
    if entry.state == "done":
        return not entry.stamp_wanted and entry.stamped_at is not None and entry.stamped_at < began
    return entry.state == "skipped" and entry.skip_reason == STAMPED_ELSEWHERE


def stamped_elsewhere(stamped_at: datetime) -> Skip:
    """Skipped because another integration stamped it before we synced; says where the stamp can be cleared."""
    return Skip(
        STAMPED_ELSEWHERE,
        f"Another integration set the Web Service Date {stamped_at:%Y-%m-%d %H:%M} UTC. To sync it, clear the date in Autotask: {CLEAR_PATH}.",
    )


def _new(facts: Facts) -> Verdict:
    if facts.stamped_at is not None:
        return Leave()
    return _skipped_if_voided(facts, "discovery")


def _waiting(facts: Facts, entry: Entry, began: datetime) -> Verdict:
    if entry.state_since is not None and entry.state_since >= began:
        return Leave()
    if facts.stamped_at is not None and entry.synced_revision is None:
        return stamped_elsewhere(facts.stamped_at)
    return _skipped_if_voided(facts, "retry")


def _on_its_way(facts: Facts, entry: Entry, overdue_before: datetime) -> Verdict:
    """A stamp says nothing here: the success that led to it may be what was lost."""
    if entry.state_since is None or entry.state_since >= overdue_before:
        return Leave()
    return _skipped_if_voided(facts, "overdue")


def _skipped_if_voided(facts: Facts, cause: Cause) -> Verdict:
    if facts.voided:
        return Skip(VOIDED, "The invoice was voided in Autotask.")
    return Try(cause)
