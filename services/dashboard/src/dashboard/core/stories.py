"""What a document's state means for the people who wait for it: what is so now, and what happens next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.core.statuses import PHASES, REASONS, STRIKES, cause_words

SIDES: Mapping[str, str] = {
    "autotask": "Autotask's side",
    "xero": "Xero's side",
    "us": "This sync's side: its settings, or the service itself",
}
"""Whose side a fault is on."""

_GONE = ("DELETED", "VOIDED")
_BY_ITSELF = "It is read again from Autotask and tried in the next cycle, by itself."
_LEFT = "Nothing more happens by itself."


def noun_of(document: Mapping[str, Any]) -> str:
    """`invoice`, `credit note` or `purchase order`."""
    if document["document"].startswith("purchase-order/"):
        return "purchase order"
    xero = document["xero"] or document["mapping"]
    return (
        "credit note" if xero and (xero.get("kind") or xero.get("xero_kind")) == "credit_note" else "invoice"
    )


def now_and_next(document: Mapping[str, Any]) -> tuple[str, str]:
    """What a document's status means now, and what will happen next."""
    told = _TOLD.get(document["status"])
    return told(document) if told else ("This status is newer than this page.", "Reload the page.")


def _pending(document: Mapping[str, Any]) -> tuple[str, str]:
    if document["open_command"] is not None:
        return (
            "It is queued for a new try that somebody asked for.",
            "It is read again from Autotask, with its contact, and goes to Xero, usually within a minute.",
        )
    strikes = document["strikes"]
    if strikes:
        left = STRIKES - strikes
        more = f"After {'one more fault' if left == 1 else f'{left} more faults'} in a row it waits for a person."
        return (
            f"The last try failed: fault {strikes} of {STRIKES} in a row. It is not in Xero yet."
            if document["xero"] is None
            else f"The last try failed: fault {strikes} of {STRIKES} in a row. What is in Xero is from before it.",
            f"{_BY_ITSELF} {more}",
        )
    if document["cause"] is not None:
        return "It waits, and no fault is counted.", _BY_ITSELF
    if document["stage"] == "mapped":
        return "It is ready and queued for Xero.", _TURN
    return "It was read from Autotask and is queued for Xero.", _TURN


_TURN = "It goes as soon as its turn comes. If Xero does not answer, it waits and goes by itself afterwards."


def _processing(document: Mapping[str, Any]) -> tuple[str, str]:
    if document["phase"] == "verifying":
        return (
            f"It is {PHASES['verifying']}.",
            "Nothing is sent again before that is known, so that it can not be doubled. That may take some minutes.",
        )
    return (
        "It is being written to Xero at this moment.",
        "Xero's answer decides: Complete, or a fault with Xero's words.",
    )


def _complete(document: Mapping[str, Any]) -> tuple[str, str]:
    code = document["cause"]["code"] if document["cause"] else None
    xero = document["xero"]
    if code == "nothing_in_xero" or xero is None:
        return "It was voided in Autotask, and nothing of it was in Xero.", _LEFT
    where = f"{xero['number']} ({xero['status']})" if xero["number"] else xero["status"]
    if code == "voided_in_xero" or xero["status"] in _GONE:
        return f"It was voided in Xero as in Autotask: {where}.", _LEFT
    if code == "changed_since":
        return (
            f"It is in Xero as {where}, and was changed in Autotask since it went over.",
            "The change does not go over by itself: a resync takes it over.",
        )
    if xero["status"] == "DRAFT":
        return (
            f"It is in Xero as {where}.",
            "Somebody approves it in Xero. Here nothing more happens by itself.",
        )
    return f"It is in Xero as {where}.", _LEFT


def _fault(document: Mapping[str, Any]) -> tuple[str, str]:
    strikes = document["strikes"]
    final = document["fault"] is not None and document["fault"]["final"] and strikes < STRIKES
    now = (
        "It failed in a way that trying again by itself can not mend."
        if final
        else f"It failed {strikes} times in a row."
        if strikes
        else "It failed."
    )
    return now, "Nothing is tried by itself any more. Mend the cause, then resync it."


def _skipped(document: Mapping[str, Any]) -> tuple[str, str]:
    cause = document["cause"]
    if document["hold"] == "skip":
        actor = document["held"]["actor"] if document["held"] else None
        by = f" by {actor}" if actor else " by hand"
        return (
            f"It was skipped{by}.",
            "The sync leaves it alone until somebody lifts that with Do not skip any more.",
        )
    now = f"{REASONS.get(cause['code'], cause_words(cause))}." if cause else "It was skipped."
    return now, _AFTER_SKIP.get(cause["code"] if cause else "", f"{_LEFT} A resync tries it again.")


_AFTER_SKIP: Mapping[str, str] = {
    "stamped_elsewhere": "It goes over once its Web Service Date is cleared in Autotask.",
    "unpaid": "It goes over by itself once it is paid in full in Autotask.",
    "voided": "It was voided before it went over: Xero is left as it is.",
    "no_lines": f"{_LEFT} If it should have lines, mend it in Autotask and resync it.",
    "not_triggered": "It goes over by itself once it is due in Autotask again.",
}


def _diagnostic(document: Mapping[str, Any]) -> tuple[str, str]:
    actor = document["held"]["actor"] if document["held"] else None
    by = f" by {actor}" if actor else ""
    return (
        f"It was taken into Diagnostic Mode{by}: the sync does not touch it, and nothing is written.",
        "Release it: it is then what it was before.",
    )


_TOLD = {
    "Pending Sync": _pending,
    "Processing Now": _processing,
    "Complete": _complete,
    "Fault": _fault,
    "Skipped": _skipped,
    "Diagnostic Mode": _diagnostic,
}
