from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.unit.simulators.autotask.conftest import Api


def condition(op: str, field: str, value: object = None) -> dict[str, Any]:
    return {"op": op, "field": field} | ({} if value is None else {"value": value})


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (condition("eq", "companyID", 318), [10, 11]),
        (condition("noteq", "companyID", 318), [12]),
        (condition("gt", "id", 10), [11, 12]),
        (condition("gte", "id", 11), [11, 12]),
        (condition("lt", "invoiceTotal", 0), [12]),
        (condition("lte", "id", 11), [10, 11]),
        (condition("beginsWith", "invoiceNumber", "INV-"), [10, 11]),
        (condition("endsWith", "invoiceNumber", "0"), [10]),
        (condition("contains", "invoiceNumber", "-1"), [10, 11]),
        (condition("exist", "webServiceDate"), [10]),
        (condition("notExist", "webServiceDate"), [11, 12]),
        (condition("in", "id", [12, 10, 99]), [10, 12]),
        (condition("notIn", "companyID", [318]), [12]),
        (condition("eq", "isVoided", value=True), [11]),
        (condition("gt", "createDateTime", "2026-05-14T07:58:41.112"), [10, 11, 12]),
        (condition("gte", "createDateTime", "2026-05-15T12:00:00+12:00"), [11, 12]),
        (condition("eq", "invoiceTotal", "52.7775"), [10]),
    ],
)
def test_an_operator_never_picks_other_records(api: Api, one: dict[str, Any], expected: list[int]) -> None:
    assert api.ids("Invoices", one) == expected


def test_several_conditions_are_never_joined_by_or(api: Api) -> None:
    assert api.ids(
        "Invoices", condition("eq", "companyID", 318), condition("notExist", "webServiceDate")
    ) == [11]


def test_nested_groups_never_lose_their_own_operator(api: Api) -> None:
    within = {
        "op": "and",
        "items": [condition("exist", "invoiceNumber"), condition("lt", "invoiceTotal", 1_000)],
    }
    group = {"op": "or", "items": [condition("eq", "isVoided", value=True), within]}
    assert api.ids("Invoices", group) == [10, 11]


def test_case_of_members_and_fields_never_matters(api: Api) -> None:
    body = {
        "maxRecords": 1,
        "INCLUDEFIELDS": ["ID", "companyid"],
        "Filter": [{"Op": "eq", "FIELD": "COMPANYID", "Value": 318}],
    }
    result = api.call("POST", "invoices/QUERY", body)
    assert result.body["items"] == [{"id": 10, "companyID": 318}]


def test_null_never_matches_not_equal_unless_the_switch_says_so(api: Api) -> None:
    different = condition("noteq", "invoiceNumber", "INV-10")
    assert api.ids("Invoices", different) == [11]
    api.control("POST", "tenants/acme/switches", {"null_is_different": True})
    assert api.ids("Invoices", different) == [11, 12]


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (condition("eq", "companyID", "material"), "Conversion failed when converting varchar 'material'"),
        (condition("eq", "createDateTime", "yesterday"), "Conversion failed"),
        (condition("in", "id", [1, "x"]), "Conversion failed"),
        (condition("eq", "id", value=True), "Conversion failed"),
        ({"op": "eq", "field": "isVoided", "value": None}, "only be compared with true or false"),
        (condition("eq", "isVoided", "true"), "only be compared with true or false"),
        ({"op": "eq", "field": "webServiceDate", "value": None}, "exist or notExist"),
        (condition("eq", "dueDate", "2026-06-15"), "dueDate of Invoices is not queryable"),
        (condition("exist", "taxGroup"), "not queryable"),
        (condition("eq", "currencyID", 1), "Unable to find currencyID in the Invoices Entity"),
        (condition("like", "invoiceNumber", "x"), "Unknown operator"),
        (condition("contains", "companyID", "3"), "no text"),
        (condition("gt", "invoiceNumber", "A"), "no order"),
        (condition("eq", "id"), "needs a value"),
        (condition("in", "id", 5), "needs an array"),
        ({"op": "or"}, "needs conditions in items"),
        ({"op": "eq", "field": "id", "value": 1, "sort": "asc"}, "sort"),
        ({"op": "eq", "field": "Ledger", "udf": True, "value": "A1"}, "no user-defined fields"),
    ],
)
def test_a_bad_condition_never_passes_silently(api: Api, one: dict[str, Any], text: str) -> None:
    result = api.query("Invoices", one)
    assert result.status == 500
    assert text in result.error


@pytest.mark.parametrize("body", [{}, {"filter": []}, {"filter": {}}, [], {"filter": [1]}])
def test_a_query_without_a_filter_never_returns_everything(api: Api, body: object) -> None:
    assert api.call("POST", "Invoices/query", body).status == 500


@pytest.mark.parametrize("size", [0, 501, -1, "10", True])
def test_a_page_size_out_of_range_is_never_accepted(api: Api, size: object) -> None:
    assert "MaxRecords" in api.query("Invoices", condition("exist", "id"), MaxRecords=size).error


def test_unknown_members_and_fields_to_include_are_never_ignored(api: Api) -> None:
    assert "sort" in api.query("Invoices", condition("exist", "id"), Sort="id").error
    assert "currency" in api.query("Invoices", condition("exist", "id"), IncludeFields=["currency"]).error


def test_more_than_500_or_conditions_never_pass(api: Api) -> None:
    many = [condition("eq", "id", number) for number in range(501)]
    assert "500 or fewer 'OR' conditions" in api.query("Invoices", {"op": "or", "items": many}).error
    assert api.query("Invoices", {"op": "or", "items": many[:500]}).status == 200
    assert "500 or fewer" in api.query("Invoices", condition("in", "id", list(range(501)))).error
    assert api.query("Invoices", condition("in", "id", list(range(500)))).status == 200


def test_a_user_defined_field_is_found_and_a_second_one_never_allowed(api: Api) -> None:
    one = {"op": "eq", "field": "Ledger", "udf": True, "value": "A1"}
    assert api.ids("Companies", one) == [318]
    assert api.ids("Companies", {"op": "notExist", "field": "Other", "udf": True}) == [318, 322]
    two = {"op": "notExist", "field": "Other", "udf": True}
    assert "Only one user-defined field" in api.query("Companies", one, two).error


def test_an_answer_never_drops_or_renames_fields_or_digits(api: Api) -> None:
    result = api.query("Invoices", condition("eq", "id", 10))
    (item,) = result.body["items"]
    assert len(item) == 25
    assert item["paidDate"] is None
    assert '"invoiceTotal":52.7775' in result.text
    assert '"invoiceTotal":1240.0,' in api.call("GET", "Invoices/11").text
    assert api.call("GET", "Companies/322").body["item"]["userDefinedFields"] == []


def test_counting_never_differs_from_querying(api: Api) -> None:
    body = {"filter": [condition("notExist", "webServiceDate")]}
    assert api.call("POST", "Invoices/query/count", body).body == {"queryCount": 2}
    search = '{"filter":[{"op":"eq","field":"companyID","value":318}]}'
    assert api.call("GET", "Invoices/query/count", search=search).body == {"queryCount": 2}
