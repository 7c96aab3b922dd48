"""One service: what it takes in, what it puts out, how long it takes, what fails (RED), and what it waits for (USE)."""

from __future__ import annotations

from deploy.monitoring.dashboards.grafana import Dashboard, Panel, Query, Variable
from deploy.monitoring.metric_list import SERVICE

_S = f'{SERVICE}="$service"'


def _percentiles(histogram: str, matchers: str, by: str = "") -> list[Query]:
    grouped = f"{by}, le" if by else "le"
    legend = f" {{{{{by}}}}}" if by else ""
    return [
        Query(
            f"histogram_quantile({share}, sum by ({grouped}) (rate({histogram}_bucket{{{matchers}}}[$__rate_interval])))",
            f"p{share * 100:g}{legend}",
        )
        for share in (0.5, 0.95)
    ]


SERVICE_DASHBOARD = Dashboard(
    uid="invoice-sync-service",
    title="Invoice sync: one service",
    tells="What a service takes in and puts out, how long it takes, what fails, what it waits for",
    variables=[Variable(name="service", label=SERVICE, series="invoice_sync_outbox_rows")],
    panels=[
        Panel(
            title="Replicas that answer",
            tells="Of those that Prometheus knows",
            queries=[Query(f"sum(up{{{_S}}})")],
            form="stat",
        ),
        Panel(
            title="Outbox",
            tells="Age of the oldest event that waits",
            queries=[Query(f"max(invoice_sync_outbox_age_seconds{{{_S}}})")],
            form="stat",
            unit="s",
            red_from=120,
        ),
        Panel(
            title="Dead letters",
            tells="In a day",
            queries=[Query(f"sum(increase(invoice_sync_records_dead_total{{{_S}}}[1d])) or vector(0)")],
            form="stat",
            red_from=1,
        ),
        Panel(
            title="Tenants",
            tells="For which its replicas work",
            queries=[Query(f"sum(invoice_sync_lease_held{{{_S}}})")],
            form="stat",
        ),
        Panel(
            title="Records taken in",
            tells="Per second, by topic",
            queries=[
                Query(
                    f"sum by (topic) (rate(invoice_sync_records_consumed_total{{{_S}}}[$__rate_interval]))",
                    "{{topic}}",
                )
            ],
            unit="ops",
        ),
        Panel(
            title="Events put out",
            tells="Acknowledged by Kafka per second, by topic",
            queries=[
                Query(
                    f"sum by (topic) (rate(invoice_sync_events_produced_total{{{_S}}}[$__rate_interval]))",
                    "{{topic}}",
                )
            ],
            unit="ops",
        ),
        Panel(
            title="Age of events when stored",
            tells="How far it lags: 95 of 100 are at most so old",
            queries=[Query(f"invoice_sync:handover_seconds:p95_15m{{{_S}}}", "{{topic}}")],
            unit="s",
        ),
        Panel(
            title="A batch",
            tells="From its first record to its committed offsets",
            queries=_percentiles("invoice_sync_batch_seconds", _S),
            unit="s",
        ),
        Panel(
            title="What the loop does",
            tells="Share of its time; all of it 0 means that a batch can not be stored",
            queries=[
                Query(
                    f"sum by (phase) (rate(invoice_sync_loop_seconds_total{{{_S}}}[$__rate_interval]))",
                    "{{phase}}",
                )
            ],
        ),
        Panel(
            title="Events that wait in the outbox",
            tells="By replica; each counts the same table",
            queries=[Query(f"invoice_sync_outbox_rows{{{_S}}}", "{{pod}}")],
        ),
        Panel(
            title="Calls to the providers",
            tells="Duration, by side",
            queries=_percentiles("invoice_sync_outside_seconds", _S, "side"),
            unit="s",
        ),
        Panel(
            title="Calls by answer",
            tells="Per second",
            queries=[
                Query(
                    f"sum by (side, status) (rate(invoice_sync_outside_calls_total{{{_S}}}[$__rate_interval]))",
                    "{{side}} {{status}}",
                )
            ],
            unit="ops",
        ),
        Panel(
            title="Requests",
            tells="To status-api per second, by status",
            queries=[
                Query(
                    f"sum by (status) (rate(invoice_sync_http_seconds_count{{{_S}}}[$__rate_interval]))",
                    "{{status}}",
                )
            ],
            unit="ops",
        ),
        Panel(
            title="Requests: duration",
            tells="The ten slowest routes, 95 of 100 requests",
            queries=[
                Query(
                    f"topk(10, histogram_quantile(0.95, sum by (route, le) (rate(invoice_sync_http_seconds_bucket{{{_S}}}[$__rate_interval]))))",
                    "{{route}}",
                )
            ],
            unit="s",
        ),
        Panel(
            title="The web page: answers",
            tells="Per second, by kind; an action is what somebody does on a page that is open",
            queries=[
                Query(
                    f"sum by (kind) (rate(invoice_sync_page_seconds_count{{{_S}}}[$__rate_interval]))",
                    "{{kind}}",
                )
            ],
            unit="ops",
        ),
        Panel(
            title="The web page: duration",
            tells="Of actions, and of what they ask of status-api",
            queries=[
                *_percentiles("invoice_sync_page_seconds", f'{_S},kind="action"', "kind"),
                *_percentiles("invoice_sync_page_calls_seconds", _S, "outcome"),
            ],
            unit="s",
        ),
        Panel(
            title="The web page: what did not come about",
            tells="Pages and actions per hour; only failed is the dashboard's own doing",
            queries=[
                Query(
                    f"sum by (outcome) (increase(invoice_sync_page_failures_total{{{_S}}}[1h]))",
                    "{{outcome}}",
                )
            ],
        ),
        Panel(
            title="The web page: live",
            tells="Open pages that are told of changes as they happen; each replica follows 24",
            queries=[Query(f"sum(invoice_sync_page_streams{{{_S}}})")],
        ),
        Panel(
            title="Sign-ins",
            tells="Per hour, by outcome",
            queries=[
                Query(f"sum by (outcome) (increase(invoice_sync_sign_ins_total{{{_S}}}[1h]))", "{{outcome}}")
            ],
        ),
        Panel(
            title="Messages to people",
            tells="Per hour, by channel and outcome",
            queries=[
                Query(
                    "sum by (channel, outcome) (increase(invoice_sync_alerts_total[1h]))",
                    "{{channel}} {{outcome}}",
                )
            ],
        ),
    ],
)
