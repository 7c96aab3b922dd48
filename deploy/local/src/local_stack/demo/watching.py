"""Watching the demo's invoices settle, with a progress bar that moves."""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from local_stack.control import SimulatorControl
from local_stack.errors import StackError
from local_stack.status_client import StatusClient

_SETTLED = ("Complete", "Fault", "Skipped")
_LOOK_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What one tenant has to reach: so many invoices settled as status-api tells, so many stamped in Autotask."""

    settled: int
    stamped: int


def goal_of(fates: Mapping[str, Any]) -> Goal:
    """The goal of a tenant, from its fates."""
    outcomes = [fate["outcome"] for fate in fates.values()]
    return Goal(
        settled=sum(outcome != "not_discovered" for outcome in outcomes), stamped=outcomes.count("synced")
    )


class Watch:
    """Asks status-api and the Autotask simulator how far each tenant is."""

    def __init__(self, status: StatusClient, autotask: SimulatorControl, goals: Mapping[str, Goal]) -> None:
        self._status = status
        self._autotask = autotask
        self._goals = goals
        self._settled = dict.fromkeys(goals, 0)

    def until_done(self, check: Callable[[], None], seconds: float) -> float:
        """Wait until every tenant has reached its goal, showing progress. Returns the seconds it took.

        Args:
            check: raises if a process of the stack died.
            seconds: the longest wait.

        Raises:
            StackError: the goal was not reached in time; says which tenant is where.
            ChildDiedError: a process died.
        """
        began = time.monotonic()
        columns = (
            TextColumn("{task.description:<12}"),
            BarColumn(40),
            MofNCompleteColumn(),
            TextColumn("settled"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(file=sys.stdout)) as progress:
            bars = {
                tenant: progress.add_task(tenant, total=goal.settled) for tenant, goal in self._goals.items()
            }
            while True:
                check()
                done = [self._look(tenant, goal) for tenant, goal in self._goals.items()]
                for tenant, bar in bars.items():
                    moved = self._settled[tenant] - progress.tasks[bar].completed
                    progress.update(bar, completed=self._settled[tenant])
                    if moved and not progress.console.is_terminal:
                        print(
                            f"{tenant}: {self._settled[tenant]} of {self._goals[tenant].settled} settled",
                            flush=True,
                        )
                if all(done):
                    return time.monotonic() - began
                if time.monotonic() - began > seconds:
                    raise StackError(
                        f"not settled within {seconds:g} s: "
                        + "; ".join(self._state(tenant) for tenant in self._goals)
                    )
                time.sleep(_LOOK_SECONDS)

    def _look(self, tenant: str, goal: Goal) -> bool:
        counts = self._status.overview(tenant)["counts"]
        self._settled[tenant] = sum(counts[status] for status in _SETTLED)
        return self._settled[tenant] >= goal.settled and self._stamped(tenant) >= goal.stamped

    def _stamped(self, tenant: str) -> int:
        stamps = self._autotask.books(tenant)["stamps"]
        return sum(stamp["entity"] == "Invoices" and stamp["first_set_at"] is not None for stamp in stamps)

    def _state(self, tenant: str) -> str:
        counts = {status: count for status, count in self._status.overview(tenant)["counts"].items() if count}
        goal = self._goals[tenant]
        return f"{tenant} has {counts} and {self._stamped(tenant)} stamps, wanted {goal.settled} settled and {goal.stamped} stamps"
