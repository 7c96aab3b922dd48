"""The demo: from nothing to two tenants' books, compared."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from local_stack.books import BookFiles, make_books
from local_stack.command import Command, unwinding_on_signals
from local_stack.control import SimulatorControl
from local_stack.demo.comparison import TenantComparison, compare
from local_stack.demo.contacts import ContactSides, contact_problems
from local_stack.demo.later import do_later, gone_wanted
from local_stack.demo.report import Calls, DemoResult, show, write
from local_stack.demo.showing import status_problems
from local_stack.demo.watching import Watch, goal_of, what_is_left
from local_stack.folders import make_folder, remove_folder
from local_stack.options import StackOptions
from local_stack.paths import BUILD
from local_stack.stack import Stack
from local_stack.status_client import StatusClient

_POLL_SECONDS = "5"  # three strikes take three cycles; a demo does not wait for the usual five minutes
_SAMPLES = 2
_REFRESH_SECONDS = 60.0  # contacts are refreshed when there is nothing else to do
_ALL_ORDERS = 200  # more than the books have
_PLAIN_WIDTH = 120  # tables stay readable in a log file


def run_demo(options: argparse.Namespace) -> int:
    """Run the demo; 0 only if every document ended as it should."""
    console = Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
    folder = make_folder("invoice-sync-demo", keep=False)
    with unwinding_on_signals():
        try:
            books = make_books(folder, invoices=options.invoices, seed=options.seed)
            with Stack(_stack_options(books, console)) as stack:
                result = _observe(stack, books, options.seconds)
        finally:
            remove_folder(folder)
    show(result, console)
    write(result, options.report)
    console.print(f"Written to {options.report}", soft_wrap=True)
    return 0 if result.good else 1


def _stack_options(books: BookFiles, console: Console) -> StackOptions:
    return StackOptions(
        autotask_load=[books.autotask],
        xero_load=[books.xero],
        tenants=books.tenants,
        environment={"poller": {"POLL_INTERVAL_SECONDS": _POLL_SECONDS}},
        say=lambda text: console.print(text, soft_wrap=True),
    )


def _observe(stack: Stack, books: BookFiles, seconds: float) -> DemoResult:
    fates: dict[str, dict[str, Any]] = json.loads(books.fates.read_text(encoding="utf-8"))
    autotask, xero = (SimulatorControl(stack.simulator_url(side)) for side in ("autotask", "xero"))
    status = StatusClient(stack.status_api_url, stack.status_api_token)
    watch = Watch(status, autotask, {tenant: goal_of(own) for tenant, own in fates.items()})
    took = watch.until_done(stack.check, seconds)
    shown = {tenant: _shown(status, tenant) for tenant in fates}
    problems = [text for tenant, own in fates.items() for text in status_problems(tenant, own, shown[tenant])]
    done = sum(do_later(autotask, tenant, own) for tenant, own in fates.items())
    stack.options.say(f"all settled; {done} documents are voided or cancelled in Autotask now")
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


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--invoices", type=int, default=360, help="invoices in Autotask, shared among two tenants"
    )
    parser.add_argument("--seed", type=int, default=7, help="another seed, other books")
    parser.add_argument("--seconds", type=float, default=300.0, help="longest time to wait for all to settle")
    parser.add_argument(
        "--report",
        type=Path,
        default=BUILD / "demo.json",
        help="where the result is written as JSON",
    )


DEMO = Command(
    name="demo",
    help="sync a realistic set of invoices and purchase orders for two tenants and compare both sides' books",
    run=run_demo,
    options=_options,
)
