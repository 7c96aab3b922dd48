"""Every query of rules and dashboards names what there is; what does not exist is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.monitoring import promtool
from deploy.monitoring.__main__ import as_rules, queries
from deploy.monitoring.dashboards.all import dashboard_queries
from deploy.monitoring.metric_list import SERVICE
from deploy.monitoring.queries import findings, selectors
from deploy.monitoring.rules import as_yaml


def test_no_query_names_a_metric_or_label_that_does_not_exist() -> None:
    assert [(place, said) for place, query in queries().items() for said in findings(query)] == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            "sum(rate(invoice_sync_invented_total[5m]))",
            "invoice_sync_invented_total is in no list of metrics",
        ),
        ("invoice_sync_outcomes", "invoice_sync_outcomes is in no list of metrics"),
        ('1 - invoice_sync_lease_held{tenants="a"}', "invoice_sync_lease_held has no label tenants"),
        ("sum by (tenant) (invoice_sync_outbox_rows)", "no series of the query has the label tenant"),
        (
            'invoice_sync_http_seconds_bucket{le="1"}',
            "invoice_sync_http_seconds_bucket has no bucket 1",
        ),
        ('invoice_sync_faults_total{code=~"UNKNOWN|UNHEARD_OF"}', "there is no code UNHEARD_OF"),
        (f'up{{{SERVICE}="writer"}}', f"there is no {SERVICE} writer"),
        (
            "max(invoice_sync:circuit_open:max > bool 3) unless on (code) invoice_sync:circuits_open:ratio",
            "no series of the query has the label code",
        ),
        ("avg_over_time(invoice_sync:lateness[1h])", "invoice_sync:lateness is in no list of metrics"),
        ("vector(1)", "the query names no series"),
    ],
)
def test_no_planted_mistake_is_overlooked(query: str, said: str) -> None:
    assert said in findings(query)


def test_no_word_of_the_language_is_taken_for_a_metric() -> None:
    query = (
        "sum by (tenant) (increase(invoice_sync_duplicates_total[1h] offset 5m)) > bool 0 and on (tenant)\n"
        'max without (pod) (invoice_sync_lease_held{tenant="or"}) or vector(0)'
    )
    assert [selector.name for selector in selectors(query)] == [
        "invoice_sync_lease_held",
        "invoice_sync_duplicates_total",
    ]
    assert findings(query) == []


def test_no_dashboard_asks_what_prometheus_can_not_read(tmp_path: Path) -> None:
    if not promtool.is_there():
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    file = tmp_path / "queries.yaml"
    for asked, content in ((dict(dashboard_queries()), True), ({"planted": "sum(rate(up))"}, False)):
        file.write_text(as_yaml(as_rules(asked)), encoding="utf-8")
        held, said = promtool.run("check", "rules", file)
        assert held is content, said
