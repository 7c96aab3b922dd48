"""The worker of one tenant: a loop that settles outcomes, serves commands, stamps, and looks for invoices."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from invoice_events import names
from invoice_events.identity import new_traceparent
from invoice_events.types import LogLevel
from poller.adapters.autotask.errors import AutotaskError, RequestRefusedError
from poller.adapters.autotask.slow_names import SlowNames, Source
from poller.adapters.tenants import TenantRules, Tenants
from poller.core import messages
from poller.core.budget import Allowance, allowance
from poller.core.look import LONGEST_FLIGHT
from poller.core.messages import LogLine
from poller.core.values import MalformedRecordError
from poller.work.attentive import Attentive
from poller.work.bulk import BulkCommands
from poller.work.commands import Commands
from poller.work.connection import Connection
from poller.work.cycle import ClearedStamps, run_cycle
from poller.work.diagnosing import Diagnoses
from poller.work.figures import Figures
from poller.work.memory import Memory
from poller.work.order_pass import OrderPass
from poller.work.outcomes import settle_outcomes
from poller.work.progress import Progress
from poller.work.questions import Questions
from poller.work.stamps import stamp_some
from poller.work.store import Store
from poller.work.suspects import Suspects
from service_runtime.beats import Beats

log = logging.getLogger(__name__)

_STAMPS_BETWEEN = 10  # between two requests of a cycle: stamps get through while a long backlog is read
_STAMPS_AT_ONCE = 50
_STAMPS_BETWEEN_COMMANDS = 2  # each resync makes one more at most, and a person waits for the next
_CLEARED_EVERY_SECONDS = 3600.0
_FORGET_EVERY_SECONDS = 3600.0
_LONGEST_WAIT_SECONDS = 30.0
_SHORTEST_WAIT_SECONDS = 0.02
_DEFAULT_SHARE = 0.5


class CycleEndedError(Exception):
    """A cycle stops early, though nothing is wrong with Autotask: the service stops, or the tenant was paused."""


@dataclass(frozen=True, slots=True)
class WorkerParts:
    """What a worker works with."""

    store: Store
    connection: Connection
    tenants: Tenants
    poll_interval: float
    longest_flight: timedelta = LONGEST_FLIGHT
    beats: Beats = field(default_factory=Beats)


class PollerWorker:
    """Works for one tenant as long as the lease is held. One thread, one request at a time."""

    def __init__(self, parts: WorkerParts) -> None:
        self._store = parts.store
        self._connection = parts.connection
        self._tenants = parts.tenants
        self._poll_interval = parts.poll_interval
        self._tenant_id = parts.store.tenant_id
        answers = parts.connection.answers
        self._memory = Memory(
            SlowNames(time.monotonic), Suspects(answers), Suspects(answers), parts.longest_flight
        )
        self._commands = Commands(self._store, self._connection, self._memory)
        self._bulk = BulkCommands(self._store, self._memory)
        self._diagnoses = Diagnoses(
            self._store, self._connection, self._memory, self._rules, lambda: self._allowance() != "nothing"
        )
        self._questions = Questions(
            self._store,
            self._connection,
            self._rules,
            lambda: self._tenants.has_reference(self._tenant_id),
            lambda: self._allowance() != "nothing",
            lambda: self._tenants.xero_health(self._tenant_id),
        )
        self._figures = Figures(self._store, self._connection)
        self._progress = Progress(parts.poll_interval)
        self._beats = parts.beats
        self._cleared = ClearedStamps(self._store, self._memory)
        self._orders = OrderPass(self._store, self._memory, time.monotonic)
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._next_cycle = 0.0
        self._next_cleared = 0.0
        self._next_forgetting = 0.0

    def wake(self) -> None:
        """There may be new work, or it is time to stop."""
        self._woken.set()

    def run(self, stopping: threading.Event) -> None:
        """Work until told to stop.

        Raises:
            LeaseLostError: the tenant is somebody else's now.
        """
        self._stopping = stopping
        try:
            while not self._ends():
                self._woken.clear()
                self.turn()
                self._woken.wait(self._idle_seconds())
        finally:
            self._connection.hide_figures()
            self._figures.hide()
            self._beats.ended(self._tenant_id)

    def turn(self) -> None:
        """Do everything that can be done now."""
        self._beats.beat(self._tenant_id)
        self._connection.recall()
        self._take_in()
        self._answer()
        self._report()
        if not self._connection.blocked():
            try:
                self._work()
            except AutotaskError as error:
                log.info("Autotask: %s", error, extra={"tenant": self._tenant_id})
            except CycleEndedError as reason:
                log.info("%s", reason, extra={"tenant": self._tenant_id})
            self._report()
        if self._connection.blocked() or self._obstacle() is not None or self._allowance() != "everything":
            self._progress.begin_anew()
        self._show_figures()
        self._forget_old_commands()

    def _take_in(self) -> None:
        """What has come from Kafka, as far as it needs no call to Autotask."""
        settle_outcomes(self._store)
        if self._commands.accept(self._obstacle()):
            self._woken.set()
        self._commands.lay_holds()

    def _answer(self) -> None:
        """What moves nothing, whatever stands against other work. Of many diagnoses one at a time: each takes several calls."""
        self._questions.answer()
        self._beats.beat(self._tenant_id)
        if self._diagnoses.begin():
            self._woken.set()

    def _work(self) -> None:
        """Everything that needs Autotask: commands, then stamps, then a cycle."""
        runnable = self._obstacle() is None
        if not runnable and self._seconds_to_next_stamp() != 0:
            return
        if self._connection.usage is None or self._allowance() != "everything":
            self._connection.measure_if_due()
        if self._allowance() == "nothing":
            return
        self._serve_commands()
        while self._stamp(_STAMPS_AT_ONCE) == _STAMPS_AT_ONCE:
            self._attend()
        if runnable:
            self._cycle_if_due()
            self._serve_in_bulk()
            self._serve_commands(interrupted=True)

    def _cycle_if_due(self) -> None:
        asked = self._commands.cycle_wanted()
        if not asked and time.monotonic() < self._next_cycle:
            return
        self._connection.measure_if_due()
        rules, allowed = self._rules(), self._allowance()
        if rules is None or allowed == "nothing" or (allowed == "interactive" and not asked):
            return
        began = time.monotonic()
        commands = self._commands.cycle_begins()
        source = Attentive(self._connection, lambda: self._attend_in_cycle(interactive=asked))
        try:
            counts = run_cycle(self._store, source, self._memory, rules, self._connection.web_root())
        except (RequestRefusedError, MalformedRecordError) as error:
            self._cycle_failed(error)
            self._look_for_orders(source, rules)
            self._commands.cycle_refused(commands, str(error))
        else:
            orders = self._look_for_orders(source, rules)
            counts.update({f"orders_{name}": count for name, count in orders.items() if count})
            self._commands.cycle_ended(commands, counts)
            self._progress.begin_anew()
            self._look_for_cleared_stamps(source, rules)
        self._next_cycle = began + self._poll_interval

    def _serve_in_bulk(self) -> None:
        """A portion of what was asked for in bulk; what is left comes in the next turn, so that cycles come in between.

        The next turn comes at once, unless what could not be read is to be given time.
        """
        rules = self._rules()
        if rules is None or self._allowance() != "everything" or not self._bulk.waiting():
            return
        source = Attentive(self._connection, lambda: self._attend_in_cycle(interactive=False))
        at_once = self._bulk.serve_portion(source, rules, self._connection.web_root())
        if at_once and self._bulk.waiting():
            self._woken.set()

    def _look_for_orders(self, source: Source, rules: TenantRules) -> Counter[str]:
        """After the invoices, whatever became of them. What Autotask refuses here is told and spoils nothing else."""
        try:
            return self._orders.run(source, rules, self._connection.web_root())
        except (RequestRefusedError, MalformedRecordError) as error:
            self._cycle_failed(error)
            return Counter()

    def _look_for_cleared_stamps(self, source: Source, rules: TenantRules) -> None:
        """Hourly, and not while only interactive work is allowed."""
        if time.monotonic() < self._next_cleared or self._allowance() != "everything":
            return
        try:
            self._cleared.look(source, rules, self._connection.web_root())
        except (RequestRefusedError, MalformedRecordError) as error:
            self._cycle_failed(error)
        self._next_cleared = time.monotonic() + _CLEARED_EVERY_SECONDS

    def _cycle_failed(self, error: Exception) -> None:
        """Autotask refused a query, or gave a record that makes no sense: told, and asked again in the next cycle."""
        with self._store.transaction() as transaction:
            transaction.tell(
                LogLine(f"Autotask could not be read: {error}", "a query was refused by Autotask", "error")
            )

    def _attend(self) -> None:
        """Between two requests: end if it is time to, and see to what has come meanwhile."""
        if self._take_note():
            self._serve_commands()

    def _take_note(self) -> bool:
        """End if it is time to; take in what has come, and answer questions. Returns whether there may be commands to serve."""
        self._beats.beat(self._tenant_id)
        if self._ends():
            raise CycleEndedError("the work ends here, the worker stops")
        if not self._woken.is_set():
            return False
        self._woken.clear()
        self._take_in()
        self._answer()
        if self._connection.blocked():
            raise CycleEndedError("the work ends here, the connection to Autotask has opened")
        return True

    def _attend_in_cycle(self, *, interactive: bool) -> None:
        """Between two requests of a cycle: also stamp some, and stop where the cycle may not go on."""
        self._attend()
        if (
            self._connection.heartbeat_due()
        ):  # a change is told at the end of the turn: one good answer proves little
            self._report()
        self._show_figures()
        obstacle = self._obstacle()
        if obstacle is not None:
            raise CycleEndedError(f"the cycle ends here: {obstacle}")
        allowed = self._allowance()
        if allowed == "nothing" or (allowed == "interactive" and not interactive):
            raise CycleEndedError("the cycle ends here, Autotask's hourly budget is needed by others")
        self._stamp(_STAMPS_BETWEEN)

    def _serve_commands(self, *, interrupted: bool = False) -> None:
        """Serve commands one after another as long as nothing stands against it. However many there are, other work goes on in between."""
        while self._serve_one(interrupted=interrupted):
            self._take_note()
            if self._connection.heartbeat_due():
                self._report()
            self._stamp(_STAMPS_BETWEEN_COMMANDS, self._check_before_stamp)
            if interrupted:
                self._woken.set()  # others may have come meanwhile, which are not served here

    def _serve_one(self, *, interrupted: bool = False) -> bool:
        """Serve the next command, unless something stands against it; many together can use up the hour's budget."""
        rules = self._rules()
        if rules is None or self._obstacle() is not None or self._ends() or self._allowance() == "nothing":
            return False
        return self._commands.serve_next(rules, interrupted=interrupted)

    def _stamp(self, limit: int, before: Callable[[], None] | None = None) -> int:
        """Stamps finish what was begun: they go on in a paused tenant. `before` each: by default commands are served too."""
        interactive_only = self._allowance() != "everything"
        return stamp_some(
            self._store,
            self._connection,
            limit,
            interactive_only=interactive_only,
            before=before or self._attend_to_stamp,
        )

    def _attend_to_stamp(self) -> None:
        """Before each stamp: see to what has come. Of many commands one is served at a time, so that stamps go on too."""
        if self._take_note() and self._serve_one():
            self._woken.set()  # there may be more of them
        self._check_budget_of_stamp()

    def _check_before_stamp(self) -> None:
        """The same between commands, which are served by whoever stamps here."""
        self._take_note()
        self._check_budget_of_stamp()

    def _check_budget_of_stamp(self) -> None:
        """What is left of the budget may have been used up by the stamps before this one, or by others."""
        if self._allowance() == "nothing":
            raise CycleEndedError("no stamp is set now, Autotask's hourly budget is needed by others")

    def _rules(self) -> TenantRules | None:
        return self._tenants.rules(self._tenant_id)

    def _obstacle(self) -> str | None:
        """Why nothing new may begin, None if it may."""
        rules = self._rules()
        if rules is None:
            return "the tenant's settings are not there yet"
        if rules.paused:
            return "tenant is paused"
        if not self._tenants.has_reference(self._tenant_id):
            return "Xero's accounts and tax rates are not there yet"
        return None

    def _allowance(self) -> Allowance:
        rules = self._rules()
        share = _DEFAULT_SHARE if rules is None else rules.settings["autotask_budget_share"]
        return allowance(self._connection.usage, share)

    def _ends(self) -> bool:
        return self._stopping.is_set() or self._store.lease.lost.is_set()

    def _show_figures(self) -> None:
        self._figures.show(self._rules(), self._progress.overdue, self._tenants.xero_health(self._tenant_id))

    def _report(self) -> None:
        """Publish the connection's state: on change, else at most once a minute."""
        if not self._connection.report_due():
            return
        circuit, changed = self._connection.shown, self._connection.state_unreported()
        with self._store.transaction() as transaction:
            event = messages.health(self._tenant_id, circuit, self._connection.budgets(), transaction.now)
            transaction.publish(names.HEALTH, event, new_traceparent())
            if changed:
                level: LogLevel = "info" if circuit.state == "connected" else "error"
                said = f"connection to Autotask: {circuit.state}"
                transaction.tell(
                    LogLine(f"Connection to Autotask: {circuit.state}. {circuit.detail}", said, level)
                )
        self._connection.reported()

    def _forget_old_commands(self) -> None:
        if time.monotonic() < self._next_forgetting:
            return
        with self._store.transaction() as transaction:
            self._store.inbox.forget_old_commands(transaction.connection)
        self._next_forgetting = time.monotonic() + _FORGET_EVERY_SECONDS

    def _seconds_to_next_stamp(self) -> float | None:
        with self._store.reading() as session:
            return self._store.ledger.seconds_to_next_stamp(session)

    def _idle_seconds(self) -> float:
        """How long nothing is to be done unless somebody wakes the worker."""
        waits = [_LONGEST_WAIT_SECONDS]
        if self._connection.blocked():
            probe = self._connection.seconds_to_probe()
            waits += [] if probe is None else [probe]
        elif self._allowance() == "everything":
            stamp = self._seconds_to_next_stamp()
            waits += [] if stamp is None else [stamp]
            if self._obstacle() is None:
                waits.append(self._next_cycle - time.monotonic())
        return max(_SHORTEST_WAIT_SECONDS, min(waits))
