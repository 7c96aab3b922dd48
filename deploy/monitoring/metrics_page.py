"""docs/metrics.md, written from the list of metrics."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.monitoring.metric_list import SERVICE, Metric, labels, metric_list, most_series
from deploy.monitoring.recording import recording_rules

_INTRO = """# Metrics

Every metric of the suite. Written by `make generate` from `libs/runtime/src/service_runtime/metrics.py`: do not edit.

Each process shows them at `/metrics` on `METRICS_PORT`. All services share one list, and each fills what concerns it: a metric that a service never touches shows no series, or 0 if it has
no labels. With the PodMonitor of `deploy/k8s/components/prometheus-operator` every series also carries `{service}`, the name of the service, which rules and dashboards use.

A gauge with the label `tenant` is shown by the replica that works for the tenant, and is taken away when another one takes over: ask for `max by (tenant)`."""


def metrics_page() -> str:
    """The whole page."""
    return "\n".join([_INTRO.format(service=SERVICE), "", *_metrics(), "", *_labels(), "", *_recorded(), ""])


def _metrics() -> Iterator[str]:
    yield "## The list"
    yield ""
    yield "Bound: the greatest number of series of one replica; T is the number of tenants. Most stay far below it: a series begins when something first happens."
    yield ""
    yield "| metric | kind | labels | bound | what it tells |"
    yield "|---|---|---|---|---|"
    for metric in metric_list().values():
        names = ", ".join(f"`{name}`" for name in metric.labels) or "none"
        yield f"| `{metric.name}` | {metric.kind} | {names} | {_bound(metric)} | {metric.meaning} |"
    yield ""
    yield "Buckets, in seconds:"
    yield ""
    for metric in metric_list().values():
        if metric.kind == "histogram":
            yield f"- `{metric.name}`: {', '.join(bound.removesuffix('.0') for bound in metric.buckets)}"


def _bound(metric: Metric) -> str:
    most, per_tenant = most_series(metric)
    if not per_tenant:
        return f"{most:,}"
    return "T" if most == 1 else f"{most:,} T"


def _labels() -> Iterator[str]:
    yield "## Labels"
    yield ""
    yield "| label | what it holds | most values |"
    yield "|---|---|---|"
    used = {name for metric in metric_list().values() for name in metric.labels}
    for name, label in labels().items():
        if name in used:
            yield f"| `{name}` | {label.meaning} | {'T' if label.per_tenant else label.most} |"


def _recorded() -> Iterator[str]:
    yield "## Recorded series"
    yield ""
    yield "Made by the recording rules of `deploy/monitoring/prometheus/invoice-sync.yaml`; error ratios are shares of 1."
    yield ""
    yield "| series | what it tells |"
    yield "|---|---|"
    for rule in recording_rules():
        yield f"| `{rule.name}` | {rule.meaning} |"
