"""Commands that people and machines may give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from invoice_events.names import Document

CommandKind = Literal[
    "resync", "skip", "unskip", "diagnose", "release", "sync-now", "explain", "test-connection"
]
KINDS: tuple[CommandKind, ...] = get_args(CommandKind)
ABOUT_A_DOCUMENT: frozenset[str] = frozenset({"resync", "skip", "unskip", "diagnose", "release", "explain"})
ABOUT_ANY_ID: frozenset[str] = frozenset({"explain"})
"""Kinds that may name a document that is not known here: why it is not is the question."""
ANSWERED_AT_ONCE: frozenset[str] = frozenset({"skip", "diagnose", "release", "explain", "test-connection"})
"""Kinds that do not wait while the tenant is paused: nothing moves by them."""
SHOWS_PENDING: frozenset[str] = frozenset({"resync"})
"""Kinds whose document shows as Pending Sync from the moment the command is stored."""
READS_AGAIN: frozenset[str] = frozenset({"resync"})
"""Kinds that read their document again from Autotask before anything else happens: in bulk they wait their turn."""

RECREATE = {"recreate": "true"}
"""Option of a resync: a new document, should the one in Xero be deleted or voided. As its event carries it."""
_RECREATE_NAME = "recreate"

Side = Literal["autotask", "xero"]
SIDES: tuple[Side, ...] = get_args(Side)
BOTH = "both"
"""What a test of the connections is about: one of the sides, or both."""
_SIDE_MARK = ":"
_BULK_MARK = "bulk:"

STATES = ("waiting", "accepted", "started", "done", "refused", "expired")
"""Fates of a command: `waiting` until a service answered; then the furthest answer. `expired`: closed without one."""
OPEN_STATES = frozenset({"waiting", "accepted", "started"})
"""States of commands that are not finished, apart from the moment in which their end is being folded."""

PATIENCE = timedelta(hours=24)
"""A command that no service has answered after this time is closed: nobody will, and it must not stand in the way of the next."""

PASSED_ON: frozenset[str] = frozenset({"diagnose"})
"""Kinds that one service begins and another ends: what was lost in between would stay open for ever."""
PATIENCE_WITH_PASSED_ON = timedelta(hours=1)
"""After this time such a command is closed, whatever was answered before."""

ORDER = {state: place for place, state in enumerate(STATES)}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for.

    Attributes:
        kind: of the command.
        document: what it is about, None for the whole tenant.
        recreate: a resync that makes a new document, should the one in Xero be deleted or voided.
        side: of a test of one connection; None if it is about both.
        bulk_id: the bulk act that it belongs to, None if it was asked for alone.
    """

    kind: CommandKind
    document: Document | None = None
    recreate: bool = False
    side: Side | None = None
    bulk_id: str | None = None

    @property
    def name(self) -> str:
        """What makes two commands about one document the same: a resync that recreates is another one than a plain resync.

        So is a test of one side another than one of both. And a resync of a bulk act, which waits behind those that somebody asks
        for one by one: it must not keep somebody waiting who does.
        """
        if self.bulk_id is not None and self.kind in READS_AGAIN:
            return f"{_BULK_MARK}{self.kind}"
        if self.side is not None:
            return f"{self.kind}{_SIDE_MARK}{self.side}"
        return _RECREATE_NAME if self.recreate else self.kind

    @property
    def options(self) -> dict[str, str]:
        """Options as the command's event carries them."""
        if self.bulk_id is not None:
            return {"bulk": self.bulk_id}
        if self.side is not None:
            return {"side": self.side}
        return dict(RECREATE) if self.recreate else {}


def kind_and_options(name: str) -> tuple[str, Mapping[str, str]]:
    """Kind and options of the command that has this name."""
    if name == _RECREATE_NAME:
        return "resync", RECREATE
    if name.startswith(_BULK_MARK):
        return name.removeprefix(_BULK_MARK), {}
    kind, _, side = name.partition(_SIDE_MARK)
    return kind, {"side": side} if side else {}


def names_of(kind: CommandKind) -> tuple[str, ...]:
    """Every name under which commands of this kind are stored."""
    sides = tuple(f"{kind}{_SIDE_MARK}{side}" for side in SIDES) if kind == "test-connection" else ()
    anew = (_RECREATE_NAME,) if kind == "resync" else ()
    return (kind, *sides, *anew, *((f"{_BULK_MARK}{kind}",) if kind in READS_AGAIN else ()))


def wrong_with(
    kind: str, document: str | None, *, recreate: bool, side: str | None = None
) -> tuple[str, str] | None:
    """What is wrong with a command: the place in the body and the words, None if nothing is."""
    if kind in ABOUT_A_DOCUMENT and document is None:
        return "document", f"{kind} needs a document, such as invoice/48213 or purchase-order/771"
    if kind not in ABOUT_A_DOCUMENT and document is not None:
        return "document", f"{kind} is about the whole tenant: leave document out"
    if recreate and kind != "resync":
        return "options.recreate", f"only a resync can recreate, {kind} can not"
    if side is not None and kind != "test-connection":
        return "options.side", f"only test-connection is about a side, {kind} is not"
    return None
