"""What became of a document that the ledger knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from invoice_events.catalogue import catalogue
from invoice_events.names import Document
from invoice_events.settings import Settings
from poller.core.completeness import INCOMPLETE
from poller.core.eligibility import CLEAR_PATH, STAMPED_ELSEWHERE, UNPAID, Facts, was_cleared
from poller.core.entry import MAX_STRIKES, Entry
from poller.core.explaining_source import Seen, not_shown, quiet_hours, unpaid, when
from poller.core.explanation import Reason
from poller.core.look import Look
from poller.core.verdicts import VOIDED


@dataclass(frozen=True, slots=True)
class HeldBy:
    """Who laid a hold, and when they asked for it."""

    actor: str
    at: datetime


def of_entry(
    entry: Entry, held_by: HeldBy | None, seen: Seen | None, look: Look, settings: Settings
) -> list[Reason]:
    """What became of a document, and what else is remarkable about it; never empty.

    Args:
        entry: of the ledger.
        held_by: who laid its hold, None if that is not known.
        seen: as Autotask has just shown it, None if it could not be asked.
        look: what judging goes by now.
        settings: the tenant's.
    """
    found = [_held(entry, held_by)] if entry.hold != "none" else []
    if seen is not None and not seen.found:
        found.append(not_shown(Document.parse(entry.document), newer_exist=True))
    if _was_cleared(entry, seen, look):
        words = "Its Web Service Date was cleared in Autotask: the next cycle syncs it again."
        found.append(Reason("stamp_cleared", words, "Nothing. In Xero it stays one document."))
    found += _of_state(entry, seen, look, settings)
    if entry.changed_since is not None:
        words = f"It was changed in Autotask after it had gone over (seen {when(entry.changed_since)})."
        found.append(Reason("changed_since", words, "Resync it to take the change over."))
    return found


def _of_state(entry: Entry, seen: Seen | None, look: Look, settings: Settings) -> list[Reason]:
    if entry.state == "done":
        return _done(entry)
    if entry.state == "skipped":
        return [_skipped(entry, seen)]
    if entry.state == "in_flight":
        return _in_flight(entry, look, settings)
    if entry.state == "fault":
        return [_at_fault(entry)]
    if entry.fault_code == INCOMPLETE:
        words = "Autotask has not finished it yet: it has no number, or its lines do not add up to its total."
        return [
            Reason(
                "incomplete",
                words,
                "Nothing: it is read again in each cycle for ten minutes, then it is tried as it is.",
            )
        ]
    return [
        _waiting(entry),
        *([quiet_hours(look, settings)] if look.quiet and entry.priority == "backfill" else []),
    ]


def _held(entry: Entry, held_by: HeldBy | None) -> Reason:
    who = f" by {held_by.actor}, {when(held_by.at)}" if held_by else ""
    return Reason("on_hold", f"It is on hold ({entry.hold}){who}.", "Lift the hold (unskip).")


def _was_cleared(entry: Entry, seen: Seen | None, look: Look) -> bool:
    if seen is None or not seen.found or entry.is_order or entry.hold != "none":
        return False
    return was_cleared(Facts(entry.autotask_id, seen.stamped_at, seen.voided), entry, look.began)


def _done(entry: Entry) -> list[Reason]:
    number = f" as {entry.xero_number}" if entry.xero_number else ""
    link = f" Open it: {entry.xero_url}" if entry.xero_url else ""
    if entry.void_revision is not None and entry.void_revision == entry.synced_revision:
        words = f"It was voided in Autotask and is voided or deleted in Xero{number} too.{link}"
        return [Reason("voided_in_xero", words)]
    found = [Reason("in_xero", f"It is in Xero{number} since {_since(entry)}.{link}")]
    if entry.stamp_wanted:
        words = "Its Web Service Date has not got through to Autotask yet; that is repeated until it does."
        found.append(Reason("stamp_waiting", words, "Nothing. Do not clear the date in Autotask."))
    return found


def _skipped(entry: Entry, seen: Seen | None) -> Reason:
    if entry.skip_reason == STAMPED_ELSEWHERE:
        at = f", {when(seen.stamped_at)}" if seen is not None and seen.stamped_at is not None else ""
        return Reason(
            "stamped",
            f"Another integration set its Web Service Date{at} before it was synced from here: it is left alone.",
            f"If it is to go over, clear the date in Autotask: {CLEAR_PATH}.",
        )
    if entry.skip_reason == UNPAID:
        return unpaid()
    if entry.skip_reason == VOIDED:
        noun = "cancelled" if entry.is_order else "voided"
        return Reason("voided", f"It was {noun} in Autotask; Xero is left as it is.")
    words = f"It was skipped ({entry.skip_reason}) {_since(entry)}."
    return Reason("skipped", words, "See its log lines for the reason in words; resync it to try again.")


def _in_flight(entry: Entry, look: Look, settings: Settings) -> list[Reason]:
    words = f"It is on its way to Xero since {_since(entry)} (attempt {entry.attempt} of {MAX_STRIKES})."
    if not look.on_time(entry):
        late = f"{words} No outcome has come for too long: the next cycle begins another try."
        return [Reason("in_flight", late, "Check the connection to Xero; in Xero it stays one document.")]
    found = [
        Reason("in_flight", words, "Wait. If the connection to Xero is open, it goes on once Xero answers.")
    ]
    return [*found, quiet_hours(look, settings)] if look.quiet and entry.priority == "backfill" else found


def _at_fault(entry: Entry) -> Reason:
    return Reason(
        "at_fault",
        f"It failed {entry.strikes} times in a row and is not tried again by itself: {_fault(entry)}"
        if entry.strikes
        else f"It failed and is not tried again by itself: {_fault(entry)}",
        f"{_remedy(entry)} Then resync it.".strip(),
    )


def _waiting(entry: Entry) -> Reason:
    count = f"strike {entry.strikes} of {MAX_STRIKES}" if entry.strikes else "no strike"
    words = f"It failed ({count}) and is tried again in the next cycle: {_fault(entry)}"
    return Reason("waiting_for_retry", words, _remedy(entry))


def _fault(entry: Entry) -> str:
    return f"{entry.fault_code}: {entry.fault_text}"


def _remedy(entry: Entry) -> str:
    known = catalogue().get(entry.fault_code or "")
    return known.remedy if known else ""


def _since(entry: Entry) -> str:
    return when(entry.state_since) if entry.state_since else "a time that is not known"
