"""What the runs are made of: one for every day, and the long ones that together hit every pair often enough."""

from __future__ import annotations

from dataclasses import dataclass

from tests.faults.books import TENANTS
from tests.faults.kinds import Fault, Step
from tests.faults.schedule import schedule


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is made of: the same plan gives the same books and the same faults.

    Attributes:
        invoices: of all tenants together.
        rounds: portions in which they appear, each with its faults.
        disasters: how often each kind of disaster comes.
    """

    seed: int
    invoices: int
    rounds: int
    disasters: int = 0

    def schedule(self, *, without: frozenset[Fault] = frozenset()) -> list[list[Step]]:
        """Its rounds. `without`: faults that this machine can not produce."""
        return schedule(self.seed, self.rounds, len(TENANTS), disasters=self.disasters, without=without)


SHORT = Plan(seed=20261122, invoices=128, rounds=16)
LONG = tuple(Plan(seed=seed, invoices=2000, rounds=96, disasters=4) for seed in range(1, 6))
LARGE = Plan(seed=6, invoices=10_000, rounds=96, disasters=4)
