"""The judge of a trial in a cluster: what `make demo` wants of its books, asked of the simulators and status-api inside.

The books are generated again from the simulators' seed and size; the same day gives the same books, so a trial that runs
over midnight UTC is none.

usage: judge.py run [--seconds N]    wait until every document has settled, void and cancel what people void later, compare
       judge.py compare              only compare, after a `run` that was content: nothing was lost or doubled since
SEED, INVOICES, AUTOTASK_URL, XERO_URL, STATUS_API_URL and STATUS_API_ADMIN_TOKEN come from the environment.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from local_stack.books import BookFiles, make_books
from local_stack.control import SimulatorControl
from local_stack.demo.comparison import compare
from local_stack.demo.observing import observe
from local_stack.demo.report import show
from local_stack.demo.watching import what_is_left
from local_stack.errors import StackError

_LATE_SECONDS = 60.0  # a document whose outcome was unknown when its pod ended is looked up first


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Cluster:
    """What the demo asks of its stack, answered by a cluster."""

    simulators: Mapping[str, str]
    status_api_url: str
    status_api_token: str

    def simulator_url(self, side: str) -> str:
        """Root of a simulator, `autotask` or `xero`."""
        return self.simulators[side]

    def check(self) -> None:
        """Pods may end at any time here: that is what is tried."""


def main(arguments: list[str]) -> int:
    """Judge; 0 = every document is as it has to be, to the cent."""
    parser = argparse.ArgumentParser(prog="judge")
    parser.add_argument("what", choices=("run", "compare"))
    parser.add_argument("--seconds", type=float, default=1800.0, help="longest wait for everything to settle")
    wish = parser.parse_args(arguments)
    env = os.environ
    cluster = Cluster(
        {"autotask": env["AUTOTASK_URL"], "xero": env["XERO_URL"]},
        env["STATUS_API_URL"],
        env["STATUS_API_ADMIN_TOKEN"],
    )
    with tempfile.TemporaryDirectory() as folder:
        books = make_books(Path(folder), invoices=int(env["INVOICES"]), seed=int(env["SEED"]))
        judge: Callable[[], bool] = (
            (lambda: _run(cluster, books, wish.seconds))
            if wish.what == "run"
            else (lambda: _compare(cluster, books))
        )
        try:
            good = judge()
        except StackError as error:
            _say(f"wrong: {error}")
            good = False
    return 0 if good else 1


def _run(cluster: Cluster, books: BookFiles, seconds: float) -> bool:
    result = observe(cluster, books, seconds, _say)
    show(result, Console(width=120))
    return result.good


def _compare(cluster: Cluster, books: BookFiles) -> bool:
    fates: dict[str, dict[str, Any]] = json.loads(books.fates.read_text("utf-8"))
    autotask, xero = (SimulatorControl(cluster.simulator_url(side)) for side in ("autotask", "xero"))

    def problems() -> list[str]:
        return [
            problem
            for tenant, own in fates.items()
            for problem in compare(
                tenant=tenant,
                autotask=autotask.books(tenant),
                xero=xero.books(tenant),
                fates=own,
                later_done=True,
            ).problems
        ]

    left = what_is_left(problems, cluster.check, _LATE_SECONDS)
    for problem in left:
        _say(f"wrong: {problem}")
    _say(f"{sum(map(len, fates.values()))} documents looked at, {len(left)} problems")
    return not left


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
