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
from local_stack.demo.report import Calls, DemoResult, show, write
from local_stack.demo.watching import Watch, goal_of
from local_stack.folders import make_folder, remove_folder
from local_stack.options import StackOptions
from local_stack.paths import BUILD
from local_stack.stack import Stack
from local_stack.status_client import StatusClient

_POLL_SECONDS = "5"  # three strikes take three cycles; a demo does not wait for the usual five minutes
_SAMPLES = 2
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
    switches = {
        one["tenant"]: one["switches"] for one in json.loads(books.autotask.read_text(encoding="utf-8"))
    }
    autotask, xero = (SimulatorControl(stack.simulator_url(side)) for side in ("autotask", "xero"))
    status = StatusClient(stack.status_api_url, stack.status_api_token)
    took = Watch(status, autotask, {tenant: goal_of(own) for tenant, own in fates.items()}).until_done(
        stack.check, seconds
    )
    comparisons = {
        tenant: compare(
            tenant=tenant,
            autotask=autotask.books(tenant),
            xero=xero.books(tenant),
            fates=own,
            invoice_total=switches[tenant]["invoice_total"],
        )
        for tenant, own in fates.items()
    }
    shown = {tenant: list(status.invoices(tenant)) for tenant in fates}
    problems = [problem for comparison in comparisons.values() for problem in comparison.problems]
    for tenant, own in fates.items():
        problems += _status_problems(tenant, own, shown[tenant])
    return DemoResult(
        seconds=took,
        comparisons=comparisons,
        calls={tenant: _calls(tenant, autotask, xero, comparisons[tenant]) for tenant in fates},
        faults={tenant: status.get(f"tenants/{tenant}/faults")["items"] for tenant in fates},
        samples=[
            _sample(tenant, item) for tenant, items in shown.items() for item in _complete(items)[:_SAMPLES]
        ],
        problems=problems,
    )


def _calls(
    tenant: str, autotask: SimulatorControl, xero: SimulatorControl, comparison: TenantComparison
) -> Calls:
    count = {
        control: sum(call["tenant"] == tenant for call in control.calls()) for control in (autotask, xero)
    }
    return Calls(autotask=count[autotask], xero=count[xero], documents=comparison.documents)


def _status_problems(tenant: str, fates: Mapping[str, Any], shown: list[dict[str, Any]]) -> Iterator[str]:
    """What status-api shows must be what happened, cause included."""
    by_id = {str(item["id"]): item for item in shown}
    wanted = {"synced": "Complete", "fault": "Fault", "skipped": "Skipped"}
    for number, fate in fates.items():
        item = by_id.pop(number, None)
        if fate["outcome"] == "not_discovered":
            if item is not None:
                yield f"{tenant}: invoice {number} is shown though it must not be discovered ({fate['cause']})"
        elif item is None:
            yield f"{tenant}: invoice {number} is not shown, wanted {wanted[fate['outcome']]}"
        elif item["status"] != wanted[fate["outcome"]]:
            yield f"{tenant}: invoice {number} is shown as {item['status']}, wanted {wanted[fate['outcome']]}"
        elif fate["outcome"] != "synced" and (item["cause"] or {}).get("code") != fate["cause"]:
            yield f"{tenant}: invoice {number} is shown with the cause {item['cause']}, wanted {fate['cause']}"
    for number in by_id:
        yield f"{tenant}: invoice {number} is shown and nobody knows it"


def _complete(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item for item in items if item["status"] == "Complete" and item["xero"]]


def _sample(tenant: str, item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "id": item["id"],
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
    help="sync a realistic set of invoices for two tenants and compare both sides' books",
    run=run_demo,
    options=_options,
)
