"""Which tenant comes first, how a month compares, what the checklist answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.core.connections import budget, state_look
from dashboard.core.figures import (
    cause_title,
    change_words,
    checklist,
    is_stale,
    many,
    matching,
    needs_somebody,
    oldest_waiting,
    worst_first,
)
from dashboard.core.statuses import STATUSES

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def glance(fault: int = 0, oldest: str | None = None) -> dict[str, Any]:
    counts = dict.fromkeys(STATUSES, 0) | {"Fault": fault}
    waiting = {"id": 48213, "status": "Pending Sync", "changed_at": oldest} if oldest else None
    return {"counts": counts, "month": {"name": "2026-05", "first_synced": 3}, "oldest_pending": waiting}


def line(
    name: str,
    *,
    autotask: str = "connected",
    xero: str = "connected",
    fault: int = 0,
    oldest: str | None = None,
) -> dict[str, Any]:
    return {
        "tenant": {"tenant_id": name, "name": name.capitalize(), "state": "active"},
        "invoices": glance(fault, oldest),
        "purchase_orders": glance(),
        "connections": [{"side": "autotask", "state": autotask}, {"side": "xero", "state": xero}],
    }


def test_whoever_needs_somebody_most_comes_first() -> None:
    lines = [
        line("calm"),
        line("waits", oldest="2026-05-04T11:00:00Z"),
        line("waits-longer", oldest="2026-05-04T10:00:00Z"),
        line("few-faults", fault=1),
        line("many-faults", fault=9),
        line("slow", autotask="throttled"),
        line("down", xero="down"),
        line("refused", xero="refused"),
    ]
    order = [each["tenant"]["tenant_id"] for each in worst_first(lines)]
    assert order == [
        "refused",
        "down",
        "slow",
        "many-faults",
        "few-faults",
        "waits-longer",
        "waits",
        "calm",
    ]


def test_a_state_that_is_new_to_this_page_is_shown_and_no_reason_for_calm() -> None:
    assert state_look("thinking").words == "thinking"
    assert needs_somebody(line("new", xero="thinking"))


def test_slowed_down_passes_by_itself() -> None:
    assert not needs_somebody(line("slow", xero="throttled"))


def test_a_fault_of_a_purchase_order_alone_needs_somebody() -> None:
    read = line("orders")
    read["purchase_orders"] = glance(fault=1)
    assert needs_somebody(read)


def test_the_oldest_of_both_kinds_waits() -> None:
    invoices, orders = glance(oldest="2026-05-04T11:00:00Z"), glance(oldest="2026-05-04T09:00:00Z")
    found = oldest_waiting(invoices, orders)
    assert found is not None
    assert found[0] == "purchase-order"
    assert oldest_waiting(glance(), glance()) is None


@pytest.mark.parametrize(("text", "found"), [("ACM", ["acme"]), (" e ", ["acme", "globe"]), ("x", [])])
def test_a_search_ignores_case_and_blanks(text: str, found: list[str]) -> None:
    lines = [line("acme"), line("globe")]
    assert [each["tenant"]["tenant_id"] for each in matching(lines, text)] == found


def period(name: str, change: int) -> dict[str, Any]:
    return {"name": name, "change": change}


@pytest.mark.parametrize(
    ("periods", "words"),
    [
        ([period("2026-04", 0), period("2026-05", 12)], "12 more than in April"),
        ([period("2026-04", 0), period("2026-05", -1200)], "1,200 fewer than in April"),
        ([period("2026-04", 5), period("2026-05", 0)], "as many as in April"),
        ([period("2026-05", 2)], "2 more than in the month before"),
        ([period("2026-05-03", 0), period("2026-05-04", 2)], "2 more than on the day before"),
        ([], ""),
    ],
)
def test_a_period_is_compared_with_the_one_before(periods: list[dict[str, Any]], words: str) -> None:
    assert change_words(periods) == words


@pytest.mark.parametrize(
    ("as_of", "stale"),
    [("2026-05-04T11:59:30Z", False), ("2026-05-04T11:58:30Z", True), (None, True)],
)
def test_figures_older_than_a_minute_are_stale(as_of: str | None, *, stale: bool) -> None:
    assert is_stale(as_of, NOW) is stale


def test_one_is_not_many() -> None:
    assert many(1, "purchase-order") == "1 purchase order"
    assert many(1234, "invoice") == "1,234 invoices"


def test_a_cause_is_told_without_the_places_that_each_document_fills() -> None:
    assert cause_title({"text": "Organisation is not subscribed to currency {currency}"}).endswith(
        "currency …"
    )


def overview(state: str, autotask: str, xero: str) -> dict[str, Any]:
    return {
        "tenant": {"state": state},
        "connections": [{"side": "autotask", "state": autotask}, {"side": "xero", "state": xero}],
    }


def test_the_checklist_answers_what_stopped_a_sync() -> None:
    faults = [{"at_fault": 2, "retrying": 0}, {"at_fault": 0, "retrying": 1}]
    checks = checklist("acme", overview("paused", "connected", "refused"), faults)
    assert [(check.question, check.ok) for check in checks] == [
        ("Autotask connection active?", True),
        ("Xero connection active?", False),
        ("Validation faults in either?", False),
        ("Engine active?", False),
    ]
    assert checks[2].answer == "2 at Fault until somebody resyncs, 1 tried again by itself."


def test_the_checklist_of_a_sync_that_runs_is_all_well() -> None:
    checks = checklist("acme", overview("active", "connected", "connected"), [])
    assert all(check.ok for check in checks)


def test_a_fault_that_is_tried_again_did_not_stop_a_sync() -> None:
    faults = [{"at_fault": 0, "retrying": 3}]
    assert checklist("acme", overview("active", "connected", "connected"), faults)[2].ok


@pytest.mark.parametrize(
    ("used", "limit", "words", "share", "scarce"),
    [
        (1, 60, "59 of 60", 59 / 60, False),
        (4900, 5000, "100 of 5,000", 0.02, True),
        (70, 60, "0 of 60", 0.0, True),
        (0, 0, "0 of 0", 0.0, True),
    ],
)
def test_a_budget_tells_what_is_left(
    used: int, limit: int, words: str, share: float, *, scarce: bool
) -> None:
    left = budget({"name": "day", "used": used, "limit": limit})
    assert (left.label, left.words, left.share, left.scarce) == ("Calls left today", words, share, scarce)
