"""What a person can do with a document as it stands now, and what became of what somebody did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.core.errands import is_open

_MADE_ANEW = frozenset({"DELETED_IN_XERO", "KIND_CHANGED"})
_GONE = ("DELETED", "VOIDED")


@dataclass(frozen=True, slots=True)
class Act:
    """A button.

    Attributes:
        name: stable, for callbacks.
        words: on the button.
        symbol: icon.
        hint: what it does, in a sentence.
        command: body of the command, without its document.
        main: whether it is what most would do now.
    """

    name: str
    words: str
    symbol: str
    hint: str
    command: Mapping[str, Any]
    main: bool = False


def plain_noun(document: Mapping[str, Any]) -> str:
    """As the button's words have it: `Invoice` or `Purchase Order`."""
    return "Purchase Order" if document["document"].startswith("purchase-order/") else "Invoice"


def acts_for(document: Mapping[str, Any]) -> list[Act]:
    """What can be done, the likeliest first. Under a hold only what lifts it, or looks, is taken by the service."""
    if document["hold"] == "diagnose":
        return [_RELEASE]
    if document["hold"] == "skip":
        return [_UNSKIP, _DIAGNOSE]
    again = [_resync(document), _recreate(document)] if _is_gone(document) else [_resync(document)]
    if len(again) > 1:
        again.reverse()
    return [*again, _SKIP, _DIAGNOSE]


def act_named(document: Mapping[str, Any], name: str) -> Act | None:
    """The act of a button; None if the document does not allow it any more."""
    return next((act for act in acts_for(document) if act.name == name), None)


def _is_gone(document: Mapping[str, Any]) -> bool:
    """Whether what is in Xero was deleted or voided, so that a new document could be made."""
    code = document["cause"]["code"] if document["cause"] else None
    gone_there = document["xero"] is not None and document["xero"]["status"] in _GONE
    return code in _MADE_ANEW or code == "voided_in_xero" or gone_there


def _resync(document: Mapping[str, Any]) -> Act:
    if _is_gone(document):
        hint = "Reads it again from Autotask. A document that is deleted or voided in Xero is not written again by it."
    elif document["xero"] is not None:
        hint = "Reads it again from Autotask and updates the document that is in Xero. It never makes a second one."
    else:
        hint = "Reads it again from Autotask, with its contact, and tries it within a minute. The fault count starts anew."
    return Act(
        "resync",
        f"Resync this {plain_noun(document)}",
        "again",
        hint,
        {"kind": "resync"},
        main=not _is_gone(document) and document["status"] != "Complete",
    )


def _recreate(document: Mapping[str, Any]) -> Act:
    return Act(
        "recreate",
        "Resync and make a new document",
        "plus",
        f"The one in Xero was deleted or voided: a new one is made, under a new number where the number is ours. For a {plain_noun(document).lower()} that should be in Xero again.",
        {"kind": "resync", "options": {"recreate": True}},
        main=True,
    )


_SKIP = Act("skip", "Skip", "skip", "The sync leaves it alone until somebody lifts that.", {"kind": "skip"})
_UNSKIP = Act(
    "unskip",
    "Do not skip any more",
    "play",
    "Lifts the skip; it is read again from Autotask and goes over if it can.",
    {"kind": "unskip"},
    main=True,
)
_DIAGNOSE = Act(
    "diagnose",
    "Diagnose",
    "lens",
    "A dry run: read from Autotask, mapped, held against Xero. Nothing is written; it stays in Diagnostic Mode until it is released.",
    {"kind": "diagnose"},
)
_RELEASE = Act(
    "release",
    "Release",
    "play",
    "Ends Diagnostic Mode: it is then what it was before.",
    {"kind": "release"},
    main=True,
)

_NAMES: Mapping[str, str] = {
    "resync": "Resync",
    "skip": "Skip",
    "unskip": "Do not skip any more",
    "diagnose": "Diagnose",
    "release": "Release",
    "explain": "Why isn't it here?",
}


def command_name(command: Mapping[str, Any]) -> str:
    """What somebody asked for, as its button says."""
    name = _NAMES.get(command["kind"], command["kind"])
    return f"{name} as a new document" if command["options"].get("recreate") else name


def fate_words(command: Mapping[str, Any]) -> str:
    """What became of a command about a document."""
    told, reason = _FATES.get(command["state"], command["state"]), command["reason"]
    return (
        f"{told}: {reason}."
        if reason and not reason.endswith(".")
        else f"{told}: {reason}"
        if reason
        else f"{told}."
    )


_FATES: Mapping[str, str] = {
    "waiting": "Asked for, and not yet taken up",
    "accepted": "Accepted, and waiting for its turn",
    "started": "Under way",
    "done": "Done",
    "refused": "Refused",
    "expired": "Given up",
}


def open_kinds(commands: list[dict[str, Any]]) -> frozenset[str]:
    """Names of the acts that somebody asked for and that are not finished: a second click would start nothing."""
    return frozenset(
        "recreate" if command["options"].get("recreate") else str(command["kind"])
        for command in commands
        if is_open(command)
    )
