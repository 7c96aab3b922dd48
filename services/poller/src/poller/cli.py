"""Command line of the poller: `python -m poller run`, `migrate`, `replay`, `positions`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from poller.adapters.intake import TOPICS
from poller.bootstrap import bootstrap, migrate_database
from poller.core.messages import SERVICE
from poller.replaying import open_handler
from service_runtime.by_hand import positions_of_group, replay_of
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
        SERVICE,
        {name: _without_arguments(name, command) for name, command in commands.items()}
        | {"replay": replay_of(SERVICE, open_handler), "positions": positions_of_group(SERVICE, TOPICS)},
        sys.argv[1:],
    )
