from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from simulators.kit.documents import BadDocumentError

if TYPE_CHECKING:
    from tests.unit.simulators.autotask.conftest import Api

LOCKED = "The user account has been locked. Please see your Autotask Administrator for details."


def test_the_zone_leads_back_to_this_server_and_needs_no_credentials(api: Api) -> None:
    api.credentials = {}
    zone = api.call("GET", "/ATServicesRest/V1.0/ZoneInformation", user="API@acme.example")
    assert zone.status == 200
    assert zone.body["url"] == "http://localhost/zone14/ATServicesRest/"
    assert sorted(zone.body) == ["ci", "url", "webUrl", "zoneName"]


def test_an_unknown_user_never_gets_a_zone(api: Api) -> None:
    result = api.call("GET", "/atservicesrest/v1.0/zoneInformation", user="nobody")
    assert result.status == 500
    assert result.error == "Zone information could not be determined"


def test_a_wrong_secret_is_401_and_the_account_locks_after_ten(api: Api) -> None:
    api.credentials["Secret"] = "wrong"
    for _ in range(10):
        result = api.call("GET", "Invoices/10")
        assert (result.status, result.body) == (401, None)
    api.credentials["Secret"] = "right"
    result = api.call("GET", "Invoices/10")
    assert (result.status, result.error) == (401, LOCKED)
    api.control("POST", "tenants/acme/unlock")
    assert api.call("GET", "Invoices/10").status == 200


def test_a_right_secret_between_wrong_ones_keeps_the_account_open(api: Api) -> None:
    for secret in ["wrong"] * 9 + ["right"] + ["wrong"] * 9 + ["right"]:
        api.credentials["Secret"] = secret
        result = api.call("GET", "Invoices/10")
    assert result.status == 200


def test_a_wrong_integration_code_is_a_500_and_never_locks(api: Api) -> None:
    api.credentials["ApiIntegrationCode"] = "other"
    for _ in range(11):
        result = api.call("GET", "Invoices/10")
        assert (result.status, result.error) == (500, "IntegrationCode is invalid.")
    api.credentials["ApiIntegrationCode"] = "CODE"
    assert api.call("GET", "Invoices/10").status == 200


@pytest.mark.parametrize("missing", ["UserName", "Secret", "ApiIntegrationCode"])
def test_a_call_without_one_of_the_headers_is_never_answered(api: Api, missing: str) -> None:
    del api.credentials[missing]
    assert api.call("GET", "Invoices/10").status in {401, 500}


def test_another_zone_never_answers(api: Api) -> None:
    api.control("POST", "tenants/acme/switches", {"zone": 3})
    assert api.call("GET", "Invoices/10").status == 401
    assert api.call("GET", "/zone3/ATServicesRest/v1.0/Invoices/10").status == 200
    zone = api.call("GET", "/atservicesrest/v1.0/zoneInformation", user="api@acme.example")
    assert zone.body["url"].endswith("/zone3/ATServicesRest/")
    assert api.call("GET", "/atservicesrest/v1.0/Invoices/10").status == 401


def test_tenants_never_see_each_others_records(api: Api) -> None:
    other = {"tenant": "other", "username": "api@other.example", "secret": "s", "integration_code": "CODE"}
    api.simulator.load_tenant({**other, "entities": {"Invoices": [{"id": 10, "companyID": 1}]}})
    api.credentials |= {"UserName": "api@other.example", "Secret": "s"}
    assert api.ids("Invoices", {"op": "exist", "field": "id"}) == [10]
    assert api.call("GET", "Invoices/10").body["item"]["companyID"] == 1
    with pytest.raises(BadDocumentError, match="belongs to tenant acme"):
        api.simulator.load_tenant({**other, "tenant": "third", "username": "API@acme.example"})


def test_a_fourth_concurrent_call_to_an_entity_is_never_answered(api: Api) -> None:
    threads = api.simulator.database("acme").threads
    with ExitStack() as held:
        for _ in range(3):
            held.enter_context(threads.one("Invoices", 3))
        result = api.call("GET", "Invoices/10")
        assert result.status == 429
        assert "The Autotask API thread threshold of 3 threads has been exceeded." in result.error
        assert api.call("GET", "Companies/318").status == 200
    assert api.call("GET", "Invoices/10").status == 200


def test_the_hour_is_used_up_by_others_too_and_rolls(api: Api) -> None:
    api.control("POST", "tenants/acme/switches", {"hourly_limit": 12, "external_usage": 10})
    threshold = api.call("GET", "ThresholdInformation")
    assert threshold.body == {
        "externalRequestThreshold": 12,
        "requestThresholdTimeframe": 60,
        "currentTimeframeRequestCount": 11,
    }
    assert api.call("GET", "Invoices/10").status == 200
    refused = api.call("GET", "Invoices/10")
    assert refused.status == 429
    assert "threshold of 12 requests" in refused.error
    api.control("POST", "tenants/acme/switches", {"quota_status": 500})
    assert api.call("GET", "Invoices/10").status == 500
    api.control("POST", "clock", {"offset_seconds": 3601})
    assert api.call("GET", "Invoices/10").status == 200


def test_zone_discovery_and_control_calls_never_use_up_the_hour(api: Api) -> None:
    api.call("GET", "/atservicesrest/v1.0/zoneInformation", user="api@acme.example")
    api.control("GET", "books/acme")
    used = api.call("GET", "ThresholdInformation").body["currentTimeframeRequestCount"]
    assert used == 1


def test_a_refused_call_never_uses_up_a_planted_fault(api: Api) -> None:
    fault = {"match": {"tenant": "acme"}, "times": 1, "action": {"kind": "status", "status": 503}}
    api.control("POST", "faults", fault)
    api.credentials["Secret"] = "wrong"
    assert api.call("GET", "Invoices/10").status == 401
    api.credentials["Secret"] = "right"
    assert api.call("GET", "Invoices/10").status == 503
    assert api.call("GET", "Invoices/10").status == 200


def test_a_fault_after_the_work_never_undoes_the_stamp(api: Api) -> None:
    fault = {
        "match": {"method": "PATCH"},
        "times": 1,
        "when": "after",
        "action": {"kind": "status", "status": 503},
    }
    api.control("POST", "faults", fault)
    stamp = {"id": 11, "webServiceDate": "2026-05-14T08:31:07Z"}
    assert api.call("PATCH", "Invoices", stamp).status == 503
    assert api.call("GET", "Invoices/11").body["item"]["webServiceDate"] == "2026-05-14T08:31:07Z"


def test_the_record_of_calls_never_holds_a_secret(api: Api) -> None:
    api.call("GET", "Invoices/10")
    calls = api.control("GET", "calls")
    assert calls.body["calls"][-1]["tenant"] == "acme"
    assert "right" not in calls.text
    assert "CODE" not in calls.text


@pytest.mark.parametrize(
    ("used", "seconds"), [(0, 0.0), (4_999, 0.0), (5_000, 0.5), (7_499, 0.5), (7_500, 1.0), (20_000, 1.0)]
)
def test_the_slow_down_never_starts_at_another_usage(api: Api, used: int, seconds: float) -> None:
    assert api.simulator.database("acme").quota.latency(used, 10_000) == seconds
