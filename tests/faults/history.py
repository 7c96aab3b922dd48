"""What a run leaves behind: everything that the checkers look at, as plain values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.faults.kinds import Fault, Stage

Json = Mapping[str, Any]

GONE = {"DELETED", "VOIDED"}
ENDED = {"done", "refused"}
"""States in which a command has come to its end."""
_URL_MARK = re.compile(r"#sync=(invoice/\d+)$")
_REFERENCE_MARK = re.compile(r"\[(INV|PO) (\d+)\]$")
_KINDS = {"INV": "invoice", "PO": "purchase-order"}
_CREATE = re.compile(r"/api\.xro/2\.0/(Invoices|CreditNotes|PurchaseOrders)")
_UNDER_XERO = "/api.xro/"


@dataclass(frozen=True, slots=True)
class Told:
    """One event as it stands in Kafka.

    Attributes:
        at: when it was handed to Kafka, by the clock that all processes share; the database's may be moved.
    """

    topic: str
    partition: int
    offset: int
    event: Json
    at: datetime

    @property
    def key(self) -> tuple[str, str]:
        """Tenant and document."""
        return self.event["tenant_id"], self.event["document"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A command that somebody gave.

    Attributes:
        document: None if it is about the whole tenant.
        command_id: None if nobody knows whether it was taken in: its answer was lost.
        at: before it was given.
        state: what became of it in the end.
    """

    tenant: str
    kind: str
    document: str | None
    command_id: str | None
    at: datetime
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """What status-api showed of a document, noted when it changed."""

    at: datetime
    tenant: str
    document: str
    status: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """A fault that was injected.

    Attributes:
        tenant: the only one that was hit; None = all.
        aimed: whether the step of the pipeline it was meant for was under way.
        hits: what it did: processes hit, calls spoiled, connections or chunks touched.
    """

    fault: Fault
    stage: Stage
    target: str
    tenant: str | None
    begin: datetime
    end: datetime
    aimed: bool
    hits: int


@dataclass(frozen=True, slots=True)
class Death:
    """A process that ended by itself and was started again, as an orchestrator does it."""

    process: str
    at: datetime
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantHistory:
    """One tenant at the end.

    Attributes:
        fates: what had to become of its documents, by name such as `invoice/41208`.
        blocked: documents whose number somebody else's document has: they have to end at Fault.
        voided: when a person began to void each document that was voided after it had gone over.
        autotask, xero: both sides' books.
        foreign: documents that people made in Xero before the run, by id, as they were then.
    """

    tenant: str
    numbering: str
    fates: Mapping[str, Json]
    blocked: frozenset[str]
    autotask: Json
    xero: Json
    foreign: Mapping[str, Json]
    voided: Mapping[str, datetime] = field(default_factory=dict)

    def documents(self) -> list[Json]:
        """Every document in Xero."""
        return [*self.xero["invoices"], *self.xero["credit_notes"], *self.xero["purchase_orders"]]

    def owned(self) -> dict[str, list[Json]]:
        """Documents in Xero by the document of Autotask whose mark they carry, gone ones included."""
        found: dict[str, list[Json]] = {}
        for document in self.documents():
            mark = mark_of(document)
            if mark is not None:
                found.setdefault(mark, []).append(document)
        return found

    def stamps(self) -> dict[str, datetime]:
        """When each stamped invoice got its stamp through the API."""
        return {
            f"invoice/{stamp['id']}": moment(stamp["first_set_at"])
            for stamp in self.autotask["stamps"]
            if stamp["entity"] == "Invoices" and stamp["first_set_at"]
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A run.

    Attributes:
        autotask_calls, xero_calls: the simulators' records of calls.
        shown: what status-api shows in the end, by tenant and document.
        logs: text by process.
        buried: records that ended in dead-letter topics, one line each.
        secrets: texts that may not occur in any log or event.
        key_lifetime: seconds that Xero remembers an idempotency key.
        asked: the commands that were given.
    """

    tenants: Sequence[TenantHistory]
    events: Sequence[Told]
    autotask_calls: Sequence[Json]
    xero_calls: Sequence[Json]
    samples: Sequence[Sample]
    shown: Mapping[str, Mapping[str, str]]
    logs: Mapping[str, str]
    buried: Sequence[str]
    injections: Sequence[Injection]
    deaths: Sequence[Death]
    secrets: frozenset[str]
    key_lifetime: float
    asked: Sequence[Asked] = ()

    def of_stage(self, topic: str) -> Iterator[Told]:
        """Events of a stage, partition by partition in order. `topic`: as it is called for invoices."""
        topics = {topic, topic.replace("invoice.", "purchase-order.")}
        return (told for told in self.events if told.topic in topics)

    def disasters(self, faults: Collection[Fault]) -> list[Injection]:
        """The disasters of these kinds, in order."""
        return sorted((each for each in self.injections if each.fault in faults), key=lambda each: each.begin)

    def disturbed(self, targets: set[str], faults: set[Fault], since: datetime, until: datetime) -> bool:
        """Whether one of these faults hit one of the targets in that span, or one of these processes ended by itself."""
        return any(
            injection.target in targets
            and injection.fault in faults
            and injection.begin <= until
            and injection.end >= since
            for injection in self.injections
        ) or any(
            death.process.removesuffix("-2") in targets and since <= death.at <= until
            for death in self.deaths
        )


@dataclass(frozen=True, slots=True)
class Create:
    """One call that was to create documents, as Xero's record has it.

    Attributes:
        documents: names of the documents by the marks in it, with the number that each was given.
        status: None = no answer was sent.
    """

    tenant: str
    path: str
    key: str
    body: object
    began: datetime
    ended: datetime
    status: int | None
    documents: Mapping[str, str | None] = field(default_factory=dict)


def creates(calls: Sequence[Json]) -> list[Create]:
    """The creates among the calls, in the order in which they began. Replays of a key are calls like any other."""
    found = []
    for call in calls:
        path = _CREATE.fullmatch(call["path"])
        if call["method"] != "PUT" or path is None or not isinstance(call["request_body"], Mapping):
            continue
        elements = call["request_body"].get(path[1]) or []
        numbers = {
            mark_of(element): element.get("InvoiceNumber") or element.get("PurchaseOrderNumber")
            for element in elements
        }
        found.append(
            Create(
                tenant=call["tenant"],
                path=call["path"],
                key=call["idempotency_key"],
                body=call["request_body"],
                began=began(call),
                ended=ended(call),
                status=call["status"],
                documents={mark: number for mark, number in numbers.items() if mark is not None},
            )
        )
    return sorted(found, key=lambda create: create.began)


def xero_writes(calls: Sequence[Json]) -> list[Json]:
    """Calls with which something could be changed, in the order in which they began."""
    writes = [
        call for call in calls if call["method"] in {"PUT", "POST"} and call["path"].startswith(_UNDER_XERO)
    ]
    return sorted(writes, key=began)


def mark_of(document: Json) -> str | None:
    """The document of Autotask whose mark a document in Xero carries, read here on purpose not with the product's code."""
    found = _URL_MARK.search(document.get("Url") or "")
    if found:
        return found[1]
    found = _REFERENCE_MARK.search(document.get("Reference") or "")
    return f"{_KINDS[found[1]]}/{found[2]}" if found else None


def moment(text: str) -> datetime:
    """A time as the simulators write it."""
    return datetime.fromisoformat(text)


def began(call: Json) -> datetime:
    """When a recorded call arrived."""
    return moment(call["at"])


def ended(call: Json) -> datetime:
    """When its answer was ready."""
    return began(call) + timedelta(milliseconds=int(call["duration_ms"]))
