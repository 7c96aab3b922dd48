"""Commands that people and machines may give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from invoice_events.names import Document

CommandKind = Literal["resync", "skip", "unskip", "sync-now"]
KINDS: tuple[CommandKind, ...] = get_args(CommandKind)
ABOUT_A_DOCUMENT: frozenset[str] = frozenset({"resync", "skip", "unskip"})
SHOWS_PENDING: frozenset[str] = frozenset({"resync"})
"""Kinds whose document shows as Pending Sync from the moment the command is stored."""

RECREATE = {"recreate": "true"}
"""Option of a resync: a new document, should the one in Xero be deleted or voided. As its event carries it."""
_RECREATE_NAME = "recreate"

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
    """

    kind: CommandKind
    document: Document | None = None
    recreate: bool = False

    @property
    def name(self) -> str:
        """What makes two commands about one document the same: a resync that recreates is another one than a plain resync."""
        return _RECREATE_NAME if self.recreate else self.kind

    @property
    def options(self) -> dict[str, str]:
        """Options as the command's event carries them."""
        return dict(RECREATE) if self.recreate else {}


def kind_and_options(name: str) -> tuple[str, Mapping[str, str]]:
    """Kind and options of the command that has this name."""
    return ("resync", RECREATE) if name == _RECREATE_NAME else (name, {})


def wrong_with(kind: str, document: str | None, *, recreate: bool) -> tuple[str, str] | None:
    """What is wrong with a command: the place in the body and the words, None if nothing is."""
    if kind in ABOUT_A_DOCUMENT and document is None:
        return "document", f"{kind} needs a document, such as invoice/48213 or purchase-order/771"
    if kind not in ABOUT_A_DOCUMENT and document is not None:
        return "document", f"{kind} is about the whole tenant: leave document out"
    if recreate and kind != "resync":
        return "options.recreate", f"only a resync can recreate, {kind} can not"
    return None
