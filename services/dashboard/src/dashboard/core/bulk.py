"""Acts on many documents: which there are, what they are said to do, and what became of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.core.statuses import REASONS

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to many documents.

    Attributes:
        verb: on its button.
        asked: the question before it.
        promise: what it does, said before it is done.
        done: what was accepted, said afterwards.
        holds: holds of documents that it can be done to.
    """

    verb: str
    asked: str
    promise: str
    done: str
    holds: tuple[str, ...]


ACTS: Mapping[str, Act] = {
    "resync": Act(
        "Resync",
        "Resync {}?",
        "Each is read again from Autotask and carried across to Xero; until then it is Pending Sync.",
        "will be resynced",
        ("none",),
    ),
    "skip": Act(
        "Skip",
        "Skip {}?",
        "The sync leaves them alone until somebody lifts that. What is in Xero stays there.",
        "will be skipped",
        ("none",),
    ),
    "unskip": Act(
        "Do not skip any more",
        "Do not skip {} any more?",
        "The sync goes on with them where it stopped.",
        "will go on",
        ("skip",),
    ),
    "release": Act(
        "Release",
        "Release {}?",
        "They leave Diagnostic Mode and are what they were before.",
        "will be released",
        ("diagnose",),
    ),
}
"""By status-api's name of the command."""

NO_DUPLICATE = (
    "Nothing is doubled: what is in Xero already is compared and updated there, never created again."
)
MOST_SINGLE = 50
"""Documents that are released at a time: there is no bulk act for it, so each is a command of its own."""
_SHOWN_RESULTS = 100

_TO_ALL = "Resync all with this cause"
_OF_REASON: Mapping[str, tuple[str, list[str], str]] = {
    "by_hand": ("unskip", ["Skipped"], "Skip none of them any more"),
    "changed_since": ("resync", ["Complete"], _TO_ALL),
}
"""What can be done about causes that are no faults: the act, the statuses it takes, its button. The others need nothing."""


def acts_on(status: str, hold: str) -> list[str]:
    """Acts that status-api would take for a document."""
    if status == "Diagnostic Mode":
        return ["release"]
    return [kind for kind, act in ACTS.items() if hold in act.holds]


@dataclass(frozen=True, slots=True)
class CauseAct:
    """Something done to all documents that have one cause.

    Attributes:
        kind: of the commands.
        body: of the call to status-api.
        words: on its button.
        documents: how many wait for it; None: nobody counted.
    """

    kind: str
    body: Json
    words: str
    documents: int | None


def cause_act(cause: str, kind: str, faults: Mapping[str, Json]) -> CauseAct | None:
    """What can be done about a cause.

    Args:
        cause: its code.
        kind: of the documents.
        faults: lines of status-api's faults of that kind, by code.
    """
    if cause in faults:
        return CauseAct(
            "resync",
            {"kind": "resync", "cause": cause, "document_kind": kind},
            _TO_ALL,
            int(faults[cause]["at_fault"]),
        )
    if cause in _OF_REASON:
        act, statuses, words = _OF_REASON[cause]
        body = {"kind": act, "cause": cause, "document_kind": kind, "status": statuses}
        return CauseAct(act, body, words, documents=None)
    return None


def question(kind: str, number: int | None, things: str) -> str:
    """What is asked before an act: `Resync 12 invoices?`."""
    how_many = "all" if number is None else f"{number:,}"
    return ACTS[kind].asked.format(f"{how_many} {things}")


def things_of(kind: str, number: int | None = None) -> str:
    """Documents of a kind in words."""
    word = kind.replace("-", " ")
    return word if number == 1 else f"{word}s"


def counted_words(kind: str, answer: Mapping[str, Any]) -> list[str]:
    """What became of an act's documents, in numbers."""
    told = [
        (answer["accepted"], ACTS[kind].done),
        (answer["already_open"], "were on their way already; that goes on"),
        (answer["refused"], "were refused"),
        (answer["unknown"], "are not known here any more"),
    ]
    words = [f"{number:,} {what}" for number, what in told if number]
    if answer["remaining"]:
        words.append(f"{answer['remaining']:,} more are left: do it again for those")
    return words or ["Nothing was there to be done"]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one document.

    Attributes:
        document: its name, such as `invoice/48213`.
        words: what happened, and why not.
        bad: whether it was not done.
    """

    document: str
    words: str
    bad: bool


def fates_of(answer: Mapping[str, Any]) -> tuple[list[Fate], int]:
    """What became of each document, those that were not done first; and how many more there are than are told."""
    fates = [_fate(item) for item in answer["items"]]
    fates.sort(key=lambda fate: not fate.bad)
    return fates[:_SHOWN_RESULTS], max(0, len(fates) - _SHOWN_RESULTS)


def _fate(item: Mapping[str, Any]) -> Fate:
    words = {"accepted": "Accepted", "already_open": "Already on its way"}.get(item["fate"])
    if words is not None:
        return Fate(item["document"], words, bad=False)
    problem = item["problem"]
    return Fate(item["document"], problem["detail"] if problem else str(item["fate"]), bad=True)


def answer_of_singles(items: Sequence[Json], remaining: int) -> Json:
    """The answer of commands that were given one by one, in the form of a bulk act's."""
    fates = [item["fate"] for item in items]
    return {
        **{fate: fates.count(fate) for fate in ("accepted", "already_open", "unknown", "refused")},
        "remaining": remaining,
        "reason": None,
        "items": list(items),
    }


def cause_choices(faults: Sequence[Json], chosen: str) -> list[dict[str, str]]:
    """Causes to choose from: those that documents have now with their number, then those that are no faults."""
    choices = [
        {"value": line["cause"]["code"], "label": f"{_plain(line['cause']['text'])} ({line['documents']:,})"}
        for line in sorted(faults, key=lambda line: -line["documents"])
    ]
    known = {choice["value"] for choice in choices}
    choices += [{"value": code, "label": words} for code, words in REASONS.items() if code not in known]
    if chosen and chosen not in {choice["value"] for choice in choices}:
        choices.insert(0, {"value": chosen, "label": chosen})
    return choices


def _plain(text: str) -> str:
    """A fault's text without the places that are filled in for each document."""
    return re.sub(r"\{[a-z_]+\}", "\N{HORIZONTAL ELLIPSIS}", text)
