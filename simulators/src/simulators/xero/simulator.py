"""The Xero simulator: who may call, in which order a call is checked, and which endpoint answers it."""

from __future__ import annotations

import re
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

from simulators.kit.call import Answer
from simulators.kit.clock import Clock
from simulators.kit.documents import BadDocumentError, UnknownTenantError, as_object
from simulators.kit.faults import ALL_KINDS
from simulators.kit.simulator import ControlRoute, Simulator
from simulators.xero import administration, people, problems
from simulators.xero.books import books
from simulators.xero.endpoints import API_ROOT, Endpoints, collection_of
from simulators.xero.idempotency import IdempotencyKeys
from simulators.xero.limits import Limits
from simulators.xero.loading import read_organisation
from simulators.xero.oauth import Token, Tokens, credentials, insufficient_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from simulators.kit.call import Call
    from simulators.xero.state import Organisation

TOKEN_PATH = "/connect/token"  # noqa: S105 - a path, no token
CONNECTIONS_PATH = "/connections"
DEFAULT_KEY_LIFETIME_SECONDS = 360.0
_KEYED_METHODS = ("POST", "PUT", "PATCH")
_APP_MINUTE_LIMIT = 10_000


class XeroSimulator(Simulator):
    """Many organisations behind one address. `key_lifetime_seconds`: how long an idempotency key lives."""

    name = "xero-simulator"
    fault_kinds = ALL_KINDS

    def __init__(self, *, key_lifetime_seconds: float = DEFAULT_KEY_LIFETIME_SECONDS) -> None:
        self.clock = Clock()
        self._organisations: dict[str, Organisation] = {}
        self._tokens = Tokens(self.clock.now)
        self._limits = Limits(self.clock)
        self._keys = IdempotencyKeys(self.clock, key_lifetime_seconds)
        self._endpoints = Endpoints(self.clock.now)

    # --- one call ---------------------------------------------------------------------------------------------

    @contextmanager
    def admit(self, call: Call) -> Iterator[Answer | None]:
        """Authentication, then the tenant, then limits (a replayed key costs a call too), then the idempotency key."""
        call.context["correlation"] = str(uuid.uuid4())
        if call.path == TOKEN_PATH:
            client_id, _, _ = credentials(call)
            call.tenant = next((found.tenant for found in self._of_client(client_id)), None)
            yield None
            return
        token = self._tokens.check(call)
        if isinstance(token, Answer):
            yield token
            return
        call.context["client"] = token.client_id
        if not call.path.startswith(API_ROOT):
            owned = self._of_client(token.client_id)
            call.tenant = owned[0].tenant if len(owned) == 1 else None
            yield None
            return
        organisation = self._organisation(call, token)
        if isinstance(organisation, Answer):
            yield organisation
            return
        call.tenant = organisation.tenant
        call.context["organisation"] = organisation
        with self._counted(call, organisation, token) as refusal:
            yield refusal

    @contextmanager
    def _counted(self, call: Call, organisation: Organisation, token: Token) -> Iterator[Answer | None]:
        switches = organisation.switches
        refusal = self._limits.enter(token.client_id, organisation.id, switches)
        if refusal is not None:
            yield refusal
            return
        try:
            if not token.allows(collection_of(call.path), call.method):
                yield insufficient_scope()
                return
            with self._keyed(call, token) as conflict:
                yield conflict
        finally:
            self._limits.leave(token.client_id, organisation.id)

    @contextmanager
    def _keyed(self, call: Call, token: Token) -> Iterator[Answer | None]:
        key = call.headers.get("Idempotency-Key")
        if not key or call.method not in _KEYED_METHODS:
            yield None
            return
        claim = self._keys.claim(token.client_id, key, call)
        call.context["claim"] = claim
        call.replayed = claim.replay is not None
        try:
            yield claim.refusal
        finally:
            if claim.entry is not None:
                self._keys.release(token.client_id, key, claim.entry)

    def work(self, call: Call) -> Answer:
        """Replays the answer of the call's idempotency key, or does the work."""
        if call.path == TOKEN_PATH:
            return self._tokens.issue(call, {found.client_id: found.client_secret for found in self._all()})
        claim = call.context.get("claim")
        if claim is not None and claim.replay is not None:
            replay: Answer = claim.replay
            return replay
        try:
            if call.path == CONNECTIONS_PATH:
                answer = self._endpoints.connections(call, self._of_client(call.context["client"]))
            elif "organisation" not in call.context:
                raise problems.not_found()
            else:
                answer = self._endpoints.answer(call)
        except problems.XeroError as error:
            answer = error.answer
        return answer.with_headers({"Xero-Correlation-Id": call.context["correlation"]})

    def settle(self, call: Call, answer: Answer) -> None:
        """Remembers the answer for the call's idempotency key, unless it was a replay itself."""
        claim = call.context.get("claim")
        if claim is not None and claim.entry is not None:
            self._keys.settle(claim.entry, answer)

    def finish(self, call: Call, answer: Answer) -> Answer:
        """Adds the correlation id, and the limits to every tenant-scoped answer."""
        headers = {"Xero-Correlation-Id": call.context["correlation"]}
        organisation: Organisation | None = call.context.get("organisation")
        client_id: str | None = call.context.get("client")
        if organisation is not None and client_id is not None:
            headers |= self._limits.headers(client_id, organisation.id, organisation.switches)
        elif client_id is not None:
            headers |= self._limits.app_headers(client_id, _APP_MINUTE_LIMIT)
        return answer.with_headers(headers)

    def body_is_secret(self, call: Call) -> bool:
        """The form of the token endpoint holds credentials."""
        return call.path == TOKEN_PATH

    def _all(self) -> list[Organisation]:
        return list(self._organisations.values())

    def _of_client(self, client_id: str) -> list[Organisation]:
        return [found for found in self._all() if found.client_id == client_id]

    def _organisation(self, call: Call, token: Token) -> Organisation | Answer:
        """The organisation of the tenant header; without one, the only one of a custom connection; else 403."""
        owned = self._of_client(token.client_id)
        wanted = call.headers.get("xero-tenant-id", "").strip().lower()
        found = [candidate for candidate in owned if candidate.id == wanted] if wanted else owned
        if len(found) == 1:
            return found[0]
        return problems.refused_access(403, "Forbidden", "AuthenticationUnsuccessful")

    # --- control ----------------------------------------------------------------------------------------------

    def tenants(self) -> list[str]:
        """The ids of the loaded tenants."""
        return list(self._organisations)

    def load_tenant(self, document: object) -> str:
        """Loads or replaces a tenant with everything in its JSON form.

        Raises:
            BadDocumentError: names what is wrong; nothing is loaded then.
        """
        now = self.clock.now()
        organisation = read_organisation(document, now)
        people.load_books(organisation, as_object(document, "tenant"), now)
        for other in self._all():
            if other.tenant != organisation.tenant and other.id == organisation.id:
                raise BadDocumentError(f"organisation.OrganisationID: {other.tenant} has it already")
            if (
                other.client_id == organisation.client_id
                and other.client_secret != organisation.client_secret
            ):
                if other.tenant != organisation.tenant:
                    raise BadDocumentError(
                        f"client_secret: {other.tenant} has another one for this client_id"
                    )
                self._tokens.revoke(other.client_id)
        self._organisations = {**self._organisations, organisation.tenant: organisation}
        return organisation.tenant

    def _loaded(self, tenant: str) -> Organisation:
        organisation = self._organisations.get(tenant)
        if organisation is None:
            raise UnknownTenantError(tenant)
        return organisation

    def books(self, tenant: str) -> object:
        """The complete state of a tenant.

        Raises:
            UnknownTenantError: no such tenant.
        """
        organisation = self._loaded(tenant)
        with organisation.lock:
            return books(organisation)

    def control_routes(self) -> list[ControlRoute]:
        """Changes made by people: contacts, settings, documents, lock dates and switches."""

        def route(
            path: str, change: Callable[[Organisation, dict[str, str], object], object]
        ) -> ControlRoute:
            def handler(groups: dict[str, str], document: object) -> object:
                organisation = self._loaded(groups["tenant"])
                with organisation.lock:
                    return change(organisation, groups, document)

            return ControlRoute("POST", re.compile(f"tenants/(?P<tenant>[^/]+)/{path}"), handler)

        now = self.clock.now
        return [
            route("contacts", lambda org, _, value: {"id": people.put_contact(org, value, now())}),
            route(
                "contacts/(?P<key>.+)/merge",
                lambda org, groups, value: people.merge_contact(org, groups["key"], value, now()),
            ),
            route("accounts", lambda org, _, value: administration.put_account(org, value, now())),
            route("tax_rates", lambda org, _, value: administration.put_tax_rate(org, value)),
            route("currencies", lambda org, _, value: administration.put_currency(org, value)),
            route(
                "tracking_categories",
                lambda org, _, value: administration.put_tracking_category(org, value),
            ),
            route("branding_themes", lambda org, _, value: administration.put_branding_theme(org, value)),
            route(
                "(?P<member>invoices|credit_notes|purchase_orders)",
                lambda org, groups, value: people.put_document_by_hand(org, groups["member"], value, now()),
            ),
            route(
                "(?:documents|invoices|credit_notes|purchase_orders)/(?P<key>.+)",
                lambda org, groups, value: people.change_document(org, groups["key"], value, now()),
            ),
            route("organisation", lambda org, _, value: people.change_organisation(org, value)),
        ]
