"""Notices that come up for a while."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from dash import set_props


def notice(title: str, message: str, *, bad: bool = False) -> dict[str, Any]:
    """A notice as the container takes it; one about a failure stays until it is closed."""
    return {
        "action": "show",
        "id": uuid4().hex,
        "title": title,
        "message": message,
        "color": "red" if bad else "teal",
        "autoClose": False if bad else 6000,
    }


def tell(title: str, message: str, *, bad: bool = False) -> None:
    """Show a notice from within a callback."""
    set_props("notices", {"sendNotifications": [notice(title, message, bad=bad)]})
