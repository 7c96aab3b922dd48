"""Lists, search, opening and history of invoices over HTTP."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from tests.integration.status_api.conftest import Client, outbox_events
from tests.integration.status_api.samples import EXAMPLES, START, Event, event, example

pytestmark = pytest.mark.stack


def discovered(
    number: int,
    *,
    name: str = "Example Ltd",
    tenant: str = "acme",
    **more: Any,  # noqa: ANN401  # fields of any event
) -> tuple[str, Event]:
    base = event("invoice.discovered", f"invoice/{number}", tenant=tenant, minute=number, **more)
    base["invoice"] |= {"number": f"2026-{number}", "date": date(2026, 1, 1) + timedelta(days=number)}
    base["company"] = base["company"] | {"name": name}
    return "invoice.discovered", base


def synced(number: int, **more: Any) -> tuple[str, Event]:  # noqa: ANN401  # fields of any event
    return "invoice.synced", event("invoice.synced", f"invoice/{number}", minute=number + 100, **more)


def test_money_keeps_every_digit(client: Client) -> None:
    record = discovered(1)
    record[1]["invoice"]["total"] = Decimal("100000000000000.0001")
    client.read_model.store(record)
    item = client.items("/tenants/acme/invoices")[0]
    assert item["total"] == "100000000000000.0001"


@pytest.mark.parametrize("sort", ["-changed", "changed", "-date", "date", "-id", "id"])
def test_paging_in_any_order_shows_each_invoice_once(client: Client, sort: str) -> None:
    client.read_model.store(*(discovered(number) for number in range(1, 8)))
    client.read_model.store(("invoice.held", event("invoice.held", "invoice/9", hold="none", minute=3)))
    seen: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get("/tenants/acme/invoices", sort=sort, limit=3, **cursor).json
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert sorted(seen) == [1, 2, 3, 4, 5, 6, 7, 9]
    if sort in {"id", "-id"}:
        assert seen == sorted(seen, reverse=sort == "-id")


def test_a_cursor_of_another_list_is_refused(client: Client) -> None:
    client.read_model.store(*(discovered(number) for number in range(1, 4)))
    cursor = client.get("/tenants/acme/invoices", limit=1).json["next_cursor"]
    assert client.get("/tenants/acme/invoices", limit=1, cursor=cursor, text="x").status_code == 400
    assert client.get("/tenants/beta/invoices", limit=1, cursor=cursor).status_code == 400


@pytest.mark.parametrize("words", ["48213", "026-48213", "größere", "BEISPIEL", "inv:48", "100%_\\"])
def test_search_finds_part_of_an_id_number_or_name(client: Client, words: str) -> None:
    client.read_model.store(
        discovered(48213, name="Größere Beispiel 100%_\\ GmbH"),
        synced(48213, xero_number="INV:48213", contact_name=""),
        discovered(7, name="Other 100 GmbH"),
        discovered(48213, name="Größere Beispiel", tenant="beta"),
    )
    assert [item["id"] for item in client.items("/tenants/acme/invoices", text=words)] == [48213]


def test_filters_narrow_by_status_date_and_cause(client: Client) -> None:
    fault = event("invoice.faulted", "invoice/3", minute=50, final=True, code="NO_LINES", attempt=1)
    client.read_model.store(
        discovered(1), discovered(2), discovered(3), synced(2), ("invoice.faulted", fault)
    )

    def ids(**query: object) -> list[int]:
        return sorted(item["id"] for item in client.items("/tenants/acme/invoices", **query))

    assert ids(status="Complete") == [2]
    assert ids(status=["Complete", "Fault"]) == [2, 3]
    assert ids(cause="NO_LINES") == [3]
    assert ids(**{"from": "2026-01-03", "to": "2026-01-03"}) == [2]
    assert ids(status="Skipped") == []


def test_an_opened_invoice_shows_every_group(client: Client) -> None:
    fault = event("invoice.faulted", "invoice/1", revision=2, minute=500, attempt=1, strike=True, final=False)
    client.read_model.store(
        discovered(1),
        ("invoice.mapped", event("invoice.mapped", "invoice/1", minute=2)),
        ("invoice.processing", event("invoice.processing", "invoice/1", minute=3, detail="r/writing")),
        synced(1),
        ("invoice.faulted", fault),
        ("invoice.skipped", event("invoice.skipped", "invoice/1", minute=1)),
        ("invoice.held", event("invoice.held", "invoice/1", minute=1, hold="none")),
    )
    invoice = client.get("/tenants/acme/invoices/1").json
    assert invoice["status"] == "Pending Sync"
    assert (invoice["strikes"], invoice["cause"]["code"]) == (1, fault["code"])
    assert invoice["xero"]["url"] == example("invoice.synced")["xero_url"]
    for group in ("source", "mapping", "processing", "synced", "fault", "skip", "held"):
        assert invoice[group], group


def test_an_unverified_write_shows_as_verifying(client: Client) -> None:
    client.read_model.store(
        discovered(1),
        (
            "invoice.processing",
            event("invoice.processing", "invoice/1", minute=3, detail="r/verifying", phase="verifying"),
        ),
    )
    item = client.items("/tenants/acme/invoices")[0]
    assert (item["status"], item["phase"]) == ("Processing Now", "verifying")


@pytest.mark.parametrize("path", ["", "/timeline", "/original", "/logs"])
def test_an_unknown_invoice_says_what_to_do(client: Client, path: str) -> None:
    client.read_model.store(discovered(1, tenant="beta"))
    answer = client.get(f"/tenants/acme/invoices/1{path}")
    assert answer.status_code == 404
    assert answer.json["type"] == "urn:invoice-sync:problem:unknown-invoice"
    assert "Clear Web Service Date" in answer.json["detail"]


def test_the_timeline_tells_every_event_in_order(client: Client) -> None:
    client.read_model.store(
        synced(1), discovered(1), ("invoice.mapped", event("invoice.mapped", "invoice/1", minute=5))
    )
    first = client.get("/tenants/acme/invoices/1/timeline", limit=2).json
    second = client.get("/tenants/acme/invoices/1/timeline", limit=2, cursor=first["next_cursor"]).json
    entries = first["items"] + second["items"]
    assert [entry["topic"] for entry in entries] == ["invoice.discovered", "invoice.mapped", "invoice.synced"]
    assert all(entry["summary"] for entry in entries)
    assert entries[0]["event"]["lines"][0]["quantity"]


def test_a_command_is_in_the_timeline_at_once_and_once_when_its_event_is_folded(client: Client) -> None:
    client.read_model.store(discovered(1), discovered(2))
    asked = {"kind": "resync", "document": "invoice/1", "options": {"recreate": True}}
    command_id = client.call("POST", "/api/v1/tenants/acme/commands", asked).json["command_id"]
    path = "/tenants/acme/invoices/1/timeline"
    before = client.items(path)
    assert [entry["topic"] for entry in before] == ["invoice.discovered", "sync.commands"]
    assert (before[1]["event_id"], before[1]["event"]["kind"]) == (command_id, "resync")
    client.read_model.store(
        *(("sync.commands", sent) for sent in outbox_events(client.read_model, "sync.commands"))
    )
    assert client.items(path) == before
    assert [entry["topic"] for entry in client.items("/tenants/acme/invoices/2/timeline")] == [
        "invoice.discovered"
    ]


def test_the_timeline_tells_log_lines_in_their_places_if_asked_and_pages_through_them(client: Client) -> None:
    client.read_model.store(discovered(1), log(2, message="between"), log(3, document="invoice/2"), synced(1))
    path = "/tenants/acme/invoices/1/timeline"
    whole = client.items(path, logs="true")
    assert [entry["topic"] for entry in whole] == ["invoice.discovered", "sync.logs", "invoice.synced"]
    assert "between" in whole[1]["summary"]
    assert [entry["topic"] for entry in client.items(path)] == ["invoice.discovered", "invoice.synced"]
    first = client.get(path, logs="true", limit=2).json
    rest = client.items(path, logs="true", limit=2, cursor=first["next_cursor"])
    assert first["items"] + rest == whole


@pytest.mark.parametrize("words", ["hp", "h", "HP", "%_", "0ż", "7 h", "é"])
def test_search_finds_one_and_two_characters_anywhere_and_nothing_else(client: Client, words: str) -> None:
    client.read_model.store(discovered(7, name="HP %_0ż É"), discovered(4, name="Contoso"))
    assert [item["id"] for item in client.items("/tenants/acme/invoices", text=words)] == [7]
    assert client.items("/tenants/acme/invoices", text="zq") == []


def test_words_in_logs_mean_themselves(client: Client) -> None:
    client.read_model.store(discovered(1), log(1, message="100% done_now"), log(2, message="100 done-now"))
    for words in ("100%", "done_", "% DONE"):
        assert [line["event_id"] for line in client.items("/tenants/acme/logs", text=words)] == ["log-1"]


def log(number: int, **more: Any) -> tuple[str, Event]:  # noqa: ANN401  # fields of any event
    base = example("sync.logs") | {
        "event_id": f"log-{number}",
        "tenant_id": "acme",
        "document": "invoice/1",
        "occurred_at": START + timedelta(minutes=number),
        "level": "info",
        "message": f"line {number}",
    }
    return "sync.logs", base | more


def test_logs_are_found_by_invoice_time_level_and_words(client: Client) -> None:
    client.read_model.store(
        discovered(1),
        log(1),
        log(2, level="error", message="Xero said NO"),
        log(3, document=None),
        log(4, tenant_id="beta"),
    )

    def ids(path: str, **query: object) -> list[str]:
        return [line["event_id"] for line in client.items(path, **query)]

    assert ids("/tenants/acme/logs") == ["log-3", "log-2", "log-1"]
    assert ids("/tenants/acme/logs", invoice="1") == ["log-2", "log-1"]
    assert ids("/tenants/acme/invoices/1/logs") == ["log-2", "log-1"]
    assert ids("/tenants/acme/logs", purchase_order="1") == []
    both = client.get("/tenants/acme/logs", invoice="1", purchase_order="1")
    assert (both.status_code, both.json["type"]) == (400, "urn:invoice-sync:problem:bad-parameter")
    assert ids("/tenants/acme/logs", level="error") == ["log-2"]
    assert ids("/tenants/acme/logs", text="xero said") == ["log-2"]
    assert ids("/tenants/acme/logs", **{"from": "2026-05-04T10:03:00Z"}) == ["log-3"]
    assert ids("/tenants/acme/logs", before="2026-05-04T10:02:00Z") == ["log-1"]
    first = client.get("/tenants/acme/logs", limit=2).json
    assert ids("/tenants/acme/logs", limit=2, cursor=first["next_cursor"]) == ["log-1"]


def test_faults_are_grouped_by_cause_with_the_remedy(client: Client) -> None:
    def fault(number: int, **more: Any) -> tuple[str, Event]:  # noqa: ANN401  # fields of any event
        return "invoice.faulted", event("invoice.faulted", f"invoice/{number}", **more)

    client.read_model.store(
        fault(1, code="NO_LINES", final=True),
        fault(2, code="NO_LINES", final=False, strike=True, attempt=1),
        fault(3, code="NEVER_HEARD_OF", final=True),
        discovered(4),
    )
    items = client.items("/tenants/acme/faults")
    assert [(item["cause"]["code"], item["at_fault"], item["retrying"]) for item in items] == [
        ("NO_LINES", 1, 1),
        ("NEVER_HEARD_OF", 1, 0),
    ]
    assert all(item["cause"]["remedy"] for item in items)


def test_what_a_newer_reading_said_is_the_original_and_keeps_every_digit(client: Client) -> None:
    old, new = discovered(1, revision=1), discovered(1, revision=2)
    old[1]["invoice"]["total"], new[1]["invoice"]["total"] = Decimal(1), Decimal("100000000000000.0001")
    client.read_model.store(new, old)
    original = client.get("/tenants/acme/invoices/1/original").json
    assert (original["document"], original["revision"]) == ("invoice/1", 2)
    assert original["snapshot"]["invoice"]["total"] == "100000000000000.0001"
    assert set(original["snapshot"]) == {"invoice", "company", "contact", "lines"}


def test_a_document_that_was_never_read_has_no_original_and_says_so(client: Client) -> None:
    client.read_model.store(synced(1))
    answer = client.get("/tenants/acme/invoices/1/original")
    assert (answer.status_code, answer.json["type"]) == (404, "urn:invoice-sync:problem:no-data-yet")


def test_a_warning_of_the_mapping_is_seen_in_the_list_and_read_in_the_detail(client: Client) -> None:
    words = ["unit prices have two decimals"]
    client.read_model.store(
        discovered(1),
        ("invoice.mapped", event("invoice.mapped", "invoice/1", warnings=words)),
        discovered(2),
        ("invoice.mapped", event("invoice.mapped", "invoice/2", warnings=[])),
        discovered(3),
    )
    assert {item["id"]: item["has_warnings"] for item in client.items("/tenants/acme/invoices")} == {
        1: True, 2: False, 3: False,
    }  # fmt: skip
    assert client.get("/tenants/acme/invoices/1").json["mapping"]["warnings"] == words


def test_rows_that_an_older_release_folded_have_no_warnings(client: Client) -> None:
    client.read_model.store(discovered(1), ("invoice.mapped", event("invoice.mapped", "invoice/1")))
    with client.read_model.engine.begin() as connection:
        connection.execute(text("UPDATE document SET mapping_warnings = NULL, mapping_tax_total = NULL"))
    invoice = client.get("/tenants/acme/invoices/1").json
    assert (invoice["has_warnings"], invoice["mapping"]["warnings"]) == (False, [])


def test_a_voided_invoice_is_complete_says_why_and_keeps_its_link(client: Client) -> None:
    void: dict[str, Any] = {"action": "void", "xero": None, "prediction": None}
    client.read_model.store(
        discovered(1),
        synced(1, xero_status="AUTHORISED"),
        discovered(1, revision=2, action="void"),
        ("invoice.mapped", event("invoice.mapped", "invoice/1", 2, minute=200, **void)),
        synced(1, revision=2, outcome="voided", xero_status="VOIDED"),
    )
    invoice = client.get("/tenants/acme/invoices/1").json
    assert (invoice["status"], invoice["action"]) == ("Complete", "void")
    assert invoice["cause"] == {"code": "voided_in_xero", "text": "voided in Xero as in Autotask"}
    assert (invoice["xero"]["status"], invoice["synced"]["outcome"]) == ("VOIDED", "voided")
    assert invoice["xero"]["url"] == example("invoice.synced")["xero_url"]
    assert [item["id"] for item in client.items("/tenants/acme/invoices", cause="voided_in_xero")] == [1]
    assert client.items("/tenants/acme/faults") == []
    assert client.get("/tenants/acme/overview").json["totals"] == []


def test_the_catalogue_lists_every_fault(client: Client) -> None:
    assert {"NO_LINES", "UNKNOWN"} <= {item["code"] for item in client.items("/catalogue")}


def test_the_overview_counts_in_the_tenants_month_and_keeps_currencies_apart(client: Client) -> None:
    # 2026-04-30T12:30Z is already May in Auckland.
    may = event(
        "invoice.synced", "invoice/1", total=Decimal("115.00"), total_tax=Decimal("15.00"), currency="NZD"
    )
    may["occurred_at"] = may["occurred_at"].replace(month=4, day=30, hour=12, minute=30)
    april = event("invoice.synced", "invoice/2", total=Decimal("10.00"), total_tax=Decimal(0), currency="USD")
    april["occurred_at"] = april["occurred_at"].replace(month=4, day=30, hour=11, minute=30)
    credit = event(
        "invoice.synced", "invoice/3", total=Decimal("15.50"), total_tax=Decimal("0.50"), currency="NZD",
        xero_kind="credit_note",
    )  # fmt: skip
    client.read_model.store(
        ("invoice.synced", may), ("invoice.synced", april), ("invoice.synced", credit), discovered(9)
    )
    overview = client.get("/tenants/acme/overview").json
    assert overview["counts"] == {
        "Pending Sync": 1, "Processing Now": 0, "Complete": 3, "Fault": 0, "Skipped": 0, "Diagnostic Mode": 0,
    }  # fmt: skip
    assert overview["month"] == {"name": "2026-05", "first_synced": 2}
    assert overview["totals"] == [
        {"currency": "NZD", "documents": 2, "total": "99.5000", "total_tax": "14.5000"},
        {"currency": "USD", "documents": 1, "total": "10.0000", "total_tax": "0.0000"},
    ]
    assert overview["oldest_pending"]["id"] == 9
    assert {side["side"]: side["state"] for side in overview["connections"]} == {
        "autotask": "unknown",
        "xero": "unknown",
    }


def test_connections_and_reference_are_those_of_the_tenant(client: Client) -> None:
    health = example("connection.health") | {"tenant_id": "acme", "side": "xero", "state": "refused"}
    client.read_model.store(
        ("connection.health", health), ("xero.reference", example("xero.reference") | {"tenant_id": "acme"})
    )
    states = {item["side"]: item for item in client.items("/tenants/acme/connections")}
    assert states["xero"]["state"] == "refused"
    assert "credentials" in states["xero"]["next_step"]
    assert client.get("/tenants/acme/reference").json["tenant_id"] == "acme"
    assert client.get("/tenants/beta/reference").json["type"] == "urn:invoice-sync:problem:no-data-yet"
    assert all(item["state"] == "unknown" for item in client.items("/tenants/beta/connections"))


def test_every_example_beside_the_schemas_can_be_shown(client: Client) -> None:
    for path in sorted(EXAMPLES.glob("*/*.json")):
        topic = path.parent.name
        body = example(topic, path.stem) | {"tenant_id": "acme"}
        client.read_model.store((topic, body))
    for kind in ("invoices", "purchase-orders"):
        shown = client.items(f"/tenants/acme/{kind}")
        assert shown
        for item in shown:
            place = f"/tenants/acme/{kind}/{item['id']}"
            was_read = client.get(place).json["source"] is not None
            assert client.get(f"{place}/timeline").status_code == 200
            assert client.get(f"{place}/logs").status_code == 200
            assert client.get(f"{place}/original").status_code == (200 if was_read else 404)
    assert client.get("/tenants/acme/logs").status_code == 200
    assert client.get("/tenants/acme/overview").status_code == 200


def test_an_id_larger_than_any_is_unknown_and_no_failure(client: Client) -> None:
    assert client.get("/tenants/acme/invoices/9999999999999999999").status_code == 404
