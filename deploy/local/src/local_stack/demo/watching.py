"""Watching the demo's documents settle, with a progress bar that moves."""

import sys
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from local_stack.control import SimulatorControl
from local_stack.errors import StackError
from local_stack.status_client import StatusClient

_SETTLED = ("Complete", "Fault", "Skipped")
_VOIDED = ("VOIDED", "DELETED")
_LOOK_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What one tenant has to reach: so many documents settled as status-api tells, so many stamped in Autotask."""

    settled: int
    stamped: int


def goal_of(fates: Mapping[str, Any]) -> Goal:
    """The goal of a tenant, from its fates by document; purchase orders have no stamp."""
    return Goal(
        settled=sum(fate["outcome"] != "not_discovered" for fate in fates.values()),
        stamped=sum(
            fate["outcome"] == "synced" for name, fate in fates.items() if name.startswith("invoice/")
        ),
    )


class Watch:
    """Asks status-api and the Autotask simulator how far each tenant is."""

    def __init__(self, status: StatusClient, autotask: SimulatorControl, goals: Mapping[str, Goal]) -> None:
        self._status = status
        self._autotask = autotask
        self._goals = goals
        self._settled = dict.fromkeys(goals, 0)
        self._reached: set[str] = set()

    def until_done(self, check: Callable[[], None], seconds: float) -> float:
        """Wait until every tenant has reached its goal, showing progress. Returns the seconds it took.

        Args:
            check: raises if a process of the stack died.
            seconds: the longest wait.

        Raises:
            StackError: the goal was not reached in time; says which tenant is where.
            ChildDiedError: a process died.
        """
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

            def reached() -> bool:
                for tenant in self._goals.keys() - self._reached:
                    self._look(tenant)
                for tenant, bar in bars.items():
                    moved = self._settled[tenant] - progress.tasks[bar].completed
                    progress.update(bar, completed=self._settled[tenant])
                    if moved and not progress.console.is_terminal:
                        print(
                            f"{tenant}: {self._settled[tenant]} of {self._goals[tenant].settled} settled",
                            flush=True,
                        )
                return self._reached == self._goals.keys()

            def missing() -> str:
                return "; ".join(self._state(tenant) for tenant in self._goals.keys() - self._reached)

            return _until(reached, missing, check, seconds)

    def until_gone(
        self, wanted: Mapping[str, Collection[str]], check: Callable[[], None], seconds: float
    ) -> float:
        """Wait until status-api shows these documents of each tenant as voided or deleted in Xero.

        Raises:
            StackError: not in time; names those that are still there.
            ChildDiedError: a process died.
        """
        left = {(tenant, name) for tenant, names in wanted.items() for name in names}

        def reached() -> bool:
            left.difference_update([one for one in left if self._is_voided(*one)])
            return not left

        def missing() -> str:
            return "still in Xero: " + ", ".join(f"{tenant} {name}" for tenant, name in sorted(left))

        return _until(reached, missing, check, seconds)

    def _is_voided(self, tenant: str, name: str) -> bool:
        kind, _, number = name.partition("/")
        shown = self._status.get(f"tenants/{tenant}/{kind}s/{number}")
        return shown["xero"] is not None and shown["xero"]["status"] in _VOIDED

    def _look(self, tenant: str) -> None:
        """See how far a tenant is; one that has reached its goal is not looked at again."""
        goal = self._goals[tenant]
        self._settled[tenant] = sum(self._counts(tenant)[status] for status in _SETTLED)
        if self._settled[tenant] >= goal.settled and self._stamped(tenant) >= goal.stamped:
            self._reached.add(tenant)

    def _counts(self, tenant: str) -> dict[str, int]:
        overview = self._status.overview(tenant)
        orders = overview["purchase_orders"]["counts"]
        return {status: count + orders[status] for status, count in overview["counts"].items()}

    def _stamped(self, tenant: str) -> int:
        stamps = self._autotask.books(tenant)["stamps"]
        return sum(stamp["entity"] == "Invoices" and stamp["first_set_at"] is not None for stamp in stamps)

    def _state(self, tenant: str) -> str:
        counts = {status: count for status, count in self._counts(tenant).items() if count}
        goal = self._goals[tenant]
        return f"{tenant} has {counts} and {self._stamped(tenant)} stamps, wanted {goal.settled} settled and {goal.stamped} stamps"


def what_is_left(problems: Callable[[], list[str]], check: Callable[[], None], seconds: float) -> list[str]:
    """Look again and again until there are no problems any more, or the time is over; what there is then."""
    deadline = time.monotonic() + seconds
    while True:
        check()
        found = problems()
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(_LOOK_SECONDS)


def _until(
    reached: Callable[[], bool], missing: Callable[[], str], check: Callable[[], None], seconds: float
) -> float:
    """Look again and again. Returns the seconds it took; see `Watch.until_done` for what it raises."""
    began = time.monotonic()
    while True:
        check()
        if reached():
            return time.monotonic() - began
        if time.monotonic() - began > seconds:
            raise StackError(f"not settled within {seconds:g} s: {missing()}")
        time.sleep(_LOOK_SECONDS)
