"""What a worker keeps from one look at Autotask to the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from poller.adapters.autotask.slow_names import SlowNames
from poller.adapters.ledger import database_now
from poller.adapters.tenants import TenantRules
from poller.core.look import LONGEST_FLIGHT, Look, look_with
from poller.work.store import Store
from poller.work.suspects import Suspects


@dataclass(frozen=True, slots=True)
class Memory:
    """What lasts as long as the worker.

    Attributes:
        slow: names that rarely change.
        suspects: invoices whose batches could not be read.
        suspected_orders: the same of purchase orders.
        longest_flight: how long a try may be on its way before another begins.
    """

    slow: SlowNames
    suspects: Suspects
    suspected_orders: Suspects
    longest_flight: timedelta = LONGEST_FLIGHT

    def look(self, store: Store, rules: TenantRules) -> Look:
        """A look at Autotask that begins now."""
        with store.reading() as session:
            began, marks = database_now(session), store.bookmarks.read(session)
        activated_at = None if marks is None else marks.activated_at
        return look_with(rules.settings, store.now(), began, activated_at, self.longest_flight)
