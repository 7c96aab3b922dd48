"""What was hit how often: faults by steps of the pipeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from tests.faults.history import Injection
from tests.faults.schedule import Fault, Pair, Stage, pairs


def hits(injections: Iterable[Injection]) -> Counter[Pair]:
    """Faults that had an effect while the step they were meant for was under way, by fault and step."""
    return Counter((each.fault, each.stage) for each in injections if each.aimed and each.hits)


def table(counts: Mapping[Pair, int]) -> list[str]:
    """The matrix as lines of a Markdown table; a dash where a fault can not hit a step."""
    possible = set(pairs())
    lines = ["| fault | " + " | ".join(Stage) + " |", "|---|" + "---|" * len(Stage)]
    for fault in Fault:
        cells = [
            str(counts.get((fault, stage), 0)) if (fault, stage) in possible else "–"  # noqa: RUF001  # a dash as in the docs
            for stage in Stage
        ]
        lines.append(f"| {fault} | " + " | ".join(cells) + " |")
    return lines


def missed(counts: Mapping[Pair, int]) -> list[Pair]:
    """Pairs that were never hit."""
    return [pair for pair in pairs() if not counts.get(pair)]
