"""Sections of the panel, and when it is read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PANES: Mapping[str, str] = {
    "summary": "Summary",
    "original": "The Autotask Original",
    "xero": "The Xero Record",
    "comparison": "Comparison",
    "logs": "View Sync Logs",
    "timeline": "Timeline",
    "diagnosis": "Diagnosis",
}
"""Sections in their order, by their name in the address."""
FIRST_PANE = next(iter(PANES))


def pane_named(name: str | None) -> str:
    """A section by its name; the first one if there is none of that name."""
    return name if name is not None and name in PANES else FIRST_PANE


def concerns(
    changes: Mapping[str, Any] | None, opened: Mapping[str, Any], shown: Mapping[str, Any] | None
) -> bool:
    """Whether changes touch what the panel shows: the document, or a command whose fate it tells.

    A change that names nothing may be of anything. One of the tenant may be its pause, which commands wait for.
    """
    if changes is None:
        return False
    if changes["reset"] or "tenant" in changes["subjects"]:
        return True
    told = {f"{opened['kind']}/{opened['id']}"}
    told.update(f"command/{command}" for command in (shown or {}).get("commands", ()))
    return not told.isdisjoint(changes["ids"])
