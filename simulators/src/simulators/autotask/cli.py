"""The command ``autotask-simulator``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from simulators.autotask.simulator import AutotaskSimulator
from simulators.kit.cli import run

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to end; returns the exit code."""
    return run(AutotaskSimulator(), arguments)


if __name__ == "__main__":
    sys.exit(main())
