"""What is particular to one kind of document, behind one face: how it is judged, read, and sent on its way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from invoice_events.codec import Event
from invoice_events.names import Kind
from poller.core.entry import Entry
from poller.core.look import Look
from poller.core.messages import Fault
from poller.core.tries import Origin, Subject
from poller.core.values import Record
from poller.core.verdicts import Answer, Cause, Verdict
from poller.work.store import Transaction
from poller.work.suspects import Suspects

P = TypeVar("P")


class Desk(Protocol[P]):
    """Works on documents of one kind during one look at Autotask. `P` is everything that belongs to one document.

    Attributes:
        kind: of the documents.
        entity: what Autotask calls them.
        noun: what people call them.
        look: what judging goes by.
        suspects: documents whose batches could not be read.
    """

    kind: Kind
    entity: str
    noun: str
    look: Look
    suspects: Suspects

    def judge(self, record: Record, entry: Entry | None) -> Verdict:
        """What a cycle does with a document. Raises MalformedRecordError."""

    def judge_request(self, record: Record, entry: Entry | None, cause: Cause) -> Answer:
        """What a person's wish does with a document. Raises MalformedRecordError."""

    def subject(self, record: Record) -> Subject:
        """What the ledger keeps of a document, as far as its record can be read."""

    def parts(self, batch: Sequence[Record]) -> Sequence[P]:
        """Everything that belongs to documents, in their order; at most 200 of them. Raises AutotaskError."""

    def record_of(self, parts: P) -> Record:
        """The document's own record."""

    def start(self, transaction: Transaction, entry: Entry | None, parts: P, origin: Origin) -> Entry:
        """Begin a try: a new revision, and the snapshot on its way to the mapper. Returns the entry as it was stored."""

    def snapshot(
        self, transaction: Transaction, entry: Entry, parts: P, origin: Origin, *, diagnosis: str | None
    ) -> Event | Fault:
        """The event that carries a document, or why there is none yet. Raises MalformedRecordError.

        `diagnosis`: id of the command that asks for a dry run; None: it is a try.
        """


def document_of(kind: Kind, record: Record) -> str:
    """The document's name; a record without an id has none that anybody knows."""
    return f"{kind}/{record.get('id')}"
