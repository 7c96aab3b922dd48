from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.simulators.autotask.conftest import make

if TYPE_CHECKING:
    from tests.unit.simulators.autotask.conftest import Api

ALL: dict[str, Any] = {"op": "exist", "field": "id"}
UNSTAMPED: dict[str, Any] = {"op": "notExist", "field": "webServiceDate"}


@pytest.fixture
def many() -> Api:
    # Loaded backwards: answers must come in ascending id all the same.
    return make({"Invoices": [{"id": each, "companyID": each % 7} for each in range(1203, 0, -1)]})


def pages(api: Api, method: str, body: dict[str, Any] | None, first: str, **query: str) -> list[list[int]]:
    result = api.call(method, first, body, **query)
    read = []
    while True:
        assert result.status == 200, result.text
        read.append([item["id"] for item in result.body["items"]])
        following = result.body["pageDetails"]["nextPageUrl"]
        if following is None:
            return read
        result = api.call(method, following, body)


def test_paging_a_post_query_never_skips_or_repeats_a_record(many: Api) -> None:
    read = pages(many, "POST", {"filter": [ALL]}, "Invoices/query")
    assert [len(page) for page in read] == [500, 500, 203]
    assert [each for page in read for each in page] == list(range(1, 1204))


def test_paging_a_get_query_carries_its_search(many: Api) -> None:
    search = '{"MaxRecords":100,"filter":[{"op":"eq","field":"companyID","value":3}]}'
    read = pages(many, "GET", None, "Invoices/query", search=search)
    assert [len(page) for page in read] == [100, 72]
    assert all(each % 7 == 3 for page in read for each in page)


def test_the_next_page_of_a_post_query_never_answers_a_get(many: Api) -> None:
    details = many.query("Invoices", ALL).body["pageDetails"]
    result = many.call("GET", details["nextPageUrl"])
    assert result.status == 405
    assert result.body == {"Message": "The requested resource does not support http method 'GET'."}


def test_the_next_page_of_a_post_query_never_comes_without_the_body(many: Api) -> None:
    details = many.query("Invoices", ALL).body["pageDetails"]
    assert many.call("POST", details["nextPageUrl"]).status == 500


def test_page_details_never_misstate_the_page(many: Api) -> None:
    first = many.query("Invoices", ALL, MaxRecords=500).body["pageDetails"]
    assert (first["count"], first["requestCount"], first["prevPageUrl"]) == (500, 500, None)
    body = {"filter": [ALL], "MaxRecords": 500}
    second = many.call("POST", first["nextPageUrl"], body).body["pageDetails"]
    third = many.call("POST", second["nextPageUrl"], body).body["pageDetails"]
    assert (third["count"], third["requestCount"], third["nextPageUrl"]) == (203, 500, None)
    back = many.call("POST", third["prevPageUrl"], body)
    assert back.body["items"][0]["id"] == 501
    assert back.body["pageDetails"]["nextPageUrl"] == second["nextPageUrl"]


def test_an_exact_page_never_promises_another(many: Api) -> None:
    result = many.query("Invoices", {"op": "lte", "field": "id", "value": 500})
    assert result.body["pageDetails"]["count"] == 500
    assert result.body["pageDetails"]["nextPageUrl"] is None


def test_stamping_while_paging_never_makes_a_page_skip_records(many: Api) -> None:
    body = {"filter": [UNSTAMPED], "MaxRecords": 100}
    first = many.call("POST", "Invoices/query", body).body
    for item in first["items"]:
        change = {"id": item["id"], "webServiceDate": "2026-05-14T08:31:07.000Z"}
        assert many.call("PATCH", "Invoices", change).status == 200
    second = many.call("POST", first["pageDetails"]["nextPageUrl"], body).body
    assert [item["id"] for item in second["items"]] == list(range(101, 201))


def test_leaving_out_the_id_never_works_across_pages(many: Api) -> None:
    result = many.query("Invoices", ALL, IncludeFields=["companyID"])
    assert "must contain id" in result.error
    few = many.query("Invoices", {"op": "lte", "field": "id", "value": 3}, IncludeFields=["companyID"])
    assert few.body["items"][0] == {"companyID": 1}


def test_a_made_up_cursor_is_never_believed(many: Api) -> None:
    result = many.call("POST", "Invoices/query/next?paging=%7B%7D", {"filter": [ALL]})
    assert "paging" in result.error


def test_a_query_string_of_many_ids_never_passes_by_get(many: Api) -> None:
    ids = ",".join(str(number) for number in range(10_000, 10_400))
    search = f'{{"filter":[{{"op":"in","field":"id","value":[{ids}]}}]}}'
    assert many.call("GET", "Invoices/query", search=search).status == 414


def test_an_in_list_never_scans_all_lines() -> None:
    api = make(
        {"BillingItems": [{"id": each, "invoiceID": each // 5, "rate": Decimal(1)} for each in range(5_000)]}
    )
    table = api.simulator.database("acme").tables["BillingItems"]
    looked_at = []

    class Counting(dict[int, Any]):
        def __getitem__(self, number: int) -> Any:  # noqa: ANN401 - as dict
            looked_at.append(number)
            return super().__getitem__(number)

    table._records = Counting(table._records)
    condition = {"op": "in", "field": "invoiceID", "value": list(range(100, 140))}
    assert len(api.ids("BillingItems", condition)) == 200
    assert len(looked_at) == 200


def test_moving_a_line_to_another_invoice_never_leaves_it_in_the_index_of_the_first(api: Api) -> None:
    api.control("POST", "tenants/acme/entities/BillingItems", [{"id": 100, "invoiceID": 12}])
    assert 100 not in api.ids("BillingItems", {"op": "eq", "field": "invoiceID", "value": 10})
    assert 100 in api.ids("BillingItems", {"op": "eq", "field": "invoiceID", "value": 12})
