"""Questions: commands that change nothing. They are answered whatever stands against other work, so that people learn what does."""

from __future__ import annotations

import json
from collections.abc import Callable

from invoice_events.names import BadDocumentNameError, Document
from poller.adapters.autotask.client import SIDE
from poller.adapters.autotask.errors import AutotaskError
from poller.adapters.autotask.queries import records_where_in
from poller.adapters.tenants import TenantRules
from poller.core.eligibility import facts_of
from poller.core.explaining import Known, Situation, explain, obstacles_of
from poller.core.explaining_source import Seen
from poller.core.messages import Command
from poller.core.order_eligibility import CANCELLED, order_facts_of
from poller.core.snapshot import date_of
from poller.core.values import MalformedRecordError, Record, business_date, moment
from poller.core.xero_health import XeroHealth
from poller.work.connection import Connection
from poller.work.store import Store

EXPLAIN, TEST = "explain", "test-connection"
QUESTIONS = (EXPLAIN, TEST)

_SIDES = ("autotask", "xero", "both")
_BOTH = "both"


class Questions:
    """Answers one tenant's questions, one after another, in the order in which they came."""

    def __init__(
        self,
        store: Store,
        connection: Connection,
        rules: Callable[[], TenantRules | None],
        has_reference: Callable[[], bool],
        may_ask: Callable[[], bool],
        xero: Callable[[], XeroHealth | None],
    ) -> None:
        """
        Args:
            store: of the tenant.
            connection: to Autotask.
            rules: the tenant's settings of the moment.
            has_reference: whether Xero's accounts and tax rates have been read once.
            may_ask: whether the hourly budget allows a question now.
            xero: the connection to Xero as it was last told of.
        """  # noqa: D205, D212  # the signature needs its arguments explained, nothing else
        self._store = store
        self._connection = connection
        self._rules = rules
        self._has_reference = has_reference
        self._may_ask = may_ask
        self._xero = xero

    def answer(self) -> None:
        """Answer what is open. An outage is part of the answer and raises nothing.

        Raises:
            LeaseLostError: the tenant is somebody else's now, who will answer.
        """
        while True:
            with self._store.reading() as session:
                asked = self._store.inbox.open_commands(session, ("accepted", "started"), QUESTIONS)
            if not asked:
                return
            for command in asked:
                if command.kind == TEST:
                    self._test(command)
                else:
                    self._explain(command)

    def _explain(self, command: Command) -> None:
        try:
            document = Document.parse(command.document or "")
            seen = self._look_up(document)
        except (BadDocumentNameError, MalformedRecordError) as error:
            self._refuse(command, str(error))
            return
        with self._store.transaction() as transaction:
            session = transaction.connection
            entry = transaction.entry(str(document))
            hold = entry.hold if entry is not None else "none"
            known = Known(entry, self._store.inbox.held_by(session, str(document), hold))
            marks = self._store.bookmarks.read(session)
            rules = self._rules()
            situation = Situation(
                settings=None if rules is None else rules.settings,
                paused=rules is not None and rules.paused,
                has_reference=self._has_reference(),
                circuit=self._connection.shown,
                activated_at=marks.activated_at if marks else None,
                orders_from=marks.orders_from if marks else None,
                xero=self._xero(),
            )
            found = explain(document, seen, known, situation, transaction.now)
            in_the_way = [each.words for each in obstacles_of(situation)]
            transaction.answer(command, "done", " ".join(in_the_way) or None, found.as_json())

    def _look_up(self, document: Document) -> Seen | None:
        """The document as Autotask shows it now, None if Autotask can not or may not be asked.

        Raises:
            MalformedRecordError: Autotask's record makes no sense.
        """
        if self._connection.blocked() or not self._may_ask():
            return None
        entity = "Invoices" if document.kind == "invoice" else "PurchaseOrders"
        try:
            found = records_where_in(self._connection, entity, "id", [document.id])
            if found:
                return _invoice(found[0]) if document.kind == "invoice" else _order(found[0])
            newer = {"op": "gt", "field": "id", "value": document.id}
            return Seen(found=False, newer_exist=bool(self._connection.page(entity, [newer], ["id"]).items))
        except AutotaskError:
            return None  # the connection has taken note, and its state is part of the answer

    def _test(self, command: Command) -> None:
        """Ask Autotask once. `started` is stored before: whatever ends this process, refused credentials are tried once."""
        side = command.options.get("side", _BOTH)
        if side not in _SIDES:
            self._refuse(command, f"the option side is {side[:20]!r}, wanted one of {', '.join(_SIDES)}")
            return
        if side not in {SIDE, _BOTH}:
            with self._store.transaction() as transaction:
                self._store.inbox.set_state(transaction.connection, [command], "done")  # others answer
            return
        if command.state == "started":
            self._refuse(command, "the test was interrupted before its outcome was known: ask again")
            return
        with self._store.transaction() as transaction:
            transaction.answer(command, "started")
        try:
            self._connection.test()
        except AutotaskError as error:
            works, words = False, str(error)
        else:
            works, words = True, "Autotask answers and accepts the credentials."
        answer = {"side": SIDE, "works": works, "state": self._connection.circuit.state, "words": words}
        with self._store.transaction() as transaction:
            reason = None if works else words
            transaction.answer(command, "done", reason, json.dumps(answer, ensure_ascii=False))

    def _refuse(self, command: Command, reason: str) -> None:
        with self._store.transaction() as transaction:
            transaction.answer(command, "refused", reason)


def _invoice(record: Record) -> Seen:
    facts = facts_of(record)
    return Seen(
        found=True,
        stamped_at=facts.stamped_at,
        voided=facts.voided,
        paid=facts.paid,
        dated=date_of(record),
        paid_on=business_date(record, "paidDate"),
        made_at=facts.created_at,
    )


def _order(record: Record) -> Seen:
    facts = order_facts_of(record)
    return Seen(
        found=True,
        voided=facts.status == CANCELLED,
        made_at=facts.ordered_at,
        created_at=moment(record, "createDateTime"),
        status=facts.status,
    )
