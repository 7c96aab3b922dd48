"""`python -m tests.browser.screenshots`: every view in both themes and at the width of a phone, into build/screenshots/."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from local_stack.paths import BUILD
from local_stack.preflight import find_chromium
from simulators.books import Books
from tests.browser.rig import (
    PHONE,
    Visitors,
    await_shown,
    people_of,
    running_browser,
    running_pages,
)
from tests.browser.views import VIEWS, View

FOLDER = BUILD / "screenshots"
LOOKS: dict[str, dict[str, bool]] = {"light": {}, "dark": {"dark": True}, "phone": {"phone": True}}
_TALLEST = 2400
"""Pixels: a phone shows a part, a picture more of it."""


def take(visitors: Visitors, books: Books, folder: Path, views: Sequence[View]) -> None:
    """Take every picture, one line each."""
    folder.mkdir(parents=True, exist_ok=True)
    for view in views:
        for look, options in LOOKS.items():
            context = visitors.context(view.role, **options)
            page = context.new_page()
            view.open(page, books)
            if look == "phone" and not view.is_beside:
                height = min(_TALLEST, page.evaluate("document.documentElement.scrollHeight"))
                page.set_viewport_size({"width": PHONE["width"], "height": max(PHONE["height"], height)})
            if view.role is not None:
                await_shown(page)
            file = folder / f"{view.name}-{look}.png"
            page.screenshot(path=file, animations="disabled")
            sys.stdout.write(f"{file}\n")
            context.close()


def main() -> int:
    """Start the suite, take the pictures, stop it; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pictures go")
    parser.add_argument("--only", default="", help="views whose names begin so")
    options = parser.parse_args()
    if find_chromium() is None:
        sys.stderr.write("Chromium is missing. Type: sudo apt-get install -y chromium\n")
        return 1
    views = [view for view in VIEWS if view.name.startswith(options.only)]
    with (
        tempfile.TemporaryDirectory() as folder,
        running_browser() as browser,
        running_pages(Path(folder)) as suite,
    ):
        take(Visitors(browser, people_of(suite)), suite.books, options.folder, views)
    return 0


if __name__ == "__main__":
    sys.exit(main())
