"""What a stack consists of."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_stack.broker import Broker
from local_stack.database import DatabaseServer
from local_stack.errors import StackError
from local_stack.kafka import KafkaOptions
from local_stack.postgres import PostgresOptions
from local_stack.services import ALWAYS, SERVICES, Surroundings, Targets

SIMULATORS = ("autotask", "xero")


def _nothing(_: str) -> None:
    pass


def _unchanged(surroundings: Surroundings) -> Surroundings:
    return surroundings


@dataclass(frozen=True, kw_only=True)
class StackOptions:
    """What a stack consists of; the default is everything but the dashboard, with one process per role.

    Attributes:
        services: of `local_stack.services.SERVICES`; they are started in the order of that table.
        replicas: processes per service (poller, mapper, xero-writer; status-api: materialize), default 1.
        simulators: autotask, xero, both or none.
        autotask_load: files with tenants for the Autotask simulator to start with.
        xero_load: the same for Xero's.
        targets: real or other systems for the sides that have no simulator. A service whose side has neither
            simulator nor targets is refused: nothing reaches the real Autotask or Xero by accident.
        tenants: the tenants file, or what to write into one.
        environment: variables by name of the service ("*" = all), over the stack's own.
        partitions: upper bound for every topic; None = as in deploy/topics.yaml.
        broker: a running broker to share; it must be without our topics, or be empty.
        database_server: a running server to share; the stack makes its own databases in it and drops them.
        kafka: options of the stack's own broker.
        postgres: options of the stack's own server.
        reroute: changes what the services are told before they are started, e.g. to lead them through fault proxies.
        keep: leave the folder with data and logs behind, and databases in a server of somebody else.
        say: told what is going on, one short line each.
    """

    services: Sequence[str] = ALWAYS
    replicas: Mapping[str, int] = field(default_factory=dict)
    simulators: Sequence[str] = SIMULATORS
    autotask_load: Sequence[Path] = ()
    xero_load: Sequence[Path] = ()
    targets: Targets | None = None
    tenants: Path | Mapping[str, Any] | None = None
    environment: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    partitions: int | None = None
    broker: Broker | None = None
    database_server: DatabaseServer | None = None
    kafka: KafkaOptions = field(default_factory=KafkaOptions)
    postgres: PostgresOptions = field(default_factory=PostgresOptions)
    reroute: Callable[[Surroundings], Surroundings] = _unchanged
    keep: bool = False
    say: Callable[[str], None] = _nothing

    def __post_init__(self) -> None:
        """Refuse what can not work before anything is started.

        Raises:
            StackError: an unknown name, or a service without what it needs.
        """
        _known("service", self.services, SERVICES)
        _known("service", self.replicas, SERVICES)
        _known("service", self.environment, {"*", *SERVICES})
        _known("simulator", self.simulators, SIMULATORS)
        for service, side in (("poller", "autotask"), ("xero-writer", "xero")):
            if service in self.services and side not in self.simulators and self.targets is None:
                raise StackError(f"{service} needs the simulator {side!r} or targets")
        if "dashboard" in self.services and "status-api" not in self.services:
            raise StackError("dashboard needs status-api")
        if self.tenants is None and any(SERVICES[name].tenants for name in self.services):
            raise StackError("these services need tenants: give the file or its contents")


def external_targets() -> tuple[Path, Targets] | None:
    """The tenants file and addresses that the environment names instead of the simulators; None if it names none.

    Raises:
        StackError: an address is given without TENANTS_FILE, or the file does not exist.
    """
    names = ("AUTOTASK_ZONE_URL", "XERO_API_URL", "XERO_IDENTITY_URL")
    autotask, api, identity = (os.environ.get(name, "").strip() or None for name in names)
    file = os.environ.get("TENANTS_FILE", "").strip()
    if not file:
        given = [name for name in names if os.environ.get(name, "").strip()]
        if given:
            raise StackError(
                f"{given[0]} is set, so TENANTS_FILE must name the file with the credentials for it"
            )
        return None
    if not Path(file).is_file():
        raise StackError(f"TENANTS_FILE names {file}, which is no file")
    return Path(file).resolve(), Targets(
        autotask_zone_url=autotask, xero_api_url=api, xero_identity_url=identity
    )


def _known(what: str, names: Sequence[str] | Mapping[str, object], known: object) -> None:
    choices = sorted(known) if isinstance(known, set | tuple | dict) else []
    for name in names:
        if name not in choices:
            raise StackError(f"there is no {what} {name!r}; there are: {', '.join(choices)}")
