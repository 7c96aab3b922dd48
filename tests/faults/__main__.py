"""`python -m tests.faults`: one run of the fault suite, its matrix and what it found; exit code 1 if it found anything."""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.faults import evidence
from tests.faults.plans import Plan
from tests.faults.rig import why_not_here
from tests.faults.run import run

_INVOICES_A_ROUND = 8


def _say(line: str) -> None:
    sys.stdout.write(f"{datetime.now(UTC):%H:%M:%S} {line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run as the options say."""
    options = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    options.add_argument("--seed", type=int, default=1, help="of books and faults")
    options.add_argument("--invoices", type=int, default=480, help="of four tenants together")
    options.add_argument("--rounds", type=int, help="of faults; default: one for 8 invoices")
    options.add_argument("--disasters", type=int, default=0, help="of each kind: lost and restored memories")
    given = options.parse_args()
    refused = why_not_here()
    if refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    rounds = given.rounds or max(1, given.invoices // _INVOICES_A_ROUND)
    plan = Plan(given.seed, given.invoices, rounds, given.disasters)
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        outcome = run(plan, Path(folder), _say)
    evidence.write(outcome, evidence.FOLDER / f"seed-{plan.seed}")
    sys.stdout.write("\n".join(evidence.report(outcome)) + "\n")
    return 1 if evidence.verdict(outcome) else 0


if __name__ == "__main__":
    sys.exit(main())
