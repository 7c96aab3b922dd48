"""The calls of one worker that are under way: a few at a time, each with a name, none twice at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from service_runtime import metrics
from service_runtime.leases import LeaseLostError
from xero_writer.adapters.answers import DownError, PostponedError, RefusedError, ThrottledError, XeroError
from xero_writer.worker.backoff import Backoff
from xero_writer.worker.probe import note_failure, xero_answers
from xero_writer.worker.session import Session, log

ENDS_THE_WORKER = (LeaseLostError, OperationalError, InterfaceError, PoolTimeoutError)
"""Without lease or database nothing can be recorded; another worker goes on from what is committed."""


class Jobs:
    """Runs jobs on a pool. A job that fails waits before it is started again; it never takes others down."""

    def __init__(self, session: Session, pool: ThreadPoolExecutor, at_once: int) -> None:
        self._session = session
        self._pool = pool
        self._at_once = at_once
        self._backoff = Backoff(session.timing)
        self._running: dict[str, Future[None]] = {}

    def free(self) -> int:
        """How many more may be started now."""
        return self._at_once - len(self._running)

    def is_running(self, name: str) -> bool:
        """Whether a job of this name was started and its result not taken yet."""
        return name in self._running

    def pause_of(self, name: str) -> float:
        """Seconds for which a job of this name has to wait because it failed; 0 = none."""
        return self._backoff.left(name)

    def start(self, name: str, job: Callable[[], None]) -> bool:
        """Start a job. False: it is running, waits after a failure, or there is no room."""
        if self.is_running(name) or self.free() <= 0 or self.pause_of(name) > 0:
            return False
        future = self._pool.submit(self._watched, job)
        self._running[name] = future
        future.add_done_callback(lambda _: self._session.wake())
        return True

    def _watched(self, job: Callable[[], None]) -> None:
        """Run a job. No answer while Xero answers others is the job's own trouble, not an outage."""
        try:
            job()
        except DownError as error:
            if xero_answers(self._session):
                raise PostponedError(str(error)) from error

    def reap(self) -> None:
        """Take the results of finished jobs.

        Raises:
            LeaseLostError, OperationalError, InterfaceError, TimeoutError: the worker has to end.
        """
        for name, future in list(self._running.items()):
            if future.done():
                del self._running[name]
                self._take(name, future.exception())

    def _take(self, name: str, error: BaseException | None) -> None:
        if error is None:
            self._backoff.succeeded(name)
        elif isinstance(error, ENDS_THE_WORKER):
            raise error
        elif isinstance(error, ThrottledError | RefusedError):
            note_failure(self._session, error)
        else:
            pause = self._backoff.failed(name)
            context = self._session.context()
            if isinstance(error, XeroError):
                log.warning("%s, again in %.0f s", error, pause, extra=context)
            else:
                metrics.worker_crashes.labels(self._session.tenant_id).inc()
                log.error("a job failed unexpectedly, again in %.0f s", pause, exc_info=error, extra=context)
