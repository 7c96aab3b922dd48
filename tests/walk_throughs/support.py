"""What the walk-throughs of writes to Xero share: made-to-measure books, and looking at both ends of the suite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import requests

from invoice_events import names
from local_stack.topics import load_topics
from simulators.books.acme import ACME
from simulators.books.builder import Builder, Choices
from simulators.books.draft import Draft, Line
from simulators.books.model import Fate, ImportAs, Numbering, TenantBooks
from simulators.books.profile import BillingCode, Profile
from simulators.books.tenant import assemble
from tests.end_to_end.suite import Suite, today
from tests.faults.history import GONE, Create, creates, mark_of
from tests.support.waiting import wait_until

PATIENCE = 180.0
"""Seconds: much more than anything takes, since the machine may be busy with other things."""
MODES: tuple[Numbering, ...] = ("autotask_id", "autotask_number", "xero")
SERVICES = next(code for code in ACME.codes if code.name == "Managed services")
HARDWARE = next(code for code in ACME.codes if code.name == "Hardware")
HARDWARE_ACCOUNT = "220"
HOSTING = next(code for code in ACME.codes if code.name == "Overseas hosting")
"""Zero-rated, unlike the two others."""
_CUSTOMERS = tuple(
    firm for firm in ACME.firms if firm.currency == ACME.base and firm.region == ACME.firms[0].region
)


@dataclass(frozen=True, slots=True)
class Bill:
    """One invoice to be, of one line; a negative quantity makes a credit note of it.

    Attributes:
        quantity: of the line.
        rate: price of one, in the base currency.
        code: what it is billed under; decides account and tax.
        days_ago: its date.
        fate: what must become of it; None: it syncs.
    """

    quantity: int = 2
    rate: Decimal = Decimal("41.35")
    code: BillingCode = SERVICES
    days_ago: int = 1
    fate: Fate | None = None


def tenant_books(
    name: str,
    bills: Sequence[Bill],
    *,
    numbering: Numbering = "autotask_id",
    import_as: ImportAs = "draft",
    options: Mapping[str, Any] | None = None,
    profile: Profile = ACME,
) -> TenantBooks:
    """A tenant with these bills, in this order. `options`: settings beyond those without which nothing would sync."""
    profile = replace(
        profile,
        id=name,
        name=f"Walk {name}",
        purchasing=None,
        options=dict(options or {}),
        category_on_line=Decimal(1),
    )
    rng = Random(name)
    builder = Builder(profile, Choices(numbering, import_as), rng)
    fates: dict[int, Fate] = {}
    for place, bill in enumerate(bills):
        firm = _CUSTOMERS[place % len(_CUSTOMERS)]
        line = Line(
            line_type=bill.code.line_types[0],
            name=bill.code.name,
            text=f"{bill.code.name}, as agreed",
            quantity=Decimal(bill.quantity),
            rate=bill.rate,
            code=bill.code.id,
            category=bill.code.category,
            tax_rate=profile.rate(firm, bill.code.category),
        )
        draft = Draft([line])
        invoice = builder.add(firm, draft, today() - timedelta(days=bill.days_ago))
        fates[invoice["id"]] = bill.fate or Fate(
            "synced", "new", document=builder.expected(invoice, firm, draft)
        )
    return assemble(profile, builder, fates, rng)


def await_reference(suite: Suite, tenants: Iterable[str]) -> None:
    """Wait until the accounts and rates of these tenants are known: from then on invoices are found and mapped."""
    wanted = set(tenants)
    wait_until(
        lambda: wanted <= {event["tenant_id"] for event in suite.topics.events(names.REFERENCE)},
        "the reference data",
        PATIENCE,
        pause=0.5,
    )


def await_all(
    suite: Suite, tenant: TenantBooks, status: str, ids: Iterable[int], seconds: float = PATIENCE
) -> None:
    """Wait until status-api shows each of these invoices with this status."""
    wanted = {f"invoice/{number}" for number in ids}

    def shown() -> bool:
        found = {item["document"]: item["status"] for item in suite.listed(tenant.tenant, "invoices")}
        return all(found.get(name) == status for name in wanted)

    wait_until(shown, f"{len(wanted)} documents of {tenant.tenant} to be {status}", seconds, pause=0.5)


def statuses(suite: Suite, tenant: str) -> dict[int, str]:
    """What status-api shows of a tenant's invoices, by number."""
    return {int(item["id"]): str(item["status"]) for item in suite.listed(tenant, "invoices")}


def events_of(suite: Suite, topic: str, tenant: str) -> list[dict[str, Any]]:
    """A tenant's events in a topic; per document in order."""
    return [dict(event) for event in suite.topics.events(topic) if event["tenant_id"] == tenant]


def created_by(suite: Suite, tenant: str) -> list[Create]:
    """Calls so far that were to create documents for a tenant."""
    return [create for create in creates(suite.xero.calls()) if create.tenant == tenant]


def in_xero(suite: Suite, tenant: str) -> list[dict[str, Any]]:
    """Every sales document that stands in a tenant's Xero or did."""
    books = suite.xero.books(tenant)
    return [*books["invoices"], *books["credit_notes"]]


def living(suite: Suite, tenant: str) -> dict[str | None, list[dict[str, Any]]]:
    """Live sales documents in a tenant's Xero by the document of Autotask whose mark they carry."""
    found: dict[str | None, list[dict[str, Any]]] = {}
    for document in in_xero(suite, tenant):
        if document["Status"] not in GONE:
            found.setdefault(mark_of(document), []).append(document)
    return found


def nothing_is_buried(suite: Suite) -> bool:
    """Whether every dead-letter topic is empty."""
    topics = [topic.name for topic in load_topics() if topic.name.endswith(".dlq")]
    return topics != [] and sum(suite.topics.ends(topics).values()) == 0


def assert_all_went_over(suite: Suite, tenant: TenantBooks, documents: int) -> None:
    """Both books agree, so many documents live in Xero, each was made once, and every one is shown as Complete."""
    comparison = suite.comparison(tenant)
    assert list(comparison.problems) == []
    assert comparison.documents == documents
    synced = [number for number, fate in tenant.fates.items() if fate.outcome == "synced"]
    await_all(
        suite, tenant, "Complete", [number for number in synced if number in suite.stamped(tenant.tenant)]
    )


def change_settings(suite: Suite, tenant: str, **changes: Any) -> None:  # noqa: ANN401  # any setting
    """A person replaces some of a tenant's settings."""
    path = f"tenants/{tenant}/settings"
    stored = suite.status.get(path)
    answer = requests.put(
        f"{suite.stack.status_api_url}/api/v1/{path}",
        json={"settings": {**stored["settings"], **changes}},
        headers={
            "Authorization": f"Bearer {suite.stack.status_api_token}",
            "If-Match": f'"{stored["version"]}"',
        },
        timeout=30,
    )
    answer.raise_for_status()
