"""One tenant's worker: unknown outcomes first, then what waits, in batches, up to four calls at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

from service_runtime.beats import Beats
from service_runtime.leases import LeaseLostError
from service_runtime.tenants import XeroCredentials
from xero_writer.adapters import intents, journal, work
from xero_writer.adapters.answers import (
    BadQueryError,
    DownError,
    PostponedError,
    RefusedError,
    ThrottledError,
)
from xero_writer.adapters.intents import Intent
from xero_writer.adapters.work import PRIORITIES, Waiting
from xero_writer.core.batches import MAX_DOCUMENTS, MAX_WAIT_SECONDS, ready_batches, seconds_until_due
from xero_writer.core.lanes import Lane
from xero_writer.worker import upkeep
from xero_writer.worker.backoff import Backoff
from xero_writer.worker.connection_tests import answer_tests
from xero_writer.worker.contact_refreshes import seconds_to_refresh, send_refreshes
from xero_writer.worker.contact_writes import make_contacts
from xero_writer.worker.contacts import CYCLE, SOON, refresh_contacts
from xero_writer.worker.creates import candidates, commit_create
from xero_writer.worker.diagnosing import begin_diagnoses
from xero_writer.worker.earlier import has_to_be_looked_for, look_for_earlier, waits_for_the_last_look
from xero_writer.worker.existing import reconcile
from xero_writer.worker.health_events import HealthEvents
from xero_writer.worker.jobs import Jobs
from xero_writer.worker.probe import note_failure, xero_answers
from xero_writer.worker.pruning import Pruning
from xero_writer.worker.rechecks import recheck
from xero_writer.worker.refused import recall
from xero_writer.worker.sending import send_first
from xero_writer.worker.session import Session, log
from xero_writer.worker.unknown_figures import hide_unknown, show_unknown
from xero_writer.worker.unknowns import adopt, job_name, step_of, take_step
from xero_writer.worker.voids import void

_CALLS_AT_ONCE = 4  # Xero allows five; one is left for reads
_LOOK_SECONDS = 5.0  # longest time without a look at the clock: probes, rechecks, reference data
_WINDOW = MAX_DOCUMENTS * _CALLS_AT_ONCE * 2


class Worker:
    """Works for one tenant while its lease lasts."""

    def __init__(
        self,
        session: Session,
        credentials: Callable[[], XeroCredentials | None],
        health: HealthEvents,
        woken: threading.Event,
        beats: Beats | None = None,
    ) -> None:
        """`beats`: told at each turn, and between the pages of a list, that the worker goes on."""
        self._session = session
        self._credentials = credentials
        session.credentials = credentials()
        self._health = health
        self._woken = woken
        self._beats = beats or Beats()
        self._upkeep, self._pruning = Backoff(session.timing), Pruning()
        self._stopping = threading.Event()
        self._ending = (
            threading.Event()
        )  # also set when the worker fails: nobody may go on waiting for a limit
        self._bound = self._recalled = False

    def wake(self) -> None:
        """There may be new work."""
        self._woken.set()

    def run(self, stopping: threading.Event) -> None:
        """Work until told to stop; calls under way are finished, no other is begun.

        Raises:
            LeaseLostError: the lease is gone, or the credentials have changed: a new worker begins with what is now.
            OperationalError, InterfaceError, TimeoutError: the database failed; a new worker goes on from what is committed.
        """
        self._stopping = stopping
        self._session.client.rest, self._session.is_ending = self._rest, self._is_ending
        lost = self._session.lease.lost
        with ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix=f"xero-{self._session.tenant_id}") as pool:
            jobs = Jobs(self._session, pool, _CALLS_AT_ONCE)
            try:
                while not stopping.is_set() and not lost.is_set():
                    self._woken.clear()
                    pause = self._turn(jobs)
                    self._woken.wait(min(pause, _LOOK_SECONDS))
            finally:
                self._ending.set()
                self._beats.ended(self._session.tenant_id)
                hide_unknown(self._session.tenant_id)
                self._session.circuit.ended()
        jobs.reap()
        if lost.is_set():
            raise LeaseLostError(f"the lease of {self._session.tenant_id} was lost")

    def _rest(self, seconds: float) -> bool:
        """Between two pages of a list. Returns whether the worker ends: stopping is set at a lost lease too."""
        self._beats.beat(self._session.tenant_id)
        self._stopping.wait(seconds)
        return self._is_ending()

    def _is_ending(self) -> bool:
        return self._stopping.is_set() or self._ending.is_set()

    def _turn(self, jobs: Jobs) -> float:
        """Look at everything once. Returns the seconds until the next look, if nothing wakes the worker before."""
        self._beats.beat(self._session.tenant_id)
        jobs.reap()
        if not self._recalled:
            recall(self._session)
            self._recalled = True
        try:
            if self._credentials() == self._session.credentials:  # else the new worker answers
                answer_tests(self._session, self._session.credentials)
            was_bound = self._bound
            begin_diagnoses(self._session, jobs, may_read=self._may_read())
            pause = self._work(jobs)
            if not was_bound:  # at a worker's start Xero may be asked from here on
                begin_diagnoses(self._session, jobs, may_read=self._may_read())
        except (ThrottledError, RefusedError) as error:
            note_failure(self._session, error)
            pause = self._session.circuit.seconds_to_probe() or _LOOK_SECONDS
        self._health.publish(self._session)
        self._pruning.step(self._session)
        return pause

    def _may_read(self) -> bool:
        """Whether a question may be put to Xero now: the organisation is known to be ours, and there is an answer to expect."""
        limits = self._session.client.limits
        return self._bound and self._session.circuit.is_closed() and limits.wait() <= 0

    def _work(self, jobs: Jobs) -> float:
        with self._session.engine.connect() as connection:
            unresolved = intents.unresolved(connection, self._session.tenant_id)
        self._adopt_orphans(jobs, unresolved)
        if not self._is_connected():
            return self._session.circuit.seconds_to_probe() or _LOOK_SECONDS
        wait = self._session.client.limits.wait()
        if wait > 0:
            return wait
        if not self._is_prepared():
            return _LOOK_SECONDS
        pauses = [self._unknowns(jobs, unresolved)]
        if self._session.is_active():
            pauses.append(self._waiting(jobs))
        return min(pauses)

    def _adopt_orphans(self, jobs: Jobs, unresolved: list[Intent]) -> None:
        """Take on intents that nobody is sending: of a worker that ended, or of a job that failed before it could record."""
        for intent in unresolved:
            if _is_being_sent(intent) and not any(
                jobs.is_running(name) for name in (intent.id, intent.elements[0].item.document)
            ):
                adopt(self._session, intent)

    def _is_connected(self) -> bool:
        """Whether calls may be made; probes an open circuit when it is time.

        Raises:
            LeaseLostError: the credentials have changed; they get their try in a new worker.
        """
        if self._credentials() != self._session.credentials:
            raise LeaseLostError(f"the credentials of {self._session.tenant_id} have changed: starting again")
        circuit = self._session.circuit
        if circuit.probe_due():
            xero_answers(self._session)
        return circuit.is_closed()

    def _is_prepared(self) -> bool:
        """Whether documents may be looked at: the organisation is ours, and what it holds of us is known."""
        if not self._kept_up("organisation", self._bind):
            return False
        self._kept_up("reference data", partial(upkeep.refresh_reference, self._session))
        return self._kept_up("list of documents", partial(upkeep.list_documents_once, self._session))

    def _bind(self) -> None:
        if self._bound:
            return
        if self._session.credentials is None:
            raise RefusedError("the tenants file has no xero credentials for this tenant")
        upkeep.bind_organisation(self._session, self._session.credentials)
        self._bound = True

    def _kept_up(self, what: str, step: Callable[[], None]) -> bool:
        """Do a step of upkeep. False: it failed now or a moment ago; what does not need it goes on."""
        if self._upkeep.left(what) > 0 or not self._session.circuit.is_closed():
            return False
        try:
            step()
        except (DownError, BadQueryError) as error:
            if isinstance(error, BadQueryError) or xero_answers(self._session):
                pause = self._upkeep.failed(what)
                log.error("%s: %s, again in %.0f s", what, error, pause, extra=self._session.context())
            return False
        except PostponedError as error:
            log.info("%s: %s", what, error, extra=self._session.context())
            return False
        self._upkeep.succeeded(what)
        return True

    def _unknowns(self, jobs: Jobs, unresolved: list[Intent]) -> float:
        """Take every step that is due about unknown outcomes and rechecks. Returns the seconds to the next."""
        with self._session.engine.connect() as connection:
            now = journal.database_now(connection)
            rechecks = journal.due_rechecks(connection, self._session.tenant_id)
        show_unknown(self._session.tenant_id, unresolved, now)
        pause = _LOOK_SECONDS
        for intent in unresolved:
            if _is_being_sent(intent):
                continue
            step = step_of(self._session, intent, now)
            due_in = max((step.due - now).total_seconds(), jobs.pause_of(job_name(intent)))
            if due_in > 0:
                pause = min(pause, due_in)
            elif not self._stopping.is_set():
                jobs.start(job_name(intent), partial(take_step, self._session, intent, step))
        for due in rechecks:
            if not self._stopping.is_set():
                jobs.start(f"recheck {due.intent_id}", partial(recheck, self._session, due))
        return pause

    def _waiting(self, jobs: Jobs) -> float:
        """Start what waits in the first lane that holds something: what comes later waits until that is done."""
        if jobs.free() <= 0 or self._stopping.is_set():
            return _LOOK_SECONDS
        for lane in Lane:
            rows = self._runnable(jobs, lane)
            if rows:
                return self._start(jobs, lane, rows)
        return self._refresh(jobs)

    def _runnable(self, jobs: Jobs, lane: Lane) -> list[Waiting]:
        """What waits in a lane and is neither under way, nor resting after a failure, nor in doubt because of an earlier number."""
        quiet = self._session.is_quiet()
        with self._session.engine.connect() as connection:
            rows = work.waiting(connection, self._session.tenant_id, lane, _WINDOW, backfill=not quiet)
        return [
            one
            for one in rows
            if not jobs.is_running(one.item.document)
            and jobs.pause_of(one.item.document) <= 0
            and not waits_for_the_last_look(self._session, one)
        ]

    def _start(self, jobs: Jobs, lane: Lane, rows: list[Waiting]) -> float:
        """Start rows of one lane: those known to be in Xero, or to be voided, one by one; new ones in batches."""
        if lane.is_of_orders and not upkeep.orders_are_listed(self._session):
            if self._kept_up("list of purchase orders", partial(upkeep.list_orders_once, self._session)):
                self.wake()  # the rows were read before the list: some may be in Xero already
            return _LOOK_SECONDS
        if lane.voids:
            for one in rows:
                jobs.start(one.item.document, partial(void, self._session, one, self._ending))
            return _LOOK_SECONDS
        asked_for = rows[0].item.priority == PRIORITIES["interactive"]
        if not self._contacts_read(SOON if asked_for else CYCLE):
            return _LOOK_SECONDS
        known: list[Waiting] = []
        new: list[Waiting] = []
        for one in rows:
            first_read = _is_known(one) or has_to_be_looked_for(self._session, one)
            (known if first_read else new).append(one)
        share = max(1, jobs.free() - 1) if known and new else jobs.free()
        if known and rows[0] is known[0]:  # whoever is first in the order has the first call
            self._reconcile(jobs, known[:share])
            return self._create(jobs, new, jobs.free())
        pause = self._create(jobs, new, share)
        self._reconcile(jobs, known)
        return pause

    def _contacts_read(self, not_older_than: timedelta) -> bool:
        return self._kept_up("contacts", partial(refresh_contacts, self._session, not_older_than))

    def _reconcile(self, jobs: Jobs, known: list[Waiting]) -> None:
        for one in known:
            if _is_known(one):
                jobs.start(one.item.document, partial(reconcile, self._session, one, self._ending))
            else:
                jobs.start(one.item.document, partial(look_for_earlier, self._session, one))

    def _create(self, jobs: Jobs, new: list[Waiting], room: int) -> float:
        """Start the batches that are ready, as far as there is room. Returns the seconds until the next is."""
        found = candidates(self._session, new, self._contacts_read, max(1, min(room, jobs.free())))
        pause = self._make_contacts(jobs, found.without_contact)
        for batch in ready_batches(found.ready)[: min(room, jobs.free())]:
            if self._stopping.is_set() or self._session.client.limits.wait() > 0:
                break
            committed = commit_create(self._session, batch)
            if committed is not None:
                jobs.start(committed.intent.id, partial(send_first, self._session, committed, self._ending))
        return min(pause, seconds_until_due(found.ready) or _LOOK_SECONDS)

    def _make_contacts(self, jobs: Jobs, waiting: list[Waiting]) -> float:
        """Make the contacts that documents wait for, many at a time. Returns the seconds until there may be more to do."""
        if not waiting:
            return _LOOK_SECONDS
        due_in = MAX_WAIT_SECONDS - max(one.waited for one in waiting)
        if len(waiting) < MAX_DOCUMENTS and due_in > 0:
            return due_in
        jobs.start("missing contacts", partial(make_contacts, self._session, waiting))
        return jobs.pause_of("missing contacts") or _LOOK_SECONDS

    def _refresh(self, jobs: Jobs) -> float:
        """Nothing waits to be written: bring contacts up to date, outside quiet hours."""
        due_in = None if self._session.is_quiet() else seconds_to_refresh(self._session)
        if due_in is None:
            return _LOOK_SECONDS
        if due_in > 0:
            return due_in
        jobs.start("contact refreshes", partial(send_refreshes, self._session))
        return jobs.pause_of("contact refreshes") or _LOOK_SECONDS


def _is_known(one: Waiting) -> bool:
    """Whether the document is in Xero, or its number is: then it is read before anything is written."""
    return one.xero_id is not None or one.check_number


def _is_being_sent(intent: Intent) -> bool:
    """Whether a fresh intent is with the job that committed it. Take-backs are sent by whoever finds them."""
    return intent.state == "open" and intent.purpose != "take_back"
