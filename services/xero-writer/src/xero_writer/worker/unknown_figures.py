"""What is shown of requests whose outcome is not known yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from service_runtime import metrics
from xero_writer.adapters.intents import Intent

_TOO_LONG_SECONDS = 3600.0  # every lookup that ends a doubt is due within ten minutes, if Xero answers
_REASON = "unknown"


def show_unknown(tenant_id: str, unresolved: Sequence[Intent], now: datetime) -> None:
    """Show how many there are, how old the oldest is, and whether it is stuck. `now`: the database's clock."""
    ages = [(now - intent.created_at).total_seconds() for intent in unresolved if intent.state == "unknown"]
    oldest = max(ages, default=0.0)
    metrics.intents_unknown.labels(tenant_id).set(len(ages))
    metrics.oldest_unknown_seconds.labels(tenant_id).set(oldest)
    metrics.stuck.labels(tenant_id, _REASON).set(int(oldest > _TOO_LONG_SECONDS))


def hide_unknown(tenant_id: str) -> None:
    """Another worker shows it now: what was shown here would stand still."""
    metrics.intents_unknown.remove(tenant_id)
    metrics.oldest_unknown_seconds.remove(tenant_id)
    metrics.stuck.remove(tenant_id, _REASON)
