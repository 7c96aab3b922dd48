"""Voids: invoices that a person voided in Autotask after they had gone over, and orders that were cancelled.

They are looked for where the settings want it, after the tries of a cycle. Which documents were voided is asked since the bookmark, and noted in the ledger; whatever stands against a void today (a try on its
way, a hold) leaves the note for a later cycle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from invoice_events.names import Kind
from poller.adapters.autotask.client import MAX_IN_LIST, Filter
from poller.adapters.autotask.queries import Pages, pages, records_where_in
from poller.adapters.autotask.slow_names import Source
from poller.adapters.bookmarks import Mark
from poller.adapters.ledger import database_now
from poller.adapters.tenants import TenantRules
from poller.core.order_eligibility import CANCELLED
from poller.core.values import MalformedRecordError, Record, moment
from poller.core.window import as_autotask_moment
from poller.work.desk import Desk, P, document_of
from poller.work.discovery import Discovery
from poller.work.invoices import VoidDesk
from poller.work.memory import Memory
from poller.work.orders import CancelledOrderDesk
from poller.work.retries import try_again
from poller.work.store import Store

_OVERLAP = timedelta(days=1)
"""How far each look goes back behind the last one: clocks differ, and a void that was noted is not noted again."""


@dataclass(frozen=True, slots=True)
class _Voided:
    """How Autotask shows that a document was voided: by which field, when, and until when that was looked at."""

    condition: Filter
    time_field: str
    mark: Mark


_VOIDED: dict[Kind, _Voided] = {
    "invoice": _Voided({"op": "eq", "field": "isVoided", "value": True}, "voidedDate", "voids_until"),
    "purchase-order": _Voided(
        {"op": "eq", "field": "status", "value": CANCELLED}, "cancelDateTime", "cancellations_until"
    ),
}


def look_for_voids(
    store: Store, source: Source, memory: Memory, rules: TenantRules, web_root: str
) -> Counter[str]:
    """Note which invoices were voided since the last look, and ask Xero to void what is due. Returns what was found, as a cycle does.

    Raises:
        AutotaskError: a call failed; what was noted or begun until then is stored.
        LeaseLostError: the tenant is somebody else's now.
    """
    look = memory.look(store, rules)
    return _look(store, source, VoidDesk(source, memory, rules, web_root, look))


def look_for_cancellations(
    store: Store, source: Source, memory: Memory, rules: TenantRules, web_root: str
) -> Counter[str]:
    """The same for purchase orders that were cancelled, whether or not new ones go over. Nothing is asked if no order is known.

    Raises as `look_for_voids`.
    """
    with store.reading() as session:
        if not store.ledger.has_orders(session):
            return Counter()
    desk = CancelledOrderDesk(source, memory, rules, web_root, memory.look(store, rules))
    counts = _look(store, source, desk)
    if not rules.settings["purchase_orders"]["enabled"]:  # else the pass has tried again what failed
        discovery = Discovery(store, desk)
        try_again(store, source, discovery)
        counts.update(discovery.counts)
    return counts


def _look(store: Store, source: Source, desk: Desk[P]) -> Counter[str]:
    _note(store, source, desk)
    discovery = Discovery(store, desk)
    after = 0
    while True:
        with store.reading() as session:
            ids = store.ledger.voids_wanted(session, desk.kind, after, MAX_IN_LIST)
        if not ids:
            break
        after = ids[-1]
        discovery.take(records_where_in(source, desk.entity, "id", ids))
    counts = Counter(discovery.counts)
    del counts["seen"]  # counted as what the look for work has seen, not twice
    return counts


def _note(store: Store, source: Pages, desk: Desk[P]) -> None:
    """Note every known document that was voided since the bookmark, which is moved once all were."""
    shown = _VOIDED[desk.kind]
    with store.reading() as session:
        began, marks = database_now(session), store.bookmarks.read(session)
        until: datetime | None = getattr(marks, shown.mark) if marks else None
        since = until or store.ledger.first_discovery(session) or began
    lately = {"op": "gte", "field": shown.time_field, "value": as_autotask_moment(since - _OVERLAP)}
    for page in pages(source, desk.entity, [shown.condition, lately], ("id", shown.time_field)):
        _note_in_ledger(store, desk.kind, page, began)
    with store.transaction() as transaction:
        store.bookmarks.move(transaction.connection, shown.mark, began)


def _note_in_ledger(store: Store, kind: Kind, page: Sequence[Record], now: datetime) -> None:
    with store.transaction() as transaction:
        known = transaction.entries([document_of(kind, record) for record in page])
        noted = []
        for record in page:
            entry = known.get(document_of(kind, record))
            if entry is not None and entry.voided_at is None:
                noted.append(replace(entry, voided_at=_voided_at(record, _VOIDED[kind].time_field) or now))
        transaction.save(*noted)


def _voided_at(record: Record, field: str) -> datetime | None:
    try:
        return moment(record, field)
    except MalformedRecordError:
        return None
