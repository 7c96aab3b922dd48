"""Commands: what a person or machine asked for, from acceptance to result."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from invoice_events import names
from invoice_events.identity import next_revision
from invoice_events.names import BadDocumentNameError, Document
from invoice_events.types import Hold
from poller.adapters.autotask.errors import DownError, RequestRefusedError
from poller.adapters.autotask.queries import records_where_in
from poller.adapters.autotask.reading import InvoiceReader
from poller.adapters.tenants import TenantRules
from poller.core import messages
from poller.core.eligibility import Cause, Skip, facts_of, judge_request
from poller.core.entry import Entry
from poller.core.messages import Command, LogLine
from poller.core.tries import Origin
from poller.core.values import MalformedRecordError, Record
from poller.work import trying
from poller.work.connection import Connection
from poller.work.cycle import Memory
from poller.work.store import Store, Transaction

SYNC_NOW = "sync-now"
_SKIP, _UNSKIP = "skip", "unskip"
_NOT_YET = "not available yet"


class Commands:
    """Serves one tenant's commands, one after another, in the order in which they came."""

    def __init__(self, store: Store, connection: Connection, memory: Memory) -> None:
        self._store = store
        self._connection = connection
        self._memory = memory
        self._interrupted: set[str] = set()
        self._serve: dict[str, Callable[[Command, TenantRules], None]] = {
            "resync": self._resync,
            _UNSKIP: self._unskip,
        }

    def accept(self, obstacle: str | None) -> None:
        """Take in what is new. `obstacle`: why it has to wait, if it has to."""
        more = True
        while more:
            with self._store.transaction() as transaction:
                new = self._store.inbox.open_commands(transaction.connection, ("new",))
                for command in new:
                    if command.kind == _SKIP:
                        transaction.answer(command, "accepted")
                    elif command.kind == SYNC_NOW or command.kind in self._serve:
                        transaction.answer(command, "accepted", obstacle)
                    else:
                        transaction.answer(command, "refused", _NOT_YET)
                more = bool(new)

    def lay_holds(self) -> None:
        """Lay and lift holds, whatever stands against other work: they need no call to Autotask.

        A hold that was laid while nothing may begin has to be there before something does. An unskip stays open until its
        document is read again.
        """
        while True:
            with self._store.transaction() as transaction:
                wanted = self._store.inbox.open_commands(
                    transaction.connection, ("accepted",), [_SKIP, _UNSKIP]
                )
                for command in wanted:
                    try:
                        _hold_or_lift(transaction, command)
                    except BadDocumentNameError as error:
                        _refuse(transaction, command, str(error))
            if not wanted:
                return

    def serve_next(self, rules: TenantRules, *, interrupted: bool = False) -> bool:
        """Serve the next command that reads an invoice again; holds and cycles are served elsewhere. Returns whether there was one.

        Args:
            rules: the tenant's settings.
            interrupted: serve those that an outage has interrupted before, else only the others: they can not hold these up.

        Raises:
            AutotaskError: an outage or refused credentials; the command stays open and is served later.
            LeaseLostError: the tenant is somebody else's now.
        """
        with self._store.reading() as session:
            waiting = self._store.inbox.open_commands(session, ("accepted", "started"), list(self._serve))
        command = next((each for each in waiting if (each.id in self._interrupted) == interrupted), None)
        if command is None:
            return False
        try:
            self._serve[command.kind](command, rules)
        except (BadDocumentNameError, MalformedRecordError, RequestRefusedError) as error:
            self._refuse(command, str(error))
        except DownError:
            self._interrupted.add(command.id)
            raise
        self._interrupted.discard(command.id)
        return True

    def cycle_wanted(self) -> bool:
        """Whether somebody asked for a cycle at once."""
        with self._store.reading() as session:
            return bool(self._store.inbox.open_commands(session, ("accepted", "started"), [SYNC_NOW]))

    def cycle_begins(self) -> list[Command]:
        """The sync-now commands that the cycle which begins now serves, all of them with one cycle."""
        with self._store.transaction() as transaction:
            wanted = self._store.inbox.open_commands(
                transaction.connection, ("accepted", "started"), [SYNC_NOW]
            )
            for command in wanted:
                if command.state == "accepted":
                    transaction.answer(command, "started")
        return wanted

    def cycle_ended(self, commands: list[Command], counts: Counter[str]) -> None:
        """The cycle that these commands asked for is over."""
        if commands:
            with self._store.transaction() as transaction:
                for command in commands:
                    transaction.answer(command, "done", answer=json.dumps(dict(counts)))

    def cycle_refused(self, commands: list[Command], reason: str) -> None:
        """Autotask refused what the cycle asked for: repeating it at once is of no use."""
        for command in commands:
            self._refuse(command, reason)

    def _resync(self, command: Command, rules: TenantRules) -> None:
        self._read_again(command, "resync", rules)

    def _unskip(self, command: Command, rules: TenantRules) -> None:
        """The hold was lifted when the command was taken in; a new one may have been laid since."""
        self._read_again(command, "unskip", rules)

    def _read_again(self, command: Command, cause: Cause, rules: TenantRules) -> None:
        """Read the invoice with everything that belongs to it, fresh, and begin a try, unless it is on hold."""
        document = _invoice(command)
        with self._store.transaction() as transaction:
            entry = transaction.entry(str(document))
            if entry is not None and entry.hold != "none":
                transaction.answer(
                    command, "refused", f"the document is on hold ({entry.hold}): lift the hold first"
                )
                return
            _started(transaction, command)
        found = records_where_in(self._connection, "Invoices", "id", [document.id])
        if not found:
            reason = f"Autotask has no invoice {document.id}, or does not show it to the API user"
            self._refuse(command, reason)
            return
        with self._store.reading() as session:
            entry = self._store.ledger.entry(session, str(document))
        verdict = judge_request(facts_of(found[0]), entry, cause)
        origin = Origin(cause, command.traceparent, command.id)
        if not isinstance(verdict, Skip):
            self._begin(command, entry, found[0], origin, rules)
        elif entry is None:
            self._refuse(command, verdict.text)
        else:
            with self._store.transaction() as transaction:
                trying.skip(transaction, entry, found[0], verdict, origin)
                transaction.answer(command, "done", verdict.text)

    def _begin(
        self, command: Command, entry: Entry | None, invoice: Record, origin: Origin, rules: TenantRules
    ) -> None:
        try:
            (parts,) = InvoiceReader(self._connection, self._memory.slow).parts([invoice])
        except DownError as error:
            if not self._memory.suspects.failed([invoice]):
                raise
            with self._store.transaction() as transaction:
                trying.blame(transaction, entry, invoice, origin, error)
                transaction.answer(command, "done", str(error))
            return
        self._memory.suspects.read([invoice])
        web_root = self._connection.web_root()
        with self._store.transaction() as transaction:
            trying.start(transaction, entry, parts, origin, rules, web_root)
            transaction.answer(command, "done")

    def _refuse(self, command: Command, reason: str) -> None:
        with self._store.transaction() as transaction:
            _refuse(transaction, command, reason)


