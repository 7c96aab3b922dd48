"""The command line that both simulators share."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from simulators.kit import json_text
from simulators.kit.app import SimulatorApp
from simulators.kit.documents import BadDocumentError
from simulators.kit.server import run_forever

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulators.kit.simulator import Simulator


def load_file(simulator: Simulator, path: Path) -> None:
    """Loads the tenant, or the array of tenants, in a file.

    Raises:
        BadDocumentError: the file can not be read or holds something else; names the file.
    """
    try:
        value = json_text.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadDocumentError(f"{path}: {error}") from error
    for document in value if isinstance(value, list) else [value]:
        try:
            simulator.load_tenant(document)
        except BadDocumentError as error:
            raise BadDocumentError(f"{path}: {error}") from error


def run(simulator: Simulator, arguments: Sequence[str] | None = None) -> int:
    """Parses the command line, loads the tenants, serves until told to end; returns the exit code."""
    parser = argparse.ArgumentParser(prog=simulator.name)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--port-file", type=Path, help="where to write the port once it listens")
    parser.add_argument(
        "--load", type=Path, action="append", default=[], help="JSON file with a tenant or an array of them"
    )
    parser.add_argument(
        "--keep-calls", type=int, default=None, help="how many calls the record keeps (default: all)"
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(levelname)s %(message)s")
    try:
        for path in options.load:
            load_file(simulator, path)
        run_forever(
            SimulatorApp(simulator, keep=options.keep_calls),
            options.host,
            options.port,
            options.port_file,
            simulator.name,
        )
    except (BadDocumentError, OSError) as error:
        sys.stderr.write(f"{simulator.name}: {error}\n")
        return 1
    return 0
