"""Random invoices of many tenants through the whole suite: both sides add up to the same cents, and nothing is unexplained.

RANDOM_BOOKS_SEED gives other books; the seed is printed, so that a failure can be had again.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from local_stack.demo.comparison import TenantComparison
from local_stack.demo.later import do_later, gone_wanted
from local_stack.demo.showing import status_problems
from local_stack.demo.watching import Watch, goal_of
from simulators.books import generate_random
from simulators.books.model import TenantBooks
from tests.end_to_end.suite import BUSY, Suite, running_suite, today

pytestmark = [pytest.mark.stack]

SEED = int(os.environ.get("RANDOM_BOOKS_SEED", "20261122"))


@pytest.mark.timeout(600)
def test_no_cent_and_no_document_of_300_random_invoices_is_lost(tmp_path: Path) -> None:
    _go(300, tmp_path, seconds=300)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_no_cent_and_no_document_of_5000_random_invoices_is_lost(tmp_path: Path) -> None:
    _go(5000, tmp_path, seconds=1500)


def _go(count: int, folder: Path, seconds: float) -> None:
    sys.stdout.write(f"RANDOM_BOOKS_SEED={SEED}\n")
    books = generate_random(SEED, count, today=today())
    fates = books.fates_document()
    loaded = {tenant.tenant: [*tenant.fates, *tenant.orders] for tenant in books.tenants}
    with running_suite(books, folder, loaded=loaded, times=BUSY) as suite:
        goals = {name: goal_of(own) for name, own in fates.items()}
        watch = Watch(suite.status, suite.autotask, goals)
        watch.until_done(suite.stack.check, seconds)
        found = {tenant.tenant: suite.comparison(tenant) for tenant in books.tenants}
        _print(found)
        for tenant in books.tenants:
            _check(tenant, found[tenant.tenant])
            # Nothing unexplained: what is not in Xero has the end, and the cause, that was planned for it.
            shown = _shown(suite, tenant.tenant)
            assert list(status_problems(tenant.tenant, fates[tenant.tenant], shown)) == [], f"seed {SEED}"
        for name, own in fates.items():
            do_later(suite.autotask, name, own)
        gone = {name: gone_wanted(own) for name, own in fates.items()}
        assert any(gone.values())
        watch.until_gone(gone, suite.stack.check, seconds)
        for tenant in books.tenants:
            assert suite.comparison(tenant, later_done=True).problems == [], f"seed {SEED}"


def _check(tenant: TenantBooks, comparison: TenantComparison) -> None:
    """Every document is where it had to be, and both sides' own records add up to the same, by currency."""
    assert comparison.problems == [], f"seed {SEED}"
    planned = Counter(fate.document.currency for fate in tenant.fates.values() if fate.document)
    assert comparison.documents == sum(planned.values())
    assert comparison.orders == sum(fate.document is not None for fate in tenant.orders.values())
    assert comparison.autotask_totals == comparison.xero_totals
    assert comparison.xero_totals.keys() == planned.keys()
    assert comparison.autotask_orders == comparison.xero_orders


def _shown(suite: Suite, tenant: str) -> dict[str, dict[str, Any]]:
    """What status-api shows of each document, by name."""
    return {
        item["document"]: item
        for kind in ("invoices", "purchase-orders")
        for item in suite.listed(tenant, kind)
    }


def _print(found: dict[str, TenantComparison]) -> None:
    """What came of them: the first thing one asks for when the test has failed."""
    for name, comparison in found.items():
        totals = ", ".join(
            f"{currency} {total:,.2f} = {comparison.xero_totals.get(currency, Decimal(0)):,.2f}"
            for currency, total in sorted(comparison.autotask_totals.items())
        )
        sys.stdout.write(f"{name}: {comparison.documents} documents, {comparison.orders} orders; {totals}\n")
        sys.stdout.write(f"    {dict(comparison.outcomes)}\n")
