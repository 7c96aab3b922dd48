"""The `xero-simulator` command."""

from __future__ import annotations

import os
import sys

from simulators.kit import cli
from simulators.xero.simulator import DEFAULT_KEY_LIFETIME_SECONDS, XeroSimulator

KEY_LIFETIME_VARIABLE = "XERO_KEY_LIFETIME_SECONDS"


def main() -> None:
    """Runs the simulator; idempotency keys live XERO_KEY_LIFETIME_SECONDS (default 360)."""
    text = os.environ.get(KEY_LIFETIME_VARIABLE, str(DEFAULT_KEY_LIFETIME_SECONDS))
    try:
        lifetime = float(text)
    except ValueError:
        lifetime = 0.0
    if not 0 < lifetime < float("inf"):
        sys.stderr.write(f"{KEY_LIFETIME_VARIABLE}: seconds above 0 are wanted, not {text!r}\n")
        sys.exit(2)
    sys.exit(cli.run(XeroSimulator(key_lifetime_seconds=lifetime)))
