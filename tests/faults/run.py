"""A run: invoices of four tenants appear in portions while faults are injected; then everything heals and is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import get_args

from requests import RequestException

from simulators.books.model import Books, Numbering, TenantBooks
from simulators.books.plain import generate_plain
from tests.end_to_end.suite import Suite
from tests.faults.checkers import anomalies
from tests.faults.collecting import Sampler, collect, foreign_documents, shown
from tests.faults.history import History
from tests.faults.injecting import Injector
from tests.faults.rig import Rig, running_rig
from tests.faults.schedule import schedule
from tests.support.waiting import wait_until

NUMBERINGS: tuple[Numbering, ...] = get_args(Numbering)
TENANTS: Mapping[str, Numbering] = {
    "north": "autotask_id",
    "south": "xero",
    "east": "autotask_number",
    "west": "xero",
}
LINES = 2
QUIET_SECONDS = 420.0
_FOREIGN = 3  # documents of people, per tenant


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is made of: the same plan gives the same books and the same faults.

    Attributes:
        invoices: of all tenants together.
        rounds: portions in which they appear, each with its faults.
    """

    seed: int
    invoices: int
    rounds: int


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
    books = _books(plan)
    rounds = schedule(plan.seed, plan.rounds, len(TENANTS))
    with running_rig(books, folder, keep=keep) as rig, Sampler(rig.suite) as sampler:
        suite = rig.suite
        say(f"the suite runs, logs in {suite.stack.logs}")
        blocked = {tenant.tenant: _people_work(suite, tenant) for tenant in books.tenants}
        foreign = {tenant.tenant: foreign_documents(suite, tenant.tenant) for tenant in books.tenants}
        appeared: dict[str, set[int]] = {tenant: set() for tenant in TENANTS}
        progress = _Progress(suite, blocked, appeared)
        injector = Injector(rig, progress.neighbours_are_done)
        for number, steps in enumerate(rounds):
            say(
                f"round {number + 1} of {len(rounds)}: "
                + "; ".join(f"{step.fault}, {step.stage}, {step.target}" for step in steps)
            )
            injector.round(steps, partial(_appear, suite, plan, number, appeared))
        rig.heal()
        say("everything is healed; waiting until all is quiet")
        waited_in_vain = _awaited_quiet(rig, progress)
        injections, samples = list(injector.done), list(sampler.samples)
        say(f"{len(samples)} changes of status seen, {len(rig.keeper.deaths)} processes ended by themselves")
        history = collect(rig, blocked=blocked, foreign=foreign, samples=samples, injections=injections)
    return Outcome(history, anomalies(history), waited_in_vain)


class _Progress:
    """How far what appeared has got."""

    def __init__(
        self, suite: Suite, blocked: Mapping[str, frozenset[str]], appeared: Mapping[str, set[int]]
    ) -> None:
        self._suite = suite
        self._blocked = blocked
        self._appeared = appeared

    def stamps_missing(self, tenant: str) -> set[int]:
        """Invoices that are not stamped although they have to be some day."""
        blocked = {int(name.partition("/")[2]) for name in self._blocked[tenant]}
        return self._appeared[tenant] - blocked - self._suite.stamped(tenant)

    def is_stamped(self, tenant: str) -> bool:
        """Whether nothing is missing at one tenant."""
        return not self.stamps_missing(tenant)

    def neighbours_are_done(self, tenant: str) -> bool:
        """Whether nothing is missing at the others."""
        return all(self.is_stamped(each) for each in self._appeared if each != tenant)

    def wrongly_shown(self) -> list[str]:
        """Documents that are not shown as they have to be in the end."""
        found = []
        for tenant, ids in self._appeared.items():
            now = shown(self._suite, tenant)
            for name in (f"invoice/{number}" for number in ids):
                wanted = "Fault" if name in self._blocked[tenant] else "Complete"
                if now.get(name) != wanted:
                    found.append(f"{tenant} {name}: {now.get(name)}")
        return found


def _books(plan: Plan) -> Books:
    per_tenant = -(-plan.invoices // len(TENANTS))
    return Books(
        tuple(
            generate_plain(
                per_tenant,
                today=datetime.now(UTC).date(),
                lines=LINES,
                tenants=(tenant,),
                numbering=numbering,
                seed=plan.seed,
            ).tenants[0]
            for tenant, numbering in TENANTS.items()
        )
    )


def _people_work(suite: Suite, tenant: TenantBooks) -> frozenset[str]:
    """Documents that people made in Xero before us; one has the number that an invoice of ours will want, if we give numbers.

    Returns the documents that can not go over because of that.
    """
    pages = suite.xero.in_xero(tenant.tenant)
    contact = next(fate.document.contact for fate in tenant.fates.values() if fate.document is not None)
    line = {
        "Description": "by hand",
        "Quantity": 1,
        "UnitAmount": "10.00",
        "AccountCode": "200",
        "TaxType": "OUTPUT2",
    }
    common = {"Contact": {"Name": contact}, "LineItems": [line], "Date": "2026-01-15", "Status": "DRAFT"}
    for number in range(_FOREIGN):
        pages.make("invoices", Type="ACCREC", InvoiceNumber=f"HAND-{number}", DueDate="2026-02-15", **common)
    pages.make(
        "credit_notes", Type="ACCRECCREDIT", CreditNoteNumber="HAND-CN", Reference="as agreed", **common
    )
    wanted, fate = next(iter(tenant.fates.items()))
    if fate.document is None or fate.document.number is None:
        return frozenset()
    pages.make("invoices", Type="ACCREC", InvoiceNumber=fate.document.number, DueDate="2026-02-15", **common)
    return frozenset({f"invoice/{wanted}"})


def _appear(suite: Suite, plan: Plan, number: int, appeared: Mapping[str, set[int]]) -> None:
    for tenant in suite.books.tenants:
        ids = list(tenant.fates)
        portion = ids[len(ids) * number // plan.rounds : len(ids) * (number + 1) // plan.rounds]
        if portion:
            suite.add_invoices(tenant, portion)
            appeared[tenant.tenant].update(portion)


def _awaited_quiet(rig: Rig, progress: _Progress) -> str:
    """Wait until everything that appeared has come to its end and nobody has anything left to do; what did not, in words."""
    suite = rig.suite
    try:
        for tenant in TENANTS:
            wait_until(partial(progress.is_stamped, tenant), f"stamps of {tenant}", QUIET_SECONDS, 1.0)
        wait_until(
            lambda: _answers(lambda: not progress.wrongly_shown()),
            "the status of everything",
            QUIET_SECONDS,
            1.0,
        )
        wait_until(suite.is_quiet, "empty outboxes and no record that was not handled", QUIET_SECONDS, 1.0)
    except AssertionError as error:
        return str(error)
    return ""


def _answers(condition: Callable[[], bool]) -> bool:
    """A condition asked of status-api, which may still be on its way back."""
    try:
        return condition()
    except RequestException:
        return False
