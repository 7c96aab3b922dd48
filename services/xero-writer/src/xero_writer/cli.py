"""Commands of the xero-writer."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from service_runtime.by_hand import positions_of_group, replay_of, with_one_line
from service_runtime.config import Environment
from service_runtime.database import migrate
from service_runtime.lifecycle import run_command
from xero_writer.adapters.intake import TOPICS
from xero_writer.bootstrap import PACKAGE, SCHEMA, build
from xero_writer.core.events import SERVICE
from xero_writer.forgetting import forget_lists_command
from xero_writer.replaying import open_handler


def _run(arguments: Sequence[str]) -> int:  # noqa: ARG001  # every command gets its arguments
    """Serve until stopped."""
    return build(Environment()).run()


def _migrate(arguments: Sequence[str]) -> int:  # noqa: ARG001  # every command gets its arguments
    """Bring the database schema to this release."""
    migrate(PACKAGE, Environment().database_url(), SCHEMA)
    return 0


def main() -> None:
    """Entry point."""
    commands = {
        "run": _run,
        "migrate": _migrate,
        "replay": replay_of(SERVICE, open_handler),
        "positions": positions_of_group(SERVICE, TOPICS),
        "forget-lists": with_one_line(SERVICE, forget_lists_command),
    }
    sys.exit(run_command(SERVICE, commands, sys.argv[1:]))
