"""Figures at a glance and over time: kept beside the documents, and always what counting the documents would give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from tests.integration.status_api.conftest import TOKEN, Client, ReadModel
from tests.integration.status_api.figures_model import counted, kept
from tests.integration.status_api.samples import START, event, example, of

pytestmark = pytest.mark.stack

_ANALYTICS = "/tenants/acme/analytics"


def synced(number: int, at: datetime, **more: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401  # fields of any event
    return of(f"invoice/{number}", "synced", **more)[0], event(
        "invoice.synced", f"invoice/{number}", **more
    ) | {"occurred_at": at}


def found(number: int, at: datetime, **more: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401  # as above
    return "invoice.discovered", event("invoice.discovered", f"invoice/{number}", **more) | {
        "occurred_at": at
    }


def test_a_document_counts_once_in_the_period_of_its_first_success(client: Client) -> None:
    at = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
    client.read_model.store(
        synced(1, at),
        synced(1, at + timedelta(days=3), revision=2, outcome="updated"),
        synced(2, at + timedelta(hours=1)),
        synced(3, at, outcome="voided"),
    )
    answer = client.get(_ANALYTICS, per="day", **{"from": "2026-05-03", "to": "2026-05-08"}).json
    assert {each["name"]: each["synced"] for each in answer["periods"] if each["synced"]} == {"2026-05-04": 2}
    assert answer["synced"] == 2


def test_days_and_months_are_the_tenants_and_not_those_of_utc(client: Client) -> None:
    # Auckland is twelve hours ahead: noon in UTC is midnight there.
    client.read_model.store(
        synced(1, datetime(2026, 4, 30, 11, 59, 59, tzinfo=UTC)),
        synced(2, datetime(2026, 4, 30, 12, 0, tzinfo=UTC)),
    )
    months = client.get(_ANALYTICS, **{"from": "2026-03-15", "to": "2026-05-01"}).json
    assert [(each["name"], each["synced"], each["change"]) for each in months["periods"]] == [
        ("2026-03", 0, 0), ("2026-04", 1, 1), ("2026-05", 1, 0),
    ]  # fmt: skip
    assert (months["time_zone"], months["from"], months["before"]) == (
        "Pacific/Auckland",
        "2026-03-01",
        "2026-06-01",
    )
    days = client.get(_ANALYTICS, per="day", **{"from": "2026-04-30", "to": "2026-05-01"}).json
    assert [each["synced"] for each in days["periods"]] == [1, 1]


def test_the_first_period_is_compared_with_the_one_before_the_span(client: Client) -> None:
    client.read_model.store(
        synced(1, datetime(2026, 4, 10, tzinfo=UTC)),
        synced(2, datetime(2026, 4, 11, tzinfo=UTC)),
        synced(3, datetime(2026, 5, 10, tzinfo=UTC)),
    )
    answer = client.get(_ANALYTICS, **{"from": "2026-05-01", "to": "2026-05-31"}).json
    assert [(each["synced"], each["change"]) for each in answer["periods"]] == [(1, -1)]


def test_the_time_to_xero_runs_from_the_first_try_to_the_first_success(client: Client) -> None:
    client.read_model.store(
        found(1, START),
        found(1, START + timedelta(hours=2), revision=2),
        synced(1, START + timedelta(hours=3), revision=2),
        synced(1, START + timedelta(days=9), revision=3, outcome="updated"),
        synced(2, START),
    )
    told = client.get(_ANALYTICS, **{"from": "2026-05-01", "to": "2026-05-31"}).json["time_to_xero"]
    assert told["documents"] == 1, "one of them does not tell when it was found"
    assert 3600 * 3 / 2 <= told["p50"] <= 3600 * 3 * 2


def test_each_try_that_failed_counts_under_its_own_cause(client: Client) -> None:
    def fault(number: int, revision: int, day: int, code: str) -> tuple[str, dict[str, Any]]:
        at = datetime(2026, 5, day, tzinfo=UTC)
        return "invoice.faulted", event(
            "invoice.faulted", f"invoice/{number}", revision, code=code, strike=True, final=False
        ) | {"occurred_at": at}

    client.read_model.store(fault(1, 1, 4, "NO_LINES"), fault(1, 2, 5, "UNKNOWN"), fault(2, 1, 5, "NO_LINES"))
    client.read_model.store(fault(1, 1, 6, "NO_LINES"))  # said again
    answer = client.get(_ANALYTICS, per="day", **{"from": "2026-05-04", "to": "2026-05-06"}).json
    assert [each["failed_tries"] for each in answer["periods"]] == [1, 2, 0]
    assert [(each["cause"]["code"], each["tries"], each["by_period"]) for each in answer["faults"]] == [
        ("NO_LINES", 2, [1, 1, 0]),
        ("UNKNOWN", 1, [0, 1, 0]),
    ]


def test_orders_and_other_tenants_are_counted_apart(client: Client) -> None:
    client.read_model.store(
        of("purchase-order/1", "synced"), of("invoice/1", "synced", tenant="beta"), of("invoice/2", "synced")
    )
    span = {"from": "2026-05-01", "to": "2026-05-31"}
    assert client.get(_ANALYTICS, **span).json["synced"] == 1
    assert client.get(_ANALYTICS, kind="purchase-order", **span).json["synced"] == 1


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-05-02", "to": "2026-05-01", "per": "day"},
        {"from": "2020-01-01", "to": "2026-05-01", "per": "day"},
        {"from": "0001-01-01"},
        {"to": "9999-12-31"},
        {"per": "year"},
    ],
)
def test_a_span_that_can_not_be_told_is_refused_with_the_reason(
    client: Client, query: dict[str, str]
) -> None:
    answer = client.get(_ANALYTICS, **query)
    assert (answer.status_code, answer.json["type"]) == (400, "urn:invoice-sync:problem:bad-parameter")


def test_the_fleet_shows_a_line_for_each_tenant_and_what_it_shows_is_the_tenants_own_overview(
    client: Client,
) -> None:
    client.read_model.store(
        of("invoice/1", "synced"),
        of("invoice/2", "discovered"),
        of("purchase-order/3", "discovered"),
        of("invoice/4", "discovered", tenant="beta"),
        (
            "connection.health",
            example("connection.health") | {"tenant_id": "beta", "side": "xero", "state": "down"},
        ),
    )
    client.call("POST", "/api/v1/tenants/acme/commands", {"kind": "resync", "document": "invoice/1"})
    lines = client.items("/overview")
    assert [line["tenant"]["tenant_id"] for line in lines] == ["acme", "beta"]
    for line in lines:
        own = client.get(f"/tenants/{line['tenant']['tenant_id']}/overview").json
        for kind, whole in (("invoices", own), ("purchase_orders", own["purchase_orders"])):
            assert {name: whole[name] for name in line[kind]} == line[kind]
        assert line["connections"] == own["connections"]
    assert lines[0]["invoices"]["counts"]["Pending Sync"] == 2, "the resync shows at once"
    assert lines[1]["connections"][1]["state"] == "down"


def test_the_fleet_takes_as_many_statements_for_two_tenants_as_for_fifty(
    client: Client, statements: list[str]
) -> None:
    def asked() -> int:
        statements.clear()
        assert client.get("/overview").status_code == 200
        return len(statements)

    few = asked()
    with client.read_model.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO tenant SELECT 'tenant-' || n, 'Tenant', 'active', 1, '{}', now(), 'test' FROM generate_series(1, 48) n"
            )
        )
    assert asked() == few
    assert len(client.items("/overview")) == 50


def test_an_open_resync_moves_a_document_out_of_the_faults_at_once(client: Client) -> None:
    fault: dict[str, Any] = {"code": "NO_LINES", "final": True}
    client.read_model.store(
        *(of(f"invoice/{number}", "faulted", minute=number, **fault) for number in (1, 2, 3))
    )
    client.call("POST", "/api/v1/tenants/acme/commands", {"kind": "resync", "document": "invoice/3"})
    (item,) = client.items("/tenants/acme/faults")
    assert (item["documents"], item["at_fault"], item["newest_ids"]) == (2, 2, [2, 1])
    client.call("POST", "/api/v1/tenants/acme/commands", {"kind": "resync", "document": "invoice/2"})
    client.call("POST", "/api/v1/tenants/acme/commands", {"kind": "resync", "document": "invoice/1"})
    assert client.items("/tenants/acme/faults") == []


def test_totals_follow_a_document_that_is_written_again_or_voided(client: Client) -> None:
    def totals() -> list[tuple[str, int, str]]:
        told = client.get("/tenants/acme/overview").json["totals"]
        return [(each["currency"], each["documents"], each["total"]) for each in told]

    money: dict[str, Any] = {"total": Decimal("115.00"), "total_tax": Decimal("15.00"), "currency": "NZD"}
    client.read_model.store(of("invoice/1", "synced", **money))
    assert totals() == [("NZD", 1, "115.0000")]
    client.read_model.store(
        of("invoice/1", "synced", 2, **(money | {"total": Decimal("0.01"), "currency": "USD"}))
    )
    assert totals() == [("USD", 1, "0.0100")]
    client.read_model.store(of("invoice/1", "synced", 3, outcome="voided"))
    assert totals() == []


def test_figures_are_what_counting_gives_after_rows_were_changed_by_hand(read_model: ReadModel) -> None:
    read_model.store(
        *(of(f"invoice/{number}", "synced", minute=number) for number in range(1, 9)),
        *(of(f"invoice/{number}", "faulted", 2, minute=20) for number in range(1, 4)),
    )
    with read_model.engine.begin() as connection:
        connection.execute(text("DELETE FROM document WHERE id = 2"))
        connection.execute(text("DELETE FROM timeline WHERE id = 3"))
        connection.execute(text("UPDATE document SET hold = 'skip' WHERE id = 4"))
    assert kept(read_model) == counted(read_model)
    with read_model.engine.begin() as connection:
        connection.execute(text("TRUNCATE document, timeline"))
    assert kept(read_model) == {}


def test_an_access_that_ends_at_a_tenant_keeps_the_fleet_to_it(client: Client) -> None:
    assert client.call("GET", "/api/v1/overview", token=None).status_code == 401
    assert client.call("GET", "/api/v1/overview", token=TOKEN).status_code == 200
