"""Whole situations, each with exactly the alerts that fire in it and those that are told after inhibition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deploy.monitoring.alert import Series
from deploy.monitoring.quiet_week import quiet_week
from deploy.monitoring.series import everything_up, histogram, of, rising, steady

Labels = Mapping[str, str]

_LONG = 250
_TENANTS = tuple(f"t{number:02}" for number in range(100))
_STUCK = ("in_flight", "cycle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One situation.

    Attributes:
        at: when it is looked at; every time the same alerts fire.
        firing: labels of each alert, out of alertname, severity, tenant, side and reason.
        told: names of the alerts of which somebody hears.
        interval, every: time between two values of a series, and between two looks at the rules.
        throughout: it is about all of the time until then, not about the moment.
    """

    name: str
    series: Series
    at: Sequence[str]
    firing: Sequence[Labels]
    told: frozenset[str]
    interval: str = "1m"
    every: str = "1m"
    throughout: bool = False


def _page(name: str, **labels: str) -> Labels:
    return {"alertname": name, "severity": "page"} | labels


def _ticket(name: str, **labels: str) -> Labels:
    return {"alertname": name, "severity": "ticket"} | labels


def healthy(tenants: Sequence[str] = _TENANTS, minutes: int = _LONG) -> dict[str, str]:
    """A suite in which everything goes well: nothing waits, every hand-over is quick, every page opens."""
    series = dict(everything_up(minutes))
    for tenant in tenants:
        series[of("invoice_sync_oldest_pending_seconds", tenant=tenant)] = steady(4, minutes)
        series[of("invoice_sync_outcomes_total", tenant=tenant, outcome="created")] = rising(2, minutes)
        for side in ("autotask", "xero"):
            series[of("invoice_sync_circuit_open", side=side, tenant=tenant)] = steady(0, minutes)
        for reason in _STUCK:
            series[of("invoice_sync_stuck", tenant=tenant, reason=reason)] = steady(0, minutes)
    return series | _quick(minutes)


def _quick(minutes: int) -> dict[str, str]:
    """Hand-overs, outboxes and pages of a healthy suite."""
    stored = {
        "poller": "invoice.synced",
        "mapper": "invoice.discovered",
        "xero-writer": "invoice.mapped",
        "status-api-materialize": "invoice.synced",
    }
    bounds = {"1.0": 199, "30.0": 200, "60.0": 200, "300.0": 200}
    series = {
        key: values
        for service, topic in stored.items()
        for key, values in histogram(
            "invoice_sync_handover_seconds", bounds, 200, minutes, service=service, topic=topic
        ).items()
    }
    for service in ("poller", "xero-writer", "status-api-materialize"):
        series[of("invoice_sync_outbox_age_seconds", service=service)] = steady(1, minutes)
    page = "/api/v1/tenants/<tenant_id>/invoices"
    return series | histogram(
        "invoice_sync_http_seconds", {"1.0": 600}, 600, minutes, method="GET", route=page, status="200"
    )


def _faults(share: float) -> Series:
    """Of the tries, so many end with a fault of ours, and a fifth with one of the customers' data."""
    faults = {
        of("invoice_sync_faults_total", tenant="t00", code="REQUEST_REJECTED", side="us"): rising(
            share * 200, _LONG
        ),
        of("invoice_sync_faults_total", tenant="t00", code="CONTACT_INVALID", side="autotask"): rising(
            40, _LONG
        ),
    }
    written = {
        of("invoice_sync_outcomes_total", tenant="t00", outcome="created"): rising((0.8 - share) * 200, _LONG)
    }
    others = {
        of("invoice_sync_outcomes_total", tenant=tenant, outcome="created"): steady(0, _LONG)
        for tenant in _TENANTS[1:]
    }
    return healthy() | others | faults | written


def _outage_of_xero() -> Series:
    """From the second hour on nobody reaches Xero: circuits open, documents wait, nothing is written."""
    series = healthy()
    for tenant in _TENANTS:
        series[of("invoice_sync_circuit_open", side="xero", tenant=tenant)] = "0x59 1x180"
        series[of("invoice_sync_oldest_pending_seconds", tenant=tenant)] = "4x59 60+60x180"
        series[of("invoice_sync_outcomes_total", tenant=tenant, outcome="created")] = "0+2x59 118x180"
    return series


def _stuck_tenant() -> Series:
    """From the second hour on one document of one tenant waits, and an hour later the poller calls it stuck."""
    return healthy() | {
        of("invoice_sync_oldest_pending_seconds", tenant="t07"): "4x59 60+60x180",
        of("invoice_sync_stuck", tenant="t07", reason="in_flight"): "0x119 1x120",
    }


