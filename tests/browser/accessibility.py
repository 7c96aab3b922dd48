"""What axe-core finds on a page. Its script is evaluated by the browser's debugger, which no policy of the page forbids."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # used here alone
from playwright.sync_api import Page

_BAD = frozenset({"serious", "critical"})
_axe = Axe()


def findings(page: Page) -> list[str]:
    """Serious and critical findings, one line for each element."""
    violations = _axe.run(page).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}) {' '.join(map(str, node['target']))}: {node['html'][:160]}"
        f" — {' '.join(check['message'] for check in (*node['any'], *node['all'], *node['none']))[:200]}"
        for violation in violations
        if violation["impact"] in _BAD
        for node in violation["nodes"]
    ]
