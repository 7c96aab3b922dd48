"""The suite on an embedded stack, with everything a benchmark looks at it with."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from benchmarks.backlog import Backlog, Wanted, make_backlog
from benchmarks.call_log import Call, CallReader, is_stamp
from benchmarks.figures import Session
from benchmarks.memory import note_peaks
from local_stack.control import SimulatorControl
from local_stack.errors import StackError
from local_stack.folders import make_folder, remove_folder
from local_stack.options import SIMULATORS, StackOptions
from local_stack.services import SERVICES
from local_stack.stack import Stack
from local_stack.status_client import StatusClient

_TIMEOUT_SECONDS = 30.0
_LOOK_SECONDS = 0.5
_QUIET_SECONDS = 2.0


@dataclass(slots=True)
class Live:
    """A running stack.

    Attributes:
        autotask, xero: control of the simulators that run.
        calls: by side, the simulator's record of calls, read forward.
    """

    stack: Stack
    backlog: Backlog
    control: Mapping[str, SimulatorControl]
    calls: Mapping[str, CallReader]

    @property
    def status(self) -> StatusClient:
        """A client of status-api."""
        return StatusClient(self.stack.status_api_url, self.stack.status_api_token)

    def put_state(self, tenant: str, state: str) -> None:
        """Activate or pause a tenant, as a person does."""
        url = f"{self.stack.status_api_url}/api/v1/tenants/{tenant}/state"
        headers = {"Authorization": f"Bearer {self.stack.status_api_token}"}
        current = requests.get(url, headers=headers, timeout=_TIMEOUT_SECONDS)
        current.raise_for_status()
        headers["If-Match"] = current.headers["ETag"]
        requests.put(url, headers=headers, json={"state": state}, timeout=_TIMEOUT_SECONDS).raise_for_status()

    def let_in(self, tenant: str, count: int = 1) -> list[int]:
        """Let invoices that were held back appear in Autotask. Returns their ids."""
        return self.backlog.held_back[tenant].let_in(self.stack.simulator_url("autotask"), count)

    def documents_in_xero(self, tenant: str) -> int:
        """How many invoices the Xero simulator holds."""
        books: dict[str, Any] = self.control["xero"].books(tenant)
        return len(books["invoices"])


@contextmanager
def running(
    session: Session,
    load: str,
    wanted: Sequence[Wanted],
    *,
    services: Sequence[str] = tuple(SERVICES),
    simulators: Sequence[str] = SIMULATORS,
    partitions: int | None = None,
) -> Iterator[Live]:
    """Start a stack for these tenants; at the end the memory of its processes is noted under the name of the load.

    Raises:
        StackError: it does not come up.
    """
    folder: Path = make_folder("invoice-sync-bench")
    try:
        backlog = make_backlog(folder, wanted)
        options = StackOptions(
            services=services,
            simulators=simulators,
            autotask_load=[backlog.autotask],
            xero_load=[backlog.xero],
            tenants=backlog.tenants,
            partitions=partitions,
            say=lambda text: session.say(f"{load}: {text}"),
        )
        with Stack(options) as stack:
            control = {side: SimulatorControl(stack.simulator_url(side)) for side in simulators}
            yield Live(stack, backlog, control, {side: CallReader(each) for side, each in control.items()})
            stack.check()
            note_peaks(session, load, stack)
    finally:
        remove_folder(folder)


def until_stamped(session: Session, live: Live, load: str, count: int, patience_seconds: float) -> list[Call]:
    """Every Autotask call until so many stamps are written and nothing more comes.

    Raises:
        StackError: they were not written in time, or a process ended.
    """
    calls: list[Call] = []
    deadline = time.monotonic() + patience_seconds
    stamped = told = 0
    while stamped < count:
        live.stack.check()
        if time.monotonic() > deadline:
            raise StackError(f"{stamped} of {count} invoices stamped within {patience_seconds:g} s")
        if stamped - told >= count / 4:
            told = stamped
            session.say(f"{load}: {stamped} of {count} stamped")
        time.sleep(_LOOK_SECONDS)
        new = live.calls["autotask"].new()
        stamped += sum(is_stamp(call) for call in new)
        calls += new
    time.sleep(_QUIET_SECONDS)
    return calls + live.calls["autotask"].new()
