"""Tokens, tenants, scopes, limits and headers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from simulators.kit import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.simulators.xero.conftest import Xero


def test_token_is_refused_without_the_right_secret(xero: Xero) -> None:
    answer = xero.ask_token(secret="wrong")
    assert (answer.status_code, answer.json) == (400, {"error": "invalid_client"})


def test_client_credentials_never_get_a_refresh_token(xero: Xero) -> None:
    answer = xero.ask_token().json
    assert answer is not None
    assert answer["expires_in"] == 1800
    assert "refresh_token" not in answer
    form = {"grant_type": "client_credentials", "client_id": "app-1", "client_secret": "s3cret"}
    assert xero.client.post("/connect/token", data=form).status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"scope": "accounting.everything"}, "invalid_scope"),
    ],
)
def test_token_is_refused_for_another_grant_or_an_unknown_scope(
    xero: Xero, form: dict[str, str], error: str
) -> None:
    answer = xero.ask_token(**form)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"] == error


def test_expired_token_is_told_from_an_unknown_one(xero: Xero) -> None:
    xero.control("POST", "clock", {"offset_seconds": 1801})
    expired = xero.request("GET", "Organisation")
    assert expired.status_code == 401
    assert expired.json is not None
    assert re.fullmatch(
        r"TokenExpired: token expired at \d\d/\d\d/\d{4} \d\d:\d\d:\d\d", expired.json["Detail"]
    )
    unknown = xero.request("GET", "Organisation", headers={"Authorization": "Bearer nonsense"})
    assert unknown.status_code == 401
    assert unknown.json is not None
    assert unknown.json["Detail"] == "AuthenticationUnsuccessful"
    assert set(unknown.json) == {"Type", "Title", "Status", "Detail", "Instance"}


def test_token_without_the_scope_of_an_endpoint_is_refused_there_only(xero: Xero) -> None:
    xero.token = xero.new_token(scope="accounting.invoices accounting.settings.read")
    assert xero.request("GET", "Accounts").status_code == 200
    assert xero.request("GET", "Invoices").status_code == 200
    refused = xero.request("GET", "Contacts")
    assert refused.status_code == 401
    assert "insufficient_scope" in refused.headers["WWW-Authenticate"]
    assert refused.json is not None
    assert refused.json["Detail"] == "AuthorizationUnsuccessful"


def test_a_tenant_of_another_app_is_forbidden(
    xero: Xero, make_document: Callable[..., dict[str, Any]]
) -> None:
    other = make_document(tenant="other", client_id="app-2")
    other["organisation"]["OrganisationID"] = "99999999-2222-4333-8444-555555555555"
    xero.control("POST", "tenants", other)
    headers = {"xero-tenant-id": "99999999-2222-4333-8444-555555555555"}
    refused = xero.request("GET", "Organisation", headers=headers)
    assert refused.status_code == 403
    assert refused.json is not None
    assert refused.json["Detail"] == "AuthenticationUnsuccessful"


def test_tenant_header_may_be_missing_only_while_the_connection_has_one_organisation(
    xero: Xero, make_document: Callable[..., dict[str, Any]]
) -> None:
    assert xero.request("GET", "Organisation", headers={"xero-tenant-id": ""}).status_code == 200
    second = make_document(tenant="second")
    second["organisation"]["OrganisationID"] = "99999999-2222-4333-8444-555555555555"
    xero.control("POST", "tenants", second)
    assert xero.request("GET", "Organisation", headers={"xero-tenant-id": ""}).status_code == 403
    listed = xero.request("GET", "/connections").json
    assert listed is not None
    assert [entry["tenantName"] for entry in listed] == ["Acme Managed IT"] * 2
    assert {entry["tenantType"] for entry in listed} == {"ORGANISATION"}


def test_xml_is_never_answered_by_accident(xero: Xero) -> None:
    assert xero.request("GET", "Organisation", headers={"Accept": "*/*"}).status_code == 406


def test_unknown_document_is_html_not_json(xero: Xero) -> None:
    answer = xero.request("GET", "Invoices/NOPE-1")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "The resource you're looking for cannot be found" in answer.text


def test_minute_limit_answers_an_empty_429_and_resets_with_its_window(make_xero: Callable[..., Xero]) -> None:
    xero = make_xero(switches={"minute_limit": 3})
    left = [xero.request("GET", "Organisation").headers["X-MinLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    refused = xero.request("GET", "Organisation")
    assert (refused.status_code, refused.data, refused.headers.get("Content-Type")) == (429, b"", None)
    assert refused.headers["X-Rate-Limit-Problem"] == "minute"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["X-DayLimit-Remaining"] == "4997"
    xero.control("POST", "clock", {"offset_seconds": 61})
    assert xero.request("GET", "Organisation").status_code == 200


def test_day_limit_leaves_the_minute_budget_full_and_lasts_for_hours(make_xero: Callable[..., Xero]) -> None:
    xero = make_xero(switches={"day_limit": 1})
    xero.request("GET", "Organisation")
    xero.control("POST", "clock", {"offset_seconds": 600})
    refused = xero.request("GET", "Invoices")
    assert (refused.status_code, refused.headers["X-Rate-Limit-Problem"]) == (429, "day")
    assert refused.headers["X-MinLimit-Remaining"] == "60"
    assert int(refused.headers["Retry-After"]) > 3600


def test_limit_headers_come_with_refusals_too(xero: Xero) -> None:
    answer = xero.request("PUT", "Invoices", {"Invoices": [{}]})
    assert answer.status_code == 400
    assert {"X-MinLimit-Remaining", "X-DayLimit-Remaining", "X-AppMinLimit-Remaining"} <= set(
        answer.headers.keys()
    )
    assert answer.headers["Xero-Correlation-Id"]


def test_correlation_id_is_the_id_of_the_body(xero: Xero) -> None:
    answer = xero.request("GET", "Organisation")
    assert answer.json is not None
    assert answer.headers["Xero-Correlation-Id"] == answer.json["Id"]


def test_reference_endpoints_answer_in_xeros_shape(xero: Xero) -> None:
    organisation = xero.get("Organisation")["Organisations"][0]
    assert (organisation["BaseCurrency"], organisation["ShortCode"]) == ("NZD", "!aB3dE")
    accounts = {account["Code"]: account for account in xero.get("Accounts")["Accounts"]}
    assert (accounts["200"]["Class"], accounts["299"]["Status"]) == ("REVENUE", "ARCHIVED")
    assert accounts["610"]["SystemAccount"] == "DEBTORS"
    rates = {rate["TaxType"]: rate for rate in xero.get("TaxRates")["TaxRates"]}
    assert (rates["OUTPUT2"]["EffectiveRate"], rates["INPUT2"]["CanApplyToRevenue"]) == (15, False)
    assert [currency["Code"] for currency in xero.get("Currencies")["Currencies"]] == ["NZD", "AUD"]
    category = xero.get("TrackingCategories")["TrackingCategories"][0]
    assert [option["Name"] for option in category["Options"]] == ["North", "South"]
    assert [theme["SortOrder"] for theme in xero.get("BrandingThemes")["BrandingThemes"]] == [0, 1]


def test_a_wrong_tenant_document_is_refused_by_name(
    xero: Xero, make_document: Callable[..., dict[str, Any]]
) -> None:
    for change, named in (
        ({"colour": 1}, "colour"),
        ({"switches": {"rounding_mode": "up"}}, "half_even"),
        ({"accounts": [{"Code": "1", "Name": "x", "Type": "HOLIDAY"}]}, r"accounts\[0\].Type"),
        ({"contacts": [{"Name": "A"}, {"Name": "a  b"}]}, r"contacts\[1\]"),
        ({"contacts": [{"Name": "A", "Mail": "a@b.example"}]}, r"contacts\[0\]: unknown member Mail"),
        (
            {"invoices": [{"Type": "ACCREC", "LineItems": [{"Text": "x"}]}]},
            r"LineItems\[0\]: unknown member Text",
        ),
        (
            {"invoices": [{"Type": "ACCREC", "Contact": {"Name": "N"}, "Status": "AUTHORISED"}]},
            r"invoices\[0\]",
        ),
    ):
        answer = xero.client.post("/_control/tenants", data=json_text.dumps(make_document(**change)))
        assert answer.status_code == 400
        assert re.search(named, answer.text), answer.text
