"""Stamps: the Web Service Date, set once a document is in Xero, and repeated until Autotask has taken it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from poller.adapters.autotask.errors import AutotaskError, RequestRefusedError
from poller.core.entry import Entry
from poller.core.messages import LogLine
from poller.work.connection import Connection
from poller.work.store import Store

_LONGEST_WAIT = timedelta(minutes=30)


def stamp_some(
    store: Store, connection: Connection, limit: int, *, interactive_only: bool, before: Callable[[], None]
) -> int:
    """Stamp documents whose stamp is due, one PATCH each. Returns how many were due, at most `limit`.

    `before` is called before each request.

    A stamp that does not get through is never the invoice's fault: it waits and is repeated, others go first.

    Raises:
        AutotaskError: an outage or refused credentials; what was stamped until then is stored.
        LeaseLostError: the tenant is somebody else's now, who will stamp again.
    """
    with store.reading() as session:
        due = store.ledger.stamps_wanted(session, limit, interactive_only=interactive_only)
    for entry in due:
        before()
        try:
            connection.stamp(entry.autotask_id, store.now())
        except RequestRefusedError as error:
            _put_off(store, entry, str(error))
        except AutotaskError as error:
            _put_off(store, entry, str(error))
            raise
        else:
            with store.transaction() as transaction:
                store.ledger.stamped(transaction.connection, entry)
                transaction.tell(LogLine("Web Service Date set in Autotask", "stamped", entry=entry))
    return len(due)


def _put_off(store: Store, entry: Entry, reason: str) -> None:
    with store.transaction() as transaction:
        failures = store.ledger.stamp_failed(transaction.connection, entry, _LONGEST_WAIT)
        if failures == 1:
            message = f"The Web Service Date could not be set and is tried again: {reason}"
            transaction.tell(LogLine(message, "the stamp did not get through", "warning", entry))
