"""Alerts that go by burn rates: symptoms, as customers feel them."""

from __future__ import annotations

from deploy.monitoring.alert import Alert, Area, Case, Series
from deploy.monitoring.objectives import (
    BILLING_TO_XERO,
    FAULTS_OF_OURS,
    FRESHNESS,
    PAGES,
    READ_API_AVAILABILITY,
    READ_API_LATENCY,
    TICKETS,
    Objective,
)
from deploy.monitoring.series import histogram, of, rising, steady

_LONG = 250
"""Minutes."""


def _both(
    name: str,
    objective: Objective,
    area: Area,
    page: str,
    *,
    summary: str,
    impact: str,
    bad: Series,
    slightly: Series,
    good: Series,
) -> list[Alert]:
    """The page of an objective and its ticket, named `…ForDays`. `bad` pages, `slightly` makes a ticket only, `good` neither."""
    for_days = f"{name}ForDays"
    return [
        Alert(
            name=name,
            severity="page",
            area=area,
            slo=objective.key,
            expr=objective.firing(PAGES),
            lasts="2m",
            summary=f"{summary}, and the budget of 30 days is gone within five",
            impact=impact,
            page=page,
            firing=Case(series=bad, also=frozenset({for_days})),
            silent=Case(series=slightly, at="4h", also=frozenset({for_days})),
        ),
        Alert(
            name=for_days,
            severity="ticket",
            area=area,
            slo=objective.key,
            expr=objective.firing(TICKETS),
            lasts="15m",
            summary=f"{summary}, more than the promise allows",
            impact=impact,
            page=page,
            firing=Case(series=slightly, at="4h"),
            silent=Case(series=good, at="4h"),
        ),
    ]


def _pending(tenants: int, late: int, late_seconds: float, minutes: int) -> Series:
    """Oldest documents of so many tenants; those of the first few are that old."""
    return {
        of("invoice_sync_oldest_pending_seconds", tenant=f"t{number}"): steady(
            late_seconds if number < late else 5, minutes
        )
        for number in range(tenants)
    }


def _shown(within: float, all_events: float, minutes: int) -> Series:
    return histogram(
        "invoice_sync_handover_seconds",
        {"30.0": within},
        all_events,
        minutes,
        service="status-api-materialize",
        topic="invoice.synced",
    )


def _ended(ours: float, theirs: float, written: float, minutes: int) -> Series:
    """Tries per minute that end with a fault of ours, with one of the customer's data, in Xero."""
    fault, faults = "REQUEST_REJECTED", "invoice_sync_faults_total"
    return {
        of(faults, tenant="acme", code=fault, side="us"): rising(ours, minutes),
        of(faults, tenant="acme", code="ACCOUNT_MISSING", side="us"): rising(theirs, minutes),
        of("invoice_sync_outcomes_total", tenant="acme", outcome="created"): rising(written, minutes),
    }


def _asked(status: str, per_minute: float, fast: float, minutes: int) -> Series:
    return histogram(
        "invoice_sync_http_seconds",
        {"1.0": fast},
        per_minute,
        minutes,
        method="GET",
        route="/api/v1/tenants/<tenant_id>/invoices",
        status=status,
    )


OBJECTIVE_ALERTS: list[Alert] = [
    *_both(
        "InvoicesLate",
        BILLING_TO_XERO,
        "delivery",
        "invoices-late.md",
        summary="Invoices take longer than 15 minutes to Xero in too many tenants",
        impact="Approved invoices are not in Xero when finance looks for them; nothing is lost, they wait.",
        bad=_pending(100, 50, 1200, 600),
        slightly=_pending(100, 4, 1200, _LONG),
        good=_pending(100, 0, 1200, _LONG),
    ),
    *_both(
        "ReadModelBehind",
        FRESHNESS,
        "reading",
        "reading.md",
        summary="What happens is shown more than 30 seconds late",
        impact="The dashboard shows documents as they were some time ago; the invoices themselves go on.",
        bad=_shown(20, 100, 600),
        slightly=_shown(96, 100, _LONG),
        good=_shown(99.9, 100, _LONG),
    ),
    *_both(
        "FaultsOfOurs",
        FAULTS_OF_OURS,
        "correctness",
        "faults-of-ours.md",
        summary="Tries end with faults that no customer can mend",
        impact="Documents are at Fault though nothing is wrong with them; after the third try they stay there until somebody resyncs them.",
        bad=_ended(20, 0, 80, 600),
        slightly=_ended(2, 20, 98, _LONG),
        good=_ended(0.1, 40, 60, _LONG),
    ),
    *_both(
        "ReadApiFailing",
        READ_API_AVAILABILITY,
        "reading",
        "reading.md",
        summary="status-api answers requests with errors of its own",
        impact="Pages of the dashboard fail or stay empty; invoices go on.",
        bad=_asked("500", 10, 10, 600) | _asked("200", 90, 90, 600),
        slightly=_asked("500", 0.4, 0.4, _LONG) | _asked("200", 100, 100, _LONG),
        good=_asked("404", 20, 20, _LONG) | _asked("200", 100, 100, _LONG),
    ),
    *_both(
        "ReadApiSlow",
        READ_API_LATENCY,
        "reading",
        "reading.md",
        summary="status-api takes more than a second for too many pages",
        impact="The dashboard is slow to open and to search.",
        bad=_asked("200", 100, 60, 600),
        slightly=_asked("200", 100, 96, _LONG),
        good=_asked("200", 100, 99.9, _LONG),
    ),
]
