"""Commands that people and machines may give."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, get_args

CommandKind = Literal["resync", "skip", "unskip", "sync-now"]
KINDS: tuple[CommandKind, ...] = get_args(CommandKind)
ABOUT_A_DOCUMENT: frozenset[str] = frozenset({"resync", "skip", "unskip"})
SHOWS_PENDING: frozenset[str] = frozenset({"resync"})
"""Kinds whose document shows as Pending Sync from the moment the command is stored."""

STATES = ("waiting", "accepted", "started", "done", "refused", "expired")
"""Fates of a command: `waiting` until a service answered; then the furthest answer. `expired`: closed without one."""

PATIENCE = timedelta(hours=24)
"""A command that no service has answered after this time is closed: nobody will, and it must not stand in the way of the next."""

ORDER = {state: place for place, state in enumerate(STATES)}


def wrong_target(kind: str, document: str | None) -> str | None:
    """What is wrong with the pair of kind and document, None if nothing is."""
    if kind in ABOUT_A_DOCUMENT and document is None:
        return f"{kind} needs a document, such as invoice/48213"
    if kind not in ABOUT_A_DOCUMENT and document is not None:
        return f"{kind} is about the whole tenant: leave document out"
    return None
