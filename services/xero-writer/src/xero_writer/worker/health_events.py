"""`connection.health` of the Xero side: on change, else at most once a minute."""

from __future__ import annotations

import threading
import time

from invoice_events import names
from invoice_events.identity import new_traceparent, utc_now
from invoice_events.types import Budget, ConnectionHealth
from xero_writer.core.events import SERVICE
from xero_writer.worker.session import Session, log

_INTERVAL_SECONDS = 60.0
_MINUTE_LIMIT = 60
_DAY_LIMITS = (1000, 5000)  # Starter tier, and Core and above


class HealthEvents:
    """Publishes the connection's state."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed = True
        self._changed_at = utc_now()
        self._published = float("-inf")

    def changed(self, state: str, reason: str, tenant_id: str) -> None:
        """The circuit changed; the next `publish` says so at once."""
        with self._lock:
            self._changed, self._changed_at = True, utc_now()
        log.log(
            20 if state == "connected" else 30,
            "Xero connection: %s %s",
            state,
            reason,
            extra={"tenant": tenant_id},
        )

    def publish(self, session: Session) -> None:
        """Publish if something changed or a minute has passed.

        Raises:
            LeaseLostError: somebody else works for this tenant.
        """
        with self._lock:
            if not self._changed and time.monotonic() - self._published < _INTERVAL_SECONDS:
                return
            self._changed, self._published = False, time.monotonic()
            changed_at = self._changed_at
        event: ConnectionHealth = {
            "tenant_id": session.tenant_id,
            "side": "xero",
            "service": SERVICE,
            "state": session.circuit.state,
            "detail": session.circuit.detail,
            "changed_at": changed_at,
            "checked_at": utc_now(),
            "budgets": _budgets(session),
        }
        with session.transaction() as tx:
            session.publish(tx.connection, names.HEALTH, event, new_traceparent())


def _budgets(session: Session) -> list[Budget]:
    """Calls used of the minute and the day. Xero tells what is left; the day's limit is the tier's that fits it."""
    left = session.client.limits.left()
    budgets: list[Budget] = []
    if left.minute is not None:
        budgets.append(
            {"name": "minute", "used": max(0, _MINUTE_LIMIT - left.minute), "limit": _MINUTE_LIMIT}
        )
    if left.day is not None:
        limit = next((limit for limit in _DAY_LIMITS if left.day <= limit), left.day)
        budgets.append({"name": "day", "used": limit - left.day, "limit": limit})
    return budgets
