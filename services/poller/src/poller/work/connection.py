"""A tenant's connection to Autotask: every call goes through here, and the circuit and the budget learn from it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from invoice_events.catalogue import fault
from invoice_events.types import Budget
from poller.adapters.autotask.client import SIDE, Filter, Page
from poller.adapters.autotask.errors import (
    AutotaskError,
    DownError,
    RefusedError,
    RequestRefusedError,
    ThrottledError,
)
from poller.core import circuit as transitions
from poller.core.budget import Usage
from poller.core.circuit import Circuit
from poller.work.refused import KeptRefusals, parts_of
from service_runtime import metrics
from service_runtime.tenants import AutotaskCredentials

log = logging.getLogger(__name__)

T = TypeVar("T")

_NEEDED = "Invoices"  # what nothing goes on without

_MEASURE_EVERY_CALLS = 200
_MEASURE_AGAIN = timedelta(seconds=60)
_REPORT_AGAIN = timedelta(seconds=60)


class Autotask(Protocol):
    """What a worker asks of Autotask. Every method raises AutotaskError."""

    def page(self, entity: str, filters: Sequence[Filter], fields: Sequence[str] | None = None) -> Page:
        """The first page of a query."""

    def picklist(self, entity: str, field: str) -> Mapping[int, str]:
        """Labels of a picklist field by value."""

    def stamp(self, invoice_id: int, at: datetime) -> None:
        """Write an invoice's Web Service Date."""

    def usage(self) -> Usage:
        """Requests of the rolling hour."""

    def web_root(self) -> str:
        """Root of Autotask's own pages."""

    def forget_zone(self) -> None:
        """Look up anew, with the next call, where the database lives."""


