"""What screen readers are told, as the keyword arguments that Dash wants."""

from __future__ import annotations

from typing import Any


def aria(**told: str) -> dict[str, Any]:
    """Attributes `aria-…` by their names, `_` for `-`: `html.Div(…, **aria(label="Filters"))`."""
    return {f"aria-{name.replace('_', '-')}": value for name, value in told.items()}
