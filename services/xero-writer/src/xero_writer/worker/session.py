"""What every part of a tenant's worker needs: lease-guarded transactions, Xero, the outbox, the tenant's settings."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from sqlalchemy import Connection, Engine

from invoice_events import names
from invoice_events.codec import Codec, Event
from invoice_events.identity import new_traceparent, trace_id_of, utc_now
from invoice_events.types import InvoiceMapped, LogLevel, SyncLog, TenantSettings
from service_runtime import metrics
from service_runtime.leases import Lease, guard
from service_runtime.outbox import Outbox
from xero_writer.adapters.journal import Element
from xero_writer.adapters.work import Waiting
from xero_writer.adapters.xero_client import XeroClient
from xero_writer.core.contact_match import ContactBook
from xero_writer.core.events import SERVICE, Fault, faulted
from xero_writer.core.timing import Timing
from xero_writer.worker.circuit import Circuit

log = logging.getLogger("xero_writer")


@dataclass(slots=True)
class Guarded:
    """A transaction that commits only while the lease is ours.

    Attributes:
        connection: inside the transaction.
        lease_left: seconds that the lease still has.
    """

    connection: Connection
    lease_left: float


@dataclass(slots=True)
class Session:
    """One tenant's worker context.

    Attributes:
        short_code: the organisation's, for links.
        contacts: the contact cache in memory.
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
    short_code: str = ""
    contacts: ContactBook = field(default_factory=ContactBook)
    reference_wanted: bool = False

    @contextmanager
    def transaction(self) -> Iterator[Guarded]:
        """A transaction guarded by the lease, first and last: what it commits is nobody else's business at that moment.

        Raises:
            LeaseLostError: the lease is gone; nothing is committed.
        """
        with self.engine.begin() as connection:
            left = guard(connection, self.lease)
            yield Guarded(connection, left)
        self.outbox.wake()

    def is_active(self) -> bool:
        """Whether the tenant's state lets work begin."""
        settings = self.settings()
        return settings is not None and settings["state"] == "active"

    def mapped_of(self, item: Waiting | Element) -> InvoiceMapped:
        """The mapped event of a document."""
        return cast("InvoiceMapped", self.codec.decode(names.MAPPED, item.raw))

    def publish(self, connection: Connection, topic: str, event: object, traceparent: str) -> None:
        """Put an event into the outbox."""
        self.outbox.add(connection, topic, cast("Event", event), traceparent)

    def publish_fault(
        self, connection: Connection, mapped: InvoiceMapped, fault: Fault, traceparent: str
    ) -> None:
        """A document's try failed: event, log line, metric."""
        event = faulted(mapped, fault, utc_now())
        self.publish(connection, names.FAULTED, event, traceparent)
        metrics.faults.labels(self.tenant_id, fault.code, event["side"]).inc()
        self.log_line(
            connection,
            "error",
            fault.words,
            mapped=mapped,
            traceparent=traceparent,
            fields={"code": fault.code} | _numbered(fault.details),
        )

    def log_line(
        self,
        connection: Connection,
        level: LogLevel,
        message: str,
        *,
        mapped: InvoiceMapped | None = None,
        traceparent: str | None = None,
        fields: dict[str, str] | None = None,
    ) -> None:
        """One line for the Sync Logs tab."""
        trace = traceparent or new_traceparent()
        line: SyncLog = {
            "event_id": str(uuid.uuid4()),
            "tenant_id": self.tenant_id,
            "document": mapped["document"] if mapped else None,
            "revision": mapped["revision"] if mapped else None,
            "service": SERVICE,
            "level": level,
            "occurred_at": utc_now(),
            "message": message,
            "fields": fields or {},
            "trace_id": trace_id_of(trace),
        }
        self.publish(connection, names.LOGS, line, trace)

    def context(self, item: Waiting | Element | None = None) -> dict[str, Any]:
        """`extra` of a service log line: never a customer's name."""
        if item is None:
            return {"tenant": self.tenant_id}
        return {
            "tenant": self.tenant_id,
            "document": item.document,
            "revision": item.revision,
            "trace_id": trace_id_of(item.traceparent),
        }


def _numbered(details: list[str]) -> dict[str, str]:
    return {f"detail_{number}": detail for number, detail in enumerate(details, start=1)}


ProcessingPhase = Literal["writing", "verifying"]
