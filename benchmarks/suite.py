"""The command line: which benchmarks run, the table, `build/bench.json`, the exit code."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.calls import CALLS
from benchmarks.commands import COMMANDS
from benchmarks.figures import Benchmark, Measured, Session
from benchmarks.latency import LATENCY
from benchmarks.many_tenants import MEMORY
from benchmarks.mapper import MAPPER
from benchmarks.read_model import READ_MODEL
from benchmarks.rebuild import REBUILD
from benchmarks.report import show, write
from benchmarks.throughput import THROUGHPUT
from local_stack.command import InterruptedBySignalError, unwinding_on_signals
from local_stack.paths import BUILD

# The registry: a benchmark is a module with a Benchmark, named here; they run in this order.
BENCHMARKS: tuple[Benchmark, ...] = (
    CALLS,
    COMMANDS,
    LATENCY,
    THROUGHPUT,
    MAPPER,
    READ_MODEL,
    REBUILD,
    MEMORY,
)
_PLAIN_WIDTH = 150
_REASON = 100  # characters of it in the table; all of it was said


def chosen(benchmarks: Sequence[Benchmark], only: Sequence[str]) -> list[Benchmark]:
    """Those that were asked for and what they need, in the order of the registry; all, if none was named."""
    wanted = set(only) or {each.name for each in benchmarks}
    by_name = {each.name: each for each in benchmarks}
    pending = list(wanted)
    while pending:
        needed = set(by_name[pending.pop()].needs) - wanted
        wanted |= needed
        pending += needed
    return [each for each in benchmarks if each.name in wanted]


def run(benchmarks: Sequence[Benchmark], session: Session) -> list[Measured]:
    """Run them one after another. One that fails leaves its lines without values; the others go on."""
    found: list[Measured] = []
    for benchmark in benchmarks:
        session.say(f"{benchmark.name}: begins")
        began = time.monotonic()
        try:
            found += benchmark.measure(session)
        except Exception as error:  # noqa: BLE001  # whatever stops one benchmark, the table is complete
            session.say(f"{benchmark.name}: failed, {type(error).__name__}: {error}")
            reason = (str(error).splitlines() or [""])[0] or type(error).__name__
            found += [Measured(line, None, f"not measured: {reason[:_REASON]}") for line in benchmark.lines]
        session.say(f"{benchmark.name}: took {time.monotonic() - began:.0f} s")
    return found


def exit_code(figures: Sequence[Measured]) -> int:
    """0 when every bound holds."""
    return 1 if any(figure.holds is False for figure in figures) else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; the exit code says whether all bounds hold."""
    options = _parser().parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
    session = Session(
        options.scale, lambda text: console.print(text, style="dim", highlight=False, soft_wrap=True)
    )
    load_before, began = os.getloadavg(), time.monotonic()
    with unwinding_on_signals():
        try:
            figures = run(chosen(BENCHMARKS, options.only), session)
        except InterruptedBySignalError as interruption:
            console.print(str(interruption))
            return interruption.exit_code
    show(figures, console)
    console.print(
        f"{time.monotonic() - began:.0f} s on {os.cpu_count()} cores, scale {options.scale:g};"
        f" load average {load_before[0]:.1f} before, {os.getloadavg()[0]:.1f} after",
        highlight=False,
    )
    write(figures, options.report)
    console.print(f"Written to {options.report}", highlight=False, soft_wrap=True)
    return exit_code(figures)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench", description="Every figure beside its bound.")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        choices=[each.name for each in BENCHMARKS],
        metavar="NAME",
        help=f"one benchmark (may be repeated): {', '.join(each.name for each in BENCHMARKS)}",
    )
    parser.add_argument(
        "--scale",
        type=_scale,
        default=1.0,
        help="factor of all counts; the bounds are meant for 1 (default)",
    )
    parser.add_argument(
        "--report", type=Path, default=BUILD / "bench.json", help="where the figures are written as JSON"
    )
    return parser


def _scale(text: str) -> float:
    value = float(text)
    if not 0 < value <= 100:
        raise argparse.ArgumentTypeError("a factor above 0, at most 100, is wanted")
    return value
