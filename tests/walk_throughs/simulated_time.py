"""Hours that pass in a minute: the clocks of poller, xero-writer, PostgreSQL and both simulators move together, step by step.

The services run unchanged and with the spans of production. Their clocks are put ahead from outside (`shifted_clock`), the
database's by libfaketime, the simulators' by their control call. Time only goes on when every tenant's lease was renewed in
both services since the step before, so a busy machine makes the simulated hours longer and changes nothing else.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, create_engine, text

from local_stack.control import SimulatorControl
from local_stack.postgres import EmbeddedPostgres
from local_stack.stack import Stack
from tests.support.waiting import wait_until

LEASE_SECONDS = 120
STEP_SECONDS = 20
"""All clocks jump by so much: more than the 15 s between two renewals of a lease, a third of what a call may take."""
_SETTLED_SECONDS = 0.1
"""True time between two steps at least: calls to a provider that answers take a fraction of it."""
_CLOCK = struct.Struct("d")
_SHIFTED = Path(__file__).parent / "shifted_clock"
_SCHEMAS = {"poller": "poller", "xero-writer": "xero_writer"}
_FRESH = text(
    "SELECT count(*) FROM lease WHERE expires_at - clock_timestamp() > make_interval(secs => :seconds)"
)


class ClockFile:
    """How far ahead of the true time the services' clocks are."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "clock"
        self._path.write_bytes(_CLOCK.pack(0.0))

    @property
    def environment(self) -> dict[str, str]:
        """What a process has to be told to go by it."""
        return {"PYTHONPATH": str(_SHIFTED), "SHIFTED_CLOCK": str(self._path)}

    @property
    def wall_only(self) -> dict[str, str]:
        """The same for a host whose time of day is set while its steady clock counts on."""
        return {**self.environment, "SHIFTED_CLOCK_IS": "wall"}

    def put_ahead(self, seconds: float) -> None:
        """The processes see it at once: the file is mapped into their memory."""
        with self._path.open("r+b") as file:
            file.write(_CLOCK.pack(seconds))


@dataclass
class SimulatedTime:
    """The clocks of a stack, moved together.

    Attributes:
        file: of the services' clocks.
        database: PostgreSQL under a false clock.
        simulators: their clocks move too: keys and tokens end, limits are renewed.
        leases: an engine for each service that has leases.
        tenants: how many leases each of these services holds.
        ahead: seconds that have passed beyond the true ones.
    """

    file: ClockFile
    database: EmbeddedPostgres
    simulators: Sequence[SimulatorControl]
    leases: Sequence[Engine]
    tenants: int
    ahead: float = 0.0

    def now(self) -> datetime:
        """The simulated time: the database's."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def let_pass(self, seconds: float, between: Callable[[float], None] = lambda _: None) -> None:
        """Let at least so much time pass. `between` is called after each step with the seconds passed so far."""
        until = self.ahead + seconds
        while self.ahead < until:
            self._step()
            between(self.ahead - until + seconds)

    def let_pass_until(self, condition: Callable[[], bool], what: str, seconds: float) -> float:
        """Let time pass until the condition is true; AssertionError if it is not within so many simulated seconds.

        Returns:
            The simulated seconds that passed.
        """
        began = self.ahead
        while not condition():
            assert self.ahead - began < seconds, f"{seconds:g} simulated seconds have passed without {what}"
            self._step()
        return self.ahead - began

    def _step(self) -> None:
        self.ahead += STEP_SECONDS
        self.database.step_clock(self.ahead)
        for simulator in self.simulators:
            simulator.clock(self.ahead)
        self.file.put_ahead(self.ahead)
        time.sleep(_SETTLED_SECONDS)  # calls under way go on in true time
        wait_until(self._is_renewed, "every lease to be renewed after a step of the clocks")

    def _is_renewed(self) -> bool:
        """Whether no lease is older than the step: each service's threads had their turn since."""
        return all(self._fresh(engine) == self.tenants for engine in self.leases)

    @staticmethod
    def _fresh(engine: Engine) -> int:
        with engine.connect() as connection:
            return int(connection.execute(_FRESH, {"seconds": LEASE_SECONDS - STEP_SECONDS / 2}).scalar_one())


@contextmanager
def simulated_time(
    stack: Stack,
    file: ClockFile,
    database: EmbeddedPostgres,
    simulators: Sequence[SimulatorControl],
    tenants: int,
) -> Iterator[SimulatedTime]:
    """The clocks of a running stack; as long as nobody lets time pass, all of them are right."""
    with ExitStack() as opened:
        engines = []
        for service, schema in _SCHEMAS.items():
            url = stack.database_url(service).replace("postgresql://", "postgresql+psycopg2://")
            engines.append(create_engine(url, connect_args={"options": f"-csearch_path={schema}"}))
            opened.callback(engines[-1].dispose)
        yield SimulatedTime(file, database, simulators, engines, tenants)
