"""What was hit how often: faults by steps of the pipeline, in one run or in several together.

`python -m tests.faults.matrix build/faults/seed-1 build/faults/seed-2 …` adds the runs up (default: all that left evidence)
and prints one table; exit code 1 if a pair was hit less than `--at-least` times.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.faults.history import Injection
from tests.faults.kinds import Fault, Pair, Stage, disaster_pairs, pairs

FOLDER = Path(__file__).parents[2] / "build" / "faults"
"""Where runs leave their evidence, a folder each."""
FILE = "hits.json"


def hits(injections: Iterable[Injection]) -> Counter[Pair]:
    """Faults that had an effect while the step they were meant for was under way, by fault and step."""
    return Counter((each.fault, each.stage) for each in injections if each.aimed and each.hits)


def table(counts: Mapping[Pair, int]) -> list[str]:
    """The matrix as lines of a Markdown table; a dash where a fault can not hit a step."""
    possible = {*pairs(), *disaster_pairs()}
    lines = ["| fault | " + " | ".join(Stage) + " |", "|---|" + "---|" * len(Stage)]
    for fault in Fault:
        cells = [
            str(counts.get((fault, stage), 0)) if (fault, stage) in possible else "–"  # noqa: RUF001  # a dash as in the docs
            for stage in Stage
        ]
        lines.append(f"| {fault} | " + " | ".join(cells) + " |")
    return lines


def missed(counts: Mapping[Pair, int], at_least: int = 1) -> list[Pair]:
    """Pairs that were hit less often."""
    return [pair for pair in (*pairs(), *disaster_pairs()) if counts.get(pair, 0) < at_least]


def write_hits(counts: Mapping[Pair, int], folder: Path) -> None:
    """Write what one run hit into its folder."""
    found = [{"fault": fault, "stage": stage, "hits": count} for (fault, stage), count in counts.items()]
    (folder / FILE).write_text(json.dumps(found, indent=1) + "\n", "utf-8")


def read_hits(folders: Iterable[Path]) -> Counter[Pair]:
    """What several runs hit together.

    Raises:
        FileNotFoundError: one of them left nothing.
        ValueError: it is of a release that knows other faults.
    """
    counts: Counter[Pair] = Counter()
    for folder in folders:
        for row in json.loads((folder / FILE).read_text("utf-8")):
            counts[Fault(row["fault"]), Stage(row["stage"])] += int(row["hits"])
    return counts


def main() -> int:
    """Add runs up."""
    options = argparse.ArgumentParser(prog="python -m tests.faults.matrix", description=__doc__)
    options.add_argument("folders", nargs="*", type=Path, help="of runs; default: all")
    options.add_argument("--at-least", type=int, default=1, help="how often each pair has to be hit")
    given = options.parse_args()
    folders = given.folders or sorted(file.parent for file in FOLDER.glob(f"*/{FILE}"))
    counts = read_hits(folders)
    few = missed(counts, given.at_least)
    lines = [
        f"{len(folders)} runs: {', '.join(folder.name for folder in folders)}",
        *table(counts),
        *(
            f"{fault} at {stage}: {counts[fault, stage]} hits, wanted {given.at_least}"
            for fault, stage in few
        ),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if few else 0


if __name__ == "__main__":
    sys.exit(main())
