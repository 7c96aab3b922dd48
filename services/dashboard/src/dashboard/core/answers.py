"""Answers of `explain` and `diagnose`, which come as JSON text, made ready for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.core.readable import parse
from dashboard.core.statuses import REASONS
from dashboard.core.times import show_date, show_time

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a document is where it is, and what a person can do about it (empty: nothing is needed)."""

    name: str
    title: str
    words: str
    what_to_do: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer of an `explain`.

    Attributes:
        cause: what has to go first.
        also: what stands in the way besides, or is worth knowing.
        facts: what the answer was made from, by its names.
    """

    cause: Cause
    also: tuple[Cause, ...]
    facts: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The answer of a `diagnose`: what a resync would do.

    Attributes:
        would: in few words.
        good: whether something would get into Xero, or is right there.
        words: the service's.
        code: of the fault or skip.
        details: more of them.
        requests: what would be sent to Xero, in order.
        more: what the requests were made from, by its names.
    """

    would: str
    good: bool
    words: str
    code: str | None
    details: tuple[str, ...]
    requests: tuple[Json, ...]
    more: Json = field(default_factory=dict)


_TITLES: Mapping[str, str] = {
    "stamped": "Another integration has stamped it",
    "out_of_window": "It is older than the look-back",
    "unpaid": "It is not paid in full",
    "voided": "It was voided in Autotask",
    "on_hold": "Somebody holds it back here",
    "incomplete": "Autotask has not finished it",
    "quiet_hours": "It waits for the end of business hours",
    "waiting_for_retry": "It failed and is tried again",
    "at_fault": "It failed and waits for a person",
    "in_flight": "It is on its way to Xero",
    "in_xero": "It is in Xero",
    "voided_in_xero": "It was voided in Xero as in Autotask",
    "stamp_cleared": "Its Web Service Date was cleared",
    "stamp_waiting": "Its Web Service Date is still to be set",
    "changed_since": "It was changed in Autotask since it went over",
    "skipped": "It was skipped",
    "not_visible": "Autotask does not show it to the API user",
    "unknown_id": "Autotask has nothing with this id",
    "orders_not_enabled": "Purchase orders are switched off",
    "order_not_due": "The purchase order has not reached its status",
    "paused": "The engine is Paused",
    "circuit_open": "A connection does not work",
    "not_set_up": "The tenant is not set up yet",
    "not_read": "Autotask could not be asked now",
    "next_cycle": "Nothing stands in its way",
}

_WOULD: Mapping[str, tuple[str, bool]] = {
    "create": ("A resync would make a new document in Xero", True),
    "update": ("A resync would update the document in Xero", True),
    "void": ("A resync would void the document in Xero", True),
    "nothing": ("A resync would change nothing", True),
    "skip": ("A resync would skip it", False),
    "fault": ("A resync would end in a fault", False),
    "unknown": ("What a resync would do could not be found out now", False),
}

_MORE = (
    "prediction",
    "contact",
    "due_date",
    "differences",
    "warnings",
    "decisions",
    "settings_version",
    "reference_version",
)


def read_explanation(answer: str | None) -> Explanation | None:
    """An `explain` that is done; None if its answer is none that this page can read."""
    told = _object(answer)
    if told is None or not isinstance(told.get("words"), str):
        return None
    return Explanation(
        _cause(told), tuple(_cause(each) for each in told.get("also", [])), told.get("facts", {})
    )


def _cause(told: Json) -> Cause:
    name = str(told.get("cause", ""))
    return Cause(
        name, _TITLES.get(name, name.replace("_", " ")), str(told["words"]), str(told.get("what_to_do", ""))
    )


def read_diagnosis(answer: str | None) -> Diagnosis | None:
    """A `diagnose` that is done; None if its answer is none that this page can read."""
    told = _object(answer)
    if told is None or "would" not in told:
        return None
    would, good = _WOULD.get(told["would"], (f"A resync would: {told['would']}", False))
    return Diagnosis(
        would,
        good,
        str(told.get("words", "")),
        told.get("code"),
        tuple(told.get("details", ())),
        tuple(told.get("requests", ())),
        {name: told[name] for name in _MORE if told.get(name)},
    )


