"""The suite's own processes: which there are, how they are started, what they are told by their environment."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local_stack.ports import LOOPBACK, free_port
from local_stack.process import ProcessSpec
from local_stack.supervisor import Child, HttpReady, PortFileReady, http_url

READY_SECONDS = 60.0
STOP_SECONDS = 20.0
# Variables of this machine's shell that would change what a child does: set to nothing, which counts as unset.
_NOT_INHERITED = {
    "KAFKA_IMAGE": "",  # ours, for containers; services would take it for a client option
    "SCHEMA_REGISTRY_URL": "",
    "TENANTS_FILE": "",
    "AUTOTASK_ZONE_URL": "",
    "XERO_API_URL": "",
    "XERO_IDENTITY_URL": "",
    "STATUS_API_URL": "",
    "SMTP_URL": "",
    "ALERT_URLS": "",
}


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service of the suite.

    Attributes:
        roles: command-line roles, one process each.
        wished_roles: roles that run only if one of these variables is given to the service.
        database: whether it has a database of its own, and with it the command `migrate`.
        tenants: whether it reads the tenants file.
        kafka: whether it is told where the broker is.
        port: the variable that names the port of its role `serve`.
        always: whether a stack has it without being asked for it by name.
    """

    name: str
    package: str
    roles: Sequence[str] = ("run",)
    wished_roles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    database: bool = False
    tenants: bool = False
    kafka: bool = True
    port: str | None = None
    always: bool = True


SERVICES = {
    service.name: service
    for service in (
        Service(
            name="status-api",
            package="status_api",
            roles=("materialize", "serve"),
            wished_roles={"notify": ("SMTP_URL", "ALERT_URLS")},
            database=True,
            tenants=True,
            port="STATUS_API_PORT",
        ),
        Service(name="xero-writer", package="xero_writer", database=True, tenants=True),
        Service(name="mapper", package="mapper"),
        Service(name="poller", package="poller", database=True, tenants=True),
        Service(
            name="dashboard",
            package="dashboard",
            roles=("serve",),
            kafka=False,
            port="DASHBOARD_PORT",
            always=False,
        ),
    )
}
ALWAYS = tuple(service.name for service in SERVICES.values() if service.always)
"""The services without which nothing is carried across or shown."""


@dataclass(frozen=True, kw_only=True)
class Targets:
    """Where Autotask and Xero are; None = the services' own default, which is the real thing."""

    autotask_zone_url: str | None = None
    xero_api_url: str | None = None
    xero_identity_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What every service process is told.

    Attributes:
        databases: URL by name of the service.
        status_api_url: root of status-api, for whoever is a client of it.
        session_key: what the dashboard seals its cookies with.
        extra: variables by name of the service, "*" for all; they win over everything else.
    """

    bootstrap: str
    logs: Path
    databases: Mapping[str, str] = field(default_factory=dict)
    tenants_file: Path | None = None
    targets: Targets = field(default_factory=Targets)
    admin_token: str = ""
    status_api_url: str = ""
    session_key: str = ""
    extra: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def environment(self, service: Service) -> dict[str, str]:
        """The variables of one service, without its ports."""
        variables = {**_NOT_INHERITED, "PYTHONUNBUFFERED": "1"}
        if service.kafka:
            variables["KAFKA_BOOTSTRAP_SERVERS"] = self.bootstrap
        if service.database:
            variables["DATABASE_URL"] = self.databases[service.name]
        if service.tenants and self.tenants_file is not None:
            variables["TENANTS_FILE"] = str(self.tenants_file)
        if service.name == "poller":
            variables["AUTOTASK_ZONE_URL"] = self.targets.autotask_zone_url or ""
        if service.name == "xero-writer":
            variables["XERO_API_URL"] = self.targets.xero_api_url or ""
            variables["XERO_IDENTITY_URL"] = self.targets.xero_identity_url or ""
        if service.name == "status-api":
            variables["STATUS_API_ADMIN_TOKEN"] = self.admin_token
        if service.name == "dashboard":
            variables["STATUS_API_URL"] = self.status_api_url
            variables["DASHBOARD_SESSION_KEY"] = self.session_key
        return {**variables, **self.extra.get("*", {}), **self.extra.get(service.name, {})}


@dataclass(frozen=True, kw_only=True)
class ServiceProcess:
    """A process of a service and where it can be reached: `/metrics`, `/healthz`, `/readyz`, and its HTTP port."""

    child: Child
    metrics_url: str
    http_url: str | None = None

    @property
    def name(self) -> str:
        """Its name in the supervisor, such as poller, poller-2 or status-api-serve."""
        return self.child.process.name


def migration(service: Service, surroundings: Surroundings) -> ProcessSpec:
    """The process that brings the service's database up to date."""
    return ProcessSpec(
        name=f"{service.name} migrate",
        command=[sys.executable, "-m", service.package, "migrate"],
        environment=surroundings.environment(service),
        log=surroundings.logs / f"{service.name}-migrate.log",
    )


def service_processes(
    service: Service, surroundings: Surroundings, replicas: int = 1
) -> list[ServiceProcess]:
    """The processes of one service, each with ports of its own.

    Args:
        service: which.
        surroundings: what they are told.
        replicas: of each role but `serve`.
    """
    told = surroundings.environment(service)
    wished = [role for role, names in service.wished_roles.items() if any(told.get(name) for name in names)]
    return [
        _process(service, role, number, surroundings)
        for role in (*service.roles, *wished)
        for number in range(1, 2 if role == "serve" else replicas + 1)
    ]


def simulator(
    package: str, *, folder: Path, logs: Path, load: Sequence[Path], environment: Mapping[str, str]
) -> tuple[Child, PortFileReady]:
    """A simulator (package autotask or xero) and the file that tells its port once it listens.

    `environment` is what all services are told too, such as the life of idempotency keys: both sides have to agree.
    """
    name = f"{package}-simulator"
    ready = PortFileReady(file=folder / f"{name}.port")
    # A port chosen here, so that a restarted simulator is found where the services look for it.
    command = [sys.executable, "-m", f"simulators.{package}", "--host", LOOPBACK, "--port", str(free_port())]
    command += ["--port-file", str(ready.file)]
    for file in load:
        command += ["--load", str(file)]
    process = ProcessSpec(
        name=name,
        command=command,
        log=logs / f"{name}.log",
        environment={"PYTHONUNBUFFERED": "1", **environment},
        stop_seconds=STOP_SECONDS,
    )
    return Child(process=process, ready=ready, ready_seconds=READY_SECONDS), ready


def _process(service: Service, role: str, number: int, surroundings: Surroundings) -> ServiceProcess:
    name = service.name if role == "run" else f"{service.name}-{role}"
    if number > 1:
        name = f"{name}-{number}"
    metrics = free_port()
    environment = surroundings.environment(service) | {"METRICS_PORT": str(metrics)}
    http = None
    if role == "serve" and service.port is not None:
        port = free_port()
        environment[service.port] = str(port)
        http = http_url(port)
    process = ProcessSpec(
        name=name,
        command=[sys.executable, "-m", service.package, role],
        environment=environment,
        log=surroundings.logs / f"{name}.log",
        stop_seconds=STOP_SECONDS,
    )
    ready = HttpReady(url=http_url(metrics, "/readyz"))
    return ServiceProcess(
        child=Child(process=process, ready=ready, ready_seconds=READY_SECONDS),
        metrics_url=http_url(metrics),
        http_url=http,
    )
