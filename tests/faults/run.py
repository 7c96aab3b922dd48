"""A run: invoices of four tenants appear in portions while faults are injected; then everything heals and is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from requests import RequestException

from local_stack.postgres import why_no_false_clock
from tests.end_to_end.suite import Suite
from tests.faults.books import books_of
from tests.faults.checkers import anomalies
from tests.faults.collecting import Sampler, collect, foreign_documents, shown
from tests.faults.history import History
from tests.faults.injecting import Injector
from tests.faults.kinds import CLOCK_FAULTS, DISASTERS
from tests.faults.people import People, work_by_hand
from tests.faults.plans import Plan
from tests.faults.rig import EVERYTHING_TWICE, Rig, running_rig
from tests.faults.schedule import copies_before
from tests.faults.waiting import awaited
from tests.support.waiting import wait_until

QUIET_SECONDS = 420.0
_COMMANDS_SECONDS = 60.0
NODES = 3
"""Of the broker: one may be lost."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run that is over.

    Attributes:
        waited_in_vain: what did not come after everything was healed; empty if it all did.
    """

    history: History
    anomalies: Mapping[str, Sequence[str]]
    waited_in_vain: str


def run(plan: Plan, folder: Path, say: Callable[[str], None], *, keep: bool = False) -> Outcome:
    """Carry a plan out and check what it leaves.

    Args:
        plan: what is done.
        folder: for the simulators' files.
        say: told what is going on, one line each.
        keep: leave the stack's folder with its logs behind.

    Raises:
        StackError: the stack did not come up.
    """
    books = books_of(plan.invoices, plan.seed)
    no_clock = why_no_false_clock()
    if no_clock:
        say(f"the database's clock is left alone: {no_clock}")
    rounds = plan.schedule(without=frozenset(CLOCK_FAULTS) if no_clock else frozenset())
    copies = copies_before(rounds)
    with (
        running_rig(
            books, folder, replicas=EVERYTHING_TWICE, nodes=NODES, false_clock=not no_clock, keep=keep
        ) as rig,
        Sampler(rig.suite) as sampler,
    ):
        suite = rig.suite
        say(f"the suite runs, logs in {suite.stack.logs}")
        blocked = {tenant.tenant: work_by_hand(suite, tenant) for tenant in books.tenants}
        foreign = {tenant.tenant: foreign_documents(suite, tenant.tenant) for tenant in books.tenants}
        appeared: dict[str, set[str]] = {tenant.tenant: set() for tenant in books.tenants}
        progress = _Progress(suite, blocked, appeared)
        injector = Injector(rig, folder, progress.neighbours_are_done)
        with People(suite, plan.seed, blocked) as people:
            for number, steps in enumerate(rounds):
                say(
                    f"round {number + 1} of {len(rounds)}: "
                    + "; ".join(f"{step.fault}, {step.stage}, {step.target}" for step in steps)
                )
                injector.disasters.copy(copies.get(number, ()))
                for step in steps:
                    if step.fault in DISASTERS:
                        people.prepare(step.fault)
                injector.round(steps, partial(_appear, suite, plan, number, appeared))
                if steps[0].fault not in DISASTERS:
                    people.act()
            rig.heal()
            say("everything is healed; waiting until all is quiet")
            people.finish()
            waited_in_vain = _awaited_quiet(rig, progress, people)
            injections, samples = list(injector.done), list(sampler.samples)
            deaths = len(rig.keeper.deaths)
            say(f"{len(samples)} changes of status seen, {deaths} processes ended by themselves")
            history = collect(
                rig,
                blocked=blocked,
                foreign=foreign,
                samples=samples,
                injections=injections,
                voided=people.voided,
                asked=people.asked(),
            )
    return Outcome(history, anomalies(history), waited_in_vain)


class _Progress:
    """How far what appeared has got."""

    def __init__(
        self, suite: Suite, blocked: Mapping[str, frozenset[str]], appeared: Mapping[str, set[str]]
    ) -> None:
        self._suite = suite
        self._blocked = blocked
        self._appeared = appeared

    def stamps_missing(self, tenant: str) -> set[str]:
        """Invoices that are not stamped although they have to be some day."""
        stamped = {f"invoice/{number}" for number in self._suite.stamped(tenant)}
        wanted = {name for name in self._appeared[tenant] if name.startswith("invoice/")}
        return wanted - self._blocked[tenant] - stamped

    def is_stamped(self, tenant: str) -> bool:
        """Whether nothing is missing at one tenant."""
        return not self.stamps_missing(tenant)

    def neighbours_are_done(self, tenant: str) -> bool:
        """Whether nothing is missing at the others."""
        return all(self.is_stamped(each) for each in self._appeared if each != tenant)

    def wrongly_shown(self) -> list[str]:
        """Documents that are not shown as they have to be in the end."""
        found = []
        for tenant, appeared in self._appeared.items():
            now = shown(self._suite, tenant)
            for name in appeared:
                wanted = "Fault" if name in self._blocked[tenant] else "Complete"
                if now.get(name) != wanted:
                    found.append(f"{tenant} {name}: {now.get(name)}")
        return found


def _appear(suite: Suite, plan: Plan, number: int, appeared: Mapping[str, set[str]]) -> None:
    for tenant in suite.books.tenants:
        portion, orders = (_portion(list(each), plan, number) for each in (tenant.fates, tenant.orders))
        if portion:
            suite.add_invoices(tenant, portion)
        if orders:
            suite.add_orders(tenant, orders)
        appeared[tenant.tenant].update(f"invoice/{each}" for each in portion)
        appeared[tenant.tenant].update(f"purchase-order/{each}" for each in orders)


def _portion(ids: list[int], plan: Plan, number: int) -> list[int]:
    return ids[len(ids) * number // plan.rounds : len(ids) * (number + 1) // plan.rounds]


def _awaited_quiet(rig: Rig, progress: _Progress, people: People) -> str:
    """Wait until everything that appeared has come to its end and nobody has anything left to do; what did not, in words."""
    suite = rig.suite

    def wait_for(what: str, condition: Callable[[], bool], seconds: float = QUIET_SECONDS) -> None:
        wait_until(lambda: _answers(condition), what, seconds, 1.0)

    try:
        for tenant in suite.books.tenants:
            wait_for(f"stamps of {tenant.tenant}", partial(progress.is_stamped, tenant.tenant))
        wait_for("documents that were voided", lambda: not people.still_there())
        # Commands that a lost ledger held have no end: the checker knows which.
        awaited(lambda: _answers(lambda: not people.open_commands()), _COMMANDS_SECONDS, 1.0)
        wait_for("the status of everything", lambda: not progress.wrongly_shown())
        wait_for("empty outboxes and no record that was not handled", suite.is_quiet)
    except AssertionError as error:
        return str(error)
    return ""


def _answers(condition: Callable[[], bool]) -> bool:
    """A condition asked of status-api, which may still be on its way back."""
    try:
        return condition()
    except RequestException:
        return False
