"""A service's memory is lost, and somebody does what the page about lost data says: docs/operations/lost-data.md."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping

from sqlalchemy import create_engine, text

from local_stack.errors import StackError
from local_stack.process import ProcessSpec
from tests.faults import copying
from tests.faults.kinds import Fault, Step
from tests.faults.rig import Rig
from tests.faults.server_faults import ServerFaults
from tests.faults.waiting import awaited

_COMMAND_SECONDS = 60.0
_LEASES_SECONDS = 30.0
_FILLED_SECONDS = 240.0
_SERVICES: Mapping[Fault, str] = {
    Fault.LEDGER_DROPPED: "poller",
    Fault.LEDGER_RESTORED: "poller",
    Fault.JOURNAL_DROPPED: "xero-writer",
    Fault.JOURNAL_RESTORED: "xero-writer",
}
_AN_HOUR_LATER = (
    "UPDATE poller.ledger SET state_since = state_since - interval '1 hour' WHERE state = 'in_flight'"
)


class Disasters:
    """Takes memories away, and follows the page."""

    def __init__(self, rig: Rig, servers: ServerFaults) -> None:
        self._rig = rig
        self._servers = servers

    def copy(self, disasters: Collection[Fault]) -> None:
        """Keep what is in the databases now, for the disasters in which it will be restored."""
        for fault in disasters:
            service = _SERVICES[fault]
            copying.keep(self._rig.suite.stack.database_url(service), copying.SCHEMAS[service])

    def strike(self, step: Step) -> int:
        """One disaster and its way out. Returns how many memories were lost."""
        if step.fault is Fault.READ_DROPPED:
            return self._empty_read_model(step)
        service = _SERVICES[step.fault]
        url, schema = self._rig.suite.stack.database_url(service), copying.SCHEMAS[service]
        with self._rig.keeper.held_down(step.processes):
            self._end(step)
            if step.fault in {Fault.LEDGER_RESTORED, Fault.JOURNAL_RESTORED}:
                copying.restore(url, schema)
            else:
                copying.drop(url, schema)
                self._command(service, "migrate")
            if service == "poller":
                self._servers.clock_not_behind()
            if step.fault is Fault.JOURNAL_RESTORED:
                self._forget_lists()
            self._begin(step)
        self._let_an_hour_pass()
        return 1

    def _empty_read_model(self, step: Step) -> int:
        suite = self._rig.suite
        with self._rig.keeper.held_down(step.processes):
            self._end(step)
            copying.empty(suite.stack.database_url("status-api"), "read")
            self._begin(step)
        return int(awaited(suite.is_folded, _FILLED_SECONDS, 0.5))

    def _end(self, step: Step) -> None:
        supervisor = self._rig.suite.stack.supervisor
        for name in step.processes:
            if step.hard:
                supervisor.kill(name)
            else:
                supervisor.stop(name)

    def _begin(self, step: Step) -> None:
        supervisor = self._rig.suite.stack.supervisor
        for name in step.processes:
            supervisor.restart(name, wait=False)
        for name in step.processes:
            supervisor.await_ready(name)

    def _forget_lists(self) -> None:
        """After a kill it is refused until the leases have run out."""

        def forgotten() -> bool:
            try:
                self._command("xero-writer", "forget-lists")
            except StackError:
                return False
            return True

        if not awaited(forgotten, _LEASES_SECONDS, 1.0):
            raise StackError("xero-writer forget-lists is refused for longer than any lease lasts")

    def _command(self, service: str, *arguments: str) -> None:
        """What a person types, with the variables that the service runs with."""
        stack = self._rig.suite.stack
        name = f"{service}-{arguments[0]}"
        spec = ProcessSpec(
            name=name,
            command=[sys.executable, "-m", service.replace("-", "_"), *arguments],
            environment=stack.supervisor.process(service).spec.environment,
            log=stack.logs / f"{name}.log",
        )
        stack.supervisor.run(spec, _COMMAND_SECONDS)

    def _let_an_hour_pass(self) -> None:
        """What was on its way is tried again after an hour; here that hour is written into the ledger."""
        url = self._rig.suite.stack.database_url("poller").replace("postgresql://", "postgresql+psycopg2://")
        engine = create_engine(url)
        try:
            with engine.begin() as connection:
                connection.execute(text(_AN_HOUR_LATER))
        finally:
            engine.dispose()
