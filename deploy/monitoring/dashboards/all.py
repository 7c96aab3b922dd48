"""Every dashboard, and every query that they ask."""

from __future__ import annotations

import json
from collections.abc import Mapping

from deploy.monitoring.dashboards.fleet import FLEET
from deploy.monitoring.dashboards.journey import JOURNEY
from deploy.monitoring.dashboards.service import SERVICE_DASHBOARD
from deploy.monitoring.dashboards.tenant import TENANT

DASHBOARDS = (FLEET, TENANT, SERVICE_DASHBOARD, JOURNEY)


def dashboard_files() -> Mapping[str, str]:
    """What to import into Grafana, by file name."""
    return {
        f"{each.uid}.json": json.dumps(each.as_json(DASHBOARDS), indent=1, ensure_ascii=False) + "\n"
        for each in DASHBOARDS
    }


def dashboard_queries() -> Mapping[str, str]:
    """Every query, by where it stands: of panels, of the choices at the top, and of the marks."""
    found = {}
    for dashboard in DASHBOARDS:
        for panel in dashboard.panels:
            for number, query in enumerate(panel.queries, start=1):
                found[f"{dashboard.uid}: {panel.title}: {number}"] = query.expr
        for variable in dashboard.variables:
            found[f"{dashboard.uid}: ${variable.name}"] = f"count by ({variable.label}) ({variable.series})"
        for mark in dashboard.as_json(())["annotations"]["list"]:
            found[f"{dashboard.uid}: {mark['name']}"] = mark["expr"]
    return found
