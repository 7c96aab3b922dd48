"""One batch of records: decoded, mapped, encoded, published. Offsets are committed by the caller, after everything is acknowledged."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import NamedTuple, Protocol, cast

from confluent_kafka import KafkaError, KafkaException

from invoice_events import names
from invoice_events.codec import Codec, Event, UnreadableEventError, UnrepresentableEventError
from invoice_events.identity import event_headers, event_key, new_traceparent, trace_id_of
from invoice_events.names import BadDocumentNameError, Document
from mapper.adapters.publisher import Outgoing
from mapper.adapters.tenants import TenantDataMissingError, TenantRules
from mapper.core.diagnosis import diagnosed, failed, is_diagnosis
from mapper.core.log_lines import log_lines
from mapper.core.mapping import Source, UnsupportedWorkError, map_document
from mapper.core.outcome import (
    Faulted,
    Mapped,
    OrderMapped,
    Outcome,
    data_missing,
    too_large,
    unreadable,
    unrepresentable,
)
from mapper.core.rules import Rules
from service_runtime import metrics
from service_runtime.intake import TransientError
from service_runtime.outbox import MAX_EVENT_BYTES
from service_runtime.records import Poison, Record, parts

log = logging.getLogger(__name__)

_TENANT = re.compile(r"[a-z0-9-]{1,40}")
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")  # a positive Avro long has at most 19 digits
_DOCUMENT_LENGTH = (
    40  # of the longest name with an id of 19 digits, with room; longer ones are not even parsed
)
_MAX_LONG = 2**63 - 1
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


DISCOVERED = (names.DISCOVERED, names.ORDER_DISCOVERED)
"""What is mapped."""


class Graveyard(Protocol):
    """Where records go that can not be handled."""

    def handled(self, count: int) -> None:
        """Count records that were handled."""

    def bury(self, poisons: Sequence[Poison]) -> None:
        """Keep records that can not be handled, with their story."""


class Channel(Protocol):
    """The way to Kafka."""

    def send(self, record: Outgoing) -> None:
        """Begin to produce a record."""

    def wait(self) -> None:
        """Return when everything sent was acknowledged, raise KafkaException if it was not."""


class _Ready(NamedTuple):
    """A record that was decoded, with the rules it is to be mapped by."""

    record: Record
    event: Source
    rules: Rules


class _Unready(NamedTuple):
    """A record that was decoded, and why it can not be mapped now: its tenant's data are missing."""

    record: Record
    event: Source
    reason: str


