"""Intake: events become rows, then offsets are committed. No call to Xero happens here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from confluent_kafka import KafkaException
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from invoice_events import names
from invoice_events.codec import Codec, Event, UnreadableEventError
from invoice_events.identity import event_id, header_text, new_traceparent, utc_now
from invoice_events.names import BadDocumentNameError, Document
from invoice_events.types import InvoiceFaulted, InvoiceHeld, InvoiceMapped
from service_runtime import metrics
from service_runtime.database import notify
from service_runtime.dead_letters import DeadLetters
from service_runtime.intake import TransientError
from service_runtime.outbox import Outbox
from service_runtime.records import Poison, Record
from xero_writer.adapters.work import Arrived, store_arrived, store_hold
from xero_writer.core.events import SERVICE

CHANNEL = "xero_writer_work"
TOPICS = (names.MAPPED, names.HELD)


class WorkIntake:
    """Stores mapped documents and holds; what can not be read is buried and, if it names a document, faulted."""

    def __init__(self, engine: Engine, codec: Codec, outbox: Outbox, dead_letters: DeadLetters) -> None:
        self._engine = engine
        self._codec = codec
        self._outbox = outbox
        self._dead_letters = dead_letters

    def handle(self, records: Sequence[Record]) -> None:
        """Store a batch in one transaction.

        Raises:
            TransientError: the database or Kafka is away; the batch is handed over again.
            TooManyDeadLettersError: the service has to stop.
        """
        arrived: list[Arrived] = []
        held: list[InvoiceHeld] = []
        poisons: list[Poison] = []
        for record in records:
            try:
                event = self._codec.decode(record.topic, record.value)
            except UnreadableEventError as error:
                poisons.append(Poison(record, str(error)))
                continue
            except KafkaException as error:
                raise TransientError(f"schemas can not be looked up: {error}") from error
            if record.topic == names.HELD:
                held.append(cast("InvoiceHeld", event))
                continue
            mapped = cast("InvoiceMapped", event)
            metrics.handover_seconds.labels(record.topic).observe(
                max(0.0, (utc_now() - mapped["occurred_at"]).total_seconds())
            )
            arrived.append(
                Arrived(mapped, record.value or b"", record.header("traceparent") or new_traceparent())
            )
        self._store(arrived, held, poisons)
        self._dead_letters.handled(len(records) - len(poisons))

    def _store(self, arrived: list[Arrived], held: list[InvoiceHeld], poisons: list[Poison]) -> None:
        try:
            if poisons:
                self._dead_letters.bury(poisons)
            with self._engine.begin() as connection:
                tenants = store_arrived(connection, arrived)
                for one in held:
                    store_hold(
                        connection, one["tenant_id"], one["document"], one["hold"], one["hold_version"]
                    )
                    tenants.add(one["tenant_id"])
                for poison in poisons:
                    self._publish_unreadable(connection, poison)
                for tenant_id in sorted(tenants):
                    notify(connection, CHANNEL, tenant_id)
        except (DBAPIError, KafkaException) as error:
            raise TransientError(f"a batch can not be stored now: {type(error).__name__}") from error
        if poisons:
            self._outbox.wake()

    def _publish_unreadable(self, connection: Connection, poison: Poison) -> None:
        """A document event that can not be read ends that try, if its headers say whose it was."""
        headers = poison.record.headers
        tenant_id, document, revision = (
            header_text(headers, "tenant"),
            header_text(headers, "document"),
            header_text(headers, "revision"),
        )
        if (
            poison.record.topic != names.MAPPED
            or not tenant_id
            or not document
            or not (revision or "").isdigit()
        ):
            return
        try:
            Document.parse(document)
        except BadDocumentNameError:
            return
        event: InvoiceFaulted = {
            "event_id": event_id(tenant_id, document, int(revision or 0), names.FAULTED),
            "tenant_id": tenant_id,
            "document": document,
            "revision": int(revision or 0),
            "occurred_at": utc_now(),
            "attempt": 1,
            "command_id": None,
            "xero_document_id": None,
            "code": "EVENT_UNREADABLE",
            "text": poison.reason,
            "side": "us",
            "service": SERVICE,
            "strike": True,
            "final": True,
            "details": [
                f"{poison.record.topic}[{poison.record.partition}]@{poison.record.offset} is in {self._dead_letters.topic}"
            ],
        }
        self._outbox.add(
            connection,
            names.FAULTED,
            cast("Event", event),
            header_text(headers, "traceparent") or new_traceparent(),
        )
