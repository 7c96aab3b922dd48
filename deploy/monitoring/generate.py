"""Files made from here. `python -m deploy.monitoring.generate` writes them; a test fails while they are not what it would write."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from deploy.monitoring.dashboards.all import dashboard_files
from deploy.monitoring.metrics_page import metrics_page
from deploy.monitoring.rules import prometheus_rule, rules_file

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RULES = HERE / "prometheus/invoice-sync.yaml"


def generated() -> Mapping[Path, str]:
    """Every generated file with what it has to hold."""
    return {
        RULES: rules_file(),
        ROOT / "deploy/k8s/components/prometheus-operator/rules.yaml": prometheus_rule(),
        ROOT / "docs/metrics.md": metrics_page(),
        **{HERE / "grafana" / name: text for name, text in dashboard_files().items()},
    }


def main() -> None:
    """Write them."""
    for file, text in generated().items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
