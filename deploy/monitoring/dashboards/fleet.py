"""All tenants and services: whether customers feel anything, and where to look closer."""

from __future__ import annotations

from deploy.monitoring.dashboards.grafana import Dashboard, Panel, Query
from deploy.monitoring.metric_list import SERVICE, SERVICES
from deploy.monitoring.objectives import OBJECTIVES, Objective

_TENANT = ("invoice-sync-tenant", "tenant", "tenant")
_SERVICE = ("invoice-sync-service", "service", SERVICE)


def _left(objective: Objective) -> Panel:
    return Panel(
        title=objective.key.replace("_", " ").capitalize(),
        tells=f"{objective.promise}. Shown: what was bad in three days, as a share of what may be; over 1 the budget shrinks too fast.",
        queries=[Query(f"{objective.series}3d / {objective.budget:g}")],
        form="stat",
        red_from=1,
    )


FLEET = Dashboard(
    uid="invoice-sync-fleet",
    title="Invoice sync: fleet",
    tells="All tenants and services",
    panels=[
        *map(_left, OBJECTIVES),
        Panel(
            title="Pages firing",
            tells="Alerts that woke somebody, or would have",
            queries=[Query('count(ALERTS{alertstate="firing",severity="page"}) or vector(0)')],
            form="stat",
            red_from=1,
        ),
        Panel(
            title="Duplicates in Xero",
            tells="Must stay zero",
            queries=[Query("sum(invoice_sync_duplicates_total) or vector(0)")],
            form="stat",
            red_from=1,
        ),
        Panel(
            title="Tenants late",
            tells="Share of the tenants with a document on its way for over 15 minutes, without those that are paused or whose own connection is open",
            queries=[Query("invoice_sync:tenants_late:ratio")],
            form="stat",
            unit="percentunit",
            red_from=0.05,
        ),
        Panel(
            title="Alerts",
            tells="What fires now; the runbook is named in the alert",
            queries=[Query('ALERTS{alertstate="firing"}')],
            form="table",
        ),
        Panel(
            title="Documents in Xero",
            tells="Per second, by outcome",
            queries=[
                Query("sum by (outcome) (rate(invoice_sync_outcomes_total[$__rate_interval]))", "{{outcome}}")
            ],
            unit="ops",
        ),
        Panel(
            title="Faults by side",
            tells="Per second: the customers' data in Autotask or Xero, or settings and us",
            queries=[Query("sum by (side) (rate(invoice_sync_faults_total[$__rate_interval]))", "{{side}}")],
            unit="ops",
        ),
        Panel(
            title="Oldest document on its way",
            tells="The ten tenants that wait longest",
            queries=[Query("topk(10, invoice_sync:oldest_pending_seconds:max)", "{{tenant}}")],
            unit="s",
            red_from=900,
            leads_to=_TENANT,
        ),
        Panel(
            title="Most faults",
            tells="The ten tenants with most faults in an hour",
            queries=[
                Query("topk(10, sum by (tenant) (increase(invoice_sync_faults_total[1h])))", "{{tenant}}")
            ],
            leads_to=_TENANT,
        ),
        Panel(
            title="Connections open",
            tells="Share of the tenants that are down, throttled or refused, by side",
            queries=[Query("invoice_sync:circuits_open:ratio", "{{side}}")],
            unit="percentunit",
            red_from=0.5,
        ),
        Panel(
            title="Replicas that answer",
            tells="By service",
            queries=[
                Query(
                    f'sum by ({SERVICE}) (up{{{SERVICE}=~"{"|".join(SERVICES)}"}})',
                    f"{{{{{SERVICE}}}}}",
                )
            ],
            leads_to=_SERVICE,
        ),
    ],
)
