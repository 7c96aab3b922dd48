"""One tenant's parts put together, the entry of the tenants file among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulators.books.masterdata import autotask_entities, xero_tenant
from simulators.books.model import TenantBooks

if TYPE_CHECKING:
    from random import Random

    from simulators.books.builder import Builder
    from simulators.books.model import Fate
    from simulators.books.orders import Orders
    from simulators.books.profile import Profile


@dataclass(frozen=True, slots=True)
class Credentials:
    """Made-up, and derived from the tenant's id so that both sides agree."""

    username: str
    secret: str
    integration_code: str
    client_id: str
    client_secret: str

    @classmethod
    def of(cls, tenant: str) -> Credentials:
        """The credentials of a tenant."""
        return cls(
            username=f"api@{tenant}.example",
            secret=f"autotask-{tenant}-made-up",
            integration_code=f"CODE-{tenant.upper()}",
            client_id=f"client-{tenant}",
            client_secret=f"ledger-{tenant}-made-up",
        )


def assemble(
    profile: Profile, builder: Builder, fates: dict[int, Fate], rng: Random, orders: Orders | None = None
) -> TenantBooks:
    """The finished books of one tenant."""
    credentials = Credentials.of(profile.id)
    autotask: dict[str, Any] = {
        "tenant": profile.id,
        "username": credentials.username,
        "secret": credentials.secret,
        "integration_code": credentials.integration_code,
        "switches": {"invoice_total": profile.invoice_total, "tax_rate_scale": profile.tax_rate_scale},
        "picklists": {
            "Companies.territoryID": {str(number): name for number, name in profile.territories.items()}
        },
        "entities": {
            **autotask_entities(profile, rng),
            **builder.entities(),
            **(orders.entities() if orders else {}),
        },
    }
    entry = {
        "id": profile.id,
        "name": profile.name,
        "time_zone": profile.time_zone,
        "autotask": {
            "username": credentials.username,
            "secret": credentials.secret,
            "integration_code": credentials.integration_code,
        },
        "xero": {
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
            "grant": "client_credentials",
        },
        "settings": profile.settings(builder.choices.numbering, builder.choices.import_as),
        "state": "active",
    }
    client = (credentials.client_id, credentials.client_secret)
    bought = orders.fates if orders else {}
    return TenantBooks(profile.id, autotask, xero_tenant(profile, client, rng), entry, fates, bought)
