"""Tenants, settings and state over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from invoice_events.settings import settings_schema
from service_runtime.tenants import Tenant
from status_api.core.cautions import CONFIRMED_BY_NAME
from tests.integration.status_api.conftest import Answered, Client, outbox_events

pytestmark = pytest.mark.stack


def test_a_tenant_of_the_file_is_announced_once_however_often_it_is_seen(client: Client) -> None:
    changed = client.api.tenants.first_seen(Tenant("beta", "Beta", None, None, {"days_back": 3}, "active"))
    assert not changed
    events = outbox_events(client.read_model, "sync.settings")
    assert [(event["tenant_id"], event["version"], event["state"]) for event in events] == [
        ("acme", 1, "active"),
        ("beta", 1, "paused"),
    ]
    assert json.loads(events[0]["settings"]) == {"time_zone": "Pacific/Auckland"}


def test_a_new_name_in_the_file_reaches_every_service(client: Client) -> None:
    assert client.api.tenants.first_seen(Tenant("beta", "Beta Ltd", None, None, {}, "active"))
    event = outbox_events(client.read_model, "sync.settings")[-1]
    assert (event["name"], event["version"], event["state"]) == ("Beta Ltd", 2, "paused")


def test_tenants_are_listed_page_by_page_without_loss(client: Client) -> None:
    first = client.get("/tenants", limit=1).json
    assert [item["tenant_id"] for item in first["items"]] == ["acme"]
    second = client.get("/tenants", limit=1, cursor=first["next_cursor"]).json
    assert [item["tenant_id"] for item in second["items"]] == ["beta"]
    assert second["next_cursor"] is None


def test_settings_show_what_was_given_and_every_default(client: Client) -> None:
    answer = client.get("/tenants/acme/settings")
    assert answer.headers["ETag"] == '"1"'
    assert answer.json["settings"] == {"time_zone": "Pacific/Auckland"}
    assert answer.json["effective"]["invoice_numbers"] == "autotask_id"


def test_changed_settings_are_versioned_published_and_remembered(client: Client) -> None:
    body = client.get("/tenants/acme/settings").json
    body["settings"] |= {"days_back": 30}
    answer = client.call("PUT", "/api/v1/tenants/acme/settings", body, headers={"If-Match": '"1"'})
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"2"'
    event = outbox_events(client.read_model, "sync.settings")[-1]
    assert (event["version"], event["updated_by"]) == (2, "admin-token")
    assert json.loads(event["settings"])["days_back"] == 30
    history = client.items("/tenants/acme/settings/history")
    assert [(entry["version"], entry["changed"]) for entry in history] == [
        (2, ["settings"]),
        (1, ["settings", "state", "name"]),
    ]
    assert client.read_model.rows("SELECT action, actor, subject FROM audit") == [
        {"action": "change-settings", "actor": "admin-token", "subject": "version 2"}
    ]


def test_a_write_on_a_stale_version_is_refused_and_changes_nothing(client: Client) -> None:
    good = {"settings": {"days_back": 30}}
    client.call("PUT", "/api/v1/tenants/acme/settings", good, headers={"If-Match": '"1"'})
    answer = client.call(
        "PUT", "/api/v1/tenants/acme/settings", {"settings": {"days_back": 5}}, headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 412
    assert answer.json["type"] == "urn:invoice-sync:problem:version-stale"
    assert answer.json["current_version"] == 2
    assert client.get("/tenants/acme/settings").json["settings"] == {"days_back": 30}


def test_a_write_that_names_no_version_is_refused(client: Client) -> None:
    answer = client.call("PUT", "/api/v1/tenants/acme/settings", {"settings": {}})
    assert answer.status_code == 428
    assert client.call("PUT", "/api/v1/tenants/acme/state", {"state": "paused"}).status_code == 428


def test_wrong_settings_are_refused_with_every_place(client: Client) -> None:
    wrong = {"days_back": 0, "invoice_numbers": "random", "quiet_mode": {"days": 1}, "colour": 1}
    answer = put(client, wrong)
    assert answer.status_code == 422
    assert {"days_back", "invoice_numbers", "quiet_mode.days", "settings"} <= {
        item["place"] for item in answer.json["problems"]
    }
    assert client.get("/tenants/beta/settings").json["version"] == 1


def test_settings_that_contradict_each_other_are_refused_with_every_place(client: Client) -> None:
    rule = {"category": "Region", "source": "territory"}
    wrong = {
        "time_zone": "Mars/Olympus",
        "tracking": [rule, rule],
        "quiet_mode": {"business_hours": {"start": "18:00"}},
    }
    answer = put(client, wrong)
    assert answer.status_code == 422
    assert {item["place"] for item in answer.json["problems"]} == {
        "time_zone", "tracking", "quiet_mode.business_hours",
    }  # fmt: skip


def _wrong_values(name: str, schema: dict[str, Any]) -> Iterator[tuple[str, Any, str]]:
    """For each place of a schema a value that it refuses: name of the setting, its value, the place that is to be named."""
    yield name, {"no": "such"} if schema.get("type") != "object" else "no object", name
    for part, inner in schema.get("properties", {}).items():
        for _, value, place in _wrong_values(part, inner):
            yield name, {part: value}, f"{name}.{place}"
    if "properties" in schema:
        yield name, {"no_such_part": 1}, name


_SCHEMA = settings_schema()["properties"]
_WRONG = [wrong for name, schema in _SCHEMA.items() for wrong in _wrong_values(name, schema)]
_WRONG += [
    ("days_back", 366, "days_back"),
    ("amount_tolerance", "0.00001", "amount_tolerance"),
    ("autotask_budget_share", 1.5, "autotask_budget_share"),
    ("branding_theme", "", "branding_theme"),
    ("contact_links", {"175": "no uuid"}, "contact_links.175"),
    ("contact_links", {"Acme": "50e7fa21-93fb-4eba-8d5c-1d3c1c4bd1f3"}, "contact_links"),
    ("accounts_contact_udf", {"name": ""}, "accounts_contact_udf.name"),
    ("tracking", [{"category": "Region"}], "tracking.0"),
    ("tracking", [{"category": "Region", "source": "moon"}], "tracking.0.source"),
    ("tracking", [{"category": f"{n}", "source": "territory"} for n in range(3)], "tracking"),
    ("tracking", [{"category": name, "source": "account"} for name in ("Region", "REGION")], "tracking"),
    ("taxes", {"by_region_and_category": [{"region": "1", "category": "2"}]}, "taxes.by_region_and_category.0"),
    ("purchase_orders", {"account_by_product": {"Switch": "300"}}, "purchase_orders.account_by_product"),
    ("purchase_orders", {"tax_by_region": {"1": ""}}, "purchase_orders.tax_by_region.1"),
    ("purchase_orders", {"trigger_status": "cancelled"}, "purchase_orders.trigger_status"),
    ("quiet_mode", {"business_hours": {"start": "24:00"}}, "quiet_mode.business_hours.start"),
    ("quiet_mode", {"business_hours": {"start": "08:00", "end": "08:00"}}, "quiet_mode.business_hours"),
    ("quiet_mode", {"business_hours": {"start": "18:00"}}, "quiet_mode.business_hours"),
    ("quiet_mode", {"days": ["someday"]}, "quiet_mode.days.0"),
    ("quiet_mode", {"days": ["monday", "monday"]}, "quiet_mode.days"),
]  # fmt: skip


def put(client: Client, settings: dict[str, Any], version: int = 1) -> Answered:
    return client.call(
        "PUT",
        "/api/v1/tenants/beta/settings",
        {"settings": settings, "confirm": list(CONFIRMED_BY_NAME)},
        headers={"If-Match": f'"{version}"'},
    )


def test_a_wrong_value_of_any_setting_is_refused_with_its_place(client: Client) -> None:
    for name, value, place in _WRONG:
        answer = put(client, {name: value})
        assert answer.status_code == 422, (name, value)
        problems = {problem["place"]: problem["detail"] for problem in answer.json["problems"]}
        assert "wanted" in problems.get(place, ""), (name, value, problems)
    assert client.get("/tenants/beta/settings").json["version"] == 1


def test_the_example_of_every_setting_is_taken_and_changes_no_other_setting(client: Client) -> None:
    before = client.get("/tenants/beta/settings").json["effective"]
    for version, (name, schema) in enumerate(_SCHEMA.items(), start=1):
        (given,) = schema["examples"]
        answer = put(client, {name: given}, version)
        assert answer.status_code == 200, answer.text
        after = answer.json["effective"]
        assert [other for other in before if after[other] != before[other]] == [name]


def _places(schema: dict[str, Any], place: str = "") -> set[str]:
    """Every place that settings with all defaults filled in have."""
    inner = schema.get("properties", {})
    return {place} | {found for part, of in inner.items() for found in _places(of, f"{place}.{part}")}


def _filled(value: object, place: str = "") -> set[str]:
    parts = value.items() if isinstance(value, dict) else ()
    return {place} | {found for part, of in parts for found in _filled(of, f"{place}.{part}")}


@pytest.mark.parametrize("settings", [{}, {"quiet_mode": {"business_hours": {"start": "08:00"}}}])
def test_no_default_is_missing_however_deep_it_lies(client: Client, settings: dict[str, Any]) -> None:
    answer = put(client, settings)
    assert _filled(answer.json["effective"]) == _places(settings_schema())
    assert answer.json["effective"]["quiet_mode"]["business_hours"]["end"] == "18:00"
    assert answer.json["settings"] == settings


def test_defaults_of_a_rule_in_a_list_are_filled_in(client: Client) -> None:
    given = {"tracking": [{"category": "Region", "source": "territory"}]}
    answer = put(client, given)
    assert answer.json["effective"]["tracking"] == [
        {"category": "Region", "source": "territory", "options": {}, "default": None}
    ]


def test_the_same_settings_again_make_no_new_version(client: Client) -> None:
    same = {"settings": {"time_zone": "Pacific/Auckland"}}
    answer = client.call("PUT", "/api/v1/tenants/acme/settings", same, headers={"If-Match": '"1"'})
    assert answer.json["version"] == 1
    assert len(outbox_events(client.read_model, "sync.settings")) == 2


def test_state_and_settings_share_one_version(client: Client) -> None:
    answer = client.call(
        "PUT", "/api/v1/tenants/beta/state", {"state": "active"}, headers={"If-Match": '"1"'}
    )
    assert answer.json["state"] == "active"
    assert client.get("/tenants/beta/settings").headers["ETag"] == '"2"'
    event = outbox_events(client.read_model, "sync.settings")[-1]
    assert (event["tenant_id"], event["state"], event["version"]) == ("beta", "active", 2)


def test_a_state_that_does_not_exist_is_refused(client: Client) -> None:
    answer = client.call("PUT", "/api/v1/tenants/beta/state", {"state": "on"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 400
    assert answer.json["problems"][0]["place"] == "state"


@pytest.mark.parametrize(
    "path",
    [
        "", "/settings", "/settings/history", "/state", "/overview", "/connections", "/reference", "/invoices",
        "/invoices/1", "/invoices/1/timeline", "/invoices/1/original", "/invoices/1/logs", "/purchase-orders",
        "/purchase-orders/1", "/purchase-orders/1/timeline", "/purchase-orders/1/original", "/purchase-orders/1/logs", "/logs", "/faults", "/commands", "/commands/x",
    ],
)  # fmt: skip
def test_an_unknown_tenant_is_not_found_anywhere(client: Client, path: str) -> None:
    answer = client.get(f"/tenants/gamma{path}")
    assert answer.status_code == 404
    assert answer.json["type"] == "urn:invoice-sync:problem:unknown-tenant"
