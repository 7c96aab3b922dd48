"""Alerts about services and connections: causes, so tickets; pages only where no symptom could be seen any more."""

from __future__ import annotations

from deploy.monitoring.alert import Alert, Area, Case, Severity
from deploy.monitoring.metric_list import SERVICE
from deploy.monitoring.series import histogram, of, steady

_NAMED = f"{{{{ $labels.{SERVICE} }}}}"
_SILENT_WHEN_GONE = ("poller", "status-api-serve", "status-api-materialize", "dashboard")
"""Services whose own metrics are what a symptom is seen by: without them nothing would be late, slow or failing."""
_SEEN_WHEN_GONE = ("mapper", "xero-writer")


def _gone(services: tuple[str, ...]) -> str:
    """All replicas are found and none answers, or none is found at all."""
    none_answers = f'max by ({SERVICE}) (up{{{SERVICE}=~"{"|".join(services)}"}}) == 0'
    return "\nor\n".join([none_answers, *(f'absent(up{{{SERVICE}="{service}"}})' for service in services)])


def _not_turning(services: str) -> str:
    return f'max by ({SERVICE}) (invoice_sync:loop_busy:rate5m{{{SERVICE}=~"{services}"}}) < 0.1'


def _down(
    name: str, severity: Severity, services: tuple[str, ...], impact: str, area: Area = "delivery"
) -> Alert:
    one, other = (of("up", service=services[0], pod=f"{services[0]}-{replica}") for replica in "01")
    return Alert(
        name=name,
        severity=severity,
        area=area,
        expr=_gone(services),
        lasts="5m",
        summary=f"No replica of {_NAMED} answers",
        impact=impact,
        page="services.md",
        dashboard="invoice-sync-service",
        firing=Case(series={one: steady(0), other: steady(0)}, labels={SERVICE: services[0]}),
        silent=Case(series={one: steady(0), other: "1x117 0x3 1x60"}),
    )


