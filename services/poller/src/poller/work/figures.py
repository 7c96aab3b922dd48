"""The figures of one tenant's ledger that a worker shows, and what of it is stuck."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import replace

from poller.adapters.tenants import TenantRules
from poller.core.look import look_with
from poller.core.stuck import REASONS, Reason, stuck
from poller.core.xero_health import XeroHealth
from poller.work.connection import Connection
from poller.work.store import Store
from service_runtime import metrics

log = logging.getLogger(__name__)

_EVERY_SECONDS = 15.0
_DONE_EVERY_SECONDS = (
    600.0  # documents that are done are the only ones whose count needs a look at all of them
)


class Figures:
    """Shows what waits every 15 seconds, and all that is done every ten minutes."""

    def __init__(self, store: Store, connection: Connection) -> None:
        self._store = store
        self._connection = connection
        self._next = 0.0
        self._next_done = 0.0
        self._states_shown: set[str] = set()
        self._stuck: frozenset[str] = frozenset()

    def show(self, rules: TenantRules | None, cycle_overdue: float, xero: XeroHealth | None) -> None:
        """Show them, if it is time to.

        `cycle_overdue`: seconds since a cycle should have come to its end; `xero`: the connection to Xero as it was last told of.
        """
        if time.monotonic() < self._next:
            return
        tenant_id, ledger = self._store.tenant_id, self._store.ledger
        now = self._store.now()
        # Backfill that the writer may begin with only since the end of the quiet hours is not late yet.
        quiet = rules is not None and look_with(rules.settings, now, now, None).quiet_lately
        with self._store.reading() as session:
            totals = ledger.totals(session, quiet=quiet)
            by_state = dict(totals.by_state)
            if time.monotonic() >= self._next_done:
                by_state["done"] = ledger.count_done(session)
                self._next_done = time.monotonic() + _DONE_EVERY_SECONDS
        for state, count in by_state.items():
            metrics.ledger_documents.labels(tenant_id, state).set(count)
            self._states_shown.add(state)
        metrics.oldest_pending_seconds.labels(tenant_id).set(totals.waits.in_flight)
        metrics.oldest_stamp_seconds.labels(tenant_id).set(totals.waits.stamp)
        metrics.stamps_waiting.labels(tenant_id).set(totals.stamps_waiting)
        answers = self._connection.circuit.state == "connected"
        waits = replace(totals.waits, cycle=cycle_overdue)
        self._show_stuck(
            stuck(
                waits,
                paused=rules is None or rules.paused,
                autotask_answers=answers,
                xero_open=xero is not None and xero.is_open,
            )
        )
        self._next = time.monotonic() + _EVERY_SECONDS

    def hide(self) -> None:
        """The tenant is somebody else's now, who shows its figures: ours would stand still."""
        tenant_id = self._store.tenant_id
        for state in self._states_shown:
            metrics.ledger_documents.remove(tenant_id, state)
        for gauge in (metrics.oldest_pending_seconds, metrics.oldest_stamp_seconds, metrics.stamps_waiting):
            gauge.remove(tenant_id)
        for reason in REASONS:
            metrics.stuck.remove(tenant_id, reason)
        self._states_shown.clear()

    def _show_stuck(self, found: Mapping[Reason, str]) -> None:
        for reason in REASONS:
            metrics.stuck.labels(self._store.tenant_id, reason).set(int(reason in found))
        for reason, words in found.items():
            if reason not in self._stuck:
                log.warning("stuck: %s", words, extra={"tenant": self._store.tenant_id})
        self._stuck = frozenset(found)
