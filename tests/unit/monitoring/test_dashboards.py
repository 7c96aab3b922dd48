"""What Grafana would import: whole, linked, nothing over something else."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from deploy.monitoring.dashboards.all import DASHBOARDS
from deploy.monitoring.dashboards.grafana import Dashboard
from deploy.monitoring.generate import ROOT, generated
from deploy.monitoring.queries import grouped_by, selectors
from deploy.monitoring.rules import alerts

every_dashboard = pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard.uid)

_UIDS = {dashboard.uid for dashboard in DASHBOARDS}
_ADDRESS = re.compile(r"/d/([\w-]+)(?:\?var-(\w+)=)?")


@pytest.mark.parametrize("file", generated(), ids=lambda file: str(file.relative_to(ROOT)))
def test_no_generated_file_is_stale(file: Path) -> None:
    assert file.read_text("utf-8") == generated()[file], "write it again: make generate"


def _variables(uid: str) -> set[str]:
    return {
        variable.name for dashboard in DASHBOARDS if dashboard.uid == uid for variable in dashboard.variables
    }


@every_dashboard
def test_no_dashboard_stands_alone_or_leads_nowhere(dashboard: Dashboard) -> None:
    content = dashboard.as_json(DASHBOARDS)
    assert {link["url"] for link in content["links"]} == {f"/d/{uid}" for uid in _UIDS - {dashboard.uid}}
    for panel in dashboard.panels:
        if panel.leads_to is not None:
            uid, variable, label = panel.leads_to
            assert variable in _variables(uid)
            assert any(f"{{{{{label}}}}}" in query.legend for query in panel.queries), "the label is there"


def test_no_alert_leads_to_a_dashboard_that_does_not_exist() -> None:
    for alert in alerts():
        found = _ADDRESS.match(alert.annotations["dashboard"])
        assert found is not None
        assert found[1] in _UIDS
        assert found[2] is None or found[2] in _variables(found[1])


@every_dashboard
def test_no_panel_lies_over_another_or_beyond_the_edge(dashboard: Dashboard) -> None:
    places: list[dict[str, Any]] = [panel["gridPos"] for panel in dashboard.as_json(())["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below


@every_dashboard
def test_no_panel_is_without_a_sentence_or_uses_a_choice_that_is_not_offered(dashboard: Dashboard) -> None:
    offered = {variable.name for variable in dashboard.variables} | {"__rate_interval"}
    for panel in dashboard.panels:
        assert panel.tells
        for query in panel.queries:
            assert set(re.findall(r"\$(\w+)", query.expr)) <= offered


@every_dashboard
def test_no_legend_names_a_label_that_the_query_drops(dashboard: Dashboard) -> None:
    for panel in dashboard.panels:
        for query in panel.queries:
            if re.match(r"(sum|max|min|count|avg)\b", query.expr):
                assert set(re.findall(r"{{(\w+)}}", query.legend)) <= grouped_by(query.expr), panel.title
            assert selectors(query.expr)
