"""Commands: what a person or machine asked for, from acceptance to result."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from invoice_events.names import BadDocumentNameError, Document
from poller.adapters.autotask.errors import DownError, RequestRefusedError
from poller.adapters.autotask.queries import records_where_in
from poller.adapters.tenants import TenantRules
from poller.core.entry import Entry
from poller.core.messages import Command
from poller.core.order_eligibility import SWITCHED_OFF
from poller.core.tries import Origin
from poller.core.values import MalformedRecordError, Record
from poller.core.verdicts import Cause, Refuse, Try
from poller.work import trying
from poller.work.answering import UNSKIP, decline, refuse, started
from poller.work.connection import Connection
from poller.work.desk import Desk, P
from poller.work.discovery import called
from poller.work.holds import DIAGNOSE, HOLDING, RELEASE, SKIP, hold_or_lift, why_held
from poller.work.invoices import InvoiceDesk
from poller.work.memory import Memory
from poller.work.orders import OrderDesk
from poller.work.questions import QUESTIONS
from poller.work.store import Store

SYNC_NOW = "sync-now"
_NEVER_WAIT = frozenset({SKIP, DIAGNOSE, RELEASE, *QUESTIONS})
_PORTION = 200
_NOT_KNOWN = "{kind} is no command that this release knows: nothing was done"


class BadOptionError(ValueError):
    """A command came with an option that makes no sense."""


class Commands:
    """Serves one tenant's commands, one after another, in the order in which they came."""

    def __init__(self, store: Store, connection: Connection, memory: Memory) -> None:
        self._store = store
        self._connection = connection
        self._memory = memory
        self._interrupted: set[str] = set()
        self._serve: dict[str, Callable[[Command, TenantRules], None]] = {
            "resync": self._resync,
            UNSKIP: self._unskip,
        }

    def accept(self, obstacle: str | None) -> bool:
        """Take in what is new: everything that somebody asked for alone, and a portion of what was asked for in bulk.

        Args:
            obstacle: why it has to wait, if it has to.

        Returns:
            Whether there is more of the latter.
        """
        while self._accept(obstacle, in_bulk=False):
            pass
        return self._accept(obstacle, in_bulk=True)

    def _accept(self, obstacle: str | None, *, in_bulk: bool) -> bool:
        with self._store.transaction() as transaction:
            new = self._store.inbox.open_commands(
                transaction.connection, ("new",), in_bulk=in_bulk, limit=_PORTION
            )
            for command in new:
                if command.kind in _NEVER_WAIT:
                    transaction.answer(command, "accepted")
                elif command.kind == SYNC_NOW or command.kind in self._serve:
                    transaction.answer(command, "accepted", obstacle)
                else:
                    transaction.answer(command, "refused", _NOT_KNOWN.format(kind=command.kind))
        return len(new) == _PORTION

    def lay_holds(self) -> None:
        """Lay and lift holds, whatever stands against other work: they need no call to Autotask.

        A hold that was laid while nothing may begin has to be there before something does. An unskip and a diagnosis stay open
        until their document is read.
        """
        while True:
            with self._store.transaction() as transaction:
                wanted = self._store.inbox.open_commands(transaction.connection, ("accepted",), HOLDING)
                for command in wanted:
                    try:
                        hold_or_lift(transaction, command)
                    except BadDocumentNameError as error:
                        refuse(transaction, command, str(error))
            if not wanted:
                return

    def serve_next(self, rules: TenantRules, *, interrupted: bool = False) -> bool:
        """Serve the next command that reads a document again; holds, cycles and what was asked for in bulk are served elsewhere.

        Args:
            rules: the tenant's settings.
            interrupted: serve those that an outage has interrupted before, else only the others: they can not hold these up.

        Returns:
            Whether there was one.

        Raises:
            AutotaskError: an outage or refused credentials; the command stays open and is served later.
            LeaseLostError: the tenant is somebody else's now.
        """
        with self._store.reading() as session:
            waiting = self._store.inbox.open_commands(
                session, ("accepted", "started"), list(self._serve), in_bulk=False
            )
        command = next((each for each in waiting if (each.id in self._interrupted) == interrupted), None)
        if command is None:
            return False
        try:
            self._serve[command.kind](command, rules)
        except (BadDocumentNameError, BadOptionError, MalformedRecordError, RequestRefusedError) as error:
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
        """Read the document with everything that belongs to it, fresh, and begin a try, unless it is on hold."""
        document = Document.parse(command.document or "")
        origin = Origin(cause, command.traceparent, command.id, recreate=_recreate(command))
        with self._store.transaction() as transaction:
            entry = transaction.entry(str(document))
            if entry is not None and entry.hold != "none":
                transaction.answer(command, "refused", why_held(entry.hold))
                return
            started(transaction, command)
        if document.kind == "purchase-order" and not rules.settings["purchase_orders"]["enabled"]:
            self._decline(command, SWITCHED_OFF)
            return
        arguments = (self._connection, self._memory, rules, self._connection.web_root())
        look = self._memory.look(self._store, rules)
        if document.kind == "invoice":
            self._serve_at(InvoiceDesk(*arguments, look), document, command, origin)
        else:
            self._serve_at(OrderDesk(*arguments, look), document, command, origin)

    def _serve_at(self, desk: Desk[P], document: Document, command: Command, origin: Origin) -> None:
        found = records_where_in(self._connection, desk.entity, "id", [document.id])
        if not found:
            reason = f"Autotask has no {desk.noun} {document.id}, or does not show it to the API user"
            self._refuse(command, reason)
            return
        with self._store.reading() as session:
            entry = self._store.ledger.entry(session, str(document))
        verdict = desk.judge_request(found[0], entry, origin.cause)
        if isinstance(verdict, Try):
            self._begin(desk, command, entry, found[0], replace(origin, void=verdict.void))
        elif isinstance(verdict, Refuse):
            self._decline(command, verdict.text)
        elif entry is None:
            self._refuse(command, verdict.text)
        else:
            with self._store.transaction() as transaction:
                subject, what = desk.subject(found[0]), called(desk, found[0])
                trying.skip(transaction, entry, subject, verdict, origin, what)
                transaction.answer(command, "done", verdict.text)

    def _begin(
        self, desk: Desk[P], command: Command, entry: Entry | None, record: Record, origin: Origin
    ) -> None:
        try:
            (parts,) = desk.parts([record])
        except DownError as error:
            if desk.suspects.failed([record]) != "at_fault":
                raise
            with self._store.transaction() as transaction:
                trying.blame(transaction, entry, desk.subject(record), origin, error)
                transaction.answer(command, "done", str(error))
            return
        desk.suspects.read([record])
        with self._store.transaction() as transaction:
            desk.start(transaction, entry, parts, origin)
            transaction.answer(command, "done")

    def _decline(self, command: Command, reason: str) -> None:
        with self._store.transaction() as transaction:
            decline(transaction, command, reason)

    def _refuse(self, command: Command, reason: str) -> None:
        with self._store.transaction() as transaction:
            refuse(transaction, command, reason)


def _recreate(command: Command) -> bool:
    """Whether a person wants the document made anew, should the one in Xero be gone.

    Raises:
        BadOptionError: the option has another value than yes or no.
    """
    said = command.options.get("recreate", "false")
    if said not in {"true", "false"}:
        raise BadOptionError(f"the option recreate is {said[:20]!r}, wanted true or false")
    return said == "true"
