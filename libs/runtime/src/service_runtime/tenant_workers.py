"""One worker thread per tenant whose lease this replica holds."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.exc import DBAPIError

from service_runtime import metrics
from service_runtime.leases import Lease, LeaseLostError, Leases

log = logging.getLogger(__name__)

_CRASH_PAUSE_SECONDS = 5.0


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
        self._crashed_at: dict[str, float] = {}
        self._hurry = threading.Event()

    def wake(self, tenant_id: str) -> None:
        """New work for a tenant; the empty text wakes every worker."""
        with self._lock:
            chosen = [running.worker for name, running in self._running.items() if tenant_id in {"", name}]
        for worker in chosen:
            worker.wake()

    def run(self, stopping: threading.Event) -> None:
        """Keep leases and workers until stopped, then end the workers and release the leases.

        A worker that fails takes down neither the service nor other tenants: it is started again after a pause.
        """
        renewer = threading.Thread(target=self._renew, args=(stopping,), name="lease-renewal")
        renewer.start()
        try:
            while not stopping.is_set():
                self._alive()
                self._reap()
                self._start_missing()
                self._hurry.wait(min(self._leases.renewal_interval, 0.5))
                self._hurry.clear()
        finally:
            self._end_all()
            stopping.set()
            renewer.join()
            self._leases.release_many(list(self._leases.held()))

    def _renew(self, stopping: threading.Event) -> None:
        """A thread of its own, so that no slow worker lets a lease run out. Goes on while workers end."""
        while not stopping.wait(self._leases.renewal_interval):
            self._leases.renew_all()
        while self._any_alive():
            self._leases.renew_all()
            threading.Event().wait(self._leases.renewal_interval)

    def _any_alive(self) -> bool:
        with self._lock:
            return any(running.thread.is_alive() for running in self._running.values())

    def _reap(self) -> None:
        """Tell workers of lost leases and of removed tenants to stop, and forget those that have ended."""
        wanted = set(self._tenant_ids())
        with self._lock:
            for tenant_id, running in list(self._running.items()):
                if running.lease.lost.is_set() or tenant_id not in wanted:
                    running.stopping.set()
                    running.worker.wake()
                if not running.thread.is_alive():
                    del self._running[tenant_id]
                    self._leases.release_many([tenant_id])

    def _start_missing(self) -> None:
        for tenant_id in self._tenant_ids():
            with self._lock:
                if tenant_id in self._running:
                    continue
            if time.monotonic() - self._crashed_at.get(tenant_id, float("-inf")) < _CRASH_PAUSE_SECONDS:
                continue
            try:
                lease = self._leases.acquire(tenant_id)
            except DBAPIError as error:
                log.warning(
                    "no lease could be taken: %s", type(error.orig).__name__, extra={"tenant": tenant_id}
                )
                return
            if lease is not None:
                self._start(tenant_id, lease)

    def _start(self, tenant_id: str, lease: Lease) -> None:
        worker = self._make_worker(tenant_id, lease)
        stopping = threading.Event()
        thread = threading.Thread(
            target=self._guarded, args=(tenant_id, worker, stopping), name=f"worker-{tenant_id}"
        )
        with self._lock:
            self._running[tenant_id] = _Running(worker, lease, stopping, thread)
        thread.start()

    def _guarded(self, tenant_id: str, worker: TenantWorker, stopping: threading.Event) -> None:
        try:
            worker.run(stopping)
        except LeaseLostError as error:
            log.warning("%s", error, extra={"tenant": tenant_id})
        except DBAPIError as error:
            log.warning(
                "the worker stops, its database failed: %s",
                type(error.orig).__name__,
                extra={"tenant": tenant_id},
            )
        except Exception:
            log.exception(
                "the worker failed and is started again in %g s",
                _CRASH_PAUSE_SECONDS,
                extra={"tenant": tenant_id},
            )
            metrics.worker_crashes.labels(tenant_id).inc()
            self._crashed_at[tenant_id] = time.monotonic()
        finally:
            self._hurry.set()

    def _end_all(self) -> None:
        with self._lock:
            running = list(self._running.values())
        for one in running:
            one.stopping.set()
            one.worker.wake()
        for one in running:
            one.thread.join()
