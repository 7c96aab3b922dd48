"""Changed since: purchase orders that were edited in Autotask after they had gone over. They are shown, and go over only by a resync."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from invoice_events import names
from invoice_events.identity import next_revision
from poller.core import messages
from poller.core.entry import Entry
from poller.core.messages import Command, LogLine
from poller.core.order_fingerprint import differs, fingerprint
from poller.core.values import MalformedRecordError, Record
from poller.work.store import Store, Transaction

Seen = tuple[Record, Entry, Sequence[Record] | None]
"""An order as Autotask shows it, as the ledger knew it, and its items if they were read."""


def note_changes(store: Store, orders: Sequence[Seen]) -> int:
    """Note which orders differ from what went over, and which do not any more. Returns how many differ that did not before.

    Raises:
        LeaseLostError: the tenant is somebody else's now.
    """
    differing = 0
    for order, known, items in orders:
        changed = _differs(known, order, items)
        if known.synced_fingerprint is None and items is not None:
            _remember(store, known, order, items)
        if changed is None or changed == (known.changed_since is not None):
            continue
        with store.transaction() as transaction:
            if transaction.entry(known.document) == known:
                _note(transaction, known, changed=changed)
                differing += changed
    return differing


def publish_hold(transaction: Transaction, entry: Entry, command: Command | None) -> Entry:
    """Say how the hold and, of an order, the changes are now. Returns the entry as it is to be stored.

    The version grows even if the memory of earlier holds was lost, as revisions do: older ones than known change nothing elsewhere.
    """
    held = replace(entry, hold_version=next_revision(entry.hold_version, transaction.now))
    event = messages.held(transaction.tenant_id, held, command, transaction.now)
    transaction.publish(names.topic_of(names.HELD, held.document), event, held.traceparent)
    return held


def _differs(known: Entry, order: Record, items: Sequence[Record] | None) -> bool | None:
    """None if it can not be told: the items were not read, make no sense, or it is not known what went over."""
    if known.synced_fingerprint is None:
        return None
    try:
        return differs(known.synced_fingerprint, order, items)
    except MalformedRecordError:
        return None


def _remember(store: Store, known: Entry, order: Record, items: Sequence[Record]) -> None:
    """A ledger that was lost does not know what went over: what is there now is what later edits are compared with."""
    try:
        now_there = fingerprint(order, items)
    except MalformedRecordError:
        return
    with store.transaction() as transaction:
        if transaction.entry(known.document) == known:
            transaction.save(replace(known, synced_fingerprint=now_there))


def _note(transaction: Transaction, known: Entry, *, changed: bool) -> None:
    entry = publish_hold(
        transaction, replace(known, changed_since=transaction.now if changed else None), None
    )
    transaction.save(entry)
    said = "changed since it went over" if changed else "as it went over again"
    more = ": it goes over again only by a resync" if changed else ""
    words = f"The purchase order is {said}, in Autotask{more}"
    transaction.tell(LogLine(words, said, entry=entry))
