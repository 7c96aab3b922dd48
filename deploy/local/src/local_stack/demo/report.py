"""What the demo tells: tables for a person, one JSON file for machines."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from local_stack.demo.comparison import TenantComparison


@dataclass(frozen=True, kw_only=True)
class Calls:
    """Calls that one tenant cost."""

    autotask: int
    xero: int
    documents: int

    def per_document(self, side: str) -> float:
        """Calls of a side for each document in Xero."""
        return (self.autotask if side == "autotask" else self.xero) / max(1, self.documents)


@dataclass(frozen=True, kw_only=True)
class DemoResult:
    """Everything the demo found."""

    seconds: float
    comparisons: Mapping[str, TenantComparison]
    calls: Mapping[str, Calls]
    faults: Mapping[str, Sequence[Mapping[str, Any]]]
    samples: Sequence[Mapping[str, Any]]
    problems: Sequence[str]

    @property
    def good(self) -> bool:
        """Whether every document ended as it should and the books agree."""
        return not self.problems


def show(result: DemoResult, console: Console) -> None:
    """Print the tables and the verdict."""
    console.print(_outcomes(result))
    console.print(_totals(result))
    console.print(_calls(result))
    console.print(_faults(result))
    console.print(
        "[bold]Where to look[/bold] (the demo's stack is gone; `make up` leaves one running and prints its addresses)"
    )
    for sample in result.samples:
        console.print(
            f"  {sample['tenant']} {sample['document']}: {sample['autotask_url']}  →  {sample['xero_url']}",
            soft_wrap=True,
        )
    if result.good:
        comparisons = result.comparisons.values()
        documents, orders, gone = (
            sum(getattr(comparison, what) for comparison in comparisons)
            for what in ("documents", "orders", "gone")
        )
        console.print(
            f"[bold green]All as it should be:[/bold green] {documents} invoices and credit notes and {orders} purchase orders"
            f" in {result.seconds:.0f} s, one document each, totals equal to the cent; {gone} taken out again after they were"
            " voided or cancelled in Autotask.",
            soft_wrap=True,
        )
    else:
        for problem in result.problems:
            console.print(f"[bold red]wrong[/bold red] {problem}", soft_wrap=True)


def write(result: DemoResult, file: Path) -> None:
    """Write the same as JSON."""
    document = {
        "good": result.good,
        "seconds": round(result.seconds, 1),
        "problems": list(result.problems),
        "tenants": {
            tenant: {
                "outcomes": dict(comparison.outcomes),
                "order_outcomes": dict(comparison.order_outcomes),
                "documents": comparison.documents,
                "orders": comparison.orders,
                "gone": comparison.gone,
                "stamped": comparison.stamped,
                "autotask_totals": _plain(comparison.autotask_totals),
                "xero_totals": _plain(comparison.xero_totals),
                "autotask_orders": _plain(comparison.autotask_orders),
                "xero_orders": _plain(comparison.xero_orders),
                "autotask_calls": result.calls[tenant].autotask,
                "xero_calls": result.calls[tenant].xero,
                "faults": list(result.faults[tenant]),
            }
            for tenant, comparison in result.comparisons.items()
        },
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _outcomes(result: DemoResult) -> Table:
    table = Table(title="What went where", title_justify="left")
    table.add_column("tenant")
    table.add_column("became")
    table.add_column("invoices", justify="right")
    table.add_column("purchase orders", justify="right")
    for tenant, comparison in result.comparisons.items():
        invoices, orders = comparison.outcomes, comparison.order_outcomes
        for outcome in sorted({*invoices, *orders}, key=lambda name: (not name.startswith("synced"), name)):
            table.add_row(tenant, outcome, str(invoices.get(outcome, "")), str(orders.get(outcome, "")))
    return table


def _totals(result: DemoResult) -> Table:
    table = Table(
        title="Totals on both sides (invoices gross, credit notes negative; purchase orders net)",
        title_justify="left",
    )
    for name in ("tenant", "of", "currency", "Autotask", "Xero", "difference"):
        table.add_column(name, justify="left" if name in {"tenant", "of", "currency"} else "right")
    for tenant, comparison in result.comparisons.items():
        for what, autotask, xero in (
            ("invoices", comparison.autotask_totals, comparison.xero_totals),
            ("purchase orders", comparison.autotask_orders, comparison.xero_orders),
        ):
            for currency in sorted({*autotask, *xero}):
                ours, theirs = (side.get(currency, Decimal(0)) for side in (autotask, xero))
                table.add_row(
                    tenant, what, currency, f"{ours:,.2f}", f"{theirs:,.2f}", f"{theirs - ours:,.2f}"
                )
    return table


def _calls(result: DemoResult) -> Table:
    table = Table(title="Calls", title_justify="left")
    for name in ("tenant", "documents", "Autotask calls", "per document", "Xero calls", "per document"):
        table.add_column(name, justify="left" if name == "tenant" else "right")
    for tenant, calls in result.calls.items():
        table.add_row(
            tenant,
            str(calls.documents),
            str(calls.autotask),
            f"{calls.per_document('autotask'):.3f}",
            str(calls.xero),
            f"{calls.per_document('xero'):.3f}",
        )
    return table


def _faults(result: DemoResult) -> Table:
    table = Table(title="Faults by cause, as the dashboard shows them", title_justify="left")
    for name in ("tenant", "cause", "of", "documents", "what to do"):
        table.add_column(name)
    for tenant, faults in result.faults.items():
        for fault in faults:
            cause, kind = fault["cause"], fault["kind"].replace("-", " ")
            table.add_row(tenant, cause["code"], f"{kind}s", str(fault["documents"]), cause["remedy"])
    return table


def _plain(totals: Mapping[str, Decimal]) -> dict[str, str]:
    return {currency: f"{total:.2f}" for currency, total in sorted(totals.items())}
