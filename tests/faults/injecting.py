"""Doing what the schedule says: waiting for the moment, disturbing, mending, and noting what it hit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from local_stack.control import SimulatorControl
from local_stack.errors import StackError
from tests.faults.history import Injection
from tests.faults.proxy import Mode
from tests.faults.rig import Rig
from tests.faults.schedule import LINK_FAULTS, Fault, Stage, Step
from tests.support.waiting import wait_until

_MOMENT_SECONDS = 15.0
_PLANTED_SECONDS = 20.0
_NEIGHBOURS_SECONDS = 45.0
_MODES = {Fault.CUT: Mode.CUT, Fault.SILENT: Mode.SILENT, Fault.SLOW: Mode.SLOW, Fault.DEAF: Mode.DEAF}
_CALLS = {
    Stage.DISCOVER: {"path": "(?i).*/v1.0/(invoices|billingitems)/query"},
    Stage.CREATE: {"method": "PUT", "path": "/api.xro/2.0/(Invoices|CreditNotes)"},
    Stage.STAMP: {"method": "PATCH", "path": "(?i).*/invoices"},
}
_ANY_CALL = {"autotask": "(?i).*/v1.0/(?!thresholdinformation).*", "xero": "/api.xro/.*"}
_ERROR = {"autotask": 503, "xero": 500}


class Moments:
    """Whether a step of the pipeline is under way for what appeared last. Made before it appears."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._autotask = rig.suite.last_call(rig.suite.autotask)
        self._xero = rig.suite.last_call(rig.suite.xero)
        self._known = self._count("poller", "SELECT count(*) FROM ledger")

    def reached(self, stage: Stage) -> bool:
        """Whether something new is in this step now, or has just passed it."""
        suite = self._rig.suite
        if stage is Stage.DISCOVER:
            return any("/query" in call["path"].lower() for call in suite.autotask.calls(self._autotask))
        if stage is Stage.MAP:
            return self._count("poller", "SELECT count(*) FROM ledger") > self._known
        if stage is Stage.CREATE:
            waiting = (
                "SELECT (SELECT count(*) FROM work) + (SELECT count(*) FROM intent WHERE state <> 'resolved')"
            )
            return self._count("xero-writer", waiting) > 0
        if stage is Stage.STAMP:
            return self._count("poller", "SELECT count(*) FROM ledger WHERE stamp_wanted") > 0
        return any(call["status"] == 200 and call["method"] == "PUT" for call in suite.xero.calls(self._xero))

    def _count(self, service: str, query: str) -> int:
        try:
            return int(self._rig.suite.rows(service, query)[0][0])
        except SQLAlchemyError:  # the database is being restarted by the other fault of the round
            return 0


