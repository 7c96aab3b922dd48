"""Command line of the poller: `python -m poller run`, `python -m poller migrate`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from poller.bootstrap import bootstrap, migrate_database
from service_runtime.config import Environment
from service_runtime.lifecycle import run_command


def _run(env: Environment) -> int:
    """Find invoices and stamp them until stopped."""
    return bootstrap(env).run()


def _migrate(env: Environment) -> int:
    """Bring the poller's database schema to this release."""
    migrate_database(env)
    return 0


def _without_arguments(name: str, command: Callable[[Environment], int]) -> Callable[[Sequence[str]], int]:
    def checked(arguments: Sequence[str]) -> int:
        if arguments:
            sys.stderr.write(f"poller: {name} takes no arguments, got {' '.join(arguments)}\n")
            return 2
        return command(Environment())

    return checked


def main() -> int:
    """Run the command named on the command line; returns the exit code."""
    commands = {"run": _run, "migrate": _migrate}
    return run_command(
        "poller",
        {name: _without_arguments(name, command) for name, command in commands.items()},
        sys.argv[1:],
    )
