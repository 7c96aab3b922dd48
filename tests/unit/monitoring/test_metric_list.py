"""The list of metrics: nothing in it that is not told or never filled, nothing unbounded."""

from __future__ import annotations

import re

import pytest
from prometheus_client import generate_latest
from prometheus_client.metrics import MetricWrapperBase

from deploy.monitoring.generate import ROOT
from deploy.monitoring.metric_list import Metric, labels, metric_list, most_series
from deploy.monitoring.metrics_page import metrics_page
from service_runtime import metrics as ours

_UNBOUNDED = {"document", "invoice", "event_id", "trace_id", "path", "user", "message", "text", "revision"}

every_metric = pytest.mark.parametrize("metric", metric_list().values(), ids=lambda metric: metric.name)


@every_metric
def test_no_metric_is_untold_or_unbounded(metric: Metric) -> None:
    assert metric.meaning
    assert re.fullmatch(r"invoice_sync_[a-z_]+", metric.name)
    assert set(metric.labels) <= set(labels()), "deploy/monitoring/metric_list.py gives each label its bound"
    assert not set(metric.labels) & _UNBOUNDED
    assert most_series(metric)[0] >= 1


@every_metric
def test_no_metric_breaks_the_rules_for_names(metric: Metric) -> None:
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    if metric.kind == "histogram":
        assert metric.name.endswith("_seconds")
        assert metric.buckets[-1] == "+Inf"


def test_no_metric_is_defined_and_never_filled() -> None:
    code = "\n".join(
        file.read_text("utf-8")
        for folder in ("libs", "services")
        for file in (ROOT / folder).rglob("*.py")
        if file.name != "metrics.py"
    )
    names = {name for name, value in vars(ours).items() if isinstance(value, MetricWrapperBase)}
    assert len(names) == len(metric_list())
    assert {name for name in names if not re.search(rf"\bmetrics\.{name}\b", code)} == set()


def test_no_metric_is_missing_from_its_page() -> None:
    page = metrics_page()
    assert [name for name in metric_list() if f"| `{name}` |" not in page] == []


def test_no_count_is_taken_without_its_labels_and_buckets() -> None:
    stored = metric_list()["invoice_sync_handover_seconds"]
    assert stored.series()["invoice_sync_handover_seconds_bucket"] == {"topic", "le"}
    assert "30.0" in stored.buckets
    assert most_series(stored)[0] == labels()["topic"].most * (len(stored.buckets) + 2)
    assert most_series(metric_list()["invoice_sync_lease_held"]) == (1, True)


def test_no_metric_is_scraped_under_another_name_than_the_list_has() -> None:
    shown = generate_latest().decode()
    told = {
        (name, kind)
        for name, kind in re.findall(r"^# TYPE (invoice_sync_\w+) (\w+)$", shown, re.MULTILINE)
        if not name.endswith("_created")
    }
    assert told == {(metric.name, metric.kind) for metric in metric_list().values()}
