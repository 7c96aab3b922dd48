"""Alerts about what must never be, and about tenants whose documents do not move."""

from __future__ import annotations

from deploy.monitoring.alert import Alert, Case
from deploy.monitoring.metric_list import SERVICE
from deploy.monitoring.series import of, rising, steady


def risen(counter: str, by: str, matcher: str = "", within: str = "1h") -> str:
    """PromQL for "it rose within the last hour", also if the series began with that: `increase` alone does not see a first 1."""
    series = f"{counter}{{{matcher}}}" if matcher else counter
    return (
        f"sum by ({by}) (increase({series}[{within}])) > 0\n"
        f"or\nsum by ({by}) ({series} unless {series} offset {within}) > 0"
    )


_STUCK_IN_SIGHT = "in_flight|cycle|worker|lease"
_STUCK_ASIDE = "stamp|unknown"
_NEW = "_x60 1x60"
"""A counter that begins with 1 after an hour."""

DOCUMENT_ALERTS: list[Alert] = [
    Alert(
        name="DuplicateInXero",
        severity="page",
        area="correctness",
        expr=risen("invoice_sync_duplicates_total", "tenant"),
        lasts="0m",
        summary="Two documents in Xero carry the mark of one invoice of {{ $labels.tenant }}",
        impact="The customer's books count an invoice twice, and the debtor may get it twice.",
        page="wrong-in-xero.md",
        dashboard="invoice-sync-tenant",
        firing=Case(
            series={of("invoice_sync_duplicates_total", tenant="acme"): _NEW},
            at="90m",
            labels={"tenant": "acme"},
        ),
        silent=Case(series={of("invoice_sync_duplicates_total", tenant="acme"): "1x300"}, at="3h"),
    ),
    Alert(
        name="TakeBackRefused",
        severity="page",
        area="correctness",
        expr=risen("invoice_sync_faults_total", "tenant", 'code="CAN_NOT_TAKE_BACK"'),
        lasts="0m",
        summary="A document of {{ $labels.tenant }} has wrong amounts in Xero, and Xero refuses to take it back",
        impact="A document with other amounts than Autotask's stands in the customer's books until a person voids it.",
        page="wrong-in-xero.md",
        dashboard="invoice-sync-tenant",
        firing=Case(
            series={
                of("invoice_sync_faults_total", tenant="acme", code="CAN_NOT_TAKE_BACK", side="xero"): _NEW
            },
            at="90m",
            labels={"tenant": "acme"},
        ),
        silent=Case(
            series={of("invoice_sync_faults_total", tenant="acme", code="PERIOD_LOCKED", side="xero"): _NEW},
            at="90m",
        ),
    ),
    Alert(
        name="TenantStuck",
        severity="page",
        area="delivery",
        expr=f'max by (tenant, reason) (invoice_sync_stuck{{reason=~"{_STUCK_IN_SIGHT}"}}) == 1',
        lasts="10m",
        summary="Invoices of {{ $labels.tenant }} do not move ({{ $labels.reason }}), though nothing outside keeps them",
        impact="No approved invoice of this customer reaches Xero, or not all do; nothing is lost.",
        page="stuck.md",
        dashboard="invoice-sync-tenant",
        firing=Case(
            series={of("invoice_sync_stuck", tenant="acme", reason="cycle"): steady(1)},
            labels={"tenant": "acme", "reason": "cycle"},
        ),
        silent=Case(
            series={
                of("invoice_sync_stuck", tenant="acme", reason="cycle"): steady(0),
                of("invoice_sync_stuck", tenant="acme", reason="lease"): "0x115 1x3 0x60",
            },
        ),
    ),
    Alert(
        name="TenantWorkWaits",
        severity="ticket",
        area="delivery",
        expr=f'max by (tenant, reason) (invoice_sync_stuck{{reason=~"{_STUCK_ASIDE}"}}) == 1',
        lasts="10m",
        summary="Work of {{ $labels.tenant }} waits for over an hour ({{ $labels.reason }})",
        impact="Stamp: the invoice is in Xero, Autotask does not show it yet. Unknown: a document shows as being verified.",
        page="stuck.md",
        dashboard="invoice-sync-tenant",
        firing=Case(
            series={of("invoice_sync_stuck", tenant="acme", reason="stamp"): steady(1)},
            labels={"tenant": "acme", "reason": "stamp"},
        ),
        silent=Case(series={of("invoice_sync_stuck", tenant="acme", reason="unknown"): steady(0)}),
    ),
    Alert(
        name="TenantLate",
        severity="ticket",
        area="delivery",
        expr=(
            "invoice_sync:late_seconds:max > 1800\n"
            "unless on (tenant) (max by (tenant) (invoice_sync:circuit_open:max) == 1)"
        ),
        lasts="10m",
        summary="A document of {{ $labels.tenant }} is on its way for over half an hour",
        impact="Invoices of this customer reach Xero late.",
        page="invoices-late.md",
        dashboard="invoice-sync-tenant",
        firing=Case(
            series={
                **{of("invoice_sync_oldest_pending_seconds", tenant=f"t{n}"): steady(3) for n in range(200)},
                of("invoice_sync_oldest_pending_seconds", tenant="acme"): steady(2000),
            },
            labels={"tenant": "acme"},
        ),
        silent=Case(
            series={
                **{of("invoice_sync_oldest_pending_seconds", tenant=f"t{n}"): steady(3) for n in range(200)},
                of("invoice_sync_oldest_pending_seconds", tenant="acme"): steady(2000),
                of("invoice_sync_circuit_open", tenant="acme", side="xero"): "0x100 1x60",
            },
        ),
    ),
    Alert(
        name="DeadLetters",
        severity="ticket",
        area="correctness",
        expr=risen("invoice_sync_records_dead_total", f"{SERVICE}, topic"),
        lasts="0m",
        summary=f"{{{{ $labels.{SERVICE} }}}} could not handle records of {{{{ $labels.topic }}}}",
        impact="A document event that mapper or xero-writer can not read is shown as a fault; one that poller or status-api can not read is missing until it is replayed.",
        page="dead-letters.md",
        dashboard="invoice-sync-service",
        firing=Case(
            series={
                of("invoice_sync_records_dead_total", service="mapper", topic="invoice.discovered"): _NEW
            },
            at="90m",
            labels={SERVICE: "mapper", "topic": "invoice.discovered"},
        ),
        silent=Case(
            series={
                of("invoice_sync_records_dead_total", service="mapper", topic="invoice.discovered"): "3x300",
                of(
                    "invoice_sync_records_consumed_total", service="mapper", topic="invoice.discovered"
                ): rising(9),
            },
            at="3h",
        ),
    ),
]
