"""Why a document that the ledger does not know is not here: what Autotask shows of it, held against the rules of discovery."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta

from invoice_events.names import Document
from invoice_events.settings import OrderSettings, Settings, is_quiet, zone
from poller.core.eligibility import CLEAR_PATH
from poller.core.explanation import Fact, Reason
from poller.core.look import Look
from poller.core.order_eligibility import CANCELLED, LONGEST_MEMORY, SWITCHED_OFF, due_since, is_due
from poller.core.window import first_day, first_moment

_DAYS_AHEAD = 9


@dataclass(frozen=True, slots=True)
class Seen:
    """A document as Autotask has just shown it.

    Attributes:
        found: whether Autotask shows it at all.
        newer_exist: of one that is not shown, whether documents with greater ids are.
        stamped_at: the Web Service Date, whoever set it.
        voided: whether a person voided it, or cancelled the order.
        paid: whether it is paid in full.
        dated: the invoice's date, None if it can not be read.
        paid_on: the day on which it was paid.
        made_at: when Autotask made it, or when the order was submitted.
        created_at: when Autotask made the order.
        status: of an order, Autotask's value.
    """

    found: bool
    newer_exist: bool = False
    stamped_at: datetime | None = None
    voided: bool = False
    paid: bool = False
    dated: date | None = None
    paid_on: date | None = None
    made_at: datetime | None = None
    created_at: datetime | None = None
    status: int = 0

    def facts(self) -> dict[str, Fact]:
        """By name; times and dates as ISO texts."""
        if not self.found:
            return {"found_in_autotask": False}
        named = {name: value for name, value in asdict(self).items() if name not in {"found", "newer_exist"}}
        return {"found_in_autotask": True} | {
            name: value.isoformat() if isinstance(value, date) else value for name, value in named.items()
        }


def of_source(
    document: Document, seen: Seen, look: Look, settings: Settings, orders_from: datetime | None
) -> tuple[list[Reason], dict[str, Fact]]:
    """What keeps a document of which the ledger knows nothing from being discovered, and the facts it was decided by.

    `orders_from`: since when purchase orders go over, None before they were first looked for.
    """
    if document.kind == "purchase-order":
        return _of_order(document, seen, look, settings, orders_from)
    if not seen.found:
        return [not_shown(document, newer_exist=seen.newer_exist)], {}
    found = []
    if seen.stamped_at is not None:
        found.append(_stamped(seen.stamped_at))
    if seen.voided:
        found.append(
            Reason(
                "voided",
                "The invoice was voided in Autotask before it went over.",
                "Nothing, unless it should not have been voided: approve and post it again in Autotask.",
            )
        )
    if look.paid_only and not seen.paid:
        found.append(unpaid())
    first = first_day(look.began, settings["days_back"], zone(settings))
    facts: dict[str, Fact] = {"window_start": first.isoformat(), "time_zone": settings["time_zone"]}
    counted = seen.paid_on if look.paid_only else seen.dated
    if counted is not None and counted < first:
        found.append(_out_of_window(counted, first, settings, paid_only=look.paid_only))
    if not found and look.leaves_alone(seen.made_at):
        found.append(quiet_hours(look, settings))
    return found, facts


def _of_order(
    document: Document, seen: Seen, look: Look, settings: Settings, orders_from: datetime | None
) -> tuple[list[Reason], dict[str, Fact]]:
    rules = settings["purchase_orders"]
    if not rules["enabled"]:
        return [orders_off()], {}
    if not seen.found:
        return [not_shown(document, newer_exist=seen.newer_exist)], {}
    start = orders_from or first_moment(look.began, settings["days_back"], zone(settings))
    since = max(start, look.began - LONGEST_MEMORY)
    facts: dict[str, Fact] = {"orders_from": since.isoformat(), "trigger_status": rules["trigger_status"]}
    found = []
    if seen.status == CANCELLED:
        found.append(Reason("voided", "The purchase order was cancelled in Autotask before it went over."))
    elif not is_due(seen.status, rules):
        wanted = trigger(rules)
        found.append(
            Reason(
                "order_not_due",
                f"The purchase order has not reached the status {wanted} in Autotask, at which it goes over.",
                f"Bring it to the status {wanted} in Autotask, or choose an earlier status in the settings.",
            )
        )
    if seen.created_at is not None and seen.created_at < since:
        found.append(
            Reason(
                "out_of_window",
                f"The purchase order was made {when(seen.created_at)}; only those made since {when(since)} go over by themselves.",
                "Resync it, and it goes over all the same.",
            )
        )
    if not found and look.leaves_alone(due_since(rules, seen.created_at, seen.made_at)):
        found.append(quiet_hours(look, settings))
    return found, facts


def not_shown(document: Document, *, newer_exist: bool) -> Reason:
    """Autotask shows no document with this id."""
    noun = document.kind.replace("-", " ")
    if not newer_exist:
        return Reason(
            "unknown_id",
            f"Autotask has no {noun} {document.id}, nor any with a greater id.",
            "Check the id: it is Autotask's own, not the number printed on the document.",
        )
    return Reason(
        "not_visible",
        f"Autotask does not show the {noun} {document.id} to the API user, though it shows newer ones.",
        "Check in Autotask that the API user's security level and lines of business let it see this"
        f" {noun}; also check the id, which is not the number printed on it.",
    )


def orders_off() -> Reason:
    """No pass over purchase orders is made."""
    words = f"{SWITCHED_OFF[0].upper()}{SWITCHED_OFF[1:]}."
    return Reason("orders_not_enabled", words, "Switch purchase orders on in the settings.")


def trigger(rules: OrderSettings) -> str:
    """The status at which orders go over, in words."""
    return rules["trigger_status"].replace("_", " ")


def in_window(seen: Seen, look: Look, settings: Settings) -> bool:
    """Whether each cycle's query asks for an invoice, as long as it has no stamp."""
    counted = seen.paid_on if look.paid_only else seen.dated
    return counted is not None and counted >= first_day(look.began, settings["days_back"], zone(settings))


