"""The processes of the suite, as the local stack starts them, under the names of their Deployments."""

from __future__ import annotations

from dataclasses import dataclass

from local_stack.services import SERVICES, Service


@dataclass(frozen=True, slots=True)
class Process:
    """One process.

    Attributes:
        name: of its Deployment, and of all that belongs to it.
        service: whose it is.
        role: the command that starts it.
    """

    name: str
    service: Service
    role: str


def _of(service: Service) -> list[Process]:
    """A service with one role gives the Deployment its name, one with several adds the role."""
    roles = (*service.roles, *service.wished_roles)
    return [
        Process(service.name if len(roles) == 1 else f"{service.name}-{role}", service, role)
        for role in roles
    ]


PROCESSES = tuple(process for service in SERVICES.values() for process in _of(service))
