"""The recording rules: what alerts and dashboards ask for more than once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from deploy.monitoring.metric_list import SERVICE
from deploy.monitoring.objectives import LATE_AFTER_SECONDS, OBJECTIVES, WINDOWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recorded series: its name, what it tells, its labels, its PromQL."""

    name: str
    meaning: str
    expr: str
    labels: tuple[str, ...] = ()


_PAUSED = (
    "invoice_sync:oldest_pending_seconds:max > 3700"
    ' and on (tenant) max by (tenant) (invoice_sync_stuck{reason="in_flight"}) == 0'
    ' unless on (tenant) invoice_sync:circuit_open:max{side="xero"} == 1'
)
"""Over an hour on its way, Xero's circuit is closed, and the poller does not call it stuck: so the tenant is paused. No metric says so."""

_FIGURES = (
    Recording(
        name="invoice_sync:oldest_pending_seconds:max",
        meaning="age of a tenant's oldest document on its way, whichever replica tells it",
        expr="max by (tenant) (invoice_sync_oldest_pending_seconds)",
        labels=("tenant",),
    ),
    Recording(
        name="invoice_sync:circuit_open:max",
        meaning="1 while a tenant's connection to a side is down, throttled or refused",
        expr="max by (tenant, side) (invoice_sync_circuit_open)",
        labels=("tenant", "side"),
    ),
    Recording(
        name="invoice_sync:circuits_open:ratio",
        meaning="share of the tenants whose connection to a side is open",
        expr="avg by (side) (invoice_sync:circuit_open:max)",
        labels=("side",),
    ),
    Recording(
        name="invoice_sync:late_seconds:max",
        meaning=(
            f"age of a tenant's oldest document, if it is over {LATE_AFTER_SECONDS // 60} minutes and not the tenant's own doing: "
            "neither by a connection that is open for it and not for most, nor by a pause"
        ),
        expr=(
            f"invoice_sync:oldest_pending_seconds:max > {LATE_AFTER_SECONDS}\n"
            "unless on (tenant) (invoice_sync:circuit_open:max == 1 and on (side) invoice_sync:circuits_open:ratio <= 0.5)\n"
            f"unless on (tenant) ({_PAUSED})"
        ),
        labels=("tenant",),
    ),
    Recording(
        name="invoice_sync:tenants_late:ratio",
        meaning="share of the tenants that are late",
        expr="(count(invoice_sync:late_seconds:max) or vector(0)) / count(invoice_sync:oldest_pending_seconds:max)",
    ),
    Recording(
        name="invoice_sync:handover_seconds:p95_15m",
        meaning="95th percentile of the age of an event when the next service has stored it, by service and topic, over 15 minutes",
        expr=f"histogram_quantile(0.95, sum by ({SERVICE}, topic, le) (rate(invoice_sync_handover_seconds_bucket[15m])))",
        labels=(SERVICE, "topic"),
    ),
    Recording(
        name="invoice_sync:loop_busy:rate5m",
        meaning="seconds of finished turns per second of a replica's consumer loop: about 1 while it turns, 0 while a batch can not be stored",
        expr=f"sum by ({SERVICE}, pod) (rate(invoice_sync_loop_seconds_total[5m]))",
        labels=(SERVICE, "pod"),
    ),
)


@cache
def recording_rules() -> tuple[Recording, ...]:
    """All of them, in the order in which they have to be evaluated."""
    ratios = tuple(
        Recording(
            name=f"{objective.series}{window}",
            meaning=f"what was bad over {window}, of: {objective.promise}",
            expr=objective.bad_ratio.replace("WINDOW", window),
        )
        for objective in OBJECTIVES
        for window in WINDOWS
    )
    return (*_FIGURES, *ratios)


def recorded_series() -> Mapping[str, frozenset[str]]:
    """Names of the recorded series, with their labels."""
    return {rule.name: frozenset(rule.labels) for rule in recording_rules()}
