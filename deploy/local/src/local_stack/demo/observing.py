"""Watches a suite that runs, wherever it runs, and compares both sides' books."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from local_stack.books import BookFiles
from local_stack.control import SimulatorControl
from local_stack.demo.comparison import TenantComparison, compare
from local_stack.demo.contacts import ContactSides, contact_problems
from local_stack.demo.later import do_later, gone_wanted
from local_stack.demo.report import Calls, DemoResult
from local_stack.demo.showing import status_problems
from local_stack.demo.watching import Watch, goal_of, what_is_left
from local_stack.status_client import StatusClient

_SAMPLES = 2
_REFRESH_SECONDS = 60.0  # contacts are refreshed when there is nothing else to do
_ALL_ORDERS = 200  # more than the books have


class Observed(Protocol):
    """What is asked of the place where the suite runs: this machine, or a cluster."""

    @property
    def status_api_url(self) -> str:
        """Root of status-api."""

    @property
    def status_api_token(self) -> str:
        """A token that may read every tenant."""

    def simulator_url(self, side: str) -> str:
        """Root of a simulator, `autotask` or `xero`."""

    def check(self) -> None:
        """Raise if a part ended that should run."""


def observe(stack: Observed, books: BookFiles, seconds: float, say: Callable[[str], None]) -> DemoResult:
    """Wait until all documents have settled, do what people do later, and compare both sides.

    Args:
        stack: where the suite runs.
        books: what was loaded into its simulators.
        seconds: longest time to wait for all to settle, and again for what is voided later.
        say: takes a sentence about how far it is.

    Raises:
        StackError: a part of the stack ended, or not everything settled in time.
    """
    fates: dict[str, dict[str, Any]] = json.loads(books.fates.read_text(encoding="utf-8"))
    autotask, xero = (SimulatorControl(stack.simulator_url(side)) for side in ("autotask", "xero"))
    status = StatusClient(stack.status_api_url, stack.status_api_token)
    watch = Watch(status, autotask, {tenant: goal_of(own) for tenant, own in fates.items()})
    took = watch.until_done(stack.check, seconds)
    shown = {tenant: _shown(status, tenant) for tenant in fates}
    problems = [text for tenant, own in fates.items() for text in status_problems(tenant, own, shown[tenant])]
    done = sum(do_later(autotask, tenant, own) for tenant, own in fates.items())
    say(f"all settled; {done} documents are voided or cancelled in Autotask now")
    took += watch.until_gone(
        {tenant: gone_wanted(own) for tenant, own in fates.items()}, stack.check, seconds
    )
    comparisons = {
        tenant: compare(
            tenant=tenant,
            autotask=autotask.books(tenant),
            xero=xero.books(tenant),
            fates=own,
            later_done=True,
        )
        for tenant, own in fates.items()
    }
    problems += [problem for comparison in comparisons.values() for problem in comparison.problems]
    problems += what_is_left(
        lambda: _contact_problems(books, autotask, xero, fates), stack.check, _REFRESH_SECONDS
    )
    return DemoResult(
        seconds=took,
        comparisons=comparisons,
        calls={tenant: _calls(tenant, autotask, xero, comparisons[tenant]) for tenant in fates},
        faults={tenant: status.get(f"tenants/{tenant}/faults")["items"] for tenant in fates},
        samples=[sample for tenant in fates for sample in _samples(tenant, shown[tenant])],
        problems=problems,
    )


def _contact_problems(
    books: BookFiles,
    autotask: SimulatorControl,
    xero: SimulatorControl,
    fates: Mapping[str, Mapping[str, Any]],
) -> list[str]:
    entries = json.loads(books.tenants.read_text(encoding="utf-8"))["tenants"]
    settings = {entry["id"]: entry["settings"] for entry in entries}
    loaded = json.loads(books.xero.read_text(encoding="utf-8"))
    before = {one["tenant"]: one["contacts"] for one in loaded}
    return [
        problem
        for tenant, own in fates.items()
        for problem in contact_problems(
            tenant,
            ContactSides(
                settings=settings[tenant],
                autotask=autotask.books(tenant),
                before=before[tenant],
                xero=xero.books(tenant),
                fates=own,
            ),
        )
    ]


def _shown(status: StatusClient, tenant: str) -> dict[str, dict[str, Any]]:
    """What status-api shows of each document, by name."""
    orders = status.get(f"tenants/{tenant}/purchase-orders", limit=_ALL_ORDERS)["items"]
    return {
        **{f"invoice/{item['id']}": item for item in status.invoices(tenant)},
        **{f"purchase-order/{item['id']}": item for item in orders},
    }


def _calls(
    tenant: str, autotask: SimulatorControl, xero: SimulatorControl, comparison: TenantComparison
) -> Calls:
    count = {
        control: sum(call["tenant"] == tenant for call in control.calls()) for control in (autotask, xero)
    }
    return Calls(
        autotask=count[autotask], xero=count[xero], documents=comparison.documents + comparison.orders
    )


def _samples(tenant: str, shown: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """A few documents of each kind that went over, with their links."""
    for kind in ("invoice", "purchase-order"):
        complete = [
            (name, item)
            for name, item in shown.items()
            if name.startswith(f"{kind}/") and item["status"] == "Complete" and item["xero"]
        ]
        for name, item in complete[:_SAMPLES]:
            yield {
                "tenant": tenant,
                "document": name.replace("/", " "),
                "autotask_url": item["autotask_url"],
                "xero_url": item["xero"]["url"],
            }
