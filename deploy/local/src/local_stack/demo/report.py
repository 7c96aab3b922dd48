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
            f"  {sample['tenant']} invoice {sample['id']}: {sample['autotask_url']}  →  {sample['xero_url']}",
            soft_wrap=True,
        )
    if result.good:
        documents = sum(comparison.documents for comparison in result.comparisons.values())
        console.print(
            f"[bold green]All as it should be:[/bold green] {documents} documents in {result.seconds:.0f} s, one each, totals equal to the cent."
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
                "documents": comparison.documents,
                "stamped": comparison.stamped,
                "autotask_totals": _plain(comparison.autotask_totals),
                "xero_totals": _plain(comparison.xero_totals),
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
    for tenant, comparison in result.comparisons.items():
        for outcome, count in sorted(
            comparison.outcomes.items(), key=lambda item: (item[0] != "synced", item[0])
        ):
            table.add_row(tenant, outcome, str(count))
    return table


def _totals(result: DemoResult) -> Table:
    table = Table(title="Totals on both sides (gross, credit notes negative)", title_justify="left")
    for name in ("tenant", "currency", "Autotask", "Xero", "difference"):
        table.add_column(name, justify="left" if name in {"tenant", "currency"} else "right")
    for tenant, comparison in result.comparisons.items():
        for currency in sorted({*comparison.autotask_totals, *comparison.xero_totals}):
            ours, theirs = (
                comparison.autotask_totals.get(currency, Decimal(0)),
                comparison.xero_totals.get(currency, Decimal(0)),
            )
            table.add_row(tenant, currency, f"{ours:,.2f}", f"{theirs:,.2f}", f"{theirs - ours:,.2f}")
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
    for name in ("tenant", "cause", "invoices", "what to do"):
        table.add_column(name)
    for tenant, faults in result.faults.items():
        for fault in faults:
            table.add_row(tenant, fault["cause"]["code"], str(fault["documents"]), fault["cause"]["remedy"])
    return table


def _plain(totals: Mapping[str, Decimal]) -> dict[str, str]:
    return {currency: f"{total:.2f}" for currency, total in sorted(totals.items())}