def _refused() -> Series:
    """Xero refuses them all the time; their documents wait, and that is nobody's pager."""
    series = healthy()
    for tenant in _TENANTS[:20]:
        series[of("invoice_sync_circuit_open", side="xero", tenant=tenant)] = steady(1, _LONG)
        series[of("invoice_sync_oldest_pending_seconds", tenant=tenant)] = "900+60x250"
    return series


def _paused() -> Series:
    """Five tenants have been paused for over an hour; the poller does not call them stuck."""
    return healthy() | {
        of("invoice_sync_oldest_pending_seconds", tenant=tenant): "3800+60x250" for tenant in _TENANTS[:5]
    }


def _database_of_status_api_away() -> Series:
    """From the second hour on every page fails, and nothing new can be stored for them."""
    page = "/api/v1/tenants/<tenant_id>/invoices"
    asked = "invoice_sync_http_seconds_count"
    still = {
        of("invoice_sync_loop_seconds_total", service="status-api-materialize", pod=pod, phase="poll"): (
            "0+58x59 3422x180"
        )
        for pod in ("status-api-materialize-0", "status-api-materialize-1")
    }
    return (
        healthy()
        | still
        | {
            of(asked, method="GET", route=page, status="200"): "0+600x59 35400x180",
            of("invoice_sync_http_seconds_bucket", method="GET", route=page, status="200", le="1.0"): (
                "0+600x59 35400x180"
            ),
            of(asked, method="GET", route=page, status="503"): "0x59 0+600x180",
            of("invoice_sync_http_seconds_bucket", method="GET", route=page, status="503", le="1.0"): (
                "0x59 0+600x180"
            ),
        }
    )


def _dashboard_away() -> Series:
    """From the second hour on nobody can open a page; the service behind it would answer."""
    return healthy() | {
        of("up", service="dashboard", pod=pod): "1x59 0x180" for pod in ("dashboard-0", "dashboard-1")
    }


SCENARIOS = (
    Scenario(
        name="nothing is wrong but the customers' data",
        series=_faults(0),
        at=("2h", "4h"),
        firing=(),
        told=frozenset(),
    ),
    Scenario(
        name="2 % of the tries fault by ours",
        series=_faults(0.02),
        at=("4h",),
        firing=(_ticket("FaultsOfOursForDays"),),
        told=frozenset({"FaultsOfOursForDays"}),
    ),
    Scenario(
        name="20 % of the tries fault by ours",
        series=_faults(0.2),
        at=("2h", "4h"),
        firing=(_page("FaultsOfOurs"), _ticket("FaultsOfOursForDays")),
        told=frozenset({"FaultsOfOurs"}),
    ),
    Scenario(
        name="an outage of Xero",
        series=_outage_of_xero(),
        at=("2h", "3h"),
        firing=(
            _page("InvoicesLate"),
            _ticket("InvoicesLateForDays"),
            _ticket("ProviderUnreachable", side="xero"),
            *(_ticket("ConnectionOpen", side="xero", tenant=tenant) for tenant in _TENANTS),
        ),
        told=frozenset({"InvoicesLate", "ProviderUnreachable"}),
    ),
    Scenario(
        name="one tenant is stuck",
        series=_stuck_tenant(),
        at=("150m", "3h"),
        firing=(_page("TenantStuck", tenant="t07", reason="in_flight"), _ticket("TenantLate", tenant="t07")),
        told=frozenset({"TenantStuck"}),
    ),
    Scenario(
        name="a fifth of the tenants let their credentials run out",
        series=_refused(),
        at=("2h", "4h"),
        firing=tuple(_ticket("ConnectionOpen", side="xero", tenant=tenant) for tenant in _TENANTS[:20]),
        told=frozenset({"ConnectionOpen"}),
    ),
    Scenario(
        name="tenants were paused with documents on their way",
        series=_paused(),
        at=("4h",),
        firing=(),
        told=frozenset(),
    ),
    Scenario(
        name="the database of status-api is away",
        series=_database_of_status_api_away(),
        at=("2h", "3h"),
        firing=(
            _page("ReadApiFailing"),
            _ticket("ReadApiFailingForDays"),
            _page("ReadModelStalled"),
        ),
        told=frozenset({"ReadApiFailing"}),
    ),
    Scenario(
        name="the dashboard is away",
        series=_dashboard_away(),
        at=("2h", "3h"),
        firing=(_page("ServiceDown"),),
        told=frozenset({"ServiceDown"}),
    ),
    Scenario(
        name="a quiet week",
        series=quiet_week(),
        at=("7d",),
        firing=(),
        told=frozenset(),
        interval="2m",
        every="10m",
        throughout=True,
    ),
)