class BatchMapper:
    """Handles batches of discovered invoices and purchase orders."""

    def __init__(
        self,
        codec: Codec,
        rules: TenantRules,
        channel: Channel,
        dead_letters: Graveyard,
        clock: Callable[[], datetime],
    ) -> None:
        self._codec = codec
        self._rules = rules
        self._channel = channel
        self._dead_letters = dead_letters
        self._clock = clock
        self._handover = {topic: metrics.handover_seconds.labels(topic) for topic in DISCOVERED}

    def handle(self, records: Sequence[Record]) -> None:
        """Map every record of a batch and publish what became of them, in order, before returning.

        It is decoded in parts, since decoded events are many times their bytes. A tenant whose settings or reference data do not come gets a fault that costs no
        strike: the poller tries again in its next cycle, and nobody else waits.

        Raises:
            TransientError: Kafka did not acknowledge; nothing is lost if the batch is handled again, since every event keeps
                its id.
            KafkaException: the producer is beyond recovery, or the dead-letter topic could not be written.
            TooManyDeadLettersError: too large a share of the records could not be handled.
        """
        poisons: list[Poison] = []
        try:
            for part in parts(records):
                poisons += self._handle(part)
            self._channel.wait()
        except KafkaException as error:
            if _is_fatal(error.args[0]):
                raise
            raise TransientError(f"events were not acknowledged: {error.args[0].str()}") from error
        self._dead_letters.handled(len(records) - len(poisons))
        if poisons:
            self._dead_letters.bury(poisons)

    def _handle(self, records: Sequence[Record]) -> list[Poison]:
        """Map and send a part of a batch. Returns what could not be handled."""
        poisons = []
        for each in [self._prepared(record) for record in records]:
            if isinstance(each, _Unready):
                missing = data_missing(each.event, each.reason, self._clock())
                self._finish(_told(each.event, missing), each.record)
                continue
            poison = each if isinstance(each, Poison) else self._mapped(each)
            if poison is not None:
                self._fault_document(poison)
                poisons.append(poison)
        return poisons

    def _prepared(self, record: Record) -> _Ready | _Unready | Poison:
        try:
            event = cast("Source", self._codec.decode(record.topic, record.value))
        except UnreadableEventError as error:
            return Poison(record, str(error))
        except KafkaException as error:
            raise TransientError(f"the schema could not be looked up: {error.args[0].str()}") from error
        try:
            rules = self._rules.for_event(event["tenant_id"], event["settings_version"])
        except TenantDataMissingError as error:
            return _Unready(record, event, str(error))
        return _Ready(record, event, rules)

    def _mapped(self, ready: _Ready) -> Poison | None:
        """Map and send one event; or say why it can not be handled."""
        record, event, rules = ready
        now = self._clock()
        self._handover[record.topic].observe((now - event["occurred_at"]).total_seconds())
        try:
            outcome = map_document(event, rules, now)
        except UnsupportedWorkError as error:
            return Poison(record, str(error))
        except Exception as error:  # noqa: BLE001  # a snapshot nobody foresaw must not stop the others; it is kept, and reported by its type
            # The error's text may repeat an invoice's data: neither the log nor the dead letter's story carries it.
            log.error(  # noqa: TRY400  # see above: no traceback
                "mapping failed unexpectedly: %s in %s",
                type(error).__name__,
                _place(error),
                extra=_context(record),
            )
            reason = f"mapping failed: {type(error).__name__}"
            if not is_diagnosis(event):
                return Poison(record, reason)
            outcome = failed(event, reason, now)
        self._send_outcome(_told(event, outcome), event, record)
        return None

    def _send_outcome(self, outcome: Outcome, event: Source, record: Record) -> None:
        """Send the outcome; a fault instead if its schema or its topic could not carry it."""
        now = outcome.event["occurred_at"]
        try:
            value = self._codec.encode(outcome.topic, cast("Event", outcome.event))
        except UnrepresentableEventError as error:
            self._finish(_told(event, unrepresentable(event, str(error), now)), record)
            return
        if len(value) > MAX_EVENT_BYTES and isinstance(outcome, Mapped | OrderMapped):
            self._finish(_told(event, too_large(event, len(value), MAX_EVENT_BYTES, now)), record)
            return
        self._finish(outcome, record, value)

    def _finish(self, outcome: Outcome, record: Record, value: bytes | None = None) -> None:
        """Send the event, and what people should read of it in the Sync Logs tab, unless it simply went on its way."""
        traceparent = _traceparent(record)
        self._send(outcome.topic, cast("Event", outcome.event), traceparent, value)
        for line in log_lines(outcome, trace_id_of(traceparent)):
            self._send(names.LOGS, cast("Event", line), traceparent)
        if isinstance(outcome, Faulted):
            fault = outcome.event
            metrics.faults.labels(fault["tenant_id"], fault["code"], fault["side"]).inc()
            log.info("fault %s", fault["code"], extra=_context(record))

    def _send(self, topic: str, event: Event, traceparent: str, value: bytes | None = None) -> None:
        payload = self._codec.encode(topic, event) if value is None else value
        headers = event_headers(topic, event, traceparent)
        self._channel.send(Outgoing(topic, event_key(topic, event).encode(), headers, payload))

    def _fault_document(self, poison: Poison) -> None:
        """The final fault of the document that the headers of a dead letter name, if they name one."""
        named = _named_document(poison.record)
        if named is not None:
            tenant_id, document, revision = named
            self._finish(
                unreadable(tenant_id, document, revision, poison.reason, self._clock()), poison.record
            )


def _told(event: Source, outcome: Outcome) -> Outcome:
    """The outcome as it is published: that of a dry run ends no try."""
    return diagnosed(event, outcome) if is_diagnosis(event) else outcome


def _named_document(record: Record) -> tuple[str, str, int] | None:
    """Tenant, document and revision from the headers, None unless all three are there and could be ours.

    An event made of anything else could not be encoded, or would poison whoever reads it.
    """
    tenant_id, document, revision = (record.header(name) or "" for name in ("tenant", "document", "revision"))
    if not _TENANT.fullmatch(tenant_id) or not _NUMBER.fullmatch(revision) or int(revision) > _MAX_LONG:
        return None
    if len(document) > _DOCUMENT_LENGTH:
        return None
    try:
        named = Document.parse(document)
    except BadDocumentNameError:
        return None
    return (tenant_id, str(named), int(revision)) if named.id <= _MAX_LONG else None


def _traceparent(record: Record) -> str:
    """The record's trace; a new one if it has none that can be read."""
    found = record.header("traceparent") or ""
    return found if _TRACEPARENT.fullmatch(found) else new_traceparent()


def _is_fatal(error: KafkaError) -> bool:
    """Whether the producer is beyond recovery. Errors made from the code alone do not carry the flag."""
    return error.fatal() or error.code() == KafkaError._FATAL  # noqa: SLF001  # librdkafka's local codes begin with an underscore


def _place(error: Exception) -> str:
    """Where an error was raised: file and line, never a value."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{PurePath(frame.filename).name}:{frame.lineno}"


def _context(record: Record) -> dict[str, str | None]:
    """Who a log line is about."""
    return {
        "tenant": record.header("tenant"),
        "document": record.header("document"),
        "revision": record.header("revision"),
        "trace_id": trace_id_of(record.header("traceparent")),
    }
