"""What screen readers are told, as the keyword arguments that Dash wants."""

from __future__ import annotations

from typing import Any


def aria(**told: str) -> dict[str, Any]:
    """Attributes `aria-…` by their names, `_` for `-`: `html.Div(…, **aria(label="Filters"))`."""
    return {f"aria-{name.replace('_', '-')}": value for name, value in told.items()}


def data(**told: str) -> dict[str, Any]:
    """Attributes `data-…`, which style sheets read, by their names, `_` for `-`."""
    return {f"data-{name.replace('_', '-')}": value for name, value in told.items()}
