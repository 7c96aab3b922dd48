"""Kafka, PostgreSQL, topics, migrations, simulators and services as one: started, watched and stopped together."""

import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import yaml

from local_stack import backends
from local_stack.broker import Broker
from local_stack.database import DatabaseServer
from local_stack.errors import StackError
from local_stack.folders import make_folder, remove_folder
from local_stack.options import SIMULATORS, StackOptions
from local_stack.services import (
    SERVICES,
    ServiceProcess,
    Surroundings,
    Targets,
    migration,
    service_processes,
    simulator,
)
from local_stack.supervisor import Supervisor, http_url
from local_stack.topics import create_topics

_MIGRATE_SECONDS = 120.0
_WATCH_SECONDS = 0.5
_ZONE_PATH = "/atservicesrest"

Value = TypeVar("Value")


class Stack:
    """A running stack. Use it as a context manager: whatever happens, nothing of it is left afterwards.

    Attributes:
        options: what it consists of.
        supervisor: its processes by name (`poller`, `xero-writer-2`, `status-api-serve`, `xero-simulator`, …)
            to kill, pause, stop and restart.
        status_api_token: bearer token of status-api's first admin.
    """

    def __init__(self, options: StackOptions) -> None:
        self.options = options
        self.supervisor = Supervisor()
        self.status_api_token = secrets.token_urlsafe(24)
        self._processes: dict[str, ServiceProcess] = {}
        self._simulators: dict[str, str] = {}
        self._databases: dict[str, str] = {}
        self._broker: Broker | None = None
        self._server: DatabaseServer | None = None
        self._folder: Path | None = None
        self._tenants_file: Path | None = None

    def __enter__(self) -> Self:
        """Start everything."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        self.stop()

    @property
    def broker(self) -> Broker:
        """The broker, to pause, kill and restart."""
        return _started(self._broker)

    @property
    def database_server(self) -> DatabaseServer:
        """The PostgreSQL server, to pause, kill and restart."""
        return _started(self._server)

    @property
    def bootstrap(self) -> str:
        """Kafka's address."""
        return self.broker.bootstrap

    @property
    def folder(self) -> Path:
        """The stack's folder; `logs` in it has one file per process."""
        return _started(self._folder)

    @property
    def logs(self) -> Path:
        """The folder with one log file per process."""
        return self.folder / "logs"

    @property
    def tenants_file(self) -> Path:
        """The tenants file that the services read."""
        return _started(self._tenants_file)

    def database_url(self, service: str) -> str:
        """The URL of a service's own database."""
        return self._databases[service]

    def metrics_url(self, process: str) -> str:
        """Root of `/metrics`, `/healthz` and `/readyz` of a service's process."""
        return self._processes[process].metrics_url

    @property
    def status_api_url(self) -> str:
        """Root of status-api's HTTP interface."""
        return _started(self._processes["status-api-serve"].http_url)

    @property
    def dashboard_url(self) -> str:
        """Root of the dashboard, if this stack has one."""
        return _started(self._processes["dashboard-serve"].http_url)

    def simulator_url(self, side: str) -> str:
        """Root of a simulator (side `autotask` or `xero`), its control calls under `/_control`."""
        return self._simulators[side]

    def addresses(self) -> dict[str, str]:
        """Every address of the stack by the name of what answers there."""
        found = {"kafka": self.bootstrap}
        found |= {f"database of {service}": url for service, url in self._databases.items()}
        found |= {f"{side}-simulator": url for side, url in self._simulators.items()}
        for name, process in self._processes.items():
            if process.http_url is not None:
                found[name] = process.http_url
            found[f"metrics of {name}"] = f"{process.metrics_url}/metrics"
        return found

    def start(self) -> None:
        """Start everything, in as few waves as dependencies allow.

        Raises:
            MissingToolError: a program is missing and can not be installed.
            ChildDiedError: a process ended while starting; the message has its last log lines.
            StackError: something else went wrong. In every case nothing is left.
        """
        try:
            self._folder = make_folder("invoice-sync", keep=self.options.keep)
            self.logs.mkdir()
            self._tenants_file = self._write_tenants()
            began = time.monotonic()
            _together([self._start_broker, self._start_database, self._start_simulators], self.stop)
            self.options.say(f"Kafka, PostgreSQL and simulators answer ({time.monotonic() - began:.1f} s)")
            surroundings = self._surroundings()
            _together([self._create_topics, *self._migrations(surroundings)], self.stop)
            self._start_services(surroundings)
            self.options.say(f"all processes are ready ({time.monotonic() - began:.1f} s)")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End everything in reverse order; may be called at any time, more than once."""
        self.supervisor.stop_all()
        if self._server is not None:
            if self.options.database_server is None:
                self._server.stop()
            else:
                for url in self._databases.values():
                    self._server.drop_database(url)
        self._databases = {}
        if self._broker is not None and self.options.broker is None:
            self._broker.stop()
        if self._folder is not None and not self.options.keep:
            remove_folder(self._folder)

    def check(self) -> None:
        """Raise if anything ended without having been asked to.

        Raises:
            ChildDiedError: with name, exit code and last log lines.
        """
        self.supervisor.check()
        self.broker.require_running()
        self.database_server.require_running()

    def watch(self, seconds: float | None = None) -> None:
        """Wait, raising as soon as anything ends that should be running.

        Args:
            seconds: how long; None = for ever.

        Raises:
            ChildDiedError: with name, exit code and last log lines.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        while deadline is None or time.monotonic() < deadline:
            self.supervisor.wait_for_death(_WATCH_SECONDS)
            self.check()

    def _start_broker(self) -> None:
        if self.options.broker is not None:
            self._broker = self.options.broker
        else:
            self._broker = backends.broker(replace(self.options.kafka, keep=self.options.keep))
            self._broker.start()

    def _start_database(self) -> None:
        needing = [SERVICES[name] for name in self.options.services if SERVICES[name].database]
        if self.options.database_server is not None:
            self._server = self.options.database_server
        else:
            self._server = backends.database_server(
                replace(self.options.postgres, keep=self.options.keep), keep_external=self.options.keep
            )
            self._server.start()
        suffix = "" if self.options.database_server is None else f"_{secrets.token_hex(4)}"
        for service in needing:
            name = service.package + suffix
            self._databases[service.name] = self._server.create_database(name)

    def _start_simulators(self) -> None:
        files = {"autotask": self.options.autotask_load, "xero": self.options.xero_load}
        ready = {}
        for side in SIMULATORS:
            if side in self.options.simulators:
                child, port_file = simulator(
                    side,
                    folder=self.folder,
                    logs=self.logs,
                    load=files[side],
                    environment=self.options.environment.get("*", {}),
                )
                self.supervisor.start(child, wait=False)
                ready[side] = (child.process.name, port_file)
        for side, (name, port_file) in ready.items():
            self.supervisor.await_ready(name)
            self._simulators[side] = http_url(_started(port_file.port()))

    def _create_topics(self) -> None:
        create_topics(self.bootstrap, partitions=self.options.partitions)

    def _migrations(self, surroundings: Surroundings) -> list[Callable[[], None]]:
        specs = [
            migration(SERVICES[name], surroundings)
            for name in self.options.services
            if SERVICES[name].database
        ]
        return [partial(self.supervisor.run, spec, _MIGRATE_SECONDS) for spec in specs]

    def _start_services(self, surroundings: Surroundings) -> None:
        for name, service in SERVICES.items():
            if name in self.options.services:
                for process in service_processes(service, surroundings, self.options.replicas.get(name, 1)):
                    self._processes[process.name] = process
            if name == "status-api" and name in self.options.services:
                surroundings = replace(surroundings, status_api_url=self.status_api_url)
        for process in self._processes.values():
            self.supervisor.start(process.child, wait=False)
        for process in self._processes.values():
            self.supervisor.await_ready(process.name)

    def _surroundings(self) -> Surroundings:
        given = self.options.targets or Targets()
        autotask, xero = self._simulators.get("autotask"), self._simulators.get("xero")
        surroundings = Surroundings(
            bootstrap=self.bootstrap,
            logs=self.logs,
            databases=dict(self._databases),
            tenants_file=self._tenants_file,
            targets=Targets(
                autotask_zone_url=autotask + _ZONE_PATH if autotask else given.autotask_zone_url,
                xero_api_url=xero or given.xero_api_url,
                xero_identity_url=xero or given.xero_identity_url,
            ),
            admin_token=self.status_api_token,
            session_key=secrets.token_urlsafe(32),
            extra=self.options.environment,
        )
        return self.options.reroute(surroundings)

    def _write_tenants(self) -> Path | None:
        tenants = self.options.tenants
        if tenants is None or isinstance(tenants, Path):
            return tenants
        file = self.folder / "tenants.yaml"
        file.touch(mode=0o600)
        plain: dict[str, Any] = dict(tenants)
        file.write_text(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True), encoding="utf-8")
        return file


def _together(tasks: Sequence[Callable[[], None]], abort: Callable[[], None]) -> None:
    """Run the tasks at the same time and wait for all of them.

    If one fails, or the wait is interrupted, abort() is called, which must make the others end soon.

    Raises:
        Exception: the first error of a task.
    """
    pool = ThreadPoolExecutor(max_workers=len(tasks), thread_name_prefix="start")
    try:
        done, _ = wait([pool.submit(task) for task in tasks], return_when=FIRST_EXCEPTION)
        for future in done:
            future.result()
    except BaseException:
        abort()
        raise
    finally:
        pool.shutdown(wait=True)


def _started(value: Value | None) -> Value:
    if value is None:
        raise StackError("the stack is not running: start() it first")
    return value
