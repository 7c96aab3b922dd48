"""From documents that Autotask has shown to tries: judge, read what belongs to them, publish."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

from invoice_events.identity import new_traceparent
from poller.adapters.autotask.errors import DownError, RequestRefusedError
from poller.core.entry import Entry
from poller.core.messages import LogLine
from poller.core.tries import Origin
from poller.core.values import MalformedRecordError, Record, record_id, text
from poller.core.verdicts import Cause, Leave, Skip, Try, Verdict
from poller.work import trying
from poller.work.desk import Desk, P, document_of
from poller.work.store import Store, Transaction
from poller.work.suspects import Finding

log = logging.getLogger(__name__)

_REFUSALS_OF_ALL = 6
"""So many in a row, from the first, and it is not about single documents."""
_REFUSALS_OF_A_FEW = 60
"""One document among 200 costs ten until it is alone."""
_NAMED = 3
"""So many of those that are not read out are named."""

Unread = DownError | RequestRefusedError | MalformedRecordError
"""Why what belongs to documents could not be read."""


@dataclass(slots=True)
class Refusals:
    """Batches that Autotask refused to read out, or in which it told what makes no sense, and those that could be read.

    A refusal is no outage: Autotask answers, so what was refused is asked for at once in smaller batches. But if nothing can be
    read, or far more is refused than one document explains, it is what we ask that is refused: a permission, a field.
    """

    refused: int = 0
    reads: int = 0

    def are_about_all(self) -> bool:
        """Count one more refusal. Whether it is about what is asked, not about single documents."""
        self.refused += 1
        return self.refused >= (_REFUSALS_OF_A_FEW if self.reads else _REFUSALS_OF_ALL)


class Discovery(Generic[P]):
    """Takes documents of one look at Autotask. Counts what became of them: by cause, `skipped` and `seen`.

    Attributes:
        in_doubt: documents whose batch could not be read though Autotask answers; the next look tells whose fault that is.
        again: when that look is, in the words of the log.
    """

    again = "in the next cycle"

    def __init__(self, store: Store, desk: Desk[P]) -> None:
        self.desk = desk
        self._store = store
        self.counts: Counter[str] = Counter()
        self.handled: set[int] = set()
        self.in_doubt: set[str] = set()

    def take(self, records: Sequence[Record]) -> dict[str, Entry]:
        """Judge documents and begin the tries that are due. Returns what the ledger knew of them before.

        Raises:
            AutotaskError: a call failed; what was begun until then is stored.
            LeaseLostError: the tenant is somebody else's now.
        """
        self.counts["seen"] += len(records)
        with self._store.reading() as session:
            entries = self._store.ledger.entries(session, [self._document(each) for each in records])
        due: list[Record] = []
        for record in records:
            verdict = self._judge(record, entries.get(self._document(record)))
            if isinstance(verdict, Skip):
                self._skip(record)
            elif isinstance(verdict, Try):
                due.append(record)
        refusals = Refusals()
        batches: deque[Sequence[Record]] = deque(self.desk.suspects.batches(due))
        while batches:
            batch = batches.popleft()
            batches.extend(self._take_batch(batch, refusals, last=not batches))
        return entries

    def _take_batch(
        self, batch: Sequence[Record], refusals: Refusals, *, last: bool
    ) -> list[Sequence[Record]]:
        """Read a batch and begin its tries. Returns what of it is to be read again, in smaller batches, after all others.

        `last`: there are no others, so that one document can not be told from what is asked.
        """
        suspects = self.desk.suspects
        try:
            parts = self.desk.parts(batch)
        except DownError as error:
            finding = suspects.failed(batch)
            if finding == "outage":
                raise
            self._conclude(finding, batch, error)
        except (RequestRefusedError, MalformedRecordError) as error:
            only = last and len(batch) == 1
            finding = suspects.refused(batch, only=only)
            if finding != "outage":
                self._conclude(finding, batch, error)
                return []
            if refusals.are_about_all() or only:
                raise
            half = (len(batch) + 1) // 2
            return [part for part in (batch[:half], batch[half:]) if part]
        else:
            self.desk.suspects.read(batch)
            refusals.reads += 1
            self._begin(parts)
        return []

    def _conclude(self, finding: Finding, batch: Sequence[Record], error: Unread) -> None:
        """It is one document's own fault, or may be: then other work goes on, and the next look tells."""
        if finding == "at_fault":
            self._blame(batch[0], error)
            return
        self.handled.update(map(record_id, batch))
        self.in_doubt.update(map(self._document, batch))
        noun, ids = self.desk.noun, ", ".join(str(record_id(record)) for record in batch[:_NAMED])
        some = noun if len(batch) == 1 else f"{len(batch)} {noun}s, first"
        words = f"Autotask answers, but does not read out {some} {ids}: read again {self.again}. {error}"
        with self._store.transaction() as transaction:
            transaction.tell(
                LogLine(words, "documents that Autotask does not read out, though it answers", "warning")
            )

    def _blame(self, record: Record, error: Unread) -> None:
        """Autotask fails on this one document, refuses to read it out, or tells what makes no sense, while it reads out others."""
        with self._store.transaction() as transaction:
            entry = transaction.entry(self._document(record))
            verdict = self._judge(record, entry)
            if not isinstance(verdict, Try):
                return
            subject, origin = self.desk.subject(record), self._origin(record, verdict)
            if isinstance(error, MalformedRecordError):
                trying.unreadable(transaction, entry, subject, origin, error)
            else:
                trying.blame(transaction, entry, subject, origin, error)
            self._taken(transaction, record, str(error))

    def _begin(self, batch: Sequence[P]) -> None:
        """One transaction for the batch. Judged again: a command may have changed a document while its parts were read."""
        with self._store.transaction() as transaction:
            records = [self.desk.record_of(parts) for parts in batch]
            current = transaction.entries([self._document(record) for record in records])
            for parts, record in zip(batch, records, strict=True):
                entry = current.get(self._document(record))
                verdict = self._judge(record, entry)
                if not isinstance(verdict, Try):
                    continue
                after = self.desk.start(transaction, entry, parts, self._origin(record, verdict))
                self._taken(transaction, record)
                self.handled.add(record_id(record))
                if after != entry:
                    self.counts[verdict.cause] += 1

    def _judge(self, record: Record, entry: Entry | None) -> Verdict:
        """What the desk says; a record that can not even be judged is passed over."""
        try:
            return self._judge_with_desk(record, entry)
        except MalformedRecordError:
            log.error(  # noqa: TRY400  # the error's text repeats a value that may be a customer's
                "a record of %s can not be read and is passed over: id %r",
                self.desk.entity,
                record.get("id"),
                extra={"tenant": self._store.tenant_id},
            )
            return Leave()

    def _judge_with_desk(self, record: Record, entry: Entry | None) -> Verdict:
        return self.desk.judge(record, entry)

    def _skip(self, record: Record) -> None:
        with self._store.transaction() as transaction:
            entry = transaction.entry(self._document(record))
            verdict = self._judge(record, entry)
            if isinstance(verdict, Skip):
                origin = self._origin_of_skip(record, entry)
                what = called(self.desk, record)
                trying.skip(transaction, entry, self.desk.subject(record), verdict, origin, what)
                self._taken(transaction, record, verdict.text)
                self.counts["skipped"] += 1

    def _origin(self, record: Record, verdict: Try) -> Origin:  # noqa: ARG002  # others tell it by the document
        return Origin(verdict.cause, new_traceparent(), void=verdict.void)

    def _origin_of_skip(self, record: Record, entry: Entry | None) -> Origin:  # noqa: ARG002  # as above
        return Origin(_cause_of_skip(entry), new_traceparent())

    def _taken(self, transaction: Transaction, record: Record, words: str | None = None) -> None:
        """A try has begun, or ended at once with these words: in this transaction."""

    def _document(self, record: Record) -> str:
        return document_of(self.desk.kind, record)


def called(desk: Desk[P], record: Record) -> str:
    """What people call a document, such as `Invoice INV-10277`."""
    number = text(record, "invoiceNumber") or text(record, "purchaseOrderNumber")
    return f"{desk.noun.capitalize()} {number or document_of(desk.kind, record)}"


def _cause_of_skip(entry: Entry | None) -> Cause:
    """A try that is skipped goes on with the strikes of one that was still being tried; what had ended begins anew."""
    if entry is None:
        return "discovery"
    return "retry" if entry.state == "waiting_retry" else "voided"
