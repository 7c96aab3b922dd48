"""The shape of an alert, and of the two tests that each has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["page", "ticket"]
Area = Literal["delivery", "correctness", "reading", "connections"]
Series = dict[str, str]
"""Series of a promtool test: the series, and its values a minute apart in promtool's notation."""

_LABEL = re.compile(r"{{ \$labels\.(\w+) }}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What Prometheus is shown, and which alerts fire then, all of them.

    Attributes:
        series: beside those of a healthy background.
        at: when it is looked at.
        labels: for a firing case: the labels that make the alert's instance, as the expression gives them.
        also: other alerts that fire at the same time, with reason.
    """

    series: Series
    at: str = "2h"
    labels: Mapping[str, str] = field(default_factory=dict)
    also: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert.

    Attributes:
        severity: page wakes somebody: customers feel it and it will not mend itself. A ticket is looked at by day.
        area: what of the promises it is about; Alertmanager groups by it.
        lasts: how long the expression has to hold first.
        summary: one line, may name labels.
        impact: what it means for customers.
        page: its runbook below docs/operations; the heading is the alert's name.
        firing, silent: its tests.
    """

    name: str
    severity: Severity
    area: Area
    expr: str
    lasts: str
    summary: str
    impact: str
    page: str
    firing: Case
    silent: Case
    slo: str = ""
    dashboard: str = "invoice-sync-fleet"

    @property
    def labels(self) -> dict[str, str]:
        """What routes and inhibition go by."""
        slo = {"slo": self.slo} if self.slo else {}
        return {"severity": self.severity, "area": self.area} | slo

    @property
    def runbook(self) -> str:
        """The runbook's place in the repository."""
        return f"docs/operations/{self.page}#{self.name.lower()}"

    @property
    def annotations(self) -> dict[str, str]:
        """What a person reads."""
        tenant = "?var-tenant={{ $labels.tenant }}" if "$labels.tenant" in self.summary else ""
        return {
            "summary": self.summary,
            "impact": self.impact,
            "runbook": self.runbook,
            "dashboard": f"/d/{self.dashboard}{tenant}",
        }

    def read_as(self, labels: Mapping[str, str]) -> dict[str, str]:
        """The annotations as Prometheus renders them for an instance.

        Raises:
            KeyError: they name a label that the instance does not have.
        """
        return {
            name: _LABEL.sub(lambda found: labels[found[1]], text) for name, text in self.annotations.items()
        }
