"""One tenant's worker: unknown outcomes first, then what waits, in batches, up to four calls at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from service_runtime import metrics
from service_runtime.leases import LeaseLostError
from service_runtime.tenants import XeroCredentials
from xero_writer.adapters import journal, work
from xero_writer.adapters.answers import BadQueryError, DownError, RefusedError, ThrottledError
from xero_writer.core.batches import MAX_DOCUMENTS, ready_batches, seconds_until_due
from xero_writer.worker import upkeep
from xero_writer.worker.contacts import CYCLE, refresh_contacts
from xero_writer.worker.creates import candidates, commit_create
from xero_writer.worker.existing import reconcile
from xero_writer.worker.health_events import HealthEvents
from xero_writer.worker.sending import send_first, xero_answers
from xero_writer.worker.session import Session, log
from xero_writer.worker.unknowns import recheck, step_of, take_step

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
    ) -> None:
        self._session = session
        self._credentials = credentials
        self._used_credentials = credentials()
        self._health = health
        self._woken = woken
        self._running: dict[str, Future[None]] = {}
        self._stopping = threading.Event()
        self._bound = False

    def wake(self) -> None:
        """There may be new work."""
        self._woken.set()

    def run(self, stopping: threading.Event) -> None:
        """Work until told to stop; calls under way are finished, no other is begun.

        Raises:
            LeaseLostError: the lease is gone.
            DBAPIError: the database failed; a new worker will go on from what is committed.
        """
        self._stopping = stopping
        self._take_over()
        with ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix=f"xero-{self._session.tenant_id}") as pool:
            while not stopping.is_set() and not self._session.lease.lost.is_set():
                self._woken.clear()
                pause = self._turn(pool)
                self._woken.wait(min(pause, _LOOK_SECONDS))
        self._reap()
        if self._session.lease.lost.is_set():
            raise LeaseLostError(f"the lease of {self._session.tenant_id} was lost")

    def _take_over(self) -> None:
        """Whoever worked before us may have sent what he committed: all of it is unknown from now on."""
        with self._session.transaction() as tx:
            for intent in journal.unresolved(tx.connection, self._session.tenant_id):
                if intent.state == "open" and intent.purpose != "take_back":
                    journal.mark_unknown(
                        tx.connection,
                        intent.id,
                        "crash",
                        "the process that sent it ended before the answer",
                        may_resend=True,
                    )

    def _turn(self, pool: ThreadPoolExecutor) -> float:
        """Look at everything once. Returns the seconds until the next look, if nothing wakes the worker before."""
        self._reap()
        try:
            pause = self._work(pool)
        except ThrottledError as error:
            self._session.circuit.throttled(error.wait, str(error))
            pause = error.wait
        except RefusedError as error:
            self._session.circuit.refused(str(error))
            pause = _LOOK_SECONDS
        except DownError as error:
            self._session.circuit.down(str(error))
            pause = self._session.circuit.seconds_to_probe() or _LOOK_SECONDS
        self._health.publish(self._session)
        return pause

    def _work(self, pool: ThreadPoolExecutor) -> float:
        if not self._is_connected():
            return self._session.circuit.seconds_to_probe() or _LOOK_SECONDS
        wait = self._session.client.limits.wait()
        if wait > 0:
            return wait
        self._keep_up()
        pauses = [self._unknowns(pool)]
        if self._session.is_active():
            pauses.append(self._waiting(pool))
        return min(pauses)

    def _is_connected(self) -> bool:
        """Whether calls may be made; probes an open circuit when it is time, tries changed credentials once."""
        circuit = self._session.circuit
        if circuit.state == "refused" and self._credentials() != self._used_credentials:
            self._session.lease.lost.set()  # start again with the new credentials
            return False
        if circuit.probe_due():
            if circuit.state == "throttled":
                circuit.connected()
            else:
                xero_answers(self._session)
        return circuit.is_closed()

    def _keep_up(self) -> None:
        if not self._bound:
            credentials = self._used_credentials
            if credentials is None:
                raise RefusedError("the tenants file has no xero credentials for this tenant")
            upkeep.bind_organisation(self._session, credentials)
            self._bound = True
        upkeep.refresh_reference(self._session)
        upkeep.list_documents_once(self._session)

    def _unknowns(self, pool: ThreadPoolExecutor) -> float:
        """Take every step that is due about unknown outcomes and rechecks. Returns the seconds to the next."""
        with self._session.engine.connect() as connection:
            now = journal.database_now(connection)
            unresolved = [
                intent
                for intent in journal.unresolved(connection, self._session.tenant_id)
                if intent.id not in self._running
            ]
            rechecks = journal.due_rechecks(connection, self._session.tenant_id)
        metrics.intents_unknown.labels(self._session.tenant_id).set(
            sum(intent.state == "unknown" for intent in unresolved)
        )
        pause = _LOOK_SECONDS
        for intent in unresolved:
            if intent.state == "open" and intent.purpose != "take_back":
                continue  # committed by us, about to be sent
            step = step_of(self._session, intent)
            due_in = (step.due - now).total_seconds()
            if due_in > 0:
                pause = min(pause, due_in)
            elif self._free_slots():
                self._submit(pool, intent.id, partial(take_step, self._session, intent, step))
        for due in rechecks:
            if self._free_slots() and due.intent_id not in self._running:
                self._submit(pool, due.intent_id, partial(recheck, self._session, due))
        return pause

    def _waiting(self, pool: ThreadPoolExecutor) -> float:
        """Start what waits: documents known to be in Xero one by one, new ones in batches."""
        if not self._free_slots():
            return _LOOK_SECONDS
        with self._session.engine.connect() as connection:
            rows = work.waiting(connection, self._session.tenant_id, _WINDOW)
        rows = [one for one in rows if one.document not in self._running]
        if not rows:
            return _LOOK_SECONDS
        refresh_contacts(self._session, CYCLE)
        new = [one for one in rows if one.xero_id is None and not one.check_number]
        for one in rows:
            if one not in new and self._free_slots():
                self._submit(pool, one.document, partial(reconcile, self._session, one, self._stopping))
        ready = candidates(self._session, new)
        for batch in ready_batches(ready):
            if not self._free_slots() or self._session.client.limits.wait() > 0:
                break
            committed = commit_create(self._session, batch)
            if committed is not None:
                self._submit(
                    pool,
                    committed.intent.id,
                    partial(send_first, self._session, committed, self._stopping),
                )
        return seconds_until_due(ready) or _LOOK_SECONDS

    def _free_slots(self) -> int:
        return 0 if self._stopping.is_set() else _CALLS_AT_ONCE - len(self._running)

    def _submit(self, pool: ThreadPoolExecutor, name: str, job: Callable[[], None]) -> None:
        future = pool.submit(job)
        self._running[name] = future
        future.add_done_callback(lambda _: self._woken.set())

    def _reap(self) -> None:
        """Take the results of finished jobs. A provider's failure opens the circuit; anything else ends the worker."""
        for name, future in list(self._running.items()):
            if not future.done() and not self._stopping.is_set():
                continue
            del self._running[name]
            try:
                future.result()
            except ThrottledError as error:
                self._session.circuit.throttled(error.wait, str(error))
            except RefusedError as error:
                self._session.circuit.refused(str(error))
            except DownError as error:
                self._session.circuit.down(str(error))
            except BadQueryError as error:
                log.error("%s", error, extra=self._session.context())  # Xero's words say it all
