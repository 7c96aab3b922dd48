"""What people asked for in bulk: read again in batches, behind everything that somebody waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from invoice_events.names import BadDocumentNameError, Document
from poller.adapters.autotask.client import MAX_IN_LIST
from poller.adapters.autotask.errors import RequestRefusedError
from poller.adapters.autotask.queries import records_where_in
from poller.adapters.autotask.slow_names import Source
from poller.adapters.tenants import TenantRules
from poller.core.entry import Entry
from poller.core.messages import Command
from poller.core.order_eligibility import SWITCHED_OFF
from poller.core.tries import Origin
from poller.core.values import MalformedRecordError, Record
from poller.core.verdicts import Cause, Leave, Refuse, Skip, Try, Verdict
from poller.work.answering import UNSKIP, decline, refuse, started
from poller.work.desk import Desk, P, document_of
from poller.work.discovery import Discovery
from poller.work.holds import why_held
from poller.work.invoices import InvoiceDesk
from poller.work.memory import Memory
from poller.work.orders import OrderDesk
from poller.work.store import Store, Transaction

_KINDS = ("resync", UNSKIP)
_OPEN = ("accepted", "started")
_UNREADABLE = "what Autotask says of it can not be read"


class BulkCommands:
    """Serves those of one tenant's commands that were given many at once: a portion at a time, with a few calls for all of it."""

    def __init__(self, store: Store, memory: Memory) -> None:
        self._store = store
        self._memory = memory

    def waiting(self) -> bool:
        """Whether there are any."""
        with self._store.reading() as session:
            return bool(self._store.inbox.open_commands(session, _OPEN, _KINDS, 1, in_bulk=True))

    def serve_portion(self, source: Source, rules: TenantRules, web_root: str) -> bool:
        """Serve as many as one query can name: those of the kind of document that has waited longest.

        Returns:
            Whether the next portion may come at once. If not, some of this one could not be read, and it is not told yet whether
            that is a document's fault: they stay open, and time until they are read again is what tells a short outage from it.

        Raises:
            AutotaskError: an outage or refused credentials; what is not served yet stays open.
            LeaseLostError: the tenant is somebody else's now.
        """
        wished = self._take()
        if not wished:
            return True
        kind = next(iter(wished)).kind
        arguments = (source, self._memory, rules, web_root, self._memory.look(self._store, rules))
        if kind == "invoice":
            return self._serve(InvoiceDesk(*arguments), source, wished)
        if rules.settings["purchase_orders"]["enabled"]:
            return self._serve(OrderDesk(*arguments), source, wished)
        self._end(wished, dict.fromkeys(map(str, wished), SWITCHED_OFF))
        return True

    def _take(self) -> dict[Document, Command]:
        """The commands of a portion by their documents, all of one kind, started; what names no document is refused."""
        with self._store.transaction() as transaction:
            waiting = self._store.inbox.open_commands(
                transaction.connection, _OPEN, _KINDS, MAX_IN_LIST, in_bulk=True
            )
            wished: dict[Document, Command] = {}
            for command in waiting:
                try:
                    document = Document.parse(command.document or "")
                except BadDocumentNameError as error:
                    refuse(transaction, command, str(error))
                    continue
                if document.kind == next(iter(wished), document).kind:
                    wished.setdefault(document, command)  # another one about it comes with the next portion
            for command in wished.values():
                started(transaction, command)
        return wished

    def _serve(self, desk: Desk[P], source: Source, wished: Mapping[Document, Command]) -> bool:
        """Returns as `serve_portion`."""
        commands = {str(document): command for document, command in wished.items()}
        reading = _Wished(self._store, desk, commands)
        try:
            found = records_where_in(source, desk.entity, "id", [document.id for document in wished])
            reading.take(found)
        except (RequestRefusedError, MalformedRecordError) as error:
            self._end(wished, dict.fromkeys(reading.left, str(error)))
            return not reading.in_doubt
        missing = {
            str(document): f"Autotask has no {desk.noun} {document.id}, or does not show it to the API user"
            for document in wished
        }
        read = {document_of(desk.kind, record): _UNREADABLE for record in found}
        self._end(wished, {name: (missing | read | reading.reasons)[name] for name in reading.left})
        return not reading.in_doubt

    def _end(self, wished: Mapping[Document, Command], reasons: Mapping[str, str]) -> None:
        """End commands whose documents are not read again, for these reasons."""
        with self._store.transaction() as transaction:
            for document, command in wished.items():
                if str(document) in reasons:
                    decline(transaction, command, reasons[str(document)])


class _Wished(Discovery[P]):
    """Takes documents that commands want read again. A command is done in the transaction that begins its try.

    Attributes:
        left: documents that are not read again, in the order of their commands, which are to be told so.
        reasons: why documents among them are left alone.
    """

    again = "soon, until then commands that ask for it stay open"

    def __init__(self, store: Store, desk: Desk[P], commands: Mapping[str, Command]) -> None:
        super().__init__(store, desk)
        self._commands = commands
        self._answered: set[str] = set()
        self.reasons: dict[str, str] = {}

    @property
    def left(self) -> Sequence[str]:
        return [name for name in self._commands if name not in self._answered | self.in_doubt]

    def _judge_with_desk(self, record: Record, entry: Entry | None) -> Verdict:
        name = self._document(record)
        if name in self._answered or name not in self._commands:
            return Leave()
        if entry is not None and entry.hold != "none":
            return self._leave(name, why_held(entry.hold))
        answer = self.desk.judge_request(record, entry, _cause(self._commands[name]))
        if isinstance(answer, Refuse) or (isinstance(answer, Skip) and entry is None):
            return self._leave(name, answer.text)
        return answer

    def _leave(self, name: str, reason: str) -> Leave:
        self.reasons[name] = reason
        return Leave()

    def _origin(self, record: Record, verdict: Try) -> Origin:
        command = self._commands[self._document(record)]
        return Origin(verdict.cause, command.traceparent, command.id, void=verdict.void, in_bulk=True)

    def _origin_of_skip(self, record: Record, entry: Entry | None) -> Origin:  # noqa: ARG002  # one signature with what it overrides
        command = self._commands[self._document(record)]
        return Origin(_cause(command), command.traceparent, command.id, in_bulk=True)

    def _taken(self, transaction: Transaction, record: Record, words: str | None = None) -> None:
        name = self._document(record)
        transaction.answer(self._commands[name], "done", words)
        self._answered.add(name)


def _cause(command: Command) -> Cause:
    return "unskip" if command.kind == UNSKIP else "resync"
