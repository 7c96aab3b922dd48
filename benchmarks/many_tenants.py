"""Memory under the heaviest load of everyday: month end of all tenants of a replica at once, after the writer was away.

Every tenant's whole backlog waits when the writer comes back, and each of its invoices is of a customer of its own, so that
contacts are as many as invoices; contacts are brought up to date and due dates go by their terms. Meanwhile people look at pages.
What a process has held of memory at most counts, under this load or that of any benchmark before it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

from benchmarks.backlog import LINES, Wanted
from benchmarks.figures import Benchmark, Measured, Session
from benchmarks.live import Live, running, until_stamped
from benchmarks.memory import LINES as FIGURES
from benchmarks.memory import figures
from local_stack.errors import StackError

_LOAD = "many tenants"
_TENANTS = 9
_INVOICES = 1_000
_SETTINGS = {"update_xero_contacts": True, "due_date_from_xero_contact": True}
_PATIENCE_SECONDS = 900.0
_QUIET_SECONDS = 3.0
_LOOK_SECONDS = 2.0
_DOCUMENTS_OPENED = 20


def _measure(session: Session) -> Sequence[Measured]:
    count = session.scaled(_INVOICES, at_least=20)
    tenants = [f"tenant-{number}" for number in range(1, _TENANTS + 1)]
    wanted = [
        Wanted(tenant=tenant, loaded=count, paused=True, settings=_SETTINGS, one_each=True)
        for tenant in tenants
    ]
    with running(session, _LOAD, wanted) as live:
        live.calls["xero"].await_quiet(_QUIET_SECONDS)
        writer = live.stack.supervisor.process("xero-writer")
        writer.pause()
        for tenant in tenants:
            live.put_state(tenant, "active")
        session.say(f"{_LOAD}: {_TENANTS} tenants with {count} invoices of {LINES} lines, the writer is away")
        _until_found(live, tenants, count)
        writer.resume()
        with _people_looking(live, tenants):
            until_stamped(session, live, _LOAD, count * _TENANTS, _PATIENCE_SECONDS)
            _until_contacts_updated(live, tenants, count)
    return figures(session.peaks)


def _until_found(live: Live, tenants: Sequence[str], count: int) -> None:
    """Wait until status-api shows every invoice: then all of them are on their way to the writer."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    for tenant in tenants:
        while sum(live.status.overview(tenant)["counts"].values()) < count:
            live.stack.check()
            if time.monotonic() > deadline:
                raise StackError(f"the invoices of {tenant} were not found within {_PATIENCE_SECONDS:g} s")
            time.sleep(_LOOK_SECONDS)


def _until_contacts_updated(live: Live, tenants: Sequence[str], count: int) -> None:
    """Wait until the work that comes last is done too."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    for tenant in tenants:
        while int(live.control["xero"].books(tenant)["counters"]["contacts_updated"]) < count:
            live.stack.check()
            if time.monotonic() > deadline:
                raise StackError(f"the contacts of {tenant} were not brought up to date")
            time.sleep(_LOOK_SECONDS)


@contextmanager
def _people_looking(live: Live, tenants: Sequence[str]) -> Iterator[None]:
    """As long as the block lasts, all pages of one tenant after another are read, and some of its invoices opened."""
    stopping = Event()
    failures: list[Exception] = []

    def look() -> None:
        status = live.status  # a connection of its own
        try:
            while not stopping.is_set():
                for tenant in tenants:
                    status.overview(tenant)
                    for place, shown in enumerate(status.invoices(tenant)):
                        if place < _DOCUMENTS_OPENED:
                            status.get(f"tenants/{tenant}/invoices/{shown['id']}/timeline")
                    if stopping.wait(_LOOK_SECONDS):
                        return
        except Exception as error:  # noqa: BLE001  # told by the thread that waits for the load
            failures.append(error)

    thread = Thread(target=look, name="people")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
    if failures:
        raise StackError(f"a page could not be read: {failures[0]}") from failures[0]


MEMORY = Benchmark(name="memory", lines=FIGURES, measure=_measure)