def _invoice(command: Command) -> Document:
    """The invoice that a command is about.

    Raises:
        BadDocumentNameError: it names none.
    """
    document = Document.parse(command.document or "")
    if document.kind != "invoice":
        raise BadDocumentNameError(f"{document}: {_NOT_YET} for {document.kind} documents")
    return document


def _started(transaction: Transaction, command: Command) -> None:
    if command.state != "started":
        transaction.answer(command, "started")


def _refuse(transaction: Transaction, command: Command, reason: str) -> None:
    transaction.answer(command, "refused", reason)
    transaction.tell(
        LogLine(f"Command {command.kind} refused: {reason}", f"command {command.kind} refused", "warning")
    )


def _hold_or_lift(transaction: Transaction, command: Command) -> None:
    """Do what a skip or an unskip says to the hold.

    Raises:
        BadDocumentNameError: the command names no invoice.
    """
    document = _invoice(command)
    entry = transaction.entry(str(document))
    if command.kind == _UNSKIP:
        _started(transaction, command)
        _lift(transaction, document, entry, command)
    elif entry is None:
        transaction.answer(command, "refused", "the document is not known here yet")
    else:
        _started(transaction, command)
        if entry.hold != "skip":
            transaction.save(_hold(transaction, entry, "skip", command))
        transaction.answer(command, "done")


def _lift(transaction: Transaction, document: Document, entry: Entry | None, command: Command) -> None:
    """Lift a hold, even one that the ledger does not know (any more): others may have kept what we have lost."""
    if entry is not None:
        transaction.save(_hold(transaction, entry, "none", command))
        return
    unknown = Entry(str(document), document.id, "skipped", revision=0, traceparent=command.traceparent)
    _hold(transaction, unknown, "none", command)


def _hold(transaction: Transaction, entry: Entry, hold: Hold, command: Command) -> Entry:
    """Say that a hold was laid or lifted. Returns the entry as it is to be stored.

    The version grows even if the memory of earlier holds was lost, as revisions do: older ones than known change nothing elsewhere.
    """
    held = replace(entry, hold=hold, hold_version=next_revision(entry.hold_version, transaction.now))
    event = messages.held(transaction.tenant_id, held, command, transaction.now)
    transaction.publish(names.HELD, event, entry.traceparent)
    said = "lifted by" if hold == "none" else f"({hold}) laid over it by"
    transaction.tell(LogLine(f"Hold {said} {command.actor}", f"hold: {hold}", entry=held))
    return held
