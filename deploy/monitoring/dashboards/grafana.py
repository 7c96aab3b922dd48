"""Panels and dashboards, and the JSON that Grafana reads of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Form = Literal["timeseries", "stat", "table"]
Unit = Literal["s", "short", "percentunit", "ops", "bool_on_off"]

_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_WIDTH = 24
_SIZES: dict[Form, tuple[int, int]] = {"timeseries": (12, 8), "stat": (6, 4), "table": (24, 8)}
_SCHEMA_VERSION = 39


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL, and how its series are called."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel.

    Attributes:
        tells: what a person learns from it, shown with the panel.
        red_from: from which value on it is red, if there is such a value.
        leads_to: uid of a dashboard for what was clicked, with the label that chooses there.
    """

    title: str
    tells: str
    queries: Sequence[Query]
    form: Form = "timeseries"
    unit: Unit = "short"
    red_from: float | None = None
    leads_to: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A choice at the top of a dashboard: the values of a label of a series."""

    name: str
    label: str
    series: str

    @property
    def query(self) -> str:
        """As Grafana asks for it."""
        return f"label_values({self.series}, {self.label})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """One dashboard; `uid` is its address."""

    uid: str
    title: str
    tells: str
    panels: Sequence[Panel]
    variables: Sequence[Variable] = field(default=())

    def as_json(self, all_of_them: Sequence[Dashboard]) -> Json:
        """What Grafana imports. `all_of_them`: the dashboards that it links to."""
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.tells,
            "tags": ["invoice-sync"],
            "editable": False,
            "graphTooltip": 1,
            "refresh": "1m",
            "schemaVersion": _SCHEMA_VERSION,
            "time": {"from": "now-6h", "to": "now"},
            "timezone": "browser",
            "annotations": {"list": [_alerts_as_marks()]},
            "links": [_link(other) for other in all_of_them if other.uid != self.uid],
            "templating": {"list": [_datasource(), *map(_variable, self.variables)]},
            "panels": list(self._placed()),
        }

    def _placed(self) -> Iterator[Json]:
        left = top = row = 0
        for number, panel in enumerate(self.panels, start=1):
            width, height = _SIZES[panel.form]
            if left + width > _WIDTH:
                left, top, row = 0, top + row, 0
            yield _panel(panel, number, {"x": left, "y": top, "w": width, "h": height})
            left, row = left + width, max(row, height)


def _panel(panel: Panel, number: int, place: Json) -> Json:
    steps: list[Json] = [{"color": "green", "value": None}]
    if panel.red_from is not None:
        steps.append({"color": "red", "value": panel.red_from})
    defaults: Json = {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.leads_to is not None:
        uid, variable, label = panel.leads_to
        address = f"/d/{uid}?var-{variable}=${{__field.labels.{label}}}&${{datasource:queryparam}}&${{__url_time_range}}"
        defaults["links"] = [{"title": "Look closer", "url": address}]
    now = panel.form != "timeseries"
    return {
        "id": number,
        "type": panel.form,
        "title": panel.title,
        "description": panel.tells,
        "datasource": _SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "targets": [
            {
                "refId": chr(ord("A") + place_of_query),
                "datasource": _SOURCE,
                "expr": query.expr,
                "legendFormat": query.legend or "__auto",
                "instant": now,
                "range": not now,
                "format": "table" if panel.form == "table" else "time_series",
            }
            for place_of_query, query in enumerate(panel.queries)
        ],
    }


def _alerts_as_marks() -> Json:
    return {
        "name": "Pages",
        "datasource": _SOURCE,
        "enable": True,
        "iconColor": "red",
        "expr": 'ALERTS{alertstate="firing",severity="page"}',
        "titleFormat": "{{alertname}}",
        "textFormat": "{{tenant}}",
    }


def _link(other: Dashboard) -> Json:
    return {
        "type": "link",
        "title": other.title,
        "tooltip": other.tells,
        "url": f"/d/{other.uid}",
        "keepTime": True,
        "includeVars": True,
    }


def _datasource() -> Json:
    return {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}


def _variable(variable: Variable) -> Json:
    return {
        "name": variable.name,
        "label": variable.name.capitalize(),
        "type": "query",
        "datasource": _SOURCE,
        "definition": variable.query,
        "query": {"query": variable.query, "refId": "values"},
        "refresh": 2,
        "sort": 1,
    }
