"""Command line of the mapper: `python -m mapper run`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from mapper.bootstrap import bootstrap
from service_runtime.config import Environment
from service_runtime.lifecycle import run_command


def _run(arguments: Sequence[str]) -> int:
    """Map invoices until stopped. Takes no arguments."""
    if arguments:
        sys.stderr.write(f"mapper: run takes no arguments, got {' '.join(arguments)}\n")
        return 2
    return bootstrap(Environment()).run()


def main() -> int:
    """Run the command named on the command line; returns the exit code."""
    return run_command("mapper", {"run": _run}, sys.argv[1:])
