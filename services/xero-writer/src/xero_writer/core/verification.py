"""What to do next about a request whose outcome is unknown: send it again, look it up, wait, or believe it is not there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from xero_writer.core.timing import Timing


@dataclass(frozen=True, slots=True)
class Unknown:
    """A request with unknown outcome, as the journal knows it (database times, UTC).

    Attributes:
        created_at: when the intent was committed.
        last_sent_at: when its last byte may have been sent, at the latest.
        may_resend: False after a 5xx (Xero replays the error for this key) or an answer that refused the whole call.
        number_is_ours: every document still open in it is an invoice or a purchase order whose number we gave: Xero refuses a second one.
        looked_up_at: last lookup that found something missing, or None.
        absent_since: first lookup that counts as "not there", or None.
        answered_since: a later sending was answered; the answer proves nothing, but a lookup will.
        xeros_age: seconds since the commit by Xero's clock, which remembers keys by it; None: not known.
    """

    created_at: datetime
    last_sent_at: datetime
    may_resend: bool
    number_is_ours: bool
    looked_up_at: datetime | None
    absent_since: datetime | None
    answered_since: bool
    xeros_age: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The next step and when it is due."""

    what: Literal["resend", "look_up"]
    due: datetime


def next_step(unknown: Unknown, now: datetime, timing: Timing) -> Step:
    """The next step for an unknown request, seen from `now`.

    Young enough and allowed: the same bytes with the same key, which Xero processes at most once. Else it is looked
    up: at once for what can be found, and again when "not there" may be believed. A moment that lies in the future shows
    that the clock was set back: how old the request is nobody knows then, so it is looked up now.
    """
    resend_at = max(unknown.created_at, unknown.last_sent_at) + timedelta(seconds=timing.resend_pause)
    too_old_at = unknown.created_at + timedelta(seconds=timing.resend)
    may_resend = unknown.may_resend and not unknown.answered_since
    if may_resend and unknown.created_at <= now and max(resend_at, now) < too_old_at:
        return Step("resend", resend_at)
    if now < (unknown.looked_up_at or unknown.created_at):
        return Step("look_up", now)
    if unknown.looked_up_at is None:
        return Step("look_up", unknown.last_sent_at)
    if unknown.absent_since is not None:
        return Step("look_up", unknown.absent_since + timedelta(seconds=timing.second_lookup))
    dead_at = unknown.last_sent_at + timedelta(seconds=timing.lookup)
    return Step("look_up", max(dead_at, now + timedelta(seconds=_left_of_key(unknown, timing))))


def absence_counts(unknown: Unknown, now: datetime, timing: Timing) -> bool:
    """Whether a lookup now, finding nothing, may count as a first "not there": the key has to be dead."""
    is_over = now >= unknown.last_sent_at + timedelta(seconds=timing.lookup)
    return is_over and _left_of_key(unknown, timing) <= 0


def _left_of_key(unknown: Unknown, timing: Timing) -> float:
    """Seconds for which the key may live on by Xero's clock. The database's could have been set forward since.

    Of that one only the span between commit and last byte is used, if it is a possible one: nothing is sent later than that.
    """
    if unknown.xeros_age is None:
        return 0.0
    sent_after, longest = (
        (unknown.last_sent_at - unknown.created_at).total_seconds(),
        timing.resend + timing.deadline,
    )
    sent_at = sent_after if 0 <= sent_after <= longest else longest
    return max(0.0, sent_at + timing.lookup - unknown.xeros_age)


def absence_believed(unknown: Unknown, now: datetime, timing: Timing) -> bool:
    """Whether "not there" is believed after a lookup now that found nothing.

    With a number of ours one lookup is enough: Xero refuses a second create with it. Otherwise two lookups, far enough
    apart, the first after the key's death, have to agree.
    """
    if unknown.number_is_ours:
        return True
    if unknown.absent_since is None:
        return False
    return now >= unknown.absent_since + timedelta(seconds=timing.second_lookup)
