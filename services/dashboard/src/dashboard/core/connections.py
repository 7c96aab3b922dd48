"""The two connections as people read them: state, colours, budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.core.errands import SIDES
from dashboard.core.money import show_count


@dataclass(frozen=True, slots=True)
class StateLook:
    """How the state of a connection is shown.

    Attributes:
        words: said beside the colour, always.
        name: of the colours in `assets/status.css`.
        symbol: icon.
        trouble: how much it stands in the way; 0 not at all.
    """

    words: str
    name: str
    symbol: str
    trouble: int


_LOOKS: Mapping[str, StateLook] = {
    "connected": StateLook("Connected", "complete", "check", 0),
    "throttled": StateLook("Slowed down", "waiting", "clock", 1),
    "unknown": StateLook("Not reported yet", "other", "help", 2),
    "down": StateLook("Does not answer", "fault", "cut", 3),
    "refused": StateLook("Refused", "fault", "warning", 4),
}
_PERIODS = {"minute": "this minute", "hour": "this hour", "day": "today"}
_SCARCE = 0.1


def state_look(state: str) -> StateLook:
    """How a state is shown, also one that a newer status-api may have."""
    return _LOOKS.get(state, StateLook(state, "other", "help", 2))


def side_name(side: str) -> str:
    """A connection's name."""
    return SIDES.get(side, side)


def worst_trouble(connections: Sequence[Mapping[str, Any]]) -> int:
    """How much the worse of the connections stands in the way."""
    return max((state_look(each["state"]).trouble for each in connections), default=2)


@dataclass(frozen=True, slots=True)
class Budget:
    """Calls that a provider still takes.

    Attributes:
        label: of which period.
        words: how many are left of how many.
        share: what is left, from 0 to 1.
        scarce: whether that is little.
    """

    label: str
    words: str
    share: float
    scarce: bool


def budget(read: Mapping[str, Any]) -> Budget:
    """From what status-api tells: used, limit, and the name of the period."""
    limit = max(int(read["limit"]), 0)
    left = min(max(limit - int(read["used"]), 0), limit)
    share = left / limit if limit else 0.0
    period = _PERIODS.get(read["name"], read["name"])
    return Budget(
        f"Calls left {period}", f"{show_count(left)} of {show_count(limit)}", share, scarce=share <= _SCARCE
    )
