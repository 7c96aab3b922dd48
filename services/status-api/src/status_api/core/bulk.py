"""Bulk acts: one wish about many documents, told document by document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from invoice_events.names import KINDS, Document, Kind
from status_api.core.commands import CommandKind
from status_api.core.statuses import Status

BulkKind = Literal["resync", "skip", "unskip"]
BULK_KINDS: tuple[BulkKind, ...] = get_args(BulkKind)

MOST_DOCUMENTS = 500
"""Documents that one act may name."""
MOST_OF_A_CAUSE = 5_000
"""Documents that one act may take of a cause: a transaction of a second or two, an answer of less than a megabyte."""

Fate = Literal["accepted", "already_open", "unknown", "refused"]
FATES: tuple[Fate, ...] = get_args(Fate)
"""What became of a document of the act: a command of this act; one that was open before; not known here; can not be."""

_LOOKED_AT: dict[BulkKind, tuple[Status, ...]] = {
    "resync": ("Fault",),
    "skip": ("Fault",),
    "unskip": ("Skipped",),
}
_HOLD: dict[BulkKind, str] = {"resync": "none", "skip": "none", "unskip": "skip"}


@dataclass(frozen=True, slots=True)
class OfCause:
    """Documents by what is wrong with them.

    Attributes:
        cause: fault code, skip reason, or one of `REASONS`.
        kinds: of the documents.
        statuses: that they show.
        hold: that lies over them.
        limit: how many at most, those that changed last.
    """

    cause: str
    kinds: tuple[Kind, ...]
    statuses: tuple[str, ...]
    hold: str
    limit: int

    def __str__(self) -> str:
        """As the audit says it."""
        return f"{' or '.join(self.kinds)} in {' or '.join(self.statuses)} with cause {self.cause}"


def of_cause(
    kind: BulkKind,
    cause: str,
    *,
    document_kind: Kind | None = None,
    statuses: Sequence[str] | None = None,
    limit: int | None = None,
) -> OfCause:
    """What an act about a cause takes; what is left out is what people mean by it: both kinds of documents, those that wait for a person."""
    return OfCause(
        cause,
        KINDS if document_kind is None else (document_kind,),
        tuple(_LOOKED_AT[kind] if statuses is None else dict.fromkeys(statuses)),
        _HOLD[kind],
        MOST_OF_A_CAUSE if limit is None else limit,
    )


@dataclass(frozen=True, slots=True)
class BulkAct:
    """One wish about many documents.

    Attributes:
        kind: of the commands.
        documents: that it names, each once; None if it goes by a cause.
        of_cause: which ones it takes, None if it names them.
    """

    kind: BulkKind
    documents: tuple[Document, ...] | None = None
    of_cause: OfCause | None = None

    @property
    def about(self) -> str:
        """What it is about, as the audit says it."""
        return str(self.of_cause) if self.of_cause else "documents by name"


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one document.

    Attributes:
        document: its name.
        fate: one of `FATES`.
        command_id: of the command that is open now, if there is one.
        hold: what lies over it, where that is why it was refused.
    """

    document: Document
    fate: Fate
    command_id: str | None = None
    hold: str | None = None


def refused_beforehand(kind: CommandKind, hold: str) -> bool:
    """Whether a document can not be taken because of the hold over it: the poller would refuse each of these commands."""
    return kind == "resync" and hold != "none"


def counts_of(items: Sequence[Item]) -> dict[str, int]:
    """How many documents had each fate."""
    counted = Counter(item.fate for item in items)
    return {fate: counted[fate] for fate in FATES}
