"""A run's outcome for people: what is wrong, what was hit, and files to find out why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.faults.history import Injection
from tests.faults.matrix import FOLDER, hits, missed, table, write_hits
from tests.faults.run import Outcome

__all__ = ["FOLDER", "report", "verdict", "write"]
_SHOWN = 20  # sentences of one kind


def verdict(outcome: Outcome) -> list[str]:
    """What is wrong with a run, a line each; empty = nothing."""
    lines = [f"waited in vain: {outcome.waited_in_vain}"] if outcome.waited_in_vain else []
    for name, sentences in outcome.anomalies.items():
        lines.append(f"{name.upper()}: {len(sentences)}")
        lines += [f"  {sentence}" for sentence in sentences[:_SHOWN]]
    return lines


def report(outcome: Outcome) -> list[str]:
    """Figures of a run, the matrix of what was hit, and the verdict."""
    history = outcome.history
    counts = hits(history.injections)
    documents = [name for tenant in history.tenants for name in tenant.fates]
    orders = sum(name.startswith("purchase-order/") for name in documents)
    voided = sum(len(tenant.voided) for tenant in history.tenants)
    blind = [each for each in history.injections if not (each.aimed and each.hits)]
    return [
        f"{len(documents) - orders} invoices and credit notes, {voided} of them voided, {orders} purchase orders, {len(history.asked)} commands",
        f"{len(history.events)} events, {len(history.samples)} changes of status seen",
        f"{len(history.xero_calls)} calls to Xero, {len(history.autotask_calls)} to Autotask",
        f"{len(history.injections)} faults, of which {len(blind)} hit nothing; {len(history.deaths)} processes ended by themselves",
        _pace(history.injections),
        *table(counts),
        f"{len(missed(counts))} pairs were not hit",
        *(verdict(outcome) or ["nothing is wrong"]),
    ]


def _pace(injections: Sequence[Injection]) -> str:
    """How dense the faults were."""
    if not injections:
        return "no faults"
    begin, end = min(each.begin for each in injections), max(each.end for each in injections)
    minutes = (end - begin).total_seconds() / 60
    hit = sum(bool(each.aimed and each.hits) for each in injections)
    return f"{hit} hits in {minutes:.1f} minutes: {hit / minutes:.1f} a minute" if minutes else f"{hit} hits"


def write(outcome: Outcome, folder: Path) -> None:
    """Write report, logs, events, calls and faults into a folder, one file each."""
    folder.mkdir(parents=True, exist_ok=True)
    history = outcome.history
    write_hits(hits(history.injections), folder)
    (folder / "report.md").write_text("\n".join(report(outcome)) + "\n", "utf-8")
    tables = {
        "events": (f"{told.topic}[{told.partition}]@{told.offset} {told.event}" for told in history.events),
        "xero-calls": (json.dumps(call) for call in history.xero_calls),
        "autotask-calls": (json.dumps(call) for call in history.autotask_calls),
        "samples": (str(sample) for sample in history.samples),
        "faults": (str(each) for each in (*history.injections, *history.deaths)),
        "commands": (str(each) for each in history.asked),
        "books": (json.dumps(tenant.xero) for tenant in history.tenants),
    }
    for name, lines in tables.items():
        _write_lines(folder / f"{name}.txt", lines)
    for process, text in history.logs.items():
        (folder / f"{process}.log").write_text(text, "utf-8")


def _write_lines(file: Path, lines: Iterator[str]) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in lines)
