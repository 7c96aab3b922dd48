"""Diagnoses: a dry run through the real pipeline. The document is read and sent on its way, marked so that nobody writes it.

The run has the revision of the newest try: nothing that is known of that try can be replaced by it, even if the mark were lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from invoice_events import names
from invoice_events.codec import UnrepresentableEventError
from invoice_events.names import Document
from poller.adapters.autotask.errors import AutotaskError, DownError
from poller.adapters.autotask.queries import records_where_in
from poller.adapters.tenants import TenantRules
from poller.core.diagnosis import Diagnosis
from poller.core.entry import Entry
from poller.core.messages import Command, Fault, LogLine
from poller.core.order_eligibility import SWITCHED_OFF
from poller.core.tries import Origin
from poller.core.values import MalformedRecordError
from poller.core.verdicts import Refuse, Skip
from poller.work.answering import refuse
from poller.work.connection import Connection
from poller.work.desk import Desk, P
from poller.work.holds import DIAGNOSE
from poller.work.invoices import InvoiceDesk
from poller.work.memory import Memory
from poller.work.orders import OrderDesk
from poller.work.store import Store, Transaction
from poller.work.trying import unfit
from service_runtime.outbox import EventTooLargeError

_NOT_SET_UP = "The tenant's settings are not there yet."
_RELEASED = "the document was released before it was read"


class Diagnoses:
    """Begins one tenant's dry runs, whatever stands against other work: nothing moves by them."""

    def __init__(
        self,
        store: Store,
        connection: Connection,
        memory: Memory,
        rules: Callable[[], TenantRules | None],
        may_ask: Callable[[], bool],
    ) -> None:
        """
        Args:
            store: of the tenant.
            connection: to Autotask.
            memory: what the worker keeps.
            rules: the tenant's settings of the moment.
            may_ask: whether the hourly budget allows a question now.
        """  # noqa: D205, D212  # the signature needs its arguments explained, nothing else
        self._store = store
        self._connection = connection
        self._memory = memory
        self._rules = rules
        self._may_ask = may_ask

    def begin(self) -> bool:
        """Begin the next run that is asked for and whose hold is laid. An outage ends it with that answer and raises nothing.

        Returns:
            Whether others wait: what else has come, and the end of the worker, go before each of them.

        Raises:
            LeaseLostError: the tenant is somebody else's now, who will begin them.
        """
        with self._store.reading() as session:
            asked = self._store.inbox.open_commands(session, ("started",), (DIAGNOSE,), limit=2)
        for command in asked[:1]:
            self._begin(command)
        return len(asked) > 1

    def _begin(self, command: Command) -> None:
        rules = self._rules()
        if rules is None:
            self._end(command, Diagnosis("unknown", _NOT_SET_UP))
            return
        shown = self._connection.shown
        if self._connection.blocked() or not self._may_ask():
            words = f"Autotask can not be asked now ({shown.state}). {shown.detail}".strip()
            self._end(command, Diagnosis("unknown", words))
            return
        document = Document.parse(command.document or "")
        try:
            arguments = (self._connection, self._memory, rules, self._connection.web_root())
            look = self._memory.look(self._store, rules)
            if document.kind == "invoice":
                self._run(InvoiceDesk(*arguments, look), document, command)
            elif rules.settings["purchase_orders"]["enabled"]:
                self._run(OrderDesk(*arguments, look), document, command)
            else:
                self._end(command, Diagnosis("nothing", SWITCHED_OFF))
        except AutotaskError as error:
            if isinstance(error, DownError):
                self._connection.answers()  # one document that can not be read out is no outage for the others
            self._end(command, Diagnosis("unknown", f"Autotask could not be read: {error}"))
        except MalformedRecordError as error:
            words = f"Autotask's record can not be read: {error}"
            self._end(command, Diagnosis.of_fault(Fault("UNKNOWN", strike=True, final=False, text=words)))

    def _run(self, desk: Desk[P], document: Document, command: Command) -> None:
        found = records_where_in(self._connection, desk.entity, "id", [document.id])
        if not found:
            words = f"Autotask has no {desk.noun} {document.id}, or does not show it to the API user"
            self._end(command, Diagnosis("fault", words, "NOT_VISIBLE"))
            return
        with self._store.reading() as session:
            entry = self._store.ledger.entry(session, str(document))
        verdict = desk.judge_request(found[0], entry, "resync")
        if isinstance(verdict, Skip):
            self._end(command, Diagnosis("skip", verdict.text, verdict.reason))
            return
        if isinstance(verdict, Refuse):
            self._end(command, Diagnosis("nothing", verdict.text))
            return
        (parts,) = desk.parts(found)
        origin = Origin("resync", command.traceparent, command.id, void=verdict.void)
        with self._store.transaction() as transaction:
            entry = transaction.entry(str(document))
            if entry is None or entry.hold != "diagnose":
                refuse(transaction, command, _RELEASED)
                return
            self._send(transaction, desk, _as_tried(entry, origin), parts, origin, command)

    def _send(
        self,
        transaction: Transaction,
        desk: Desk[P],
        entry: Entry,
        parts: P,
        origin: Origin,
        command: Command,
    ) -> None:
        """The snapshot on its way to the mapper. Neither ledger nor strikes know of it; the xero-writer answers the command."""
        try:
            event = desk.snapshot(transaction, entry, parts, origin, diagnosis=command.id)
            if isinstance(event, Fault):
                _answer(transaction, command, Diagnosis.of_fault(event))
                return
            transaction.publish(names.topic_of(names.DISCOVERED, entry.document), event, entry.traceparent)
        except EventTooLargeError as error:
            fault = Fault("INVOICE_TOO_LARGE", strike=False, final=True, details=(str(error),))
            _answer(transaction, command, Diagnosis.of_fault(fault))
        except UnrepresentableEventError as error:
            fault = unfit(error)
            _answer(transaction, command, Diagnosis.of_fault(fault))
        else:
            self._store.inbox.set_state(transaction.connection, [command], "done")  # others answer
            message = f"Read for a diagnosis, asked for by {command.actor}: nothing is written"
            transaction.tell(LogLine(message, "read for a diagnosis", entry=entry))

    def _end(self, command: Command, diagnosis: Diagnosis) -> None:
        with self._store.transaction() as transaction:
            _answer(transaction, command, diagnosis)


def _answer(transaction: Transaction, command: Command, diagnosis: Diagnosis) -> None:
    transaction.answer(command, "done", diagnosis.words, diagnosis.as_json())
    transaction.tell(LogLine(f"Diagnosis: {diagnosis.words}", f"diagnosis ended: {diagnosis.would}", "info"))


def _as_tried(entry: Entry, origin: Origin) -> Entry:
    """The entry as a resync would have it, with the revision that it has."""
    return replace(
        entry,
        traceparent=origin.traceparent,
        command_id=origin.command_id,
        priority="interactive",
        attempt=1,
        recreate=False,
        void_revision=entry.revision if origin.void else None,
    )
