"""The client against the simulator: zones, cursors, batches, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from poller.adapters.autotask.client import AutotaskClient, Filter
from poller.adapters.autotask.errors import DownError, RefusedError, RequestRefusedError
from poller.adapters.autotask.queries import records, records_where_in
from service_runtime.deadline import make_session
from service_runtime.tenants import AutotaskCredentials
from simulators.autotask.simulator import AutotaskSimulator
from simulators.kit.app import SimulatorApp
from simulators.kit.server import RunningServer, start

ANY: Filter = {"op": "gte", "field": "id", "value": 0}


@dataclass
class Site:
    """A simulator with one tenant, and a client for it whose credentials and clock a test can change."""

    server: RunningServer
    simulator: AutotaskSimulator
    credentials: AutotaskCredentials
    clock: float = 0.0

    def client(self) -> AutotaskClient:
        return AutotaskClient(
            "acme",
            f"http://127.0.0.1:{self.server.port}/atservicesrest",
            make_session(1),
            lambda: self.credentials,
            lambda: self.clock,
        )

    def upsert(self, entity: str, *found: dict[str, Any]) -> None:
        self.simulator.database("acme").upsert(entity, list(found))

    def paths(self) -> list[str]:
        return [call["path"].rpartition("/")[2] for call in self.server.app.calls.since(0)]


@pytest.fixture
def site() -> Iterator[Site]:
    simulator = AutotaskSimulator()
    simulator.load_tenant(
        {"tenant": "acme", "username": "api@acme.example", "secret": "s3cret", "integration_code": "C"}
    )
    server = start(SimulatorApp(simulator))
    yield Site(server, simulator, AutotaskCredentials("api@acme.example", "s3cret", "C"))
    server.stop()


def test_the_zone_is_looked_up_once_in_twelve_hours(site: Site) -> None:
    client = site.client()
    for hours in (0, 6, 11.9, 12.1, 13):
        site.clock = hours * 3600
        client.usage()
    assert site.paths().count("zoneInformation") == 2


def test_a_401_looks_the_zone_up_once_and_never_loops(site: Site) -> None:
    client = site.client()
    client.usage()
    site.credentials = replace(site.credentials, secret="wrong")
    with pytest.raises(RefusedError):
        client.usage()
    assert site.paths() == [
        "zoneInformation",
        "ThresholdInformation",
        "ThresholdInformation",
        "zoneInformation",
    ]


def test_a_moved_database_is_found_by_the_same_call(site: Site) -> None:
    client = site.client()
    client.usage()
    database = site.simulator.database("acme")
    database.switches = replace(database.switches, zone=20)
    assert client.usage().limit == 10_000


def test_another_api_user_is_not_sent_to_the_zone_of_the_one_before(site: Site) -> None:
    client = site.client()
    client.usage()
    site.credentials = replace(site.credentials, username="other@acme.example")
    with pytest.raises(RefusedError, match="Zone information"):
        client.usage()
    assert site.paths() == ["zoneInformation", "ThresholdInformation", "zoneInformation"]


def test_an_unknown_user_is_refused_not_down(site: Site) -> None:
    site.credentials = replace(site.credentials, username="nobody@acme.example")
    with pytest.raises(RefusedError, match="Zone information"):
        site.client().usage()


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1000])
def test_every_record_comes_once_whatever_the_number_of_pages(site: Site, count: int) -> None:
    site.upsert("PaymentTerms", *({"id": number, "name": f"n{number}"} for number in range(1, count + 1)))
    found = records(site.client(), "PaymentTerms", [ANY], ("id",))
    assert [record["id"] for record in found] == list(range(1, count + 1))
    pages = site.paths().count("query")
    assert pages == max(1, -(-count // 500)), "a page more than needed was asked for"


def test_records_that_leave_the_filter_while_it_is_read_cost_no_other(site: Site) -> None:
    site.upsert(
        "Invoices", *({"id": number, "invoiceDateTime": "2026-05-14T00:00:00Z"} for number in range(1, 1001))
    )
    client = site.client()
    unstamped: Filter = {"op": "notExist", "field": "webServiceDate"}
    seen: list[int] = []
    first = client.page("Invoices", [unstamped])
    seen += [record["id"] for record in first.items]
    for record in first.items[:50]:
        client.stamp(record["id"], datetime.now(UTC))
    seen += [
        r["id"]
        for r in records(client, "Invoices", [unstamped, {"op": "gt", "field": "id", "value": seen[-1]}])
    ]
    assert seen == list(range(1, 1001))


def test_in_lists_hold_at_most_200_ids(site: Site) -> None:
    site.upsert(
        "Tickets", *({"id": number, "ticketNumber": f"T{number}", "title": "x"} for number in range(1, 451))
    )
    found = records_where_in(site.client(), "Tickets", "id", [*range(1, 451), 7, 999], ("id",))
    assert len(found) == 450
    sizes = [
        len(each["value"])
        for call in site.server.app.calls.since(0)
        if call["path"].endswith("query")
        for each in call["request_body"]["filter"]
        if each["op"] == "in"
    ]
    assert sizes == [200, 200, 51]


def test_a_stamp_changes_nothing_else_of_the_invoice(site: Site) -> None:
    site.upsert(
        "Invoices",
        {
            "id": 1,
            "invoiceNumber": "INV-1",
            "paidDate": "2026-05-01T00:00:00Z",
            "invoiceDateTime": "2026-05-01T00:00:00Z",
        },
    )
    site.client().stamp(1, datetime(2026, 5, 14, 8, 31, 7, tzinfo=UTC))
    record = site.simulator.database("acme").tables["Invoices"].get(1)
    assert record is not None
    assert (record["webServiceDate"], record["invoiceNumber"]) == ("2026-05-14T08:31:07.000Z", "INV-1")
    assert record["paidDate"] == "2026-05-01T00:00:00Z"


def test_a_bad_filter_is_refused_in_autotasks_words(site: Site) -> None:
    with pytest.raises(RequestRefusedError, match="not queryable"):
        site.client().page("Invoices", [{"op": "exist", "field": "dueDate"}])


def test_no_message_repeats_a_credential(site: Site) -> None:
    site.server.stop()
    with pytest.raises(DownError) as caught:
        site.client().usage()
    assert "s3cret" not in str(caught.value)
    assert "api@acme" not in str(caught.value)
