"""What the kit asks of a simulator."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from simulators.kit.call import Answer, Call
    from simulators.kit.clock import Clock


@dataclass(frozen=True, slots=True)
class ControlRoute:
    """A control route of one simulator: method, path below `/_control/` (a full-match pattern with named groups), handler.

    The handler gets the named groups and the JSON document (None without a body) and returns what to answer as JSON.
    """

    method: str
    path: re.Pattern[str]
    handler: Callable[[dict[str, str], object], object]


class Simulator(ABC):
    """One outside service.

    For every call the kit goes through these steps, in this order:

    1. `admit` (authentication, limits, waiting for a twin with the same idempotency key): either refuses with an
       answer or sets `call.tenant`; what it entered is left when the call is over, however it ends.
    2. a planted fault is claimed (so refused calls use none up); latency and a `before` fault happen.
    3. `work`, unless a `before` fault of kind status or garbage has answered already.
    4. `settle` with the answer that the service itself gave: the place to remember it for replays.
    5. an `after` fault spoils the answer on its way; then `finish` adds what every answer carries.
    """

    name: str
    fault_kinds: frozenset[str]
    clock: Clock

    @abstractmethod
    def admit(self, call: Call) -> AbstractContextManager[Answer | None]:
        """Yields a refusal, or None if the call may go on; sets `call.tenant`."""

    @abstractmethod
    def work(self, call: Call) -> Answer:
        """Does what the call asks for and answers."""

    def settle(self, call: Call, answer: Answer) -> None:
        """Takes note of the service's own answer (planted `status` answers included); does nothing by default."""
        del call, answer

    def finish(self, call: Call, answer: Answer) -> Answer:
        """Adds what every answer carries (limits, ids); refused and planted answers pass here too."""
        del call
        return answer

    def body_is_secret(self, call: Call) -> bool:
        """Whether the request body holds credentials and must not be recorded at all."""
        del call
        return False

    @abstractmethod
    def tenants(self) -> list[str]:
        """The ids of the loaded tenants."""

    @abstractmethod
    def load_tenant(self, document: object) -> str:
        """Loads (or replaces) one tenant from its JSON form and returns its id.

        Raises:
            BadDocumentError: names what is wrong.
        """

    @abstractmethod
    def books(self, tenant: str) -> object:
        """The complete state of a tenant as a JSON value, money as text.

        Raises:
            UnknownTenantError: no such tenant.
        """

    def control_routes(self) -> list[ControlRoute]:
        """Control routes that only this simulator has."""
        return []
