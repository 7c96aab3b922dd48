"""Every event the poller publishes, as it goes into the outbox. What both kinds of documents have looks the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict, cast

from invoice_events import names
from invoice_events.catalogue import Side
from invoice_events.catalogue import fault as catalogue_fault
from invoice_events.codec import Event
from invoice_events.identity import diagnosis_detail, event_id, trace_id_of
from invoice_events.types import (
    Action,
    Budget,
    CommandResult,
    CommandState,
    ConnectionHealth,
    InvoiceDiscovered,
    InvoiceFaulted,
    InvoiceHeld,
    InvoiceSkipped,
    LogLevel,
    Priority,
    PurchaseOrderDiscovered,
    PurchaseOrderHeld,
    Purpose,
    SyncLog,
)
from poller.core.circuit import Circuit
from poller.core.entry import Entry
from poller.core.order_snapshot import OrderSnapshot
from poller.core.snapshot import Snapshot
from poller.core.tries import action_of
from poller.core.verdicts import Skip

SERVICE = "poller"


@dataclass(frozen=True, slots=True)
class Command:
    """A command as the inbox holds it.

    Attributes:
        id: its id.
        kind: resync, sync-now, …
        document: whom it is about, None for the whole tenant.
        actor: who asked.
        traceparent: its trace.
        state: how far we are with it: new, accepted or started.
        options: what was said with it, such as `recreate`.
    """

    id: str
    kind: str
    document: str | None
    actor: str
    traceparent: str
    state: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a try failed before it left the poller.

    Attributes:
        code: of the catalogue.
        strike: whether it counts.
        final: whether automatic tries end.
        text: in words; the catalogue's own if empty.
        details: more of them.
        blamed: whose fault it is; the catalogue's side if None.
    """

    code: str
    strike: bool
    final: bool
    text: str = ""
    details: tuple[str, ...] = ()
    blamed: Side | None = None

    @property
    def words(self) -> str:
        """The text that is published."""
        return self.text or catalogue_fault(self.code).text

    @property
    def side(self) -> Side:
        """Whose fault it is."""
        return self.blamed or catalogue_fault(self.code).side


class _Begun(TypedDict):
    """What `discovered` says of a try, whichever kind of document it is about."""

    event_id: str
    tenant_id: str
    document: str
    revision: int
    occurred_at: datetime
    attempt: int
    command_id: str | None
    xero_document_id: str | None
    action: Action
    priority: Priority
    purpose: Purpose
    settings_version: int
    autotask_url: str
    generation: int
    recreate: bool


def _begun(
    tenant_id: str, entry: Entry, settings_version: int, url: str, now: datetime, diagnosis: str | None
) -> _Begun:
    return {
        "event_id": _id(names.DISCOVERED, tenant_id, entry, diagnosis_detail(diagnosis)),
        "tenant_id": tenant_id,
        "document": entry.document,
        "revision": entry.revision,
        "occurred_at": now,
        "attempt": entry.attempt,
        "command_id": entry.command_id,
        "xero_document_id": entry.xero_document_id,
        "action": action_of(entry),
        "priority": entry.priority,
        "purpose": "sync" if diagnosis is None else "diagnose",
        "settings_version": settings_version,
        "autotask_url": url,
        "generation": entry.generation,
        "recreate": entry.recreate,
    }


def discovered(
    tenant_id: str,
    entry: Entry,
    snapshot: Snapshot,
    settings_version: int,
    url: str,
    now: datetime,
    *,
    diagnosis: str | None = None,
) -> Event:
    """`invoice.discovered` of a try, or of the dry run that the command `diagnosis` asks for."""
    event: InvoiceDiscovered = {
        **_begun(tenant_id, entry, settings_version, url, now, diagnosis),
        **snapshot,
    }
    return cast("Event", event)


def order_discovered(
    tenant_id: str,
    entry: Entry,
    snapshot: OrderSnapshot,
    settings_version: int,
    url: str,
    now: datetime,
    *,
    diagnosis: str | None = None,
) -> Event:
    """`purchase-order.discovered` of a try, or of the dry run that the command `diagnosis` asks for."""
    event: PurchaseOrderDiscovered = {
        **_begun(tenant_id, entry, settings_version, url, now, diagnosis),
        **snapshot,
    }
    return cast("Event", event)


