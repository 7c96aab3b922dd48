"""Commands that people and machines may give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from invoice_events.names import Document

CommandKind = Literal["resync", "skip", "unskip", "sync-now", "explain", "test-connection"]
KINDS: tuple[CommandKind, ...] = get_args(CommandKind)
ABOUT_A_DOCUMENT: frozenset[str] = frozenset({"resync", "skip", "unskip", "explain"})
ABOUT_ANY_ID: frozenset[str] = frozenset({"explain"})
"""Kinds that may name a document that is not known here: why it is not is the question."""
ANSWERED_AT_ONCE: frozenset[str] = frozenset({"explain", "test-connection"})
"""Kinds that do not wait while the tenant is paused: nothing moves by them."""
SHOWS_PENDING: frozenset[str] = frozenset({"resync"})
"""Kinds whose document shows as Pending Sync from the moment the command is stored."""

RECREATE = {"recreate": "true"}
"""Option of a resync: a new document, should the one in Xero be deleted or voided. As its event carries it."""
_RECREATE_NAME = "recreate"

Side = Literal["autotask", "xero"]
SIDES: tuple[Side, ...] = get_args(Side)
BOTH = "both"
"""What a test of the connections is about: one of the sides, or both."""
_SIDE_MARK = ":"

STATES = ("waiting", "accepted", "started", "done", "refused", "expired")
"""Fates of a command: `waiting` until a service answered; then the furthest answer. `expired`: closed without one."""

PATIENCE = timedelta(hours=24)
"""A command that no service has answered after this time is closed: nobody will, and it must not stand in the way of the next."""

ORDER = {state: place for place, state in enumerate(STATES)}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for.

    Attributes:
        kind: of the command.
        document: what it is about, None for the whole tenant.
        recreate: a resync that makes a new document, should the one in Xero be deleted or voided.
        side: of a test of one connection; None if it is about both.
    """

    kind: CommandKind
    document: Document | None = None
    recreate: bool = False
    side: Side | None = None

    @property
    def name(self) -> str:
        """What makes two commands about one document the same: a resync that recreates is another one than a plain resync.

        So is a test of one side another than one of both.
        """
        if self.side is not None:
            return f"{self.kind}{_SIDE_MARK}{self.side}"
        return _RECREATE_NAME if self.recreate else self.kind

    @property
    def options(self) -> dict[str, str]:
        """Options as the command's event carries them."""
        if self.side is not None:
            return {"side": self.side}
        return dict(RECREATE) if self.recreate else {}


def kind_and_options(name: str) -> tuple[str, Mapping[str, str]]:
    """Kind and options of the command that has this name."""
    if name == _RECREATE_NAME:
        return "resync", RECREATE
    kind, _, side = name.partition(_SIDE_MARK)
    return kind, {"side": side} if side else {}


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
