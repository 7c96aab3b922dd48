"""Outcomes from the inbox into the ledger."""

from __future__ import annotations

from poller.core.entry import Entry
from poller.core.messages import LogLine
from poller.core.transitions import Outcome, settle
from poller.work.changes import publish_hold
from poller.work.store import Store, Transaction
from poller.work.trying import fault_line

_BATCH = 500


def settle_outcomes(store: Store) -> int:
    """Take in every outcome that waits. Returns how many there were.

    Raises:
        LeaseLostError: the tenant is somebody else's now.
    """
    settled = 0
    while True:
        with store.transaction() as transaction:
            waiting = store.inbox.outcomes(transaction.connection, _BATCH)
            _settle(transaction, [outcome for _, outcome in waiting])
            store.inbox.forget_outcomes(transaction.connection, [event_id for event_id, _ in waiting])
        settled += len(waiting)
        if len(waiting) < _BATCH:
            return settled


def _settle(transaction: Transaction, outcomes: list[Outcome]) -> None:
    entries = transaction.entries(sorted({outcome.document for outcome in outcomes}))
    changed: dict[str, Entry] = {}
    for outcome in outcomes:
        before = entries.get(outcome.document)
        after = settle(before, outcome)
        if after is None or after == before:
            continue
        if before is not None and before.changed_since is not None and after.changed_since is None:
            after = publish_hold(transaction, after, None)
        entries[outcome.document] = changed[outcome.document] = after
        if after.revision == outcome.revision and (before is None or before.state != after.state):
            _tell(transaction, after, outcome)
    transaction.save(*changed.values())


def _tell(transaction: Transaction, entry: Entry, outcome: Outcome) -> None:
    """Faults with their count; the writer and the mapper have told the rest themselves."""
    if outcome.kind == "faulted":
        transaction.tell(fault_line(entry, outcome.code, outcome.text))
    elif outcome.kind == "skipped":
        said = f"skipped by the mapper: {outcome.reason}"
        fields = (("reason", outcome.reason),)
        transaction.tell(LogLine(f"Not synced: {outcome.text}", said, entry=entry, fields=fields))
