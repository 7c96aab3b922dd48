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
from poller.core.explaining_source import (
    Seen,
    in_window,
    not_shown,
    orders_off,
    quiet_hours,
    trigger,
    unpaid,
    when,
)
from poller.core.explanation import Reason
from poller.core.look import Look
from poller.core.order_eligibility import NOT_TRIGGERED, is_due
from poller.core.verdicts import VOIDED


@dataclass(frozen=True, slots=True)
class HeldBy:
    """Who laid a hold, and when they asked for it."""

    actor: str
    at: datetime


def of_entry(
    entry: Entry, held_by: HeldBy | None, seen: Seen | None, look: Look, settings: Settings
) -> list[Reason]:
    """What became of a document, and what else is remarkable about it; empty if it is taken up unless something stands in the way.

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
    cleared = seen is not None and _was_cleared(entry, seen, look)
    if cleared:
        words = f"Its Web Service Date was cleared in Autotask: {_taken_up(seen, look, settings)}."
        found.append(Reason("stamp_cleared", words, "Nothing. In Xero it stays one document."))
    if not cleared or entry.state != "skipped":
        found += _of_state(entry, seen, look, settings)
    if entry.changed_since is not None:
        words = f"It was changed in Autotask after it had gone over (seen {when(entry.changed_since)})."
        found.append(Reason("changed_since", words, "Resync it to take the change over."))
    return found


def _of_state(entry: Entry, seen: Seen | None, look: Look, settings: Settings) -> list[Reason]:
    if entry.state == "done":
        return _done(entry)
    if entry.state == "skipped":
        return _skipped(entry, seen, look, settings)
    if _no_pass_takes(entry, seen, look, settings):
        return [orders_off(), _waiting(entry, "is not tried again before that")]
    if entry.state == "in_flight":
        return _in_flight(entry, look, settings)
    return [_at_fault(entry)] if entry.state == "fault" else _failed(entry, look, settings)


def _failed(entry: Entry, look: Look, settings: Settings) -> list[Reason]:
    if entry.fault_code == INCOMPLETE:
        return [_incomplete()]
    quiet = look.quiet and entry.priority == "backfill"
    found = _waiting(entry, "is tried again in the next cycle")
    return [found, quiet_hours(look, settings)] if quiet else [found]


def _incomplete() -> Reason:
    return Reason(
        "incomplete",
        "Autotask has not finished it yet: it has no number, or its lines do not add up to its total.",
        "Nothing: it is read again in each cycle for ten minutes, then it is tried as it is.",
    )


def _held(entry: Entry, held_by: HeldBy | None) -> Reason:
    who = f" by {held_by.actor}, {when(held_by.at)}" if held_by else ""
    if entry.hold == "diagnose":
        return Reason(
            "on_hold", f"It is in Diagnostic Mode{who}.", "Release it: it is then what it was before."
        )
    return Reason("on_hold", f"It is on hold ({entry.hold}){who}.", "Lift the hold (unskip).")


def _was_cleared(entry: Entry, seen: Seen, look: Look) -> bool:
    if not seen.found or entry.is_order or entry.hold != "none":
        return False
    return was_cleared(Facts(entry.autotask_id, seen.stamped_at, seen.voided), entry, look.began)


def _taken_up(seen: Seen | None, look: Look, settings: Settings) -> str:
    """When somebody sees that a stamp is gone: outside the window only the hourly look does."""
    if seen is not None and in_window(seen, look, settings):
        return "the next cycle syncs it again"
    return "it is synced again within the hour, since it lies outside of what each cycle asks for"


def _no_pass_takes(entry: Entry, seen: Seen | None, look: Look, settings: Settings) -> bool:
    """Whether an order waits for a try that nobody makes: of orders that do not go over any more, only cancelled ones are read again."""
    if not entry.is_order or settings["purchase_orders"]["enabled"]:
        return False
    if seen is not None and seen.voided and look.void:
        return False
    return entry.state == "waiting_retry" or (entry.state == "in_flight" and not look.on_time(entry))


def _done(entry: Entry) -> list[Reason]:
    number = f" as {entry.xero_number}" if entry.xero_number else ""
    link = f" Open it: {entry.xero_url}" if entry.xero_url else ""
    if entry.void_revision is not None and entry.void_revision == entry.synced_revision:
        noun = "cancelled" if entry.is_order else "voided"
        if entry.xero_url is None and entry.xero_number is None:
            more = " any more" if entry.xero_document_id else ""
            words = (
                f"It was {noun} in Autotask, and nothing of it is in Xero{more}: there was nothing to void."
            )
            return [Reason("voided", words)]
        words = f"It was {noun} in Autotask and is voided or deleted in Xero{number} too.{link}"
        return [Reason("voided_in_xero", words)]
    found = [Reason("in_xero", f"It is in Xero{number} since {_since(entry)}.{link}")]
    if entry.stamp_wanted:
        words = "Its Web Service Date has not got through to Autotask yet; that is repeated until it does."
        found.append(Reason("stamp_waiting", words, "Nothing. Do not clear the date in Autotask."))
    return found


def _skipped(entry: Entry, seen: Seen | None, look: Look, settings: Settings) -> list[Reason]:
    if entry.skip_reason == STAMPED_ELSEWHERE:
        return [_stamped_elsewhere(seen, look, settings)]
    if entry.skip_reason == UNPAID:
        return _once_unpaid(entry, seen, look, settings)
    if entry.skip_reason == VOIDED:
        return [_voided(entry)]
    if entry.skip_reason == NOT_TRIGGERED:
        return _put_back(entry, seen, settings)
    words = f"It was skipped ({entry.skip_reason}) {_since(entry)}."
    return [Reason("skipped", words, "See its log lines for the reason in words; resync it to try again.")]


def _stamped_elsewhere(seen: Seen | None, look: Look, settings: Settings) -> Reason:
    at = f", {when(seen.stamped_at)}" if seen is not None and seen.stamped_at is not None else ""
    return Reason(
        "stamped",
        f"Another integration set its Web Service Date{at} before it was synced from here: it is left alone.",
        f"If it is to go over, clear the date in Autotask: {CLEAR_PATH}; then {_taken_up(seen, look, settings)}.",
    )


def _once_unpaid(entry: Entry, seen: Seen | None, look: Look, settings: Settings) -> list[Reason]:
    """It was not paid when it was last looked at. Each cycle reads it again: what stands in its way now counts."""
    if seen is not None and seen.stamped_at is not None:
        return [_stamped_elsewhere(seen, look, settings)]
    if seen is not None and seen.voided:
        return [_voided(entry)]
    if look.paid_only and (seen is None or not seen.paid):
        return [unpaid()]
    return [quiet_hours(look, settings)] if look.quiet and entry.priority == "backfill" else []


def _put_back(entry: Entry, seen: Seen | None, settings: Settings) -> list[Reason]:
    """An order whose try was ended because it was put back. It goes by itself once it is due."""
    rules = settings["purchase_orders"]
    if seen is not None and seen.voided:
        return [_voided(entry)]
    if not rules["enabled"]:
        return [orders_off()]
    if seen is not None and is_due(seen.status, rules):
        return []
    wanted = trigger(rules)
    words = f"It was put back in Autotask before it went over. It goes by itself once it is {wanted} again."
    return [Reason("order_not_due", words, f"Bring it to the status {wanted} in Autotask.")]


def _voided(entry: Entry) -> Reason:
    noun = "cancelled" if entry.is_order else "voided"
    return Reason("voided", f"It was {noun} in Autotask; Xero is left as it is.")


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


def _waiting(entry: Entry, then: str) -> Reason:
    """A try that failed, or got no outcome; `then`: what becomes of it."""
    if entry.state == "in_flight":
        words = f"It is on its way to Xero since {_since(entry)}, no outcome has come for too long, and it {then}."
        return Reason("in_flight", words)
    count = f"strike {entry.strikes} of {MAX_STRIKES}" if entry.strikes else "no strike"
    return Reason("waiting_for_retry", f"It failed ({count}) and {then}: {_fault(entry)}", _remedy(entry))


def _fault(entry: Entry) -> str:
    return f"{entry.fault_code}: {entry.fault_text}"


def _remedy(entry: Entry) -> str:
    known = catalogue().get(entry.fault_code or "")
    return known.remedy if known else ""


def _since(entry: Entry) -> str:
    return when(entry.state_since) if entry.state_since else "a time that is not known"