def faulted(tenant_id: str, entry: Entry, fault: Fault, now: datetime) -> Event:
    """`*.faulted` of a try that ended here."""
    event: InvoiceFaulted = {
        "event_id": _id(names.FAULTED, tenant_id, entry),
        "tenant_id": tenant_id,
        "document": entry.document,
        "revision": entry.revision,
        "occurred_at": now,
        "attempt": entry.attempt,
        "command_id": entry.command_id,
        "xero_document_id": entry.xero_document_id,
        "code": fault.code,
        "text": fault.words,
        "side": fault.side,
        "service": SERVICE,
        "strike": fault.strike,
        "final": fault.final,
        "details": list(fault.details),
    }
    return cast("Event", event)


def skipped(tenant_id: str, entry: Entry, skip: Skip, now: datetime) -> Event:
    """`*.skipped` of a try that ended here."""
    event: InvoiceSkipped = {
        "event_id": _id(names.SKIPPED, tenant_id, entry),
        "tenant_id": tenant_id,
        "document": entry.document,
        "revision": entry.revision,
        "occurred_at": now,
        "attempt": entry.attempt,
        "command_id": entry.command_id,
        "xero_document_id": entry.xero_document_id,
        "reason": skip.reason,
        "text": skip.text,
    }
    return cast("Event", event)


def held(tenant_id: str, entry: Entry, command: Command | None, now: datetime) -> Event:
    """`*.held`: the hold as it is now, and of a purchase order since when it differs from what went over.

    `command`: what laid or lifted the hold, None if only the second has changed.
    """
    event: InvoiceHeld = {
        "event_id": _id(names.HELD, tenant_id, entry, str(entry.hold_version)),
        "tenant_id": tenant_id,
        "document": entry.document,
        "revision": entry.revision,
        "occurred_at": now,
        "attempt": entry.attempt,
        "command_id": command.id if command else None,
        "xero_document_id": entry.xero_document_id,
        "hold": entry.hold,
        "hold_version": entry.hold_version,
        "actor": command.actor if command else None,
    }
    if not entry.is_order:
        return cast("Event", event)
    of_order: PurchaseOrderHeld = {**event, "changed_since": entry.changed_since}
    return cast("Event", of_order)


def _id(stage: str, tenant_id: str, entry: Entry, detail: str = "") -> str:
    """Identity of a document event."""
    topic = names.topic_of(stage, entry.document)
    return event_id(tenant_id, entry.document, entry.revision, topic, detail)


def result(
    tenant_id: str,
    command: Command,
    state: CommandState,
    now: datetime,
    *,
    reason: str | None = None,
    answer: str | None = None,
) -> Event:
    """`sync.command-results`: its id hangs on command and state, so a repeat is recognised."""
    event: CommandResult = {
        "event_id": event_id(
            tenant_id, command.document or "", 0, names.COMMAND_RESULTS, f"{command.id} {SERVICE} {state}"
        ),
        "command_id": command.id,
        "tenant_id": tenant_id,
        "kind": command.kind,
        "document": command.document,
        "service": SERVICE,
        "occurred_at": now,
        "state": state,
        "reason": reason,
        "answer": answer,
    }
    return cast("Event", event)


def health(tenant_id: str, circuit: Circuit, budgets: list[Budget], now: datetime) -> Event:
    """`connection.health` of the Autotask side."""
    event: ConnectionHealth = {
        "tenant_id": tenant_id,
        "side": "autotask",
        "service": SERVICE,
        "state": circuit.state,
        "detail": circuit.detail,
        "changed_at": circuit.changed_at,
        "checked_at": now,
        "budgets": budgets,
    }
    return cast("Event", event)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the Sync Logs tab, before it knows its tenant and time.

    Attributes:
        message: for the tenant's own people; may repeat a provider's words and with them names of customers.
        said: the same for the log of this process, which holds no customer's data.
        level: info, warning or error.
        entry: the document it is about, None for the tenant as a whole.
        fields: more about it.
    """

    message: str
    said: str
    level: LogLevel = "info"
    entry: Entry | None = None
    fields: tuple[tuple[str, str], ...] = ()


def log_line(tenant_id: str, line: LogLine, line_id: str, now: datetime) -> Event:
    """`sync.logs`: one line."""
    entry = line.entry
    event: SyncLog = {
        "event_id": line_id,
        "tenant_id": tenant_id,
        "document": entry.document if entry else None,
        "revision": entry.revision if entry else None,
        "service": SERVICE,
        "level": line.level,
        "occurred_at": now,
        "message": line.message,
        "fields": dict(line.fields),
        "trace_id": trace_id_of(entry.traceparent) if entry else None,
    }
    return cast("Event", event)
