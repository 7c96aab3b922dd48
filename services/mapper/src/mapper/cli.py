"""Command line of the mapper: `python -m mapper run`, `replay`, `positions`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from mapper.adapters.batch import DISCOVERED
from mapper.bootstrap import bootstrap
from mapper.core.outcome import SERVICE
from mapper.replaying import open_handler
from service_runtime.by_hand import positions_of_group, replay_of
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
    commands = {
        "run": _run,
        "replay": replay_of(SERVICE, open_handler),
        "positions": positions_of_group(SERVICE, DISCOVERED),
    }
    return run_command(SERVICE, commands, sys.argv[1:])
