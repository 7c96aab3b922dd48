"""The metrics that queries may name: ours, as `service_runtime.metrics` defines them, and the few that Prometheus makes itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from prometheus_client import Histogram
from prometheus_client.metrics import MetricWrapperBase

from invoice_events.catalogue import catalogue
from local_stack.topics import load_topics
from service_runtime import metrics as ours
from status_api.server.routes import OPERATIONS

Kind = Literal["counter", "gauge", "histogram"]

SERVICE = "app_kubernetes_io_name"
"""The label that names the service: what `podTargetLabels` of the PodMonitor makes of the pods' label."""

SERVICES = (
    "poller",
    "mapper",
    "xero-writer",
    "status-api-serve",
    "status-api-materialize",
    "status-api-notify",
    "dashboard",
)
TARGET_LABELS = frozenset({SERVICE, "instance", "job", "namespace", "pod"})
"""What every scraped series carries beside its own labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric of the list.

    Attributes:
        name: of the family, as queries write it; a histogram's series add `_bucket`, `_sum` and `_count`.
        meaning: one sentence.
        labels: its own, without those of the target.
        buckets: upper bounds as Prometheus stores them in `le` (`30.0`, not `30`); empty if it is no histogram.
    """

    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()

    def series(self) -> Mapping[str, frozenset[str]]:
        """Names of the series that a query can ask for, each with its labels."""
        own = frozenset(self.labels)
        if self.kind != "histogram":
            return {self.name: own}
        return {
            f"{self.name}_bucket": own | {"le"},
            f"{self.name}_sum": own,
            f"{self.name}_count": own,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a label holds, and how many values it can have in one tenant or, if `per_tenant`, how many tenants there are."""

    meaning: str
    most: int = 1
    per_tenant: bool = False


@cache
def labels() -> Mapping[str, Label]:
    """Every label of the suite's metrics with its bound; the bounds come from the catalogues that the values come from."""
    topics = len(load_topics())
    return {
        "tenant": Label(meaning="id of the tenant in the tenants file", per_tenant=True),
        "topic": Label(meaning="a topic of `deploy/topics.yaml`", most=topics),
        "phase": Label(meaning="`poll`, `handle` or `commit`", most=3),
        "side": Label(meaning="`autotask`, `xero` or, of faults, `us`", most=3),
        "operation": Label(meaning="verb and collection of a call, without ids", most=40),
        "status": Label(meaning="HTTP status; `none` if no answer came", most=40),
        "window": Label(meaning="`minute` or `day` (Xero), `hour` (Autotask)", most=3),
        "code": Label(meaning="a code of [the fault catalogue](faults.md)", most=len(catalogue())),
        "state": Label(meaning="state of a document in the poller's ledger", most=10),
        "reason": Label(
            meaning="`in_flight`, `stamp`, `cycle`, `outbox`, `lease`, `worker` or `unknown`", most=7
        ),
        "outcome": Label(meaning="how it ended, a closed list of each metric", most=8),
        "method": Label(meaning="HTTP verb", most=8),
        "route": Label(
            meaning="pattern of the path, never the path itself; `none` if there is no such path",
            most=len({operation.path for operation in OPERATIONS}) + 2,
        ),
        "channel": Label(meaning="`mail` or `chat`", most=2),
        "kind": Label(meaning="what a browser asks the dashboard for, a closed list", most=6),
    }


@cache
def metric_list() -> Mapping[str, Metric]:
    """Every metric that the services define, by the name of its family."""
    return {metric.name: metric for metric in map(_described, _defined())}


def _defined() -> list[MetricWrapperBase]:
    return [value for value in vars(ours).values() if isinstance(value, MetricWrapperBase)]


def _described(defined: MetricWrapperBase) -> Metric:
    told = next(iter(defined.describe()))
    # prometheus_client has no public way to ask for the labels and bounds that a metric was made with
    names = defined._labelnames  # noqa: SLF001
    bounds = defined._kwargs["buckets"] if isinstance(defined, Histogram) else ()  # noqa: SLF001
    kinds: dict[str, Kind] = {"counter": "counter", "gauge": "gauge", "histogram": "histogram"}
    kind = kinds[told.type]
    return Metric(
        name=f"{told.name}_total" if kind == "counter" else told.name,
        kind=kind,
        meaning=told.documentation,
        labels=tuple(names),
        buckets=(*(str(float(bound)) for bound in bounds), "+Inf") if kind == "histogram" else (),
    )


def by_prometheus() -> Mapping[str, frozenset[str]]:
    """Series that Prometheus makes itself, with their labels."""
    return {"up": frozenset(), "ALERTS": frozenset({"alertname", "alertstate", "severity", "tenant", "area"})}


def most_series(metric: Metric) -> tuple[int, bool]:
    """How many series one replica can have of it, and whether that is to be multiplied by the number of tenants."""
    known = [labels()[name] for name in metric.labels]
    product = 1
    for label in known:
        product *= label.most
    each = len(metric.buckets) + 2 if metric.kind == "histogram" else 1
    return product * each, any(label.per_tenant for label in known)