SERVICE_ALERTS: list[Alert] = [
    _down(
        "ServiceDown",
        "page",
        _SILENT_WHEN_GONE,
        "poller: no invoice is found or stamped. dashboard: no page opens. serve: no page shows anything. materialize: the pages stand still. Nothing is lost.",
    ),
    _down(
        "PipelineServiceDown",
        "ticket",
        _SEEN_WHEN_GONE,
        "No invoice gets further; once that is felt, InvoicesLate pages.",
    ),
    _down(
        "NotifyDown",
        "ticket",
        ("status-api-notify",),
        "People who wish to be told of faults and outages are not told; the dashboard shows them, and the news wait.",
        area="reading",
    ),
    Alert(
        name="ReadModelStalled",
        severity="page",
        area="reading",
        expr=_not_turning("status-api-materialize"),
        lasts="10m",
        summary=f"No replica of {_NAMED} gets a batch stored",
        impact="The dashboard stands still: nothing new is shown, and commands seem to do nothing.",
        page="reading.md",
        dashboard="invoice-sync-service",
        firing=Case(
            series={
                of(
                    "invoice_sync_loop_seconds_total", service="status-api-materialize", pod=pod, phase="poll"
                ): steady(900)
                for pod in ("status-api-materialize-0", "status-api-materialize-1")
            },
            labels={SERVICE: "status-api-materialize"},
        ),
        silent=Case(
            series={
                of(
                    "invoice_sync_loop_seconds_total",
                    service="status-api-materialize",
                    pod="status-api-materialize-0",
                    phase="poll",
                ): steady(900)
            },
        ),
    ),
    Alert(
        name="ConsumerStalled",
        severity="ticket",
        area="delivery",
        expr=_not_turning("poller|mapper|xero-writer"),
        lasts="10m",
        summary=f"No replica of {_NAMED} gets a batch stored",
        impact="Documents wait in front of this service; once that is felt, InvoicesLate pages.",
        page="services.md",
        dashboard="invoice-sync-service",
        firing=Case(
            series={
                of("invoice_sync_loop_seconds_total", service="mapper", pod=pod, phase="poll"): steady(900)
                for pod in ("mapper-0", "mapper-1")
            },
            labels={SERVICE: "mapper"},
        ),
        silent=Case(
            series={
                of("invoice_sync_loop_seconds_total", service="mapper", pod="mapper-0", phase="poll"): steady(
                    900
                )
            },
        ),
    ),
    Alert(
        name="HandoverSlow",
        severity="ticket",
        area="delivery",
        expr=f'invoice_sync:handover_seconds:p95_15m{{{SERVICE}=~"poller|mapper|xero-writer"}} > 60',
        lasts="15m",
        summary=f"{_NAMED} lags: events of {{{{ $labels.topic }}}} are over a minute old when it stores them",
        impact="Documents take longer to Xero; once that is felt, InvoicesLate pages.",
        page="services.md",
        dashboard="invoice-sync-service",
        firing=Case(
            series=histogram(
                "invoice_sync_handover_seconds",
                {"60.0": 10, "300.0": 100},
                100,
                service="xero-writer",
                topic="invoice.mapped",
            ),
            labels={SERVICE: "xero-writer", "topic": "invoice.mapped"},
        ),
        silent=Case(
            series=histogram(
                "invoice_sync_handover_seconds",
                {"30.0": 96, "60.0": 99, "300.0": 100},
                100,
                service="xero-writer",
                topic="invoice.mapped",
            ),
        ),
    ),
    Alert(
        name="OutboxOld",
        severity="ticket",
        area="delivery",
        expr=f"max by ({SERVICE}) (invoice_sync_outbox_age_seconds) > 120",
        lasts="5m",
        summary=f"Events wait in the outbox of {_NAMED} for over two minutes",
        impact="poller, xero-writer: documents do not get further. status-api: commands and settings do not arrive.",
        page="services.md",
        dashboard="invoice-sync-service",
        firing=Case(
            series={of("invoice_sync_outbox_age_seconds", service="poller", pod="poller-0"): steady(300)},
            labels={SERVICE: "poller"},
        ),
        silent=Case(
            series={
                of("invoice_sync_outbox_age_seconds", service="poller", pod="poller-0"): "0x115 180x3 0x60"
            },
        ),
    ),
    Alert(
        name="WorkersCrash",
        severity="ticket",
        area="delivery",
        expr=f"sum by ({SERVICE}, tenant) (increase(invoice_sync_worker_crashes_total[1h])) >= 3",
        lasts="0m",
        summary=f"The worker of {{{{ $labels.tenant }}}} in {_NAMED} fails again and again",
        impact="Invoices of this customer go on between the crashes, or not at all; then TenantStuck pages.",
        page="stuck.md",
        dashboard="invoice-sync-tenant",
        firing=Case(
            series={of("invoice_sync_worker_crashes_total", service="poller", tenant="acme"): "0+0.2x600"},
            labels={SERVICE: "poller", "tenant": "acme"},
        ),
        silent=Case(
            series={of("invoice_sync_worker_crashes_total", service="poller", tenant="acme"): "0x90 1x600"},
        ),
    ),
    Alert(
        name="ProviderUnreachable",
        severity="ticket",
        area="connections",
        expr=(
            "invoice_sync:circuits_open:ratio > 0.5\n"
            "and on (side) count by (side) (invoice_sync:circuit_open:max) >= 3"
        ),
        lasts="5m",
        summary="More than half of the tenants have no connection to {{ $labels.side }}",
        impact="The provider has an outage, or we can not reach it; documents wait and go on by themselves.",
        page="connections.md",
        firing=Case(
            series={
                of("invoice_sync_circuit_open", tenant=tenant, side="autotask"): "0x100 1x60"
                for tenant in ("a", "b", "c")
            },
            labels={"side": "autotask"},
        ),
        silent=Case(
            series={
                **{
                    of("invoice_sync_circuit_open", tenant=f"t{n}", side="autotask"): steady(0)
                    for n in range(9)
                },
                of("invoice_sync_circuit_open", tenant="acme", side="autotask"): "0x100 1x60",
            },
        ),
    ),
    Alert(
        name="ConnectionOpen",
        severity="ticket",
        area="connections",
        expr="invoice_sync:circuit_open:max == 1",
        lasts="30m",
        summary="{{ $labels.tenant }} has no working connection to {{ $labels.side }} for half an hour",
        impact="Nothing of this customer goes on: the credentials are refused, a limit is reached, or there is no answer.",
        page="connections.md",
        dashboard="invoice-sync-tenant",
        firing=Case(
            series={of("invoice_sync_circuit_open", tenant="acme", side="xero"): steady(1)},
            labels={"tenant": "acme", "side": "xero"},
        ),
        silent=Case(series={of("invoice_sync_circuit_open", tenant="acme", side="xero"): "0x95 1x29 0x60"}),
    ),
    Alert(
        name="BudgetLow",
        severity="ticket",
        area="connections",
        expr=(
            'min by (tenant, side, window) (invoice_sync_budget_left{side="xero",window="day"}) < 250\n'
            'or\nmin by (tenant, side, window) (invoice_sync_budget_left{side="autotask",window="hour"}) < 500'
        ),
        lasts="5m",
        summary="{{ $labels.tenant }} has a twentieth of its calls to {{ $labels.side }} left in the {{ $labels.window }}",
        impact="When they are used up this customer's documents wait for the window to pass, at Xero up to a day.",
        page="connections.md",
        dashboard="invoice-sync-tenant",
        firing=Case(
            series={of("invoice_sync_budget_left", tenant="acme", side="xero", window="day"): steady(100)},
            labels={"tenant": "acme", "side": "xero", "window": "day"},
        ),
        silent=Case(
            series={
                of("invoice_sync_budget_left", tenant="acme", side="xero", window="day"): steady(300),
                of("invoice_sync_budget_left", tenant="acme", side="xero", window="minute"): steady(2),
            },
        ),
    ),
    Alert(
        name="MessagesNotDelivered",
        severity="ticket",
        area="reading",
        expr="max by (channel) (invoice_sync_alert_age_seconds) > 7200",
        lasts="10m",
        summary="News for customers wait for over two hours: {{ $labels.channel }} does not take them",
        impact="People who wish to be told of faults and outages are not told; the dashboard shows them.",
        page="connections.md",
        firing=Case(
            series={of("invoice_sync_alert_age_seconds", channel="mail"): steady(9000)},
            labels={"channel": "mail"},
        ),
        silent=Case(series={of("invoice_sync_alert_age_seconds", channel="mail"): steady(3500)}),
    ),
]
