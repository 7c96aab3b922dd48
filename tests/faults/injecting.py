"""Doing what the schedule says: waiting for the moment, disturbing, mending, and noting what it hit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.disasters import Disasters
from tests.faults.history import Injection
from tests.faults.kinds import (
    BROKER_FAULTS,
    CLOCK_FAULTS,
    DISASTERS,
    LINK_FAULTS,
    PROVIDER_FAULTS,
    Fault,
    Step,
)
from tests.faults.moments import Moments
from tests.faults.process_faults import ProcessFaults
from tests.faults.provider_faults import ProviderFaults
from tests.faults.proxy import Mode
from tests.faults.rig import Rig
from tests.faults.server_faults import ServerFaults
from tests.faults.waiting import awaited

_MOMENT_SECONDS = 25.0
_MODES = {Fault.CUT: Mode.CUT, Fault.SILENT: Mode.SILENT, Fault.SLOW: Mode.SLOW, Fault.DEAF: Mode.DEAF}

Inject = Callable[[Step], int]


class Injector:
    """Carries out rounds of steps and keeps what they did."""

    def __init__(self, rig: Rig, folder: Path, neighbours_are_done: Callable[[str], bool]) -> None:
        """`folder`: for what faults need. `neighbours_are_done`: whether every tenant but this one has got everything through."""
        self._rig = rig
        self._tenants = [tenant.tenant for tenant in rig.suite.books.tenants]
        self._idle = threading.Event()  # never set: waiting for it is letting a fault last
        servers = ServerFaults(rig)
        self.disasters = Disasters(rig, servers)
        self._providers = ProviderFaults(rig, self._tenants, neighbours_are_done)
        self._hands = self._assigned(ProcessFaults(rig, folder), servers, self._providers)
        self.done: list[Injection] = []

    def round(self, steps: Sequence[Step], appear: Callable[[], None]) -> None:
        """Let something appear and inject the faults of one round while it is on its way."""
        moments = Moments(self._rig)
        planted = [step for step in steps if step.fault in PROVIDER_FAULTS]
        others = [step for step in steps if step.fault not in PROVIDER_FAULTS]
        self._providers.others_are_over.clear()
        with ThreadPoolExecutor(max_workers=len(steps)) as pool:
            # The call that a planted one spoils is its moment.
            spoiling = [pool.submit(self._inject, step, moments) for step in planted]
            appear()
            disturbing = [pool.submit(self._inject, step, moments) for step in others]
            wait(disturbing)
            self._providers.others_are_over.set()
            self.done += [each.result() for each in (*spoiling, *disturbing)]
        self._rig.forget_planted()

    def _inject(self, step: Step, moments: Moments) -> Injection:
        aimed = step.fault in PROVIDER_FAULTS or awaited(lambda: moments.reached(step.stage), _MOMENT_SECONDS)
        begin = datetime.now(UTC)
        hits = self._hands[step.fault](step)
        return Injection(
            fault=step.fault,
            stage=step.stage,
            target=step.target,
            tenant=None if step.tenant is None else self._tenants[step.tenant],
            begin=begin,
            end=datetime.now(UTC),
            aimed=aimed,
            hits=hits,
        )

    def _assigned(
        self, processes: ProcessFaults, servers: ServerFaults, providers: ProviderFaults
    ) -> Mapping[Fault, Inject]:
        """Who does what."""
        return {
            Fault.KILL: processes.kill,
            Fault.PAUSE: processes.pause,
            Fault.REBALANCE: processes.rebalance,
            Fault.ROLLING: processes.roll,
            **dict.fromkeys(LINK_FAULTS, self._disturb_link),
            **dict.fromkeys(PROVIDER_FAULTS, providers.spoil_calls),
            Fault.CACHED_ERROR: providers.replay_error,
            Fault.DAY_LIMIT: providers.refuse_tenant,
            **dict.fromkeys(BROKER_FAULTS, servers.lose_leader),
            Fault.BROKER_RESTART: servers.restart,
            Fault.DATABASE_RESTART: servers.restart,
            **dict.fromkeys(CLOCK_FAULTS, servers.move_clock),
            **dict.fromkeys(DISASTERS, self.disasters.strike),
        }

    def _disturb_link(self, step: Step) -> int:
        proxy = self._rig.proxies[step.target]
        proxy.set(_MODES[step.fault])
        self._idle.wait(step.seconds)
        touched = proxy.touched
        proxy.set(Mode.OPEN)
        return touched
