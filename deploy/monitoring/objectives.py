"""The service level objectives: what customers are promised, as a share of bad events or bad time that 30 days may have.

An alert goes by burn rates over two windows each: the long one says that the budget really goes, the short one that it still does.
A page spends 2 % of the budget in an hour or 5 % in six hours; a ticket 10 % in a day or in three.
"""

from __future__ import annotations

from dataclasses import dataclass

from deploy.monitoring.metric_list import SERVICE
from invoice_events.catalogue import catalogue

PERIOD = "30 days"
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")


@dataclass(frozen=True, slots=True)
class Burn:
    """An alert's two windows, and how many times faster than allowed the budget has to go in both."""

    rate: float
    long: str
    short: str


PAGES = (Burn(14.4, "1h", "5m"), Burn(6.0, "6h", "30m"))
TICKETS = (Burn(3.0, "1d", "2h"), Burn(1.0, "3d", "6h"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One promise.

    Attributes:
        key: part of the recorded series' names, and the label `slo` of its alerts.
        promise: in words that a customer would use.
        budget: share that may be bad.
        bad_ratio: PromQL of the share that was bad, with `WINDOW` where the window goes.
        bad_count: PromQL of how many bad events there were in `WINDOW`; empty if the ratio is about time.
        at_least: so many bad events there must be in the long window: one failure at night is no emergency.
    """

    key: str
    promise: str
    budget: float
    bad_ratio: str
    bad_count: str = ""
    at_least: int = 0

    @property
    def series(self) -> str:
        """Beginning of the recorded series' names; a window follows."""
        return f"invoice_sync:{self.key}:error_ratio_"

    def firing(self, burns: tuple[Burn, ...]) -> str:
        """PromQL that is true while the budget burns that fast in both windows of one of the pairs."""
        return "\nor\n".join(self._burning(burn) for burn in burns)

    def _burning(self, burn: Burn) -> str:
        bound = f"{burn.rate * self.budget:.5f}".rstrip("0")
        both = f"{self.series}{burn.long} > {bound} and {self.series}{burn.short} > {bound}"
        if not self.bad_count:
            return f"({both})"
        return f"({both} and {self.bad_count.replace('WINDOW', burn.long)} >= {self.at_least})"


LATE_AFTER_SECONDS = 900
"""An invoice that is on its way for longer is late."""

FRESH_WITHIN = "30.0"
FAST_WITHIN = "1.0"


def codes_of_ours() -> tuple[str, ...]:
    """Fault codes that no data and no setting of a customer can bring about.

    What the catalogue puts on our side, without what comes from the settings (TAX_MISMATCH compares a tax type that they chose), and
    amounts that Xero computed otherwise than we predicted.
    """
    found_in_settings = "from the settings"
    ours = {
        entry.code
        for entry in catalogue().values()
        if entry.side == "us" and not entry.found_by.endswith(found_in_settings)
    }
    return tuple(sorted((ours - {"TAX_MISMATCH"}) | {"XERO_AMOUNTS_DIFFER"}))


_OURS = f'code=~"{"|".join(codes_of_ours())}"'
_MATERIALIZE = f'{SERVICE}="status-api-materialize"'
_ASKED = 'route!~".*(stream|csv|xlsx|bundle|healthz)"'
"""Calls whose length says nothing of the service: streams last as long as a page is open, exports as long as they are large."""

BILLING_TO_XERO = Objective(
    key="billing_to_xero",
    promise="99 % of the time, a tenant's approved invoices are in Xero within 15 minutes of being found",
    budget=0.01,
    bad_ratio="avg_over_time(invoice_sync:tenants_late:ratio[WINDOW])",
)
FRESHNESS = Objective(
    key="freshness",
    promise="99 % of what happens is shown within 30 seconds",
    budget=0.01,
    bad_ratio=(
        f'1 - sum(rate(invoice_sync_handover_seconds_bucket{{{_MATERIALIZE},le="{FRESH_WITHIN}"}}[WINDOW]))\n'
        f"/ sum(rate(invoice_sync_handover_seconds_count{{{_MATERIALIZE}}}[WINDOW]))"
    ),
    bad_count=(
        f"(sum(increase(invoice_sync_handover_seconds_count{{{_MATERIALIZE}}}[WINDOW]))"
        f' - sum(increase(invoice_sync_handover_seconds_bucket{{{_MATERIALIZE},le="{FRESH_WITHIN}"}}[WINDOW])))'
    ),
    at_least=20,
)
FAULTS_OF_OURS = Objective(
    key="faults_of_ours",
    promise="99.5 % of the tries end without a fault that is ours",
    budget=0.005,
    bad_ratio=(
        f"sum(rate(invoice_sync_faults_total{{{_OURS}}}[WINDOW]))\n"
        "/ (sum(rate(invoice_sync_faults_total[WINDOW])) + (sum(rate(invoice_sync_outcomes_total[WINDOW])) or vector(0)))"
    ),
    bad_count=f"sum(increase(invoice_sync_faults_total{{{_OURS}}}[WINDOW]))",
    at_least=10,
)
READ_API_AVAILABILITY = Objective(
    key="read_api_availability",
    promise="99.9 % of the requests to status-api are answered without an error of ours",
    budget=0.001,
    bad_ratio=(
        f'sum(rate(invoice_sync_http_seconds_count{{{_ASKED},status=~"5.."}}[WINDOW]))\n'
        f"/ sum(rate(invoice_sync_http_seconds_count{{{_ASKED}}}[WINDOW]))"
    ),
    bad_count=f'sum(increase(invoice_sync_http_seconds_count{{{_ASKED},status=~"5.."}}[WINDOW]))',
    at_least=10,
)
READ_API_LATENCY = Objective(
    key="read_api_latency",
    promise="99 % of the pages are answered within a second",
    budget=0.01,
    bad_ratio=(
        f'1 - sum(rate(invoice_sync_http_seconds_bucket{{method="GET",{_ASKED},le="{FAST_WITHIN}"}}[WINDOW]))\n'
        f'/ sum(rate(invoice_sync_http_seconds_count{{method="GET",{_ASKED}}}[WINDOW]))'
    ),
    bad_count=(
        f'(sum(increase(invoice_sync_http_seconds_count{{method="GET",{_ASKED}}}[WINDOW]))'
        f' - sum(increase(invoice_sync_http_seconds_bucket{{method="GET",{_ASKED},le="{FAST_WITHIN}"}}[WINDOW])))'
    ),
    at_least=20,
)
OBJECTIVES = (BILLING_TO_XERO, FRESHNESS, FAULTS_OF_OURS, READ_API_AVAILABILITY, READ_API_LATENCY)
