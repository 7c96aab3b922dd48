"""Voids: what a person voided in Autotask after it had gone over. Looked for where the settings want it, after the tries of a cycle.

Which invoices were voided is asked since the bookmark, and noted in the ledger; whatever stands against a void today (a try on its
way, a hold) leaves the note for a later cycle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from poller.adapters.autotask.client import MAX_IN_LIST
from poller.adapters.autotask.queries import Pages, pages, records_where_in
from poller.adapters.autotask.slow_names import Source
from poller.adapters.ledger import database_now
from poller.adapters.tenants import TenantRules
from poller.core.values import MalformedRecordError, Record, moment
from poller.core.window import as_autotask_moment
from poller.work.desk import document_of
from poller.work.discovery import Discovery
from poller.work.invoices import VoidDesk
from poller.work.memory import Memory
from poller.work.store import Store

_OVERLAP = timedelta(days=1)
"""How far each look goes back behind the last one: clocks differ, and a void that was noted is not noted again."""

_FIELDS = ("id", "isVoided", "voidedDate")


def look_for_voids(
    store: Store, source: Source, memory: Memory, rules: TenantRules, web_root: str
) -> Counter[str]:
    """Note what was voided since the last look, and ask Xero to void what is due. Returns what was found, as a cycle does.

    Raises:
        AutotaskError: a call failed; what was noted or begun until then is stored.
        LeaseLostError: the tenant is somebody else's now.
    """
    _note(store, source)
    look = memory.look(store, rules)
    discovery = Discovery(store, VoidDesk(source, memory, rules, web_root, look))
    after = 0
    while True:
        with store.reading() as session:
            ids = store.ledger.voids_wanted(session, after, MAX_IN_LIST)
        if not ids:
            break
        after = ids[-1]
        discovery.take(records_where_in(source, "Invoices", "id", ids))
    counts = Counter(discovery.counts)
    del counts["seen"]  # counted as what the look for work has seen, not twice
    return counts


def _note(store: Store, source: Pages) -> None:
    """Note every known invoice that was voided since the bookmark, which is moved once all were."""
    with store.reading() as session:
        began, marks = database_now(session), store.bookmarks.read(session)
        since = (marks.voids_until if marks else None) or store.ledger.first_discovery(session) or began
    voided = {"op": "eq", "field": "isVoided", "value": True}
    lately = {"op": "gte", "field": "voidedDate", "value": as_autotask_moment(since - _OVERLAP)}
    for page in pages(source, "Invoices", [voided, lately], _FIELDS):
        _note_in_ledger(store, page, began)
    with store.transaction() as transaction:
        store.bookmarks.move(transaction.connection, "voids_until", began)


def _note_in_ledger(store: Store, page: Sequence[Record], now: datetime) -> None:
    with store.transaction() as transaction:
        known = transaction.entries([document_of("invoice", record) for record in page])
        noted = []
        for record in page:
            entry = known.get(document_of("invoice", record))
            if entry is not None and entry.voided_at is None:
                noted.append(replace(entry, voided_at=_voided_at(record) or now))
        transaction.save(*noted)


def _voided_at(record: Record) -> datetime | None:
    try:
        return moment(record, "voidedDate")
    except MalformedRecordError:
        return None
