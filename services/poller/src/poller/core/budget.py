"""How much of Autotask's shared hourly budget we may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Allowance = Literal["everything", "interactive", "nothing"]

_NOTHING_ABOVE = 0.95


@dataclass(frozen=True, slots=True)
class Usage:
    """Requests of the rolling hour, by all integrations together.

    Attributes:
        used: how many were made.
        limit: how many are allowed.
    """

    used: int
    limit: int

    @property
    def share(self) -> float:
        """Used part of the limit, 0 to 1 and beyond; a limit of zero leaves nothing."""
        return self.used / self.limit if self.limit > 0 else 1.0

    @property
    def left(self) -> int:
        """Requests that are left."""
        return max(0, self.limit - self.used)


def allowance(usage: Usage | None, settable_share: float) -> Allowance:
    """What may be asked of Autotask now.

    Above the tenant's share of total use only what a person waits for goes on, so that other integrations of the
    same database are not starved; above 95 % nothing does. An unknown usage allows everything: the first request tells.
    """
    if usage is None:
        return "everything"
    if usage.share > _NOTHING_ABOVE:
        return "nothing"
    return "interactive" if usage.share > settable_share else "everything"