class Injector:
    """Carries out rounds of steps and keeps what they did."""

    def __init__(self, rig: Rig, neighbours_are_done: Callable[[str], bool]) -> None:
        """`neighbours_are_done`: whether every tenant but this one has got through what appeared."""
        self._rig = rig
        self._neighbours_are_done = neighbours_are_done
        self._tenants = [tenant.tenant for tenant in rig.suite.books.tenants]
        self._idle = threading.Event()  # never set: waiting for it is letting a fault last
        self.done: list[Injection] = []

    def round(self, steps: Sequence[Step], appear: Callable[[], None]) -> None:
        """Let something appear and inject the faults of one round while it is on its way."""
        moments = Moments(self._rig)
        with ThreadPoolExecutor(max_workers=len(steps)) as pool:
            planted = [pool.submit(self._inject, step, moments) for step in steps if step.fault not in _LATER]
            appear()
            planted += [pool.submit(self._inject, step, moments) for step in steps if step.fault in _LATER]
            self.done += [each.result() for each in planted]

    def _inject(self, step: Step, moments: Moments) -> Injection:
        aimed = step.fault not in _LATER or _awaited(lambda: moments.reached(step.stage), _MOMENT_SECONDS)
        begin = datetime.now(UTC)
        hits = self._disturb(step)
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

    def _disturb(self, step: Step) -> int:
        if step.fault in LINK_FAULTS:
            return self._disturb_link(step)
        if step.fault in {Fault.KILL, Fault.PAUSE}:
            names = [step.target if number == 1 else f"{step.target}-{number}" for number in step.replicas]
            with self._rig.keeper.held_down(names):
                return self._kill(step, names) if step.fault is Fault.KILL else self._pause(step, names)
        if step.fault in {Fault.BROKER_RESTART, Fault.DATABASE_RESTART}:
            return self._restart_server(step)
        control = self._rig.suite.autotask if step.target == "autotask" else self._rig.suite.xero
        return (
            self._tenant_in_trouble(step, control)
            if step.tenant is not None
            else self._spoil_calls(step, control)
        )

    def _disturb_link(self, step: Step) -> int:
        proxy = self._rig.proxies[step.target]
        proxy.set(_MODES[step.fault])
        self._idle.wait(step.seconds)
        touched = proxy.touched
        proxy.set(Mode.OPEN)
        return touched

    def _kill(self, step: Step, names: Sequence[str]) -> int:
        supervisor = self._rig.suite.stack.supervisor
        alive = [name for name in names if supervisor.is_running(name)]
        for name in alive:
            supervisor.kill(name)
        self._idle.wait(step.seconds)
        for name in names:
            supervisor.restart(name, wait=False)
        return len(alive)

    def _pause(self, step: Step, names: Sequence[str]) -> int:
        supervisor = self._rig.suite.stack.supervisor
        frozen = []
        for name in names:
            try:
                supervisor.pause(name)
            except StackError:  # it ended by itself a moment ago
                continue
            frozen.append(name)
        self._idle.wait(step.seconds)
        for name in frozen:
            supervisor.resume(name)
        return len(frozen)

    def _restart_server(self, step: Step) -> int:
        stack = self._rig.suite.stack
        server = stack.broker if step.fault is Fault.BROKER_RESTART else stack.database_server
        if step.hard:
            server.kill()
        server.restart()
        return 1

    def _spoil_calls(self, step: Step, control: SimulatorControl) -> int:
        action, when = _action(step)
        fault = control.plant(_CALLS[step.stage], action, times=step.times, when=when)
        _awaited(lambda: control.fired(fault) >= (step.times or 1), _PLANTED_SECONDS)
        fired = control.fired(fault)
        control.clear_faults()
        return fired

    def _tenant_in_trouble(self, step: Step, control: SimulatorControl) -> int:
        """One tenant is refused until its neighbours have got everything through."""
        tenant = self._tenants[step.tenant or 0]
        action, when = _action(step)
        match = {"path": _ANY_CALL[step.target], "tenant": tenant}
        fault = control.plant(match, action, times=None, when=when)
        _awaited(lambda: control.fired(fault) > 0, _PLANTED_SECONDS)
        _awaited(lambda: self._neighbours_are_done(tenant), _NEIGHBOURS_SECONDS)
        fired = control.fired(fault)
        control.clear_faults()
        return fired


_LATER = frozenset({*LINK_FAULTS, Fault.KILL, Fault.PAUSE, Fault.BROKER_RESTART, Fault.DATABASE_RESTART})
"""Faults that wait for their moment. Those planted in a provider are there first: the call they spoil is the moment."""


def _action(step: Step) -> tuple[dict[str, Any], str]:
    """What a simulator is to do with a call, and whether before or after its work."""
    if step.fault is Fault.LOST_ANSWER:
        return {"kind": "cut"}, "after"
    if step.fault in {Fault.ERROR_BEFORE, Fault.ERROR_AFTER}:
        when = "before" if step.fault is Fault.ERROR_BEFORE else "after"
        return {"kind": "status", "status": _ERROR[step.target], "body": {"Message": "made up"}}, when
    problem = "day" if step.fault is Fault.DAY_LIMIT else "minute"
    headers = {"X-Rate-Limit-Problem": problem, "Retry-After": "2"}
    if step.fault is Fault.THROTTLED_BARE:
        headers = {"X-Rate-Limit-Problem": "concurrent"}
    return {"kind": "status", "status": 429, "headers": headers}, "before"


def _awaited(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether a condition came true in time. That it did not is no failure here: the fault hit nothing."""
    try:
        return wait_until(condition, "a moment", seconds, pause=0.2)
    except AssertionError:
        return False
