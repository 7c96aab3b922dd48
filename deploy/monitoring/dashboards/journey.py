"""A document's journey: how long each hand-over takes, from Autotask's answer to the page."""

from __future__ import annotations

from deploy.monitoring.dashboards.grafana import Dashboard, Panel, Query
from deploy.monitoring.metric_list import SERVICE


def _handover(title: str, tells: str, service: str, topic: str) -> Panel:
    matchers = f'{SERVICE}="{service}",topic="{topic}"'
    return Panel(
        title=title,
        tells=tells,
        queries=[
            Query(
                f"histogram_quantile({share}, sum by (le) (rate(invoice_sync_handover_seconds_bucket{{{matchers}}}[$__rate_interval])))",
                f"p{share * 100:g}",
            )
            for share in (0.5, 0.95, 0.99)
        ],
        unit="s",
    )


JOURNEY = Dashboard(
    uid="invoice-sync-journey",
    title="Invoice sync: a document's journey",
    tells="How long each hand-over takes, and what waits in between",
    panels=[
        _handover(
            "1. Discovered → mapper",
            "From the poller's try to the mapper's answer",
            "mapper",
            "invoice.discovered",
        ),
        _handover(
            "2. Mapped → xero-writer",
            "From the mapping to the writer's table of work",
            "xero-writer",
            "invoice.mapped",
        ),
        Panel(
            title="3. Xero's answers",
            tells="Duration of a call; up to 50 documents go in one",
            queries=[
                Query(
                    f'histogram_quantile({share}, sum by (le) (rate(invoice_sync_outside_seconds_bucket{{side="xero"}}[$__rate_interval])))',
                    f"p{share * 100:g}",
                )
                for share in (0.5, 0.95, 0.99)
            ],
            unit="s",
        ),
        _handover(
            "4. Synced → poller",
            "From the outcome to the poller, which stamps it then",
            "poller",
            "invoice.synced",
        ),
        Panel(
            title="5. Stamps that wait",
            tells="Documents in Xero that Autotask does not show so yet, and the age of the oldest",
            queries=[
                Query("sum(max by (tenant) (invoice_sync_stamps_waiting))", "count"),
                Query("max(invoice_sync_oldest_stamp_seconds)", "oldest, seconds"),
            ],
        ),
        _handover(
            "6. Synced → shown",
            "From the outcome to the rows that pages show",
            "status-api-materialize",
            "invoice.synced",
        ),
        Panel(
            title="Waiting for an outcome",
            tells="The ten tenants whose oldest document is longest on its way",
            queries=[Query("topk(10, invoice_sync:oldest_pending_seconds:max)", "{{tenant}}")],
            unit="s",
            red_from=900,
            leads_to=("invoice-sync-tenant", "tenant", "tenant"),
        ),
        Panel(
            title="Being verified",
            tells="Requests to Xero whose outcome is not known yet, and the age of the oldest",
            queries=[
                Query("sum(max by (tenant) (invoice_sync_intents_unknown))", "count"),
                Query("max(invoice_sync_oldest_unknown_seconds)", "oldest, seconds"),
            ],
        ),
        Panel(
            title="How it ends",
            tells="Share of the tries that end in Xero",
            queries=[
                Query(
                    "sum(rate(invoice_sync_outcomes_total[$__rate_interval])) / (sum(rate(invoice_sync_outcomes_total[$__rate_interval])) + sum(rate(invoice_sync_faults_total[$__rate_interval])))",
                    "in Xero",
                )
            ],
            unit="percentunit",
        ),
    ],
)
