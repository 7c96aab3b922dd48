"""Command line of the dashboard: `serve`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from dashboard.names import SERVICE
from service_runtime.config import Environment
from service_runtime.lifecycle import run_command


def _serve(arguments: Sequence[str]) -> int:
    from dashboard.bootstrap import serve  # noqa: PLC0415  # a wrong command line is told without loading the pages

    if arguments:
        sys.stderr.write(f"{SERVICE}: serve takes no arguments, got {' '.join(arguments)}\n")
        return 2
    return serve(Environment())


def main() -> int:
    """Run the command named on the command line; returns the exit code."""
    return run_command(SERVICE, {"serve": _serve}, sys.argv[1:])
