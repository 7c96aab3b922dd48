"""What every part of a tenant's worker needs: lease-guarded transactions, Xero, the outbox, the tenant's settings."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Connection, Engine

from invoice_events import names
from invoice_events.codec import Codec, Event
from invoice_events.identity import new_traceparent, trace_id_of, utc_now
from invoice_events.settings import Settings, effective_settings, is_quiet
from invoice_events.types import LogLevel, SyncLog, TenantSettings
from service_runtime import metrics
from service_runtime.leases import Lease, guard
from service_runtime.outbox import Outbox
from service_runtime.tenants import XeroCredentials
from xero_writer.adapters.items import Item
from xero_writer.adapters.xero_client import XeroClient
from xero_writer.core.contact_match import ContactBook
from xero_writer.core.events import SERVICE, Fault, faulted
from xero_writer.core.kinds import Mapped
from xero_writer.core.timing import Timing
from xero_writer.worker.circuit import Circuit

log = logging.getLogger("xero_writer")


@dataclass(frozen=True, slots=True)
class Guarded:
    """A transaction that commits only while the lease is ours.

    Attributes:
        connection: inside the transaction.
    """

    connection: Connection
    _lease_ends: float

    def lease_outlives(self, seconds: float) -> bool:
        """Whether the lease still lasts so long from now; holds after the transaction too, by this process's steady clock."""
        return self._lease_ends - time.monotonic() > seconds


@dataclass(slots=True)
class Session:
    """One tenant's worker context.

    Attributes:
        credentials: what the worker signs in with; None: the tenants file has none.
        short_code: the organisation's, for links.
        contacts: the contact cache in memory; `contacts_lock` is held while something is put in.
        contact_writes_lock: held while missing contacts are made, so that each is made once.
        doubtful_contacts: companies of which Xero did not say what became of the contact that was to be made for them.
        looked_for: documents, each with the revision for which it was looked for in vain by the ledger's id and its earlier numbers.
        unread: documents whose reading failed while Xero answered others, each with the revision and how often in a row.
        is_ending: whether the worker has been told to stop, or failed: whatever can wait is left to the next one.
        now: the clock that quiet hours go by.
        reference_wanted: a refusal could be explained by newer reference data.
    """

    tenant_id: str
    lease: Lease
    engine: Engine
    codec: Codec
    outbox: Outbox
    client: XeroClient
    circuit: Circuit
    timing: Timing
    settings: Callable[[], TenantSettings | None]
    wake: Callable[[], None]
    credentials: XeroCredentials | None = None
    short_code: str = ""
    contacts: ContactBook = field(default_factory=ContactBook)
    contacts_lock: threading.Lock = field(default_factory=threading.Lock)
    contact_writes_lock: threading.Lock = field(default_factory=threading.Lock)
    doubtful_contacts: set[int] = field(default_factory=set)
    looked_for: dict[str, int] = field(default_factory=dict)
    unread: dict[str, tuple[int, int]] = field(default_factory=dict)
    is_ending: Callable[[], bool] = lambda: False
    now: Callable[[], datetime] = utc_now
    reference_wanted: bool = False

    @property
    def app(self) -> str:
        """A digest of the Xero app that the worker signs in with; empty without credentials."""
        return hashlib.sha256(self.credentials.client_id.encode()).hexdigest() if self.credentials else ""

    @contextmanager
    def transaction(self) -> Iterator[Guarded]:
        """A transaction guarded by the lease, whose row stays locked until it ends: nobody can take it in between.

        Raises:
            LeaseLostError: the lease is gone; nothing is committed.
        """
        with self.engine.begin() as connection:
            asked = time.monotonic()
            yield Guarded(connection, asked + guard(connection, self.lease))
        self.outbox.wake()

    def is_active(self) -> bool:
        """Whether the tenant's state lets work begin."""
        settings = self.settings()
        return settings is not None and settings["state"] == "active"

    def chosen(self) -> Settings | None:
        """The tenant's settings with every default filled in; None while there are none. Not to be changed."""
        settings = self.settings()
        return _effective(settings["settings"]) if settings is not None else None

    def is_quiet(self) -> bool:
        """Whether backfill and contact refreshes have to wait now."""
        settings = self.chosen()
        return settings is not None and is_quiet(settings, self.now())

    def mapped_of(self, item: Item) -> Mapped:
        """The mapped event of a document."""
        return cast("Mapped", self.codec.decode(names.topic_of(names.MAPPED, item.document), item.mapped))

    def publish(self, connection: Connection, topic: str, event: object, traceparent: str) -> None:
        """Put an event into the outbox."""
        self.outbox.add(connection, topic, cast("Event", event), traceparent)

    def publish_stage(self, connection: Connection, stage: str, event: object, item: Item) -> None:
        """Put an event about a document into the outbox; `stage`: the invoice topic of what it tells."""
        self.publish(connection, names.topic_of(stage, item.document), event, item.traceparent)

    def publish_fault(self, connection: Connection, item: Item, fault: Fault) -> None:
        """A document's try failed: event, log line, metric."""
        mapped = self.mapped_of(item)
        event = faulted(mapped, fault, utc_now())
        self.publish_stage(connection, names.FAULTED, event, item)
        metrics.faults.labels(self.tenant_id, fault.code, event["side"]).inc()
        self.log_line(
            connection,
            "error",
            fault.words,
            item=item,
            fields={"code": fault.code} | numbered("detail", fault.details),
        )
        log.warning("fault %s", fault.code, extra=self.context(item))

    def log_line(
        self,
        connection: Connection,
        level: LogLevel,
        message: str,
        *,
        item: Item | None = None,
        fields: dict[str, str] | None = None,
    ) -> None:
        """One line for the Sync Logs tab."""
        trace = item.traceparent if item else new_traceparent()
        line: SyncLog = {
            "event_id": str(uuid.uuid4()),
            "tenant_id": self.tenant_id,
            "document": item.document if item else None,
            "revision": item.revision if item else None,
            "service": SERVICE,
            "level": level,
            "occurred_at": utc_now(),
            "message": message,
            "fields": fields or {},
            "trace_id": trace_id_of(trace),
        }
        self.publish(connection, names.LOGS, line, trace)

    def context(self, item: Item | None = None) -> dict[str, Any]:
        """`extra` of a service log line: never a customer's name."""
        if item is None:
            return {"tenant": self.tenant_id}
        return {
            "tenant": self.tenant_id,
            "document": item.document,
            "revision": item.revision,
            "trace_id": trace_id_of(item.traceparent),
        }


@lru_cache(maxsize=256)
def _effective(settings: str) -> Settings:
    """Settings as status-api checked and published them; asked for at every turn, so each text is read once."""
    return effective_settings(json.loads(settings))


def numbered(name: str, texts: list[str]) -> dict[str, str]:
    """Texts as fields of a log line: name_1, name_2 and so on."""
    return {f"{name}_{number}": text for number, text in enumerate(texts, start=1)}
