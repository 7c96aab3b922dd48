"""A share of cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


def chance(rng: Random, percent: int) -> bool:
    """True in that share of the cases."""
    return rng.random() * 100 < percent
