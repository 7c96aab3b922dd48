"""The demo: from nothing to two tenants' books, compared."""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from local_stack.books import BookFiles, make_books
from local_stack.command import Command, unwinding_on_signals
from local_stack.demo.observing import observe
from local_stack.demo.report import show, write
from local_stack.folders import make_folder, remove_folder
from local_stack.options import StackOptions
from local_stack.paths import BUILD
from local_stack.stack import Stack

_POLL_SECONDS = "5"  # three strikes take three cycles; a demo does not wait for the usual five minutes
_PLAIN_WIDTH = 120  # tables stay readable in a log file


def run_demo(options: argparse.Namespace) -> int:
    """Run the demo; 0 only if every document ended as it should."""
    console = Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
    folder = make_folder("invoice-sync-demo", keep=False)
    with unwinding_on_signals():
        try:
            books = make_books(folder, invoices=options.invoices, seed=options.seed)
            with Stack(_stack_options(books, console)) as stack:
                result = observe(stack, books, options.seconds, stack.options.say)
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
    help="sync a realistic set of invoices and purchase orders for two tenants and compare both sides' books",
    run=run_demo,
    options=_options,
)
