"""``python -m simulators.books --out FOLDER``: writes the files that both simulators and the product load."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from simulators.books import generate, generate_plain
from simulators.kit import json_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulators.books.model import Books


def write(books: Books, folder: Path) -> None:
    """Write ``autotask.json``, ``xero.json`` (arrays of tenants), ``tenants.json`` and ``fates.json``.

    JSON is YAML too, so the tenants file can be given to the product as it is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    documents = {
        "autotask.json": [tenant.autotask for tenant in books.tenants],
        "xero.json": [tenant.xero for tenant in books.tenants],
        "tenants.json": books.tenants_file(),
        "fates.json": books.fates_document(),
    }
    for name, document in documents.items():
        (folder / name).write_text(json_text.dumps(document), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Generate and write."""
    parser = argparse.ArgumentParser(prog="python -m simulators.books", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the four files")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--invoices", type=int, default=300, help="in all, or per tenant with --plain")
    parser.add_argument("--plain", action="store_true", help="a uniform backlog of one tenant")
    options = parser.parse_args(arguments)
    today = datetime.now(UTC).date()
    if options.plain:
        books = generate_plain(options.invoices, today=today, seed=options.seed)
    else:
        books = generate(options.seed, options.invoices, today=today)
    write(books, options.out)


if __name__ == "__main__":
    main()
