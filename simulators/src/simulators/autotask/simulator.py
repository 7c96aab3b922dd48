"""The Autotask simulator: sign-in, limits and calls behind the server that both simulators share."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from simulators.autotask.control import Control
from simulators.autotask.database import Database
from simulators.autotask.endpoints import Endpoints
from simulators.autotask.errors import ZONE_UNKNOWN, ApiError, RefusalError, WrongMethodError
from simulators.autotask.routes import METHODS, find
from simulators.autotask.signin import sign_in
from simulators.kit.call import Answer
from simulators.kit.clock import Clock
from simulators.kit.documents import BadDocumentError, UnknownTenantError
from simulators.kit.faults import ALL_KINDS
from simulators.kit.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.autotask.routes import Route
    from simulators.kit.call import Call
    from simulators.kit.simulator import ControlRoute

_ROUTE, _DATABASE, _USED = "route", "database", "used"


class AutotaskSimulator(Simulator):
    """Many databases behind one address."""

    name = "autotask-simulator"
    # There are no batches in Autotask's API, so none can be done in part.
    fault_kinds = ALL_KINDS - {"partial"}

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self._lock = threading.Lock()
        self._databases: dict[str, Database] = {}

    @contextmanager
    def admit(self, call: Call) -> Iterator[Answer | None]:
        """Route, sign-in, hourly quota and threads, in this order; zone discovery needs none but the first."""
        with ExitStack() as held:
            try:
                self._enter(call, held)
            except ApiError as error:
                yield _refused(error)
            else:
                yield None

    def _enter(self, call: Call, held: ExitStack) -> None:
        route = find(call.path)
        if call.method not in METHODS[route.kind]:
            raise WrongMethodError(call.method)
        call.context[_ROUTE] = route
        user = (
            call.query.get("user", "")
            if route.kind == "zone_information"
            else call.headers.get("UserName", "")
        )
        database = self._of_user(user)
        call.tenant = database.id if database else None
        if route.kind == "zone_information":
            call.context[_DATABASE] = database
            return
        database = sign_in(database, call.headers, route.zone)
        call.context[_DATABASE] = database
        switches = database.switches
        call.context[_USED] = database.quota.take(
            self.clock.monotonic(),
            limit=switches.hourly_limit,
            external=switches.external_usage,
            status=switches.quota_status,
        )
        held.enter_context(database.threads.one(route.endpoint, switches.thread_limit))

    def work(self, call: Call) -> Answer:
        """Answer a call that was admitted."""
        route: Route = call.context[_ROUTE]
        database: Database | None = call.context[_DATABASE]
        root = f"http://{call.headers.get('Host', 'localhost')}"
        try:
            if database is None:
                raise RefusalError(ZONE_UNKNOWN)
            zone = database.switches.zone
            base = f"{root}/zone{zone}/ATServicesRest/"
            if route.kind == "zone_information":
                return Answer.json(
                    200, {"zoneName": f"Zone {zone}", "url": base, "webUrl": f"{root}/", "ci": 100_000 + zone}
                )
            self._slow_down(database, call.context[_USED])
            return Answer.json(200, Endpoints(database, self.clock, base).answer(route, call))
        except ApiError as error:
            return _refused(error)

    def _slow_down(self, database: Database, used: int) -> None:
        switches = database.switches
        if switches.usage_latency:
            threading.Event().wait(database.quota.latency(used, switches.hourly_limit))

    def tenants(self) -> list[str]:
        """The ids of the loaded tenants."""
        with self._lock:
            return sorted(self._databases)

    def load_tenant(self, document: object) -> str:
        """Load a tenant, or replace it by a new state.

        Raises:
            BadDocumentError: Names what is wrong; two tenants with one user name are refused.
        """
        database = Database(document)
        with self._lock:
            for other in self._databases.values():
                if other.id != database.id and other.username.casefold() == database.username.casefold():
                    raise BadDocumentError(
                        f"tenant {database.id}: username belongs to tenant {other.id} already"
                    )
            self._databases[database.id] = database
        return database.id

    def books(self, tenant: str) -> object:
        """Every record and every stamp of a tenant; decimals as text.

        Raises:
            UnknownTenantError: No such tenant.
        """
        return self.database(tenant).books()

    def control_routes(self) -> list[ControlRoute]:
        """Routes that change a database as people in Autotask do, or read it."""
        return Control(self.database, self.clock).routes()

    def database(self, tenant: str) -> Database:
        """The database of a tenant.

        Raises:
            UnknownTenantError: No such tenant.
        """
        with self._lock:
            try:
                return self._databases[tenant]
            except KeyError:
                raise UnknownTenantError(tenant) from None

    def _of_user(self, username: str) -> Database | None:
        with self._lock:
            for database in self._databases.values():
                if database.username.casefold() == username.casefold():
                    return database
            return None


def _refused(error: ApiError) -> Answer:
    return Answer(error.status) if error.body is None else Answer.json(error.status, error.body)
