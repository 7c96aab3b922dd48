"""One worker thread per tenant whose lease this replica holds."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from service_runtime import metrics
from service_runtime.leases import Lease, LeaseLostError, Leases, failure_name

log = logging.getLogger(__name__)

_CRASH_PAUSE_SECONDS = 5.0
_JOIN_SECONDS = 1.0
_END_SECONDS = 0.2  # how soon the end of a worker is seen while the service stops
_FAILED = "the worker failed and is started again in %g s"


class TenantWorker(Protocol):
    """Works for one tenant until told to stop."""

    def run(self, stopping: threading.Event) -> None:
        """Work until `stopping` is set. Raising LeaseLostError ends it quietly; the tenant is somebody else's now."""

    def wake(self) -> None:
        """There may be new work."""


@dataclass(slots=True)
class _Running:
    worker: TenantWorker
    lease: Lease
    stopping: threading.Event
    thread: threading.Thread


class TenantWorkers:
    """Takes leases, starts a worker for each, renews, and ends workers whose lease is gone."""

    def __init__(
        self,
        leases: Leases,
        tenant_ids: Callable[[], Iterable[str]],
        make_worker: Callable[[str, Lease], TenantWorker],
        alive: Callable[[], None],
    ) -> None:
        self._leases = leases
        self._tenant_ids = tenant_ids
        self._make_worker = make_worker
        self._alive = alive
        self._running: dict[str, _Running] = {}
        self._lock = threading.Lock()
        self._not_before: dict[str, float] = {}
        self._hurry = threading.Event()

    def wake(self, tenant_id: str) -> None:
        """New work for a tenant; the empty text wakes every worker."""
        with self._lock:
            chosen = [running.worker for name, running in self._running.items() if tenant_id in {"", name}]
        for worker in chosen:
            worker.wake()

    def run(self, stopping: threading.Event) -> None:
        """Keep leases and workers until stopped, then end the workers and release each lease as soon as its worker has ended.

        A worker that fails takes down neither the service nor other tenants: it is started again after a pause.
        """
        renewer = threading.Thread(target=self._renew, args=(stopping,), name="lease-renewal")
        renewer.start()
        try:
            while not stopping.is_set():
                self._alive()
                self._reap()
                self._start_missing(stopping)
                self._hurry.wait(min(self._leases.renewal_interval, 0.5))
                self._hurry.clear()
        finally:
            self._end_all()
            stopping.set()
            self._hurry.set()  # a worker says that it ends while its thread is still alive: the renewer may have missed the last one
            while renewer.is_alive():
                self._alive()  # a statement under way may take its whole timeout
                renewer.join(_JOIN_SECONDS)
            self._leases.release_many(list(self._leases.held()), self._alive)

    def _renew(self, stopping: threading.Event) -> None:
        """A thread of its own, so that no slow worker lets a lease run out. Goes on while workers end."""
        while not stopping.wait(self._leases.renewal_interval):
            self._renew_once()
        while self._any_alive():
            self._renew_once()
            self._hurry.wait(self._leases.renewal_interval)  # set when a worker ends
            self._hurry.clear()

    def _renew_once(self) -> None:
        try:
            self._leases.renew_all()
        except Exception:
            # Without this thread every lease of the replica would run out, over and over, and nobody would know why.
            log.exception("renewing failed unexpectedly")

    def _any_alive(self) -> bool:
        with self._lock:
            return any(running.thread.is_alive() for running in self._running.values())

    def _reap(self) -> None:
        """Tell workers of lost leases and of removed tenants to stop, and forget those that have ended."""
        self._leases.drop_unconfirmed()
        wanted = set(self._tenant_ids())
        ended = self._forget_ended()
        with self._lock:
            leaving = [
                running
                for tenant_id, running in self._running.items()
                if running.lease.lost.is_set() or tenant_id not in wanted
            ]
        for running in leaving:
            running.stopping.set()
            running.worker.wake()
        self._leases.release_many(ended, self._alive)

    def _forget_ended(self) -> list[str]:
        """Tenants whose worker's thread has ended since the last look."""
        with self._lock:
            ended = [name for name, running in self._running.items() if not running.thread.is_alive()]
            for tenant_id in ended:
                del self._running[tenant_id]
        return ended

    def _start_missing(self, stopping: threading.Event) -> None:
        wanted = list(self._tenant_ids())
        now = time.monotonic()
        with self._lock:
            missing = [
                name
                for name in wanted
                if name not in self._running and now >= self._not_before.get(name, now)
            ]
        if not missing:
            return
        try:
            taken = self._leases.taken()
        except SQLAlchemyError as error:
            log.warning("leases can not be looked at: %s", failure_name(error))
            return
        for tenant_id in missing:
            if tenant_id not in taken and not stopping.is_set():
                self._alive()
                self._take(tenant_id)

    def _take(self, tenant_id: str) -> None:
        try:
            lease = self._leases.acquire(tenant_id)
        except SQLAlchemyError as error:
            log.warning("no lease could be taken: %s", failure_name(error), extra={"tenant": tenant_id})
            return
        if lease is None:
            return
        try:
            self._start(tenant_id, lease)
        except Exception:
            log.exception(_FAILED, _CRASH_PAUSE_SECONDS, extra={"tenant": tenant_id})
            self._crashed(tenant_id)
            self._leases.release_many([tenant_id])

    def _start(self, tenant_id: str, lease: Lease) -> None:
        worker = self._make_worker(tenant_id, lease)
        stopping = threading.Event()
        thread = threading.Thread(
            target=self._guarded, args=(worker, lease, stopping), name=f"worker-{tenant_id}"
        )
        with self._lock:
            self._running[tenant_id] = _Running(worker, lease, stopping, thread)
        thread.start()

    def _guarded(self, worker: TenantWorker, lease: Lease, stopping: threading.Event) -> None:
        tenant_id = lease.tenant_id
        try:
            worker.run(stopping)
        except LeaseLostError as error:
            log.warning("%s", error, extra={"tenant": tenant_id})
        except (OperationalError, InterfaceError, PoolTimeoutError) as error:
            log.warning(
                "the worker stops, its database is away: %s", failure_name(error), extra={"tenant": tenant_id}
            )
            self._pause(tenant_id)
        except Exception:
            log.exception(_FAILED, _CRASH_PAUSE_SECONDS, extra={"tenant": tenant_id})
            self._crashed(tenant_id)
        else:
            if not (stopping.is_set() or lease.lost.is_set()):
                log.error("the worker ended by itself", extra={"tenant": tenant_id})
                self._pause(tenant_id)
        finally:
            self._hurry.set()

    def _crashed(self, tenant_id: str) -> None:
        metrics.worker_crashes.labels(tenant_id).inc()
        self._pause(tenant_id)

    def _pause(self, tenant_id: str) -> None:
        """No worker for this tenant for a while: what failed a moment ago would fail again, as fast as it can."""
        self._not_before[tenant_id] = time.monotonic() + _CRASH_PAUSE_SECONDS

    def _end_all(self) -> None:
        """Tell every worker to stop, and wait. A call under way may take its whole deadline: no other tenant waits for that."""
        with self._lock:
            running = list(self._running.values())
        for one in running:
            one.stopping.set()
            one.worker.wake()
        while running:
            self._alive()
            self._leases.release_many(self._forget_ended(), self._alive)
            with self._lock:
                running = list(self._running.values())
            if running:
                running[0].thread.join(_END_SECONDS)