def unpaid() -> Reason:
    """Only paid invoices go over."""
    return Reason(
        "unpaid",
        "The invoice is not paid in full in Autotask, and the settings let only paid invoices go over.",
        "Nothing: it goes over by itself once it is paid. Or switch Paid invoices only off.",
    )


def quiet_hours(look: Look, settings: Settings) -> Reason:
    """Backfill waits."""
    until = quiet_until(settings, look.began)
    ends = f" until {when(until)}" if until else ""
    return Reason(
        "quiet_hours",
        f"Quiet mode is on: older documents wait{ends}, so that today's work goes first.",
        "Nothing: it goes over after business hours. A resync takes it at once.",
    )


def quiet_until(settings: Settings, now: datetime) -> datetime | None:
    """When the quiet hours end that hold now, UTC; None if none hold, or if they never end."""
    if not is_quiet(settings, now):
        return None
    local = zone(settings)
    end = time.fromisoformat(settings["quiet_mode"]["business_hours"]["end"])
    today = now.astimezone(local).date()
    ends = (datetime.combine(today + timedelta(days=day), end, local) for day in range(_DAYS_AHEAD))
    return next((at.astimezone(UTC) for at in ends if at > now and not is_quiet(settings, at)), None)


def when(moment: datetime) -> str:
    """A moment in words."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _stamped(at: datetime) -> Reason:
    return Reason(
        "stamped",
        f"The invoice has a Web Service Date, {when(at)}, and was not synced from here as far as is known:"
        " another integration has handled it. Stamped invoices are left alone.",
        f"If it is to go over, clear the date in Autotask: {CLEAR_PATH}. The next cycle takes it if it lies in the window.",
    )


def _out_of_window(counted: date, first: date, settings: Settings, *, paid_only: bool) -> Reason:
    dated = "was paid on" if paid_only else "is dated"
    days, where = settings["days_back"], settings["time_zone"]
    return Reason(
        "out_of_window",
        f"The invoice {dated} {counted.isoformat()}; invoices are looked for from {first.isoformat()} on ({days} days back, {where}).",
        "Resync it, or look back further in the settings (days_back).",
    )
