"""What the benchmarks tell: a table for a person, one JSON file for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Measured

_VERDICTS = {True: "[green]holds[/green]", False: "[bold red]FAILS[/bold red]", None: ""}
NOT_YET = ("materializer, events per second",)
"""Bounds of parts that are not built yet: named below the table, without a verdict."""


def show(figures: Sequence[Measured], console: Console) -> None:
    """Print the table."""
    table = Table(title="Figures beside their bounds", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("bound", justify="right")
    table.add_column("unit")
    table.add_column("")
    table.add_column("note", style="dim")
    for figure in figures:
        table.add_row(
            figure.line.figure,
            "-" if figure.value is None else rounded(figure.value),
            "" if figure.line.bound is None else str(figure.line.bound),
            figure.line.unit,
            _VERDICTS[figure.holds],
            figure.note,
        )
    console.print(table)
    console.print(f"Not measured yet: {'; '.join(NOT_YET)}.", highlight=False)


def rounded(value: float) -> str:
    """A value with the digits that say something."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def document(figures: Sequence[Measured]) -> list[dict[str, Any]]:
    """The figures as JSON: `holds` is null without a bound, `value` is null if it could not be measured."""
    return [
        {
            "figure": figure.line.figure,
            "value": None if figure.value is None else round(figure.value, 4),
            "bound": None if figure.line.bound is None else str(figure.line.bound),
            "holds": figure.holds,
            "unit": figure.line.unit,
            "note": figure.note,
        }
        for figure in figures
    ]


def write(figures: Sequence[Measured], file: Path) -> None:
    """Write the JSON file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document(figures), indent=2, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")
