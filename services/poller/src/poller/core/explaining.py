"""Why a document is not in Xero, or what became of it: one answer from the ledger, from Autotask, and from what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from invoice_events.names import Document
from invoice_events.settings import Settings
from poller.core.circuit import Circuit
from poller.core.entry import Entry
from poller.core.explaining_entry import HeldBy, of_entry
from poller.core.explaining_source import Seen, of_source, when
from poller.core.explanation import Explanation, Fact, Reason
from poller.core.look import look_with
from poller.core.xero_health import XeroHealth


@dataclass(frozen=True, slots=True)
class Situation:
    """What holds for the tenant as a whole.

    Attributes:
        settings: the tenant's, None before they were published.
        paused: whether nothing new is to begin.
        has_reference: whether Xero's accounts and tax rates have been read once.
        circuit: the connection to Autotask.
        xero: the connection to Xero as it was last told of, None if it never was.
        activated_at: when the tenant's first look at Autotask began, None before that.
        orders_from: since when purchase orders go over, None before they were first looked for.
    """

    settings: Settings | None
    paused: bool
    has_reference: bool
    circuit: Circuit
    activated_at: datetime | None = None
    orders_from: datetime | None = None
    xero: XeroHealth | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of a document ourselves.

    Attributes:
        entry: the ledger's, None if it has none.
        held_by: who laid the hold, None if that is not known any more.
    """

    entry: Entry | None
    held_by: HeldBy | None = None


def explain(
    document: Document, seen: Seen | None, known: Known, situation: Situation, now: datetime
) -> Explanation:
    """Why a document is where it is.

    What has to go first comes first: a stamp before a pause, since lifting the pause would not help a stamped invoice.

    Args:
        document: which.
        seen: the document as Autotask has just shown it, None if Autotask could not be asked.
        known: what we know of it ourselves.
        situation: of the tenant.
        now: the moment.
    """
    obstacles = obstacles_of(situation)
    settings = situation.settings
    if settings is None:
        return Explanation(obstacles[0], _facts(document, seen, known.entry), tuple(obstacles[1:]))
    look = look_with(settings, now, now, situation.activated_at)
    facts = _facts(document, seen, known.entry)
    if known.entry is not None:
        reasons = of_entry(known.entry, known.held_by, seen, look, settings)
    elif seen is None:
        unread = Reason(
            "not_read",
            f"The {_noun(document)} is not known here, and Autotask could not be asked now: its hourly budget is used up, or it refused the question.",
        )
        reasons = [] if obstacles else [unread]
    else:
        reasons, more = of_source(document, seen, look, settings, situation.orders_from)
        facts |= more
    first, *rest = [*reasons, *obstacles] or [_next_cycle(document)]
    return Explanation(first, facts, tuple(rest))


def obstacles_of(situation: Situation) -> list[Reason]:
    """Why nothing of the tenant moves now, what has to go first in front."""
    found = []
    if situation.settings is None:
        found.append(
            Reason("not_set_up", "The tenant's settings have not been published yet.", "Set the tenant up.")
        )
    elif not situation.has_reference:
        words = "Xero's accounts and tax rates have not been read yet: nothing is looked for in Autotask before that."
        found.append(
            Reason("not_set_up", words, "Check the connection to Xero; they are read as soon as it works.")
        )
    if situation.paused:
        found.append(Reason("paused", "The tenant is paused: nothing new begins.", "Activate the tenant."))
    if situation.circuit.state != "connected":
        found.append(_circuit_open(situation.circuit))
    if situation.xero is not None and situation.xero.is_open:
        found.append(_xero_open(situation.xero))
    return found


def _circuit_open(circuit: Circuit) -> Reason:
    since = f"The connection to Autotask is {circuit.state} since {when(circuit.changed_at)}: {circuit.detail.rstrip('.')}."
    if circuit.asked_on:
        return Reason(
            "circuit_open", f"{since} It is asked again in each cycle.", "Do what the refusal calls for."
        )
    if circuit.state == "refused":
        return Reason(
            "circuit_open",
            f"{since} Refused credentials are not tried again by themselves.",
            "Correct the API user in the tenants file, or unlock it in Autotask, then test the connection.",
        )
    until = f" It is tried again at {when(circuit.retry_at)}." if circuit.retry_at else ""
    return Reason("circuit_open", since + until, "Nothing: everything goes on once Autotask answers.")


def _xero_open(xero: XeroHealth) -> Reason:
    why = f": {xero.detail.rstrip('.')}." if xero.detail else "."
    since = f"The connection to Xero is {xero.state} since {when(xero.changed_at)}{why}"
    if xero.state == "refused":
        what_to_do = "Correct Xero's credentials in the tenants file, then test the connection."
        return Reason(
            "circuit_open", f"{since} Refused credentials are not tried again by themselves.", what_to_do
        )
    return Reason("circuit_open", since, "Nothing: everything goes on once Xero answers.")


def _next_cycle(document: Document) -> Reason:
    return Reason(
        "next_cycle",
        f"Nothing stands in the way: the {_noun(document)} is taken up in the next cycle.",
        "Wait for the next cycle, or ask for one now (sync-now).",
    )


def _noun(document: Document) -> str:
    return document.kind.replace("-", " ")


def _facts(document: Document, seen: Seen | None, entry: Entry | None) -> dict[str, Fact]:
    facts: dict[str, Fact] = {"document": str(document), "autotask_asked": seen is not None}
    if seen is not None:
        facts |= seen.facts()
    if entry is not None:
        facts |= {
            "state": entry.state,
            "state_since": _text(entry.state_since),
            "hold": entry.hold,
            "attempt": entry.attempt,
            "strikes": entry.strikes,
            "fault_code": entry.fault_code,
            "skip_reason": entry.skip_reason,
            "xero_document_id": entry.xero_document_id,
            "xero_number": entry.xero_number,
            "xero_url": entry.xero_url,
            "stamped_by_us_at": _text(entry.stamped_at),
        }
    return facts


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
