"""The ledger: one row per document of a tenant. Every change happens in the tenant worker's guarded transactions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from invoice_events.names import Kind
from poller.core.eligibility import STAMPED_ELSEWHERE
from poller.core.entry import Entry
from poller.core.look import Look
from poller.core.stuck import Waits

_COLUMNS = tuple(field.name for field in fields(Entry))
_KEY = ("document", "autotask_id")
_KEPT_HERE = ("state_since",)  # the database sets it
_SAVED = tuple(name for name in _COLUMNS if name not in _KEPT_HERE)

_SAVE = text(
    f"INSERT INTO ledger AS l (tenant_id, {', '.join(_SAVED)}, flight_since)"  # noqa: S608  # names of our own columns
    f" VALUES (:tenant, {', '.join(f':{name}' for name in _SAVED)}, CASE WHEN :state = 'in_flight' THEN clock_timestamp() END)"
    f" ON CONFLICT (tenant_id, document) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _SAVED if name not in _KEY)},"
    " state_since = CASE WHEN l.state = excluded.state AND l.revision = excluded.revision THEN l.state_since"
    " ELSE clock_timestamp() END,"
    # A try that takes the place of one without an outcome does not make the document's way any shorter.
    " flight_since = CASE WHEN excluded.state <> 'in_flight' THEN NULL"
    " WHEN l.state = 'in_flight' THEN coalesce(l.flight_since, l.state_since) ELSE clock_timestamp() END,"
    " stamp_failures = CASE WHEN l.synced_revision IS DISTINCT FROM excluded.synced_revision THEN 0 ELSE l.stamp_failures END,"
    " stamp_after = CASE WHEN l.synced_revision IS DISTINCT FROM excluded.synced_revision THEN NULL ELSE l.stamp_after END"
)


@dataclass(frozen=True, slots=True)
class Totals:
    """Figures of one tenant's ledger.

    Attributes:
        by_state: documents by state, those that are done aside; `held` counts those under a hold.
        waits: how long the oldest have been waiting.
        stamps_waiting: confirmed documents whose stamp has not got through.
    """

    by_state: dict[str, int]
    waits: Waits
    stamps_waiting: int


class Ledger:
    """One tenant's part of the ledger."""

    def __init__(self, tenant_id: str) -> None:
        self._tenant_id = tenant_id

    def entry(self, connection: Connection, document: str) -> Entry | None:
        """One document."""
        return self.entries(connection, [document]).get(document)

    def entries(self, connection: Connection, documents: Iterable[str]) -> dict[str, Entry]:
        """Those of the documents that are known."""
        rows = connection.execute(
            text("SELECT * FROM ledger WHERE tenant_id = :tenant AND document = ANY(:documents)"),
            {"tenant": self._tenant_id, "documents": list(documents)},
        )
        return {entry.document: entry for entry in map(_entry, rows)}

    def save(self, connection: Connection, entries: Sequence[Entry]) -> None:
        """Store documents as they are now; `state_since` is set where state or revision changed."""
        if entries:
            connection.execute(_SAVE, [_parameters(self._tenant_id, entry) for entry in entries])

    def waiting(
        self, connection: Connection, kind: Kind, look: Look, after_id: int, limit: int
    ) -> list[Entry]:
        """Documents of a kind that a look reads again by their ids, in the order of these.

        They failed before the look, are overdue, or wait to be paid. Backfill is left out while it has to wait.
        """
        rows = connection.execute(
            text(
                "SELECT * FROM ledger WHERE tenant_id = :tenant AND document LIKE :kind AND hold = 'none' AND autotask_id > :after"
                " AND (state = 'waiting_retry' AND state_since < :failed OR state = 'in_flight' AND state_since < :begun"
                " OR state = 'skipped' AND skip_reason = 'unpaid')"
                " AND NOT (priority = 'backfill' AND CASE state WHEN 'in_flight' THEN :quiet_lately ELSE :quiet END)"
                " ORDER BY autotask_id LIMIT :limit"
            ),
            {
                "tenant": self._tenant_id,
                "kind": f"{kind}/%",
                "failed": look.began,
                "begun": look.overdue_before,
                "quiet": look.quiet,
                "quiet_lately": look.quiet_lately,
                "after": after_id,
                "limit": limit,
            },
        )
        return [_entry(row) for row in rows]

    def voids_wanted(self, connection: Connection, kind: Kind, after_id: int, limit: int) -> list[int]:
        """Ids of documents of a kind that may be in Xero and were voided in Autotask, in order, unless Xero was asked to void them."""
        rows = connection.execute(
            text(
                "SELECT autotask_id FROM ledger WHERE tenant_id = :tenant AND document LIKE :kind AND voided_at IS NOT NULL"
                " AND void_revision IS NULL AND (synced_revision IS NOT NULL OR xero_document_id IS NOT NULL) AND hold = 'none'"
                " AND state IN ('done', 'fault', 'skipped') AND autotask_id > :after ORDER BY autotask_id LIMIT :limit"
            ),
            {"tenant": self._tenant_id, "kind": f"{kind}/%", "after": after_id, "limit": limit},
        )
        return [row.autotask_id for row in rows]

    def has_orders(self, connection: Connection) -> bool:
        """Whether any purchase order is known."""
        known: bool = connection.execute(
            text(
                "SELECT EXISTS (SELECT 1 FROM ledger WHERE tenant_id = :tenant AND document LIKE 'purchase-order/%')"
            ),
            {"tenant": self._tenant_id},
        ).scalar_one()
        return known

    def first_discovery(self, connection: Connection) -> datetime | None:
        """When the oldest document came into the ledger: none of them can have been voided before."""
        found: datetime | None = connection.execute(
            text("SELECT min(discovered_at) FROM ledger WHERE tenant_id = :tenant"),
            {"tenant": self._tenant_id},
        ).scalar()
        return found

    def stamped_before(self, connection: Connection, first_day: date, after_id: int, limit: int) -> list[int]:
        """Ids of stamped documents dated before the window, in order: only the hourly look sees whether they were cleared.

        Stamped by us, or by somebody else where that is why they were skipped. The latter and those at fault are few and have no
        index of their own.
        """
        wanted = (
            "SELECT autotask_id FROM ledger WHERE tenant_id = :tenant AND {stamped}"
            " AND hold = 'none' AND (invoice_date IS NULL OR invoice_date < :first_day) AND autotask_id > :after"
            " ORDER BY autotask_id LIMIT :limit"
        )
        stamped = (
            "state = 'done' AND stamped_at IS NOT NULL",
            "state = 'fault' AND stamped_at IS NOT NULL",
            f"state = 'skipped' AND skip_reason = '{STAMPED_ELSEWHERE}'",
        )
        branches = " UNION ALL ".join(f"({wanted.format(stamped=each)})" for each in stamped)
        rows = connection.execute(
            text(f"{branches} ORDER BY autotask_id LIMIT :limit"),
            {"tenant": self._tenant_id, "first_day": first_day, "after": after_id, "limit": limit},
        )
        return [row.autotask_id for row in rows]

    def stamps_wanted(self, connection: Connection, limit: int, *, interactive_only: bool) -> list[Entry]:
        """Documents in Xero whose stamp is due, those that a person waits for first; one that failed lately waits."""
        rows = connection.execute(
            text(
                "SELECT * FROM ledger WHERE tenant_id = :tenant AND stamp_wanted"
                " AND (stamp_after IS NULL OR stamp_after <= clock_timestamp())"
                " AND (priority = 'interactive' OR NOT :interactive_only)"
                " ORDER BY (priority = 'interactive') DESC, stamp_after NULLS FIRST, state_since LIMIT :limit"
            ),
            {"tenant": self._tenant_id, "limit": limit, "interactive_only": interactive_only},
        )
        return [_entry(row) for row in rows]

    def seconds_to_next_stamp(self, connection: Connection) -> float | None:
        """Seconds until the next stamp is due, 0 if one is, None if none is wanted."""
        seconds = connection.execute(
            text(
                "SELECT extract(epoch FROM min(coalesce(stamp_after, clock_timestamp())) - clock_timestamp())"
                " FROM ledger WHERE tenant_id = :tenant AND stamp_wanted"
            ),
            {"tenant": self._tenant_id},
        ).scalar()
        return None if seconds is None else max(0.0, float(seconds))

    def stamped(self, connection: Connection, entry: Entry) -> None:
        """Autotask has confirmed the stamp of the entry's newest success."""
        connection.execute(
            text(
                "UPDATE ledger SET stamped_revision = :revision, stamped_at = clock_timestamp(), stamp_failures = 0, stamp_after = NULL"
                " WHERE tenant_id = :tenant AND document = :document AND coalesce(stamped_revision, 0) < :revision"
            ),
            {"tenant": self._tenant_id, "document": entry.document, "revision": entry.synced_revision},
        )

    def stamp_failed(self, connection: Connection, entry: Entry, longest_wait: timedelta) -> int:
        """A stamp did not get through: others go first, and it waits twice as long each time. Returns how often it failed."""
        failures = connection.execute(
            text(
                "UPDATE ledger SET stamp_failures = stamp_failures + 1, stamp_after = clock_timestamp()"
                " + least(make_interval(secs => 15 * power(2, least(stamp_failures, 20))), :longest)"
                " WHERE tenant_id = :tenant AND document = :document RETURNING stamp_failures"
            ),
            {"tenant": self._tenant_id, "document": entry.document, "longest": longest_wait},
        ).scalar()
        return int(failures or 0)

    def totals(self, connection: Connection, *, quiet: bool) -> Totals:
        """Figures of what waits, each by an index of its own: what is done is not looked at, however much it is.

        `quiet`: backfill has to wait now, or had to lately, and is not counted as late.
        """
        known = {"tenant": self._tenant_id, "quiet": quiet}
        counted = connection.execute(
            text(
                "SELECT state, count(*) AS documents FROM ledger WHERE tenant_id = :tenant"
                " AND state IN ('in_flight', 'waiting_retry', 'fault', 'skipped') GROUP BY state"
            ),
            known,
        )
        by_state = dict.fromkeys(("in_flight", "waiting_retry", "fault", "skipped"), 0)
        by_state |= {row.state: row.documents for row in counted}
        by_state["held"] = connection.execute(
            text("SELECT count(*) FROM ledger WHERE tenant_id = :tenant AND hold <> 'none'"), known
        ).scalar_one()
        in_flight = connection.execute(
            text(
                "SELECT extract(epoch FROM clock_timestamp() - min(coalesce(flight_since, state_since))) FROM ledger"
                " WHERE tenant_id = :tenant AND state = 'in_flight' AND hold = 'none' AND NOT (:quiet AND priority = 'backfill')"
            ),
            known,
        ).scalar()
        stamps = connection.execute(
            text(
                "SELECT count(*) AS waiting, extract(epoch FROM clock_timestamp() - min(state_since)) AS oldest FROM ledger"
                " WHERE tenant_id = :tenant AND stamp_wanted"
            ),
            known,
        ).one()
        return Totals(by_state, Waits(float(in_flight or 0), float(stamps.oldest or 0)), stamps.waiting)

    def count_done(self, connection: Connection) -> int:
        """How many documents are done: a look at all of them."""
        found: int = connection.execute(
            text("SELECT count(*) FROM ledger WHERE tenant_id = :tenant AND state = 'done'"),
            {"tenant": self._tenant_id},
        ).scalar_one()
        return found


def database_now(connection: Connection) -> datetime:
    """The database's clock, aware UTC: the one by which `state_since` and `stamped_at` are kept."""
    now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now


def _entry(row: Row[Any]) -> Entry:
    columns = row._mapping  # noqa: SLF001  # SQLAlchemy's public way to a row's columns begins with an underscore
    return Entry(**{name: columns[name] for name in _COLUMNS})


def _parameters(tenant_id: str, entry: Entry) -> dict[str, object]:
    return {"tenant": tenant_id} | {name: getattr(entry, name) for name in _SAVED}
