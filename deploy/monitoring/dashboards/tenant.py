"""One tenant: what of it moves, what does not, and on which side."""

from __future__ import annotations

from deploy.monitoring.dashboards.grafana import Dashboard, Panel, Query, Variable

_T = 'tenant="$tenant"'

TENANT = Dashboard(
    uid="invoice-sync-tenant",
    title="Invoice sync: one tenant",
    tells="What of a tenant moves, what does not, and on which side",
    variables=[Variable(name="tenant", label="tenant", series="invoice_sync_circuit_open")],
    panels=[
        Panel(
            title="Connections",
            tells="1 while down, throttled or refused; the web page says which, and what to do",
            queries=[Query(f"invoice_sync:circuit_open:max{{{_T}}}", "{{side}}")],
            form="stat",
            red_from=1,
        ),
        Panel(
            title="Oldest on its way",
            tells="Age of the oldest document between Autotask and Xero",
            queries=[Query(f"invoice_sync:oldest_pending_seconds:max{{{_T}}}")],
            form="stat",
            unit="s",
            red_from=900,
        ),
        Panel(
            title="Stuck",
            tells="What should move and does not, by reason",
            queries=[Query(f"max by (reason) (invoice_sync_stuck{{{_T}}}) == 1", "{{reason}}")],
            form="stat",
            red_from=1,
        ),
        Panel(
            title="Unknown outcomes",
            tells="Requests to Xero whose outcome is being verified",
            queries=[Query(f"max(invoice_sync_intents_unknown{{{_T}}})")],
            form="stat",
        ),
        Panel(
            title="Documents by state",
            tells="Of the poller's ledger",
            queries=[Query(f"max by (state) (invoice_sync_ledger_documents{{{_T}}})", "{{state}}")],
        ),
        Panel(
            title="Outcomes",
            tells="Documents in Xero per hour",
            queries=[
                Query(f"sum by (outcome) (increase(invoice_sync_outcomes_total{{{_T}}}[1h]))", "{{outcome}}")
            ],
        ),
        Panel(
            title="Faults by cause",
            tells="Per hour; the codes are those of the fault catalogue",
            queries=[
                Query(
                    f"sum by (code, side) (increase(invoice_sync_faults_total{{{_T}}}[1h]))",
                    "{{code}} ({{side}})",
                )
            ],
        ),
        Panel(
            title="Calls by answer",
            tells="To Autotask and Xero, per second",
            queries=[
                Query(
                    f"sum by (side, status) (rate(invoice_sync_outside_calls_total{{{_T}}}[$__rate_interval]))",
                    "{{side}} {{status}}",
                )
            ],
            unit="ops",
        ),
        Panel(
            title="Calls left",
            tells="In the providers' windows",
            queries=[
                Query(f"min by (side, window) (invoice_sync_budget_left{{{_T}}})", "{{side}}, {{window}}")
            ],
        ),
        Panel(
            title="Stamps that wait",
            tells="Documents that are in Xero and that Autotask does not show so yet: how many, and the oldest",
            queries=[
                Query(f"max(invoice_sync_stamps_waiting{{{_T}}})", "count"),
                Query(f"max(invoice_sync_oldest_stamp_seconds{{{_T}}})", "oldest, seconds"),
            ],
        ),
        Panel(
            title="Who works for it",
            tells="Replicas that hold its lease: one of the poller and one of the xero-writer",
            queries=[Query(f"sum by (pod) (invoice_sync_lease_held{{{_T}}})", "{{pod}}")],
        ),
        Panel(
            title="Leases lost, workers crashed",
            tells="Per hour",
            queries=[
                Query(f"sum(increase(invoice_sync_lease_lost_total{{{_T}}}[1h]))", "leases lost"),
                Query(f"sum(increase(invoice_sync_worker_crashes_total{{{_T}}}[1h]))", "crashes"),
            ],
        ),
    ],
)
