"""Topics, kinds of documents, and how a document is named in keys, headers and marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DISCOVERED = "invoice.discovered"
MAPPED = "invoice.mapped"
PROCESSING = "invoice.processing"
SYNCED = "invoice.synced"
FAULTED = "invoice.faulted"
SKIPPED = "invoice.skipped"
HELD = "invoice.held"
ORDER_DISCOVERED = "purchase-order.discovered"
ORDER_MAPPED = "purchase-order.mapped"
ORDER_PROCESSING = "purchase-order.processing"
ORDER_SYNCED = "purchase-order.synced"
ORDER_FAULTED = "purchase-order.faulted"
ORDER_SKIPPED = "purchase-order.skipped"
ORDER_HELD = "purchase-order.held"
COMMANDS = "sync.commands"
COMMAND_RESULTS = "sync.command-results"
SETTINGS = "sync.settings"
REFERENCE = "xero.reference"
LOGS = "sync.logs"
HEALTH = "connection.health"
SCHEMAS = "sync.schemas"  # carries schemas as JSON, not Avro events

INVOICE_TOPICS = (DISCOVERED, MAPPED, PROCESSING, SYNCED, FAULTED, SKIPPED, HELD)
ORDER_TOPICS = (
    ORDER_DISCOVERED,
    ORDER_MAPPED,
    ORDER_PROCESSING,
    ORDER_SYNCED,
    ORDER_FAULTED,
    ORDER_SKIPPED,
    ORDER_HELD,
)
DOCUMENT_TOPICS = (*INVOICE_TOPICS, *ORDER_TOPICS)
"""Topics whose key is `{tenant}/{kind}/{id}` and whose records carry the document headers."""

EVENT_TOPICS = (*DOCUMENT_TOPICS, COMMANDS, COMMAND_RESULTS, SETTINGS, REFERENCE, LOGS, HEALTH)
"""Every topic that carries Avro events, one schema each."""

Kind = Literal["invoice", "purchase-order"]
KINDS: tuple[Kind, ...] = ("invoice", "purchase-order")

_LARGEST_ID = 2**63 - 1  # Autotask's ids are signed 64-bit longs, and so are the columns that hold them
_SHOWN = 80  # characters of a refused name that its error repeats


class BadDocumentNameError(ValueError):
    """A document name or key that does not have the agreed shape."""


@dataclass(frozen=True, slots=True)
class Document:
    """One Autotask document: its kind and Autotask id. Written `invoice/48213`."""

    kind: Kind
    id: int

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}"

    @classmethod
    def parse(cls, text: str) -> Document:
        """Read `invoice/48213`.

        Raises:
            BadDocumentNameError: the text is not `{kind}/{id}` with a positive signed 64-bit id.
        """
        kind_text, _, id_text = text.partition("/")
        number = _positive_long(id_text)
        for kind in KINDS:
            if kind == kind_text and number is not None:
                return cls(kind, number)
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        message = f"{shown!r} names no document: wanted {{kind}}/{{id}}, such as invoice/48213"
        raise BadDocumentNameError(message)


def topic_of(stage: str, document: str) -> str:
    """The topic in which a document's events of a stage go.

    Args:
        stage: the invoice topic of the stage, such as `invoice.synced`.
        document: name of any document, such as `purchase-order/771`.
    """
    return f"{document.partition('/')[0]}.{stage_of(stage)}"


def stage_of(topic: str) -> str:
    """What a document topic tells, whichever kind of document it is of: `mapped` of `purchase-order.mapped`."""
    return topic.partition(".")[2]


def _positive_long(text: str) -> int | None:
    """The number, or None. Its length is looked at first: `int` refuses very long ones with an error of its own."""
    digits = text.lstrip("0")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > len(str(_LARGEST_ID)):
        return None
    number = int(digits)
    return number if number <= _LARGEST_ID else None


def document_key(tenant_id: str, document: str) -> str:
    """Kafka key of a document event: `{tenant}/{kind}/{id}`, so that one document stays in order."""
    return f"{tenant_id}/{document}"


def event_key(topic: str, event: dict[str, object]) -> str:
    """Kafka key of any event.

    The document's for document events, else the tenant's id. `connection.health` is compacted and two services
    write it for one tenant, so its key also names the side: with the bare tenant one side would erase the other.
    """
    tenant_id = str(event["tenant_id"])
    if topic in DOCUMENT_TOPICS:
        return document_key(tenant_id, str(event["document"]))
    if topic == HEALTH:
        return f"{tenant_id}/{event['side']}"
    return tenant_id
