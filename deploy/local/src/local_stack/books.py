"""Made-up books for both simulators, as files."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from local_stack.errors import StackError


@dataclass(frozen=True, kw_only=True)
class BookFiles:
    """What `python -m simulators.books` writes.

    Attributes:
        autotask: tenants for the Autotask simulator.
        xero: tenants for the Xero simulator.
        tenants: the product's tenants file for them.
        fates: what must become of every invoice and purchase order.
    """

    autotask: Path
    xero: Path
    tenants: Path
    fates: Path


def make_books(folder: Path, *, invoices: int, seed: int) -> BookFiles:
    """Write books with so many invoices, shared out among two tenants; the same seed and day give the same books.

    Raises:
        StackError: the generator failed; the message has its last lines.
    """
    command = [sys.executable, "-m", "simulators.books", "--out", str(folder)]
    answer = subprocess.run(
        [*command, "--invoices", str(invoices), "--seed", str(seed)],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if answer.returncode != 0:
        raise StackError("no books could be made: " + " | ".join(answer.stderr.strip().splitlines()[-3:]))
    return BookFiles(
        autotask=folder / "autotask.json",
        xero=folder / "xero.json",
        tenants=folder / "tenants.json",
        fates=folder / "fates.json",
    )