def _object(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        told = parse(text)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


_FACTS: Mapping[str, str] = {
    "document": "Document",
    "autotask_asked": "Autotask was asked just now",
    "found_in_autotask": "Autotask shows it",
    "stamped_at": "Web Service Date",
    "voided": "Voided or cancelled",
    "paid": "Paid in full",
    "dated": "Date",
    "paid_on": "Paid on",
    "made_at": "Made or submitted in Autotask",
    "created_at": "Created in Autotask",
    "status": "Status in Autotask",
    "window_start": "Looked for from",
    "time_zone": "Time zone of the tenant",
    "orders_from": "Orders go over from",
    "trigger_status": "Status at which orders go over",
    "state": "State in the sync",
    "state_since": "In this state since",
    "hold": "Hold",
    "attempt": "Try",
    "strikes": "Faults in a row",
    "fault_code": "Fault",
    "skip_reason": "Reason of the skip",
    "xero_document_id": "Id in Xero",
    "xero_number": "Number in Xero",
    "xero_url": "Link into Xero",
    "stamped_by_us_at": "Web Service Date set by this sync",
}
_STATES: Mapping[str, str] = {
    "in_flight": "on its way to Xero",
    "waiting_retry": "failed, waits for the next try",
    "done": "done",
    "skipped": "skipped",
    "fault": "at fault, waits for a person",
}
_ONLY_OF_ORDERS = ("status", "created_at")
_DATE_LENGTH = len("2026-05-04")


def fact_rows(facts: Json, zone: ZoneInfo) -> list[tuple[str, str]]:
    """Facts as name and words, the known ones in their order; what says nothing is left out."""
    is_order = str(facts.get("document", "")).startswith("purchase-order/")
    names = [*(name for name in _FACTS if name in facts), *(name for name in facts if name not in _FACTS)]
    if not is_order:
        names = [name for name in names if name not in _ONLY_OF_ORDERS]
    rows = [(name, _fact_words(name, facts[name], zone)) for name in names]
    return [
        (_FACTS.get(name, name.replace("_", " ").capitalize()), words)
        for name, words in rows
        if words and (name, words) != ("hold", "none")
    ]


def _fact_words(name: str, value: Any, zone: ZoneInfo) -> str:  # noqa: ANN401  # JSON
    if value is None:
        return "none" if name == "stamped_at" else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    if name == "document":
        kind, _, number = text.partition("/")
        return f"{kind.replace('-', ' ')} {number}"
    if not (text[:4].isdigit() and text[4:5] == "-"):
        return _named(name, text)
    try:
        return show_date(text) if len(text) == _DATE_LENGTH else f"{show_time(text, zone)} ({zone.key})"
    except ValueError:
        return text


def _named(name: str, text: str) -> str:
    """The poller's own names in words."""
    if name == "state":
        return _STATES.get(text, text.replace("_", " "))
    if name == "skip_reason":
        return REASONS.get(text, text.replace("_", " "))
    return text.replace("_", " ") if name == "trigger_status" else text


def autotask_id(text: str) -> tuple[int | None, str]:
    """An id as somebody typed it; else a sentence that says what is wrong with it."""
    wished = text.strip()
    bare = wished.removeprefix("#").strip()
    if not bare:
        return None, "Type the id that Autotask has for the document, such as 48213."
    if not (bare.isascii() and bare.isdigit()):
        return None, (
            f"“{wished}” is no Autotask id: an id is made of digits alone, such as 48213."
            " It is not the number that is printed on the document; you find it in the address of the document in Autotask."
        )
    number = int(bare)
    if not 0 < number <= _LARGEST_ID:
        return None, "An Autotask id is a number from 1 on with at most 18 digits."
    return number, ""


_LARGEST_ID = 10**18 - 1
