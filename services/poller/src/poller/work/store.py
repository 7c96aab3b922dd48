"""Guarded transactions: what a worker changes, and the events that say so, together or not at all."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from invoice_events import names
from invoice_events.codec import Event
from invoice_events.identity import new_traceparent, trace_id_of
from invoice_events.types import CommandState
from poller.adapters.bookmarks import Bookmarks
from poller.adapters.inbox import Inbox
from poller.adapters.ledger import Ledger
from poller.core.entry import Entry
from poller.core.messages import Command, LogLine, log_line, result
from service_runtime.leases import Lease, guard
from service_runtime.outbox import Outbox

log = logging.getLogger("poller")

_LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


@dataclass(slots=True)
class Transaction:
    """One transaction of one tenant's worker. It commits only while the lease is ours.

    Attributes:
        connection: the database session.
        tenant_id: whose.
        now: when it began, by this process's clock: the time its events carry.
        published: whether events were added.
    """

    connection: Connection
    tenant_id: str
    now: datetime
    _ledger: Ledger
    _inbox: Inbox
    _outbox: Outbox
    published: bool = False

    def entry(self, document: str) -> Entry | None:
        """A document as the ledger knows it."""
        return self._ledger.entry(self.connection, document)

    def entries(self, documents: list[str]) -> dict[str, Entry]:
        """Those of the documents that the ledger knows."""
        return self._ledger.entries(self.connection, documents)

    def save(self, *entries: Entry) -> None:
        """Store documents as they are now."""
        self._ledger.save(self.connection, entries)

    def publish(self, topic: str, event: Event, traceparent: str) -> None:
        """Add an event to the outbox.

        Raises:
            EventTooLargeError: no topic would take it; nothing was added.
            UnrepresentableEventError: its schema can not carry it; nothing was added.
        """
        self._outbox.add(self.connection, topic, event, traceparent)
        self.published = True

    def tell(self, line: LogLine) -> None:
        """A line for the Sync Logs tab, and its counterpart for our own log."""
        entry = line.entry
        traceparent = entry.traceparent if entry else new_traceparent()
        self.publish(names.LOGS, log_line(self.tenant_id, line, str(uuid.uuid4()), self.now), traceparent)
        context: dict[str, object] = {"tenant": self.tenant_id}
        if entry is not None:
            trace_id = trace_id_of(entry.traceparent)
            context |= {"document": entry.document, "revision": entry.revision, "trace_id": trace_id}
        log.log(_LEVELS[line.level], "%s", line.said, extra=context)

    def answer(
        self, command: Command, state: CommandState, reason: str | None = None, answer: str | None = None
    ) -> None:
        """A command has come so far: in the inbox and for whoever asked."""
        self._inbox.set_state(self.connection, [command], state)
        event = result(self.tenant_id, command, state, self.now, reason=reason, answer=answer)
        self.publish(names.COMMAND_RESULTS, event, command.traceparent)


class Store:
    """Makes the transactions of one tenant's worker."""

    def __init__(self, lease: Lease, engine: Engine, outbox: Outbox, now: Callable[[], datetime]) -> None:
        """`now`: this process's clock."""
        self.tenant_id = lease.tenant_id
        self.lease = lease
        self.ledger = Ledger(lease.tenant_id)
        self.inbox = Inbox(lease.tenant_id)
        self.bookmarks = Bookmarks(lease.tenant_id)
        self.now = now
        self._engine = engine
        self._outbox = outbox

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A guarded transaction; after its commit the publisher is woken if there is something to publish.

        Raises:
            LeaseLostError: the tenant is somebody else's now; nothing was changed.
        """
        with self._engine.begin() as connection:
            guard(connection, self.lease)
            transaction = Transaction(
                connection, self.tenant_id, self.now(), self.ledger, self.inbox, self._outbox
            )
            yield transaction
        if transaction.published:
            self._outbox.wake()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A session that only looks."""
        with self._engine.connect() as connection:
            yield connection
