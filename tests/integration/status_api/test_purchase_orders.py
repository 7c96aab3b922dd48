"""Purchase orders over HTTP: like invoices, and apart from them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.status_api.conftest import Client
from tests.integration.status_api.samples import START, Event, event, example, of

pytestmark = pytest.mark.stack

ORDERS = "/tenants/acme/purchase-orders"
Record = tuple[str, Event]


def discovered(
    number: int,
    *,
    vendor: str = "Example Vendor",
    tenant: str = "acme",
    **more: Any,  # noqa: ANN401  # fields of any event
) -> Record:
    base = event(
        "purchase-order.discovered", f"purchase-order/{number}", tenant=tenant, minute=number, **more
    )
    base["order"] |= {
        "number": f"PO-2026-{number}",
        "external_number": f"EXT-{number}",
        "vendor_invoice_number": f"VI-{number}",
        "date": date(2026, 1, 1) + timedelta(days=number),
        "expected_on": date(2026, 2, 1),
        "status": 2,
        "status_name": "Submitted",
        "currency": "NZD",
    }
    base["vendor"] |= {"id": 402, "name": vendor}
    return "purchase-order.discovered", base


def told(number: int, stage: str, revision: int = 1, **more: Any) -> Record:  # noqa: ANN401  # fields of any event
    return of(f"purchase-order/{number}", stage, revision, **{"minute": number + 100, **more})


def invoice(number: int) -> Record:
    return of(f"invoice/{number}", "discovered", minute=number)


def ids(client: Client, **query: object) -> list[int]:
    return sorted(item["id"] for item in client.items(ORDERS, **query))


def test_an_order_and_the_invoice_of_the_same_id_are_two_documents(client: Client) -> None:
    client.read_model.store(discovered(1), invoice(1), told(1, "synced"))
    assert client.get(f"{ORDERS}/1").json["status"] == "Complete"
    assert client.get("/tenants/acme/invoices/1").json["status"] == "Pending Sync"
    for path, first in (("invoices", "invoice"), ("purchase-orders", "purchase-order")):
        topics = {entry["topic"] for entry in client.items(f"/tenants/acme/{path}/1/timeline")}
        assert all(topic.startswith(f"{first}.") for topic in topics)


def test_an_order_shows_its_vendor_status_and_the_totals_it_will_have(client: Client) -> None:
    client.read_model.store(discovered(7))
    item = client.items(ORDERS)[0]
    assert (item["document"], item["number"], item["date"]) == (
        "purchase-order/7", "PO-2026-7", "2026-01-08",
    )  # fmt: skip
    assert item["vendor"] == {"id": 402, "name": "Example Vendor"}
    assert item["autotask_status"] == {"id": 2, "name": "Submitted"}
    assert (item["expected_on"], item["currency"], item["changed_since"]) == ("2026-02-01", "NZD", None)
    assert (item["total"], item["tax_total"]) == (None, None)
    prediction = example("purchase-order.mapped")["prediction"] | {"total": Decimal("100000000000000.0001")}
    client.read_model.store(told(7, "mapped", prediction=prediction))
    item = client.items(ORDERS)[0]
    assert (item["total"], item["tax_total"]) == ("100000000000000.0001", f"{prediction['total_tax']:.4f}")


def test_an_opened_order_shows_every_group(client: Client) -> None:
    client.read_model.store(
        discovered(1),
        *(told(1, stage) for stage in ("mapped", "processing", "synced", "faulted", "skipped", "held")),
    )
    order = client.get(f"{ORDERS}/1").json
    for group in ("source", "mapping", "processing", "synced", "fault", "skip", "held", "xero"):
        assert order[group], group
    assert order["xero"]["kind"] == "purchase_order"
    assert order["source"]["is_cancelled"] is False


def test_filters_and_search_find_orders_and_no_invoices(client: Client) -> None:
    client.read_model.store(
        *(discovered(number, vendor=f"Größe {number} Ltd") for number in (1, 2, 3)),
        *(invoice(number) for number in (1, 2, 3)),
        discovered(2, tenant="beta"),
        told(2, "synced", xero_number="PO:2", contact_name=""),
        told(3, "faulted", code="NO_LINES", final=True),
    )
    assert ids(client) == [1, 2, 3]
    assert ids(client, status="Complete") == [2]
    assert ids(client, status=["Complete", "Fault"]) == [2, 3]
    assert ids(client, cause="NO_LINES") == [3]
    assert ids(client, **{"from": "2026-01-03", "to": "2026-01-03"}) == [2]
    for words in ("po-2026-2", "ext-2", "VI-2", "GRÖSSE 2", "po:2"):
        assert ids(client, text=words) == [2], words


@pytest.mark.parametrize("sort", ["-changed", "changed", "-date", "date", "-id", "id"])
def test_paging_in_any_order_shows_each_order_once(client: Client, sort: str) -> None:
    client.read_model.store(*(discovered(n) for n in range(1, 6)), *(invoice(n) for n in range(1, 6)))
    seen: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get(ORDERS, sort=sort, limit=2, **cursor).json
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert sorted(seen) == [1, 2, 3, 4, 5]


def test_a_cursor_of_the_invoices_is_none_of_the_orders(client: Client) -> None:
    client.read_model.store(*(discovered(n) for n in (1, 2)), *(invoice(n) for n in (1, 2)))
    cursor = client.get("/tenants/acme/invoices", limit=1).json["next_cursor"]
    assert client.get(ORDERS, limit=1, cursor=cursor).status_code == 400


def held(number: int, version: int, **more: Any) -> Record:  # noqa: ANN401  # fields of any event
    return told(
        number,
        "held",
        detail=str(version),
        minute=500 + version,
        hold_version=version,
        **{"hold": "none", "actor": None, **more},
    )


def test_an_order_changed_since_it_went_over_says_so_and_can_be_found(client: Client) -> None:
    client.read_model.store(
        discovered(1), told(1, "synced"), discovered(2), told(2, "synced"), held(1, 1, changed_since=START)
    )
    order = client.get(f"{ORDERS}/1").json
    assert (order["status"], order["changed_since"]) == ("Complete", "2026-05-04T10:00:00Z")
    assert order["cause"] == {"code": "changed_since", "text": "changed in Autotask since it went over"}
    assert ids(client, cause="changed_since") == [1]
    assert "Changed in Autotask" in client.items(f"{ORDERS}/1/timeline")[-1]["summary"]
    assert client.get("/tenants/acme/overview").json["purchase_orders"]["changed_since"] == 1
    assert client.items("/tenants/acme/faults") == []
    client.read_model.store(held(1, 2, changed_since=None))
    assert client.get(f"{ORDERS}/1").json["cause"] is None
    assert ids(client, cause="changed_since") == []


def test_a_cancelled_order_is_complete_says_why_and_keeps_its_link(client: Client) -> None:
    void = {"action": "void", "xero": None, "prediction": None}
    client.read_model.store(
        discovered(1),
        told(1, "mapped"),
        told(1, "synced", total=Decimal("235.75"), total_tax=Decimal("30.75")),
        discovered(1, revision=2, action="void"),
        told(1, "mapped", 2, **void),
        told(1, "synced", 2, outcome="voided", xero_status="DELETED", total=Decimal("235.75")),
        held(1, 1, changed_since=START),
    )
    order = client.get(f"{ORDERS}/1").json
    assert (order["status"], order["xero"]["status"], order["total"]) == ("Complete", "DELETED", "235.7500")
    assert order["cause"] == {"code": "voided_in_xero", "text": "voided in Xero as in Autotask"}
    assert order["xero"]["url"] == example("purchase-order.synced")["xero_url"]
    assert client.get("/tenants/acme/overview").json["purchase_orders"]["totals"] == []


def test_a_void_that_found_nothing_in_xero_shows_no_document_there_and_no_total(client: Client) -> None:
    nothing: dict[str, Any] = {
        "xero_document_id": None,
        "xero_number": "",
        "xero_url": "",
        "xero_status": "",
        "currency": "",
    }
    zero: dict[str, Any] = dict.fromkeys(("sub_total", "total_tax", "total"), Decimal(0))
    void = told(1, "synced", outcome="voided", warnings=["Nothing of it is in Xero"], **nothing, **zero)
    client.read_model.store(discovered(1, action="void"), void)
    order = client.get(f"{ORDERS}/1").json
    assert (order["status"], order["xero"], order["total"]) == ("Complete", None, None)
    assert order["has_warnings"] is True
    assert order["cause"] == {
        "code": "nothing_in_xero",
        "text": "voided in Autotask; nothing of it was in Xero",
    }
    assert ids(client, cause="nothing_in_xero") == [1]
    overview = client.get("/tenants/acme/overview").json["purchase_orders"]
    assert overview["month"]["first_synced"] == 0


@pytest.mark.parametrize("path", ["", "/timeline", "/original", "/logs"])
def test_an_unknown_order_says_what_to_do(client: Client, path: str) -> None:
    client.read_model.store(discovered(1, tenant="beta"), invoice(1))
    answer = client.get(f"{ORDERS}/1{path}")
    assert (answer.status_code, answer.json["type"]) == (
        404, "urn:invoice-sync:problem:unknown-purchase-order",
    )  # fmt: skip
    assert "trigger_status" in answer.json["detail"]
    assert client.get(f"{ORDERS}/9999999999999999999{path}").status_code == 404


def test_the_original_of_an_order_is_what_autotask_said_last(client: Client) -> None:
    newer = discovered(1, revision=2)
    newer[1]["order"]["memo"] = "<script>alert(1)</script>"
    client.read_model.store(newer, discovered(1), told(1, "held", hold="none"))
    original = client.get(f"{ORDERS}/1/original").json
    assert (original["revision"], original["document"]) == (2, "purchase-order/1")
    assert set(original["snapshot"]) == {"order", "vendor", "lines"}
    assert original["snapshot"]["order"]["memo"] == "<script>alert(1)</script>"


def test_logs_of_an_order_are_not_mixed_with_those_of_the_invoice_of_that_id(client: Client) -> None:
    def line(document: str) -> Record:
        more = {"event_id": document, "tenant_id": "acme", "document": document}
        return "sync.logs", example("sync.logs") | more

    client.read_model.store(discovered(1), line("invoice/1"), line("purchase-order/1"))
    for path, query in ((f"{ORDERS}/1/logs", {}), ("/tenants/acme/logs", {"purchase_order": "1"})):
        assert [item["document"] for item in client.items(path, **query)] == ["purchase-order/1"]


def test_faults_of_orders_and_invoices_are_counted_apart(client: Client) -> None:
    client.read_model.store(
        of("invoice/1", "faulted", code="NO_LINES", final=True),
        told(1, "faulted", code="NO_LINES", final=True),
        told(2, "faulted", code="NO_LINES", final=True),
    )

    def found(**query: str) -> list[tuple[str, int]]:
        return [(item["kind"], item["documents"]) for item in client.items("/tenants/acme/faults", **query)]

    assert found() == [("purchase-order", 2), ("invoice", 1)]
    assert found(kind="invoice") == [("invoice", 1)]
    assert client.get("/tenants/acme/faults", kind="bill").status_code == 400


def test_the_overview_keeps_orders_out_of_the_invoices_figures(client: Client) -> None:
    client.read_model.store(
        of("invoice/1", "synced", total=Decimal(115), total_tax=Decimal(15), currency="NZD"),
        told(1, "synced", minute=0, total=Decimal(230), total_tax=Decimal(30), currency="NZD"),
        told(2, "synced", minute=0, total=Decimal(230), total_tax=Decimal(30), currency="NZD"),
        discovered(3),
    )
    overview = client.get("/tenants/acme/overview").json
    orders = overview["purchase_orders"]
    assert (overview["counts"]["Complete"], orders["counts"]["Complete"]) == (1, 2)
    assert (overview["counts"]["Pending Sync"], orders["counts"]["Pending Sync"]) == (0, 1)
    assert (overview["month"]["first_synced"], orders["month"]["first_synced"]) == (1, 2)
    assert [row["total"] for row in overview["totals"]] == ["115.0000"]
    assert [row["total"] for row in orders["totals"]] == ["460.0000"]
    assert (overview["oldest_pending"], orders["oldest_pending"]["id"]) == (None, 3)
