"""What failed or got no outcome, read again by its id: it may lie outside of what a look asks for."""

from __future__ import annotations

from collections.abc import Iterable

from invoice_events.identity import new_traceparent
from poller.adapters.autotask.client import MAX_IN_LIST
from poller.adapters.autotask.queries import Pages, records_where_in
from poller.core.entry import Entry
from poller.core.messages import Fault
from poller.core.tries import Origin, Subject, begin
from poller.core.values import record_id
from poller.work.desk import P
from poller.work.discovery import Discovery
from poller.work.store import Store
from poller.work.trying import end_with


def try_again(store: Store, source: Pages, discovery: Discovery[P]) -> None:
    """Take what waits to be tried again and was not seen in this look.

    Raises:
        AutotaskError: a call failed; what was begun until then is stored.
        LeaseLostError: the tenant is somebody else's now.
    """
    desk, after = discovery.desk, 0
    while True:
        with store.reading() as session:
            waiting = store.ledger.waiting(session, desk.kind, desk.look, after, MAX_IN_LIST)
        if not waiting:
            return
        after = waiting[-1].autotask_id
        wanted = {entry.autotask_id: entry for entry in waiting if entry.autotask_id not in discovery.handled}
        found = records_where_in(source, desk.entity, "id", wanted)
        discovery.take(found)
        gone = set(wanted) - {record_id(record) for record in found}
        _end_as_gone(store, (wanted[number] for number in sorted(gone)), desk.noun)


def _end_as_gone(store: Store, entries: Iterable[Entry], noun: str) -> None:
    """Documents can not be deleted, but the API user's view can be narrowed: a strike, so that it is not waited for in silence."""
    words = f"Autotask does not show this {noun} any more to the API user"
    fault = Fault("NOT_VISIBLE", strike=True, final=False, text=words, blamed="autotask")
    for entry in entries:
        with store.transaction() as transaction:
            if transaction.entry(entry.document) != entry or entry.state == "skipped":
                continue
            subject = Subject(entry.document, entry.invoice_date)
            origin = Origin("retry", new_traceparent())
            end_with(transaction, begin(entry, subject, origin, transaction.now), fault)
