"""What a look at Autotask does with a purchase order: leave it alone, try it, or skip it.

Orders have no stamp; the ledger alone knows which went over. An order goes over once, when it has reached the status that the settings
name, or one after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from invoice_events.settings import OrderSettings
from poller.core.entry import Entry
from poller.core.look import Look
from poller.core.order_snapshot import ordered_at
from poller.core.values import MalformedRecordError, Record, moment, record_id, whole
from poller.core.verdicts import VOIDED, Answer, Cause, Leave, Refuse, Skip, Try, Verdict

_ORDERED = {"new": 1, "submitted": 2, "received_partially": 3, "received_in_full": 4}
CANCELLED = 5
"""Stands outside the order of the others."""

LONGEST_MEMORY = timedelta(days=365)
"""Orders made longer ago are not looked for."""

SWITCHED_OFF = "purchase orders are switched off in the tenant's settings (purchase_orders.enabled)"
"""Why nothing is asked about purchase orders."""

NOT_TRIGGERED = "not_triggered"
"""Reason of a skip: the order was put back before it went over. It goes once it is due again."""

_CANCELLED = Skip(VOIDED, "The purchase order was cancelled in Autotask.")


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What eligibility needs to know of a purchase order.

    Attributes:
        id: Autotask id.
        status: Autotask's value, 0 if it has none.
        ordered_at: when it was submitted, else made; None if that can not be read.
        created_at: when it was made; None if that can not be read.
    """

    id: int
    status: int
    ordered_at: datetime | None = None
    created_at: datetime | None = None


def order_facts_of(order: Record) -> OrderFacts:
    """The facts of a purchase order's record.

    Raises:
        MalformedRecordError: the record has no id, or a status that is no number.
    """
    return OrderFacts(
        record_id(order), whole(order, "status") or 0, order_made_at(order), order_created_at(order)
    )


def order_created_at(order: Record) -> datetime | None:
    """When an order was made; None where that can not be read: it decides about priority only."""
    try:
        return moment(order, "createDateTime")
    except MalformedRecordError:
        return None


def order_made_at(order: Record) -> datetime | None:
    """When an order was submitted, else made; None where that can not be read."""
    try:
        return ordered_at(order)
    except MalformedRecordError:
        return None


def is_due(status: int, settings: OrderSettings) -> bool:
    """Whether an order has reached the status at which it goes over."""
    return status in _ORDERED.values() and status >= _ORDERED[settings["trigger_status"]]


def due_since(
    settings: OrderSettings, created_at: datetime | None, ordered_at: datetime | None
) -> datetime | None:
    """Since when an order that is due has been due; None where Autotask does not tell.

    It may lie for weeks before it is submitted, and again before it is received: that makes it no backfill. When goods were received
    Autotask does not keep with the order.
    """
    since = {"new": created_at, "submitted": ordered_at}
    return since.get(settings["trigger_status"])


def judge_order(facts: OrderFacts, entry: Entry | None, look: Look, settings: OrderSettings) -> Verdict:
    """What a cycle does with a purchase order.

    Args:
        facts: the order as Autotask has just shown it.
        entry: what the ledger knows of it.
        look: the look that has shown it.
        settings: the tenant's, for purchase orders.
    """
    if entry is None:
        return _if_due(facts, look, settings)
    if entry.hold != "none":
        return Leave()
    if entry.state == "waiting_retry":
        return Leave() if look.failed_lately(entry) else _again(facts, entry, "retry", look, settings)
    if entry.state == "in_flight":
        return Leave() if look.on_time(entry) else _overdue(facts, entry, look, settings)
    if entry.state == "skipped" and entry.skip_reason == NOT_TRIGGERED and facts.status != CANCELLED:
        return _if_due(facts, look, settings)
    return _settled(facts, entry, look)


def judge_order_request(
    facts: OrderFacts, entry: Entry | None, cause: Cause, look: Look, settings: OrderSettings
) -> Answer:
    """What a person's wish does with a purchase order, whatever its state: a new try, unless it can not go over at all."""
    if facts.status == CANCELLED:
        return _cancelled(entry, cause, look)
    if not is_due(facts.status, settings) and (entry is None or not entry.may_be_in_xero):
        return Refuse(
            f"the purchase order has not reached the status {_trigger(settings)} in Autotask, at which it goes over"
        )
    return Try(cause)


def changes_count(entry: Entry) -> bool:
    """Whether later edits of the order matter: it went over, nothing newer is on its way, and it was not to be deleted since."""
    return entry.synced_revision is not None and entry.state != "in_flight" and entry.void_revision is None


def _settled(facts: OrderFacts, entry: Entry, look: Look) -> Verdict:
    """Of what is done, skipped or at fault, only what was cancelled moves by itself: in Xero it is deleted, once, if the settings want that."""
    if facts.status != CANCELLED:
        return Leave()
    verdict = _cancelled(entry, "voided", look)
    if isinstance(verdict, Skip):
        return verdict if entry.state == "fault" and entry.synced_revision is None else Leave()
    return verdict if entry.void_revision is None else Leave()


def _again(facts: OrderFacts, entry: Entry, cause: Cause, look: Look, settings: OrderSettings) -> Verdict:
    """An order that was put back before it went over waits until it is due again."""
    if facts.status == CANCELLED:
        return _cancelled(entry, cause, look)
    if not entry.may_be_in_xero and not is_due(facts.status, settings):
        return Leave()
    return Try(cause)


def _overdue(facts: OrderFacts, entry: Entry, look: Look, settings: OrderSettings) -> Verdict:
    """A try without an outcome is begun again, or ended if the order was put back: no outcome of it will come any more."""
    verdict = _again(facts, entry, "overdue", look, settings)
    if verdict != Leave():
        return verdict
    return Skip(
        NOT_TRIGGERED,
        f"The purchase order was put back in Autotask before it went over. It goes once it is {_trigger(settings)} again.",
    )


def _if_due(facts: OrderFacts, look: Look, settings: OrderSettings) -> Verdict:
    """Backfill waits for the end of the quiet hours."""
    waits = look.leaves_alone(due_since(settings, facts.created_at, facts.ordered_at))
    return Try("discovery") if is_due(facts.status, settings) and not waits else Leave()


def _trigger(settings: OrderSettings) -> str:
    return settings["trigger_status"].replace("_", " ")


def _cancelled(entry: Entry | None, cause: Cause, look: Look) -> Try | Skip:
    may_be_in_xero = entry is not None and entry.may_be_in_xero
    return Try(cause, void=True) if look.void and may_be_in_xero else _CANCELLED
