"""Short ways to write the series of promtool's tests: one value a minute."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.monitoring.alert import Series
from deploy.monitoring.metric_list import SERVICE, SERVICES


def steady(value: float, minutes: int = 600) -> str:
    """The same value all the time."""
    return f"{value:g}x{minutes}"


def rising(each_minute: float, minutes: int = 600) -> str:
    """A counter that rises by as much every minute."""
    return f"0+{each_minute:g}x{minutes}"


def of(name: str, **labels: str) -> str:
    """A series by name and labels; `service` stands for the label that names the service."""
    renamed = {SERVICE if key == "service" else key: value for key, value in labels.items()}
    inside = ",".join(f'{key}="{value}"' for key, value in renamed.items())
    return f"{name}{{{inside}}}"


def histogram(
    name: str, buckets: Mapping[str, float], count: float, minutes: int = 600, **labels: str
) -> dict[str, str]:
    """A histogram of which so many per minute are at most each bound, and so many are observed in all."""
    bounds = {**buckets, "+Inf": count}
    shown = {
        of(f"{name}_bucket", **labels, le=bound): rising(rate, minutes) for bound, rate in bounds.items()
    }
    return shown | {of(f"{name}_count", **labels): rising(count, minutes)}


_LOOPS = ("poller", "mapper", "xero-writer", "status-api-materialize")
"""Services that take batches from Kafka, and tell how their loop turns."""


def everything_up(minutes: int = 600, but: frozenset[str] = frozenset()) -> Series:
    """Every service is scraped, two replicas each, and its loops turn; `but`: those that nobody finds."""
    shown = {}
    for service in SERVICES:
        if service in but:
            continue
        for replica in ("0", "1"):
            pod = f"{service}-{replica}"
            shown[of("up", service=service, pod=pod)] = steady(1, minutes)
            if service in _LOOPS:
                shown[of("invoice_sync_loop_seconds_total", service=service, pod=pod, phase="poll")] = rising(
                    58, minutes
                )
    return shown
