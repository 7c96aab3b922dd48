"""Commands of the xero-writer."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from service_runtime.config import Environment
from service_runtime.database import migrate
from service_runtime.lifecycle import run_command
from xero_writer.bootstrap import PACKAGE, SCHEMA, build


def _run(arguments: Sequence[str]) -> int:  # noqa: ARG001  # every command gets its arguments
    """Serve until stopped."""
    return build(Environment()).run()


def _migrate(arguments: Sequence[str]) -> int:  # noqa: ARG001  # every command gets its arguments
    """Bring the database schema to this release."""
    migrate(PACKAGE, Environment().database_url(), SCHEMA)
    return 0


def main() -> None:
    """Entry point."""
    sys.exit(run_command("xero-writer", {"run": _run, "migrate": _migrate}, sys.argv[1:]))
