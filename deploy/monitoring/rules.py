"""The rules as Prometheus reads them: a file for any Prometheus, and the same as an object of prometheus-operator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from deploy.monitoring.alert import Alert
from deploy.monitoring.alerts_of_documents import DOCUMENT_ALERTS
from deploy.monitoring.alerts_of_objectives import OBJECTIVE_ALERTS
from deploy.monitoring.alerts_of_services import SERVICE_ALERTS
from deploy.monitoring.recording import recording_rules

HEADER = "# Written by `make generate` from deploy/monitoring: change it there.\n"
Json = dict[str, Any]


def alerts() -> Sequence[Alert]:
    """Every alert."""
    return [*OBJECTIVE_ALERTS, *DOCUMENT_ALERTS, *SERVICE_ALERTS]


def groups() -> Json:
    """What a rules file holds. Rules of one group are evaluated in order, so an alert sees what was just recorded."""
    recorded = [{"record": rule.name, "expr": rule.expr} for rule in recording_rules()]
    return {"groups": [{"name": "invoice-sync", "rules": [*recorded, *map(_alert, alerts())]}]}


def _alert(alert: Alert) -> Json:
    return {
        "alert": alert.name,
        "expr": alert.expr,
        "for": alert.lasts,
        "labels": alert.labels,
        "annotations": alert.annotations,
    }


def rules_file() -> str:
    """For `rule_files` of a Prometheus."""
    return HEADER + as_yaml(groups())


def prometheus_rule() -> str:
    """For prometheus-operator."""
    return HEADER + as_yaml(
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": {"name": "invoice-sync"},
            "spec": groups(),
        }
    )


class _Blocks(yaml.SafeDumper):
    """Writes texts of several lines as they are read."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Blocks.add_representer(str, _text)


def as_yaml(value: Json) -> str:
    """YAML whose queries stay readable."""
    return yaml.dump(value, Dumper=_Blocks, sort_keys=False, width=100_000, allow_unicode=True)