class Connection:
    """Calls Autotask and keeps what the calls tell: the circuit's state and the use of the hourly budget."""

    def __init__(
        self,
        tenant_id: str,
        autotask: Autotask,
        credentials: Callable[[], AutotaskCredentials | None],
        now: Callable[[], datetime],
        refusals: KeptRefusals,
    ) -> None:
        """`now`: a clock that waits can go by, see `steady_clock`; `refusals`: what is remembered of refused credentials."""
        self._tenant_id = tenant_id
        self._autotask = autotask
        self._credentials = credentials
        self._now = now
        self._refusals = refusals
        self._refused_with: AutotaskCredentials | None = None
        self._recalled = False
        self._kept = False
        self._measured: Usage | None = None
        self._measured_at: datetime | None = None
        self._calls_since = 0
        self._reported: tuple[Circuit, datetime] | None = None
        self._asked = False
        self._unreadable: Circuit | None = None
        self.circuit = Circuit("connected", "Autotask answers", now())

    @property
    def shown(self) -> Circuit:
        """What is told of the connection: the circuit, or, while that is closed, that Autotask refuses to list invoices."""
        return self._unreadable if self._unreadable and self.circuit.state == "connected" else self.circuit

    @property
    def usage(self) -> Usage | None:
        """Use of the hourly budget: the last reading and our own calls since. None before the first."""
        if self._measured is None:
            return None
        return Usage(self._measured.used + self._calls_since, self._measured.limit)

    def recall(self) -> None:
        """Before the first call: credentials that another worker was refused with are not tried again; others get their try."""
        if self._recalled:
            return
        present = self._credentials()
        if present is None:
            return
        before = self._refusals.recall()
        self._recalled, self._kept = True, before is not None
        if before is not None and before.are(parts_of(present)):
            self._refused_with = present
            self._asked = True  # so that it is told: whoever was refused may have had no time to
            self._change(transitions.refused(self.circuit, before.words, self._now()))

    def blocked(self) -> bool:
        """Whether Autotask may not be asked now. New credentials in the tenants file allow one try."""
        if self.circuit.state == "refused" and self._credentials() not in {None, self._refused_with}:
            self._change(transitions.reopened(self.circuit, self._now()))
        return self._credentials() is None or self.circuit.blocked(self._now())

    def seconds_to_probe(self) -> float | None:
        """Seconds until a connection that is down or throttled is probed, None if it will not be, or answers."""
        retry_at = self.circuit.retry_at
        return None if retry_at is None else (retry_at - self._now()).total_seconds()

    def test(self) -> None:
        """Ask Autotask once, whatever the circuit says, as if for the first time: its zone is looked up again.

        If it answers, the circuit is closed.

        Raises:
            AutotaskError: it does not; the circuit says so.
        """
        self._autotask.forget_zone()
        self.measure()

    def answers(self) -> bool:
        """Ask Autotask once, after a call that has failed, and tell whether it answers. If it does, the circuit is closed."""
        try:
            self.measure()
        except AutotaskError:
            return False  # the circuit says why
        return True

    def measure_if_due(self) -> None:
        """Read the use of the budget, unless that was done less than a minute ago. Raises AutotaskError."""
        if self._measured_at is None or self._now() - self._measured_at >= _MEASURE_AGAIN:
            self.measure()

    def measure(self) -> None:
        """Read the use of the budget. Raises AutotaskError."""
        self._measured_at = self._now()
        self._calls_since += 1  # counts too, should it bring no new reading
        try:
            self._measured, self._calls_since = self._watched(self._autotask.usage), 0
        except RequestRefusedError as error:
            # without the reading, Autotask's own refusals are the limit
            self._measured, self._calls_since = None, 0
            log.warning(
                "the use of the hourly budget can not be read: %s", error, extra={"tenant": self._tenant_id}
            )
            return
        metrics.budget_left.labels(SIDE, self._tenant_id, "hour").set(self._measured.left)

    def page(self, entity: str, filters: Sequence[Filter], fields: Sequence[str] | None = None) -> Page:
        """The first page of a query. Raises AutotaskError."""
        try:
            found = self._counted(lambda: self._autotask.page(entity, filters, fields))
        except RequestRefusedError as error:
            if entity == _NEEDED:
                remedy = fault(error.code).remedy if error.code else ""
                words = f"Autotask refuses to list invoices: {error} {remedy}".rstrip()
                self._show_unreadable(transitions.unreadable(self._unreadable, words, self._now()))
            raise
        if entity == _NEEDED:
            self._show_unreadable(None)
        return found

    def picklist(self, entity: str, field: str) -> Mapping[int, str]:
        """Labels of a picklist field by value. Raises AutotaskError."""
        return self._counted(lambda: self._autotask.picklist(entity, field))

    def stamp(self, invoice_id: int, at: datetime) -> None:
        """Write an invoice's Web Service Date. Raises AutotaskError."""
        self._counted(lambda: self._autotask.stamp(invoice_id, at))

    def web_root(self) -> str:
        """Root of Autotask's own pages. Raises AutotaskError.

        It is known for hours without a call, so that to be told it says nothing about the connection; not to be told it does.
        """
        return self._watched(self._autotask.web_root, proves=False)

    def report_due(self) -> bool:
        """Whether the state of the connection is to be published: after a change, else after a minute with calls."""
        if not self._asked:
            return False
        if self._reported is None or self._reported[0] != self.shown:
            return True
        return self.heartbeat_due()

    def heartbeat_due(self) -> bool:
        """Whether the last report is a minute old, whatever happened since."""
        return self._reported is not None and self._now() - self._reported[1] >= _REPORT_AGAIN

    def state_unreported(self) -> bool:
        """Whether the published state is another than the present one; the first good answer is no news."""
        if self._reported is None:
            return self.shown.state != "connected"
        return self._reported[0].state != self.shown.state

    def reported(self) -> None:
        """The state was published."""
        self._reported = (self.shown, self._now())
        self._asked = False

    def budgets(self) -> list[Budget]:
        """The budget as `connection.health` carries it."""
        usage = self.usage
        return [] if usage is None else [{"name": "hour", "used": usage.used, "limit": usage.limit}]

    def _counted(self, call: Callable[[], T]) -> T:
        if self._calls_since >= _MEASURE_EVERY_CALLS:
            self.measure()
        else:
            self.measure_if_due()  # others may have used much since
        self._calls_since += 1
        return self._watched(call)

    def _watched(self, call: Callable[[], T], *, proves: bool = True) -> T:
        """Make a call. `proves`: whether it is one in any case and carries the credentials, so that success shows that both work."""
        used = self._credentials()
        try:
            answer = call()
        except AutotaskError as error:
            self._asked = True
            self._failed(error, used, signs_in=proves)
            raise
        if proves:
            self._asked = True
            self._answered(signs_in=True)
        return answer

    def _failed(self, error: AutotaskError, used: AutotaskCredentials | None, *, signs_in: bool) -> None:
        """A call brought no answer, or one that refuses. `used`: the credentials of the moment."""
        if isinstance(error, ThrottledError):
            self._change(
                transitions.failed(self.circuit, "throttled", str(error), self._now(), error.retry_after)
            )
        elif isinstance(error, DownError):
            self._change(transitions.failed(self.circuit, "down", str(error), self._now(), None))
        elif isinstance(error, RefusedError):
            self._refused_with = used
            self._change(transitions.refused(self.circuit, str(error), self._now()))
            if used is not None:
                self._kept = True
                self._refusals.remember(used, str(error))
        else:
            self._answered(signs_in=signs_in)

    def _answered(self, *, signs_in: bool) -> None:
        self._change(transitions.succeeded(self.circuit, self._now()))
        if self._kept and signs_in:
            self._refusals.forget()
            self._kept = False

    def _change(self, circuit: Circuit) -> None:
        if circuit.state != self.circuit.state:
            level = logging.INFO if circuit.state == "connected" else logging.WARNING
            log.log(
                level,
                "connection to Autotask: %s (%s)",
                circuit.state,
                circuit.detail,
                extra={"tenant": self._tenant_id},
            )
        self.circuit = circuit
        self._show_state()

    def _show_unreadable(self, unreadable: Circuit | None) -> None:
        self._unreadable = unreadable
        self._show_state()

    def _show_state(self) -> None:
        metrics.circuit_open.labels(SIDE, self._tenant_id).set(int(self.shown.state != "connected"))

    def hide_figures(self) -> None:
        """The tenant is worked for elsewhere now: what was shown here would stand still."""
        metrics.circuit_open.remove(SIDE, self._tenant_id)
        metrics.budget_left.remove(SIDE, self._tenant_id, "hour")
