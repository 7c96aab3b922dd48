"""Realistic books: every invoice of two very different tenants meets the fate that was planned for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from invoice_events import names
from invoice_events.settings import effective_settings
from poller.adapters.tenants import TenantRules
from service_runtime.tenants import AutotaskCredentials
from simulators.books import generate
from tests.integration.poller.rig import TENANT, Rig

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("tenant", ["acme", "northwind"])
def test_every_invoice_of_the_books_is_seen_as_planned(rig: Rig, tenant: str) -> None:
    books = generate(7, 300, today=datetime.now(UTC).date()).tenant(tenant)
    user = books.entry["autotask"]
    rig.simulator.load_tenant({**books.autotask, "tenant": TENANT})
    rig.tenants.api_user = AutotaskCredentials(user["username"], user["secret"], user["integration_code"])
    settings = dict(books.entry["settings"]) | {"time_zone": books.entry.get("time_zone", "UTC")}
    rig.tenants.current = TenantRules(version=1, paused=False, settings=effective_settings(settings))
    rig.turn()

    seen = {event["invoice"]["id"]: event for event in rig.events(names.DISCOVERED)}
    skipped = {
        int(event["document"].partition("/")[2]): event["reason"] for event in rig.events(names.SKIPPED)
    }
    assert rig.events(names.FAULTED) == []
    for number, fate in books.fates.items():
        if fate.outcome == "not_discovered":
            assert number not in seen
            assert rig.entry(number) is None
        elif fate.cause == "voided":
            assert skipped[number] == "voided"
        else:
            assert number in seen, fate
        if fate.document is not None:
            assert seen[number]["invoice"]["currency"] == fate.document.currency
            assert seen[number]["invoice"]["date"] == fate.document.date
    assert len(seen) + len(skipped) == sum(fate.outcome != "not_discovered" for fate in books.fates.values())
