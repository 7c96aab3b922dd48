"""Tenants, settings and state over HTTP."""

from __future__ import annotations

import json

import pytest

from service_runtime.tenants import Tenant
from tests.integration.status_api.conftest import Client, outbox_events

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
    wrong = {"days_back": 0, "invoice_numbers": "random", "time_zone": "Mars/Olympus", "colour": 1}
    answer = client.call(
        "PUT", "/api/v1/tenants/acme/settings", {"settings": wrong}, headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 422
    assert {"days_back", "invoice_numbers", "time_zone"} <= {
        item["place"] for item in answer.json["problems"]
    }
    assert client.get("/tenants/acme/settings").json["version"] == 1


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
        "/invoices/1", "/invoices/1/timeline", "/invoices/1/logs", "/logs", "/faults", "/commands", "/commands/x",
    ],
)  # fmt: skip
def test_an_unknown_tenant_is_not_found_anywhere(client: Client, path: str) -> None:
    answer = client.get(f"/tenants/gamma{path}")
    assert answer.status_code == 404
    assert answer.json["type"] == "urn:invoice-sync:problem:unknown-tenant"
