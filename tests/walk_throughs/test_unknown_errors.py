"""Walk-through: words that nobody has seen before, from either provider, end as a fault in these words, and are not tried for ever."""

from __future__ import annotations

from typing import Any

import pytest

from invoice_events import names
from simulators.books.model import Books
from tests.end_to_end.suite import Suite, running_suite
from tests.support.waiting import wait_until
from tests.walk_throughs.support import (
    PATIENCE,
    Bill,
    await_all,
    await_reference,
    events_of,
    living,
    nothing_is_buried,
    tenant_books,
)

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

TENANT = "odd"
IN_XERO = "The seventh seal is not in place"
IN_AUTOTASK = "Quota of moonlight is used up"
LATER = 3
"""Invoices that are posted when the odd ones are at Fault: one by one, so that each is another cycle."""


def test_unknown_errors_end_in_their_own_words_and_are_not_tried_without_limit(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    books = Books((tenant_books(TENANT, [Bill()] * (6 + LATER)),))
    tenant = books.tenants[0]
    *first, one, two, three = tenant.fates
    in_xero, in_autotask, *good = first
    with running_suite(books, tmp_path_factory.mktemp("odd"), loaded={TENANT: []}) as suite:
        await_reference(suite, [TENANT])
        suite.xero.plant(_carries(in_xero), _refused_by_xero(), times=None)
        lines = {"path": ".*/BillingItems/query", "body_contains": str(in_autotask)}
        refusal = {"kind": "status", "status": 500, "body": {"errors": [IN_AUTOTASK]}}
        suite.autotask.plant(lines, refusal, times=None)
        suite.add_invoices(tenant, first)
        await_all(suite, tenant, "Complete", good)
        for number, words, side in ((in_xero, IN_XERO, "xero"), (in_autotask, IN_AUTOTASK, "autotask")):
            shown = _await_fault(suite, number)
            assert shown["strikes"] == 3
            assert shown["cause"]["code"] == "UNKNOWN"
            assert words in shown["cause"]["text"], "nothing of the provider's words is lost"
            told = [event for event in events_of(suite, names.FAULTED, TENANT) if _is_about(event, number)]
            assert [event["attempt"] for event in told] == [1, 2, 3]
            assert {(event["side"], event["strike"]) for event in told} == {(side, True)}
        tried = _tries(suite, in_xero), _reads(suite, in_autotask)
        for number in (one, two, three):
            suite.add_invoices(tenant, [number])
            await_all(suite, tenant, "Complete", [number])
        assert (_tries(suite, in_xero), _reads(suite, in_autotask)) == tried, "at Fault it is left alone"
        assert set(living(suite, TENANT)) == {f"invoice/{number}" for number in (*good, one, two, three)}
        assert nothing_is_buried(suite)
        assert {event["state"] for event in events_of(suite, names.HEALTH, TENANT)} == {"connected"}


def _carries(number: int) -> dict[str, Any]:
    """Writes that carry an invoice."""
    return {"method": "PUT", "path": "/api.xro/2.0/Invoices", "body_contains": f'#sync=invoice/{number}"'}


def _refused_by_xero() -> dict[str, Any]:
    body = {
        "ErrorNumber": 4711,
        "Type": "UnheardOfException",
        "Message": IN_XERO,
    }
    return {"kind": "status", "status": 400, "body": body}


def _await_fault(suite: Suite, number: int) -> dict[str, Any]:
    found: dict[str, Any] = wait_until(
        lambda: (item := suite.shown(TENANT, f"invoices/{number}")) and item["status"] == "Fault" and item,
        f"invoice {number} to be at Fault",
        PATIENCE,
        0.5,
    )
    return found


def _is_about(event: dict[str, Any], number: int) -> bool:
    return bool(event["document"] == f"invoice/{number}")


def _tries(suite: Suite, number: int) -> int:
    """Writes to Xero that carried an invoice."""
    return len([call for call in suite.writes() if f"#sync=invoice/{number}" in str(call["request_body"])])


def _reads(suite: Suite, number: int) -> int:
    """Queries of Autotask for what belongs to an invoice."""
    calls = [call for call in suite.autotask.calls() if "BillingItems" in call["path"]]
    return len([call for call in calls if str(number) in str(call["request_body"])])
