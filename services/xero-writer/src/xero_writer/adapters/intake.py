"""Intake: events become rows, then offsets are committed. No call to Xero happens here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from confluent_kafka import KafkaException
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from invoice_events import names
from invoice_events.codec import Codec, Event, UnreadableEventError
from invoice_events.identity import event_id, header_text, new_traceparent, utc_now
from invoice_events.names import BadDocumentNameError, Document
from invoice_events.types import InvoiceFaulted, PurchaseOrderFaulted
from service_runtime import metrics
from service_runtime.database import notify
from service_runtime.intake import TransientError
from service_runtime.outbox import Outbox
from service_runtime.records import Poison, Record
from service_runtime.replay import Graveyard
from service_runtime.storing import store_all_that_goes
from xero_writer.adapters.commands import DIAGNOSE, PATIENCE, TEST, Command, store_commands
from xero_writer.adapters.work import Arrived, Batch, Ended, Held, store
from xero_writer.core.events import SERVICE
from xero_writer.core.kinds import Mapped

CHANNEL = "xero_writer_work"
TOPICS = (
    *(names.MAPPED, names.HELD, names.SKIPPED, names.FAULTED),
    *(names.ORDER_MAPPED, names.ORDER_HELD, names.ORDER_SKIPPED, names.ORDER_FAULTED),
    names.COMMANDS,
)
_MAPPED, _HELD = names.stage_of(names.MAPPED), names.stage_of(names.HELD)
_TENANT = re.compile(r"[a-z0-9-]{1,40}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_REVISION = re.compile(r"[0-9]{1,18}")  # fits an Avro long


@dataclass(frozen=True, slots=True)
class _Hold:
    """A hold as it came."""

    event: Held


@dataclass(frozen=True, slots=True)
class _Received:
    """A record with what it comes to."""

    record: Record
    content: Arrived | _Hold | Ended | Command


class WorkIntake:
    """Stores mapped documents, holds and commands; what can not be handled is buried and, if it names a document, faulted."""

    def __init__(self, engine: Engine, codec: Codec, outbox: Outbox, dead_letters: Graveyard) -> None:
        self._engine = engine
        self._codec = codec
        self._outbox = outbox
        self._dead_letters = dead_letters
        self._buried: set[tuple[str, int, int]] = set()

    def handle(self, records: Sequence[Record]) -> None:
        """Store a batch in one transaction, or record by record if the database refuses one.

        Raises:
            TransientError: the database or Kafka is away; the batch is handed over again.
            TooManyDeadLettersError: the service has to stop.
        """
        received: list[_Received] = []
        poisons: list[Poison] = []
        for record in records:
            try:
                event = self._codec.decode(record.topic, record.value)
                _refuse_unusable(record.topic, event)
            except UnreadableEventError as error:
                poisons.append(Poison(record, str(error)))
                continue
            except KafkaException as error:
                raise TransientError(f"schemas can not be looked up: {error}") from error
            content = _content(record, event)
            if content is not None:
                received.append(_Received(record, content))
        self._store(received, poisons)
        self._dead_letters.handled(len(records) - len(poisons))

    def _store(self, received: list[_Received], poisons: list[Poison]) -> None:
        """Store what came and end what can not be handled; `poisons` grows by what the database refuses.

        Burying comes after storing: a batch that has to wait for the database is handed over again as it is.
        """
        try:
            poisons += store_all_that_goes(received, self._store_at_once, lambda one: one.record)
            self._bury(poisons)
            if poisons:
                with self._engine.begin() as connection:
                    for poison in poisons:
                        self._publish_unreadable(connection, poison)
        except (OperationalError, InterfaceError, PoolTimeoutError, KafkaException) as error:
            raise TransientError(f"a batch can not be stored now: {type(error).__name__}") from error
        self._buried.clear()
        if poisons:
            self._outbox.wake()

    def _store_at_once(self, received: Sequence[_Received]) -> None:
        contents = [one.content for one in received]
        batch = Batch(
            [one for one in contents if isinstance(one, Arrived)],
            [one.event for one in contents if isinstance(one, _Hold)],
            [one for one in contents if isinstance(one, Ended)],
        )
        asked = [one for one in contents if isinstance(one, Command)]
        with self._engine.begin() as connection:
            for tenant_id in sorted(store(connection, batch) | store_commands(connection, asked)):
                notify(connection, CHANNEL, tenant_id)

    def _bury(self, poisons: list[Poison]) -> None:
        """Bury each record once, however often its batch has to be handed over until it can be stored."""
        new = [poison for poison in poisons if _place(poison) not in self._buried]
        if new:
            self._dead_letters.bury(new)
            self._buried.update(_place(poison) for poison in new)

    def _publish_unreadable(self, connection: Connection, poison: Poison) -> None:
        """A document event that can not be handled ends that try, if its headers say whose it was."""
        headers = poison.record.headers
        tenant_id = header_text(headers, "tenant") or ""
        document = header_text(headers, "document") or ""
        revision = header_text(headers, "revision") or ""
        if (
            names.stage_of(poison.record.topic) != _MAPPED
            or not _TENANT.fullmatch(tenant_id)
            or not _is_document(document, poison.record.topic)
            or not _REVISION.fullmatch(revision)
        ):
            return
        topic = names.topic_of(names.FAULTED, document)
        event: InvoiceFaulted | PurchaseOrderFaulted = {
            "event_id": event_id(tenant_id, document, int(revision), topic),
            "tenant_id": tenant_id,
            "document": document,
            "revision": int(revision),
            "occurred_at": utc_now(),
            "attempt": 1,
            "command_id": None,
            "xero_document_id": None,
            "code": "EVENT_UNREADABLE",
            "text": poison.reason,
            "side": "us",
            "service": SERVICE,
            "strike": False,
            "final": True,
            "details": [
                f"{poison.record.topic}[{poison.record.partition}]@{poison.record.offset} is in {SERVICE}.dlq"
            ],
        }
        self._outbox.add(connection, topic, cast("Event", event), _traceparent(poison.record))


def _content(record: Record, event: Event) -> Arrived | _Hold | Ended | Command | None:
    """What a record comes to here; None: nothing."""
    if record.topic == names.COMMANDS:
        return _command(event, _traceparent(record)) if _is_for_us(event) else None
    stage = names.stage_of(record.topic)
    if stage == _HELD:
        return _Hold(cast("Held", event))
    if stage != _MAPPED:
        ended = Ended(event["tenant_id"], event["document"], event["revision"])
        return ended if _ends_elsewhere(event) else None
    mapped = cast("Mapped", event)
    waited = (utc_now() - mapped["occurred_at"]).total_seconds()
    metrics.handover_seconds.labels(record.topic).observe(max(0.0, waited))
    if mapped["purpose"] != "sync":
        return _dry_run(record, mapped)  # it never becomes work
    return Arrived(mapped, record.value or b"", _traceparent(record))


def _refuse_unusable(topic: str, event: Event) -> None:
    """What a worker could never handle must not become work: it would fail for ever.

    Raises:
        UnreadableEventError: the event decodes, but says nothing that can be done.
    """
    if not _TENANT.fullmatch(str(event["tenant_id"])):
        raise UnreadableEventError("tenant_id is no tenant's id")
    if topic == names.COMMANDS:
        return
    if not _is_document(str(event["document"]), topic):
        raise UnreadableEventError("document names no document of this topic's kind")
    if names.stage_of(topic) != _MAPPED or event["purpose"] != "sync" or event["action"] == "void":
        return
    if event["xero"] is None or event["prediction"] is None:
        raise UnreadableEventError(
            f"action {event['action']}: wanted the document to be, and a prediction of what Xero makes of it"
        )


def _is_for_us(command: Event) -> bool:
    """Whether a command is one that is answered here, and somebody may still be waiting for the answer."""
    about_xero = command["kind"] == TEST and command["options"].get("side", "both") in {"xero", "both"}
    return about_xero and utc_now() - command["issued_at"] < PATIENCE


def _command(event: Event, traceparent: str) -> Command:
    return Command(
        event["command_id"],
        event["tenant_id"],
        event["kind"],
        event["actor"],
        event["issued_at"],
        traceparent,
    )


def _dry_run(record: Record, mapped: Mapped) -> Command | None:
    """The command that a dry run is to be the answer to; None: nobody waits for it any more."""
    if mapped["command_id"] is None or utc_now() - mapped["occurred_at"] >= PATIENCE:
        return None
    return Command(
        mapped["command_id"],
        mapped["tenant_id"],
        DIAGNOSE,
        "",
        mapped["occurred_at"],
        _traceparent(record),
        document=mapped["document"],
        mapped=record.value or b"",
    )


def _ends_elsewhere(event: Event) -> bool:
    """Whether poller or mapper ended a try: older work must not be written any more.

    A fault made from the headers of an unreadable record proves nothing about revisions.
    """
    return event.get("service") != SERVICE and event.get("code") != "EVENT_UNREADABLE"


def _is_document(name: str, topic: str) -> bool:
    """Whether it is the name of a document of the kind that the topic is about."""
    try:
        document = Document.parse(name)
    except BadDocumentNameError:
        return False
    return str(document) == name and names.topic_of(topic, name) == topic


def _traceparent(record: Record) -> str:
    """The record's trace; a new one if it has none that can be read."""
    found = record.header("traceparent") or ""
    return found if _TRACEPARENT.fullmatch(found) else new_traceparent()


def _place(poison: Poison) -> tuple[str, int, int]:
    return poison.record.topic, poison.record.partition, poison.record.offset
