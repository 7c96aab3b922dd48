"""A week in which everything that belongs to daily life happens: nights, customers' faults, short throttling, a rolling restart."""

from __future__ import annotations

from deploy.monitoring.alert import Series
from deploy.monitoring.series import everything_up, of, steady

_DAYS = 7
_NIGHT, _WORK = 540, 180
"""Values two minutes apart: eighteen hours, six hours."""
_SAMPLES = _DAYS * (_NIGHT + _WORK)
_TENANTS = ("acme", "bolt", "cedar", "dune", "elm")


def quiet_week() -> Series:
    """Its series, with a value every two minutes."""
    series = dict(everything_up(_SAMPLES))
    for tenant in _TENANTS:
        series |= _tenant(tenant)
    return series | _restarted() | _told()


def _by_day(each: int) -> str:
    """A counter that rises during working hours only. By whole numbers: sums of fractions come out smaller than they should, which reads as a restart."""
    parts, value = [], 0
    for _ in range(_DAYS):
        parts += [f"{value}x{_NIGHT - 1}", f"{value}+{each}x{_WORK - 1}"]
        value += each * (_WORK - 1)
    return " ".join(parts)


def _once(usual: float, unusual: float, samples: int) -> str:
    """A gauge that for so many values in the middle of the week is another."""
    half = _SAMPLES // 2
    return f"{usual:g}x{half - 1} {unusual:g}x{samples - 1} {usual:g}x{half - samples}"


def _tenant(tenant: str) -> Series:
    """Every tenth try ends with a fault of the customer's data; one tenant was late for ten minutes, one throttled for twenty."""
    faults = "invoice_sync_faults_total"
    return {
        of("invoice_sync_outcomes_total", tenant=tenant, outcome="created"): _by_day(9),
        of(faults, tenant=tenant, code="CONTACT_INVALID", side="autotask"): _by_day(1),
        of(faults, tenant=tenant, code="REQUEST_REJECTED", side="us"): f"0x{_SAMPLES // 3} 1x{_SAMPLES}",
        of("invoice_sync_oldest_pending_seconds", tenant=tenant): _once(3, 1000, 5)
        if tenant == "acme"
        else steady(3, _SAMPLES),
        of("invoice_sync_circuit_open", side="xero", tenant=tenant): _once(0, 1, 10)
        if tenant == "bolt"
        else steady(0, _SAMPLES),
        of("invoice_sync_stuck", tenant=tenant, reason="in_flight"): steady(0, _SAMPLES),
    }


def _restarted() -> Series:
    """One replica of the poller after the other is away for two minutes, and counts from 0 again."""
    turns = "invoice_sync_loop_seconds_total"
    half = _SAMPLES // 2
    shown = {}
    for replica, later in (("poller-0", 0), ("poller-1", 5)):
        shown[of("up", service="poller", pod=replica)] = f"1x{half + later} 0x0 1x{half}"
        shown[of(turns, service="poller", pod=replica, phase="poll")] = f"0+58x{half + later} 0+58x{half}"
    return shown


def _told() -> Series:
    """Pages are opened by day; one request in two thousand fails."""
    page = "/api/v1/tenants/<tenant_id>/invoices"
    count, fast = "invoice_sync_http_seconds_count", "invoice_sync_http_seconds_bucket"
    stored = {"service": "status-api-materialize", "topic": "invoice.synced"}
    return {
        of(count, method="GET", route=page, status="200"): _by_day(2000),
        of(fast, method="GET", route=page, status="200", le="1.0"): _by_day(1999),
        of(count, method="GET", route=page, status="500"): _by_day(1),
        of(fast, method="GET", route=page, status="500", le="1.0"): _by_day(1),
        of("invoice_sync_handover_seconds_count", **stored): _by_day(500),
        of("invoice_sync_handover_seconds_bucket", **stored, le="30.0"): _by_day(499),
    }
