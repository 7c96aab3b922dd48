"""One look at Autotask: when it began, and the settings that decide what it does with what it sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from invoice_events.settings import Settings, is_quiet
from poller.core.backfill import is_backfill
from poller.core.entry import Entry

LONGEST_FLIGHT = timedelta(hours=1)
"""How long a try may be on its way. Everything that is known to take time takes minutes: a request whose outcome is unknown is
looked up after seven. What takes longer waits for an outage, which a new try does not prolong, or its outcome was lost with
somebody's database and will never come. The writer writes each document once, however many tries there are."""


@dataclass(frozen=True, slots=True)
class Look:
    """What judging goes by.

    Attributes:
        began: when the look began, by the database's clock: what was confirmed before then must show in Autotask's answer,
            and what failed after then waits for the next cycle.
        longest_flight: how long a try may be on its way before another begins.
        activated_at: when the tenant's first look began, None before that.
        quiet: whether backfill has to wait now.
        quiet_lately: whether it had to wait at some time of the last flight: what lies with the writer since then is not late.
        paid_only: whether only paid invoices go over.
        void: whether what is voided in Autotask is voided in Xero.
    """

    began: datetime
    longest_flight: timedelta = LONGEST_FLIGHT
    activated_at: datetime | None = None
    quiet: bool = False
    quiet_lately: bool = False
    paid_only: bool = False
    void: bool = False

    @property
    def overdue_before(self) -> datetime:
        """Tries that have been on their way since before then wait for an outcome that will not come."""
        return self.began - self.longest_flight

    def leaves_alone(self, made_at: datetime | None) -> bool:
        """Whether a document that nobody knows yet has to wait for the end of the quiet hours."""
        return self.quiet and is_backfill(made_at, self.began, self.activated_at)

    def failed_lately(self, entry: Entry) -> bool:
        """Whether a failed try waits for the next cycle, or as backfill for the end of the quiet hours."""
        if self.quiet and entry.priority == "backfill":
            return True
        return entry.state_since is not None and entry.state_since >= self.began

    def on_time(self, entry: Entry) -> bool:
        """Whether a try may still be on its way. In quiet hours backfill lies with the writer as long as they last."""
        if self.quiet_lately and entry.priority == "backfill":
            return True
        return entry.state_since is None or entry.state_since >= self.overdue_before


def look_with(
    settings: Settings,
    now: datetime,
    began: datetime,
    activated_at: datetime | None,
    longest_flight: timedelta = LONGEST_FLIGHT,
) -> Look:
    """The look that begins now.

    Args:
        settings: the tenant's.
        now: by this process's clock, which tells business hours.
        began: by the database's clock.
        activated_at: when the tenant's first look began, None before that.
        longest_flight: how long a try may be on its way before another begins.
    """
    quiet = is_quiet(settings, now)
    return Look(
        began,
        longest_flight,
        activated_at,
        quiet=quiet,
        quiet_lately=quiet or is_quiet(settings, now - longest_flight),
        paid_only=settings["paid_invoices_only"],
        void=settings["void_autotask_invoices"],
    )
