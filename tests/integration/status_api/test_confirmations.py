"""Changes that can not be taken back in the books are not made by accident, and the audit tells who meant them."""

from __future__ import annotations

from typing import Any

import pytest

from invoice_events import names
from invoice_events.settings import settings_schema
from tests.integration.status_api.conftest import Answered, Client
from tests.integration.status_api.samples import event

pytestmark = pytest.mark.stack


def _fold(client: Client, *, synced: bool) -> None:
    """Let the read model know something, perhaps of a document in Xero."""
    if synced:
        client.read_model.store((names.SYNCED, event(names.SYNCED, tenant_id="acme")))
    with client.read_model.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO progress (as_of) VALUES (now())")


def _put(client: Client, settings: dict[str, Any], *confirm: str, version: int = 1) -> Answered:
    body: dict[str, Any] = {"settings": settings}
    if confirm:
        body["confirm"] = list(confirm)
    return client.call("PUT", "/api/v1/tenants/acme/settings", body, headers={"If-Match": f'"{version}"'})


CAUTIONED: list[dict[str, Any]] = [
    {"invoice_numbers": "autotask_number"},
    {"invoices_import_as": "approved"},
    {"invoices_import_as": "approved_and_sent"},
    {"void_autotask_invoices": True},
]


@pytest.mark.parametrize("settings", CAUTIONED, ids=str)
def test_what_can_not_be_taken_back_is_not_done_unconfirmed(client: Client, settings: dict[str, Any]) -> None:
    _fold(client, synced=False)
    ((name, value),) = settings.items()
    others = {"invoice_numbers", "invoices_import_as", "void_autotask_invoices"} - {name}
    for confirm in ((), tuple(sorted(others))):
        refused = _put(client, settings, *confirm)
        assert (refused.status_code, refused.json["type"].rpartition(":")[2]) == (409, "confirmation-needed")
        (caution,) = refused.json["cautions"]
        assert (caution["setting"], caution["after"]) == (name, value)
        assert caution["caution"] == settings_schema()["properties"][name]["x-caution"]
        assert caution["caution"] in refused.json["detail"]
    assert client.get("/tenants/acme/settings").json["version"] == 1
    assert client.items("/tenants/acme/audit") == []
    assert _put(client, settings, name).status_code == 200
    (line,) = client.items("/tenants/acme/audit")
    assert (line["action"], line["subject"]) == ("change-settings", f"version 2, confirmed: {name}")


def test_every_caution_is_told_at_once(client: Client) -> None:
    settings = {"invoice_numbers": "autotask_number", "void_autotask_invoices": True, "days_back": 3}
    refused = _put(client, settings, "void_autotask_invoices")
    assert [caution["setting"] for caution in refused.json["cautions"]] == ["invoice_numbers"]
    refused = _put(client, settings)
    assert len(refused.json["cautions"]) == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"void_autotask_invoices": True}, {"void_autotask_invoices": False}),
        ({"invoices_import_as": "approved"}, {"invoices_import_as": "draft"}),
        ({"invoices_import_as": "approved"}, {"invoices_import_as": "approved_and_sent"}),
        ({"void_autotask_invoices": True}, {"void_autotask_invoices": True, "days_back": 30}),
        ({}, {"invoice_numbers": "autotask_id", "invoices_import_as": "draft", "void_autotask_invoices": False}),
        ({"invoice_numbers": "autotask_number"}, {"invoice_numbers": "xero"}),
        ({}, {"invoice_numbers": "xero"}),
    ],
)  # fmt: skip
def test_what_is_harmless_needs_no_confirmation(
    client: Client, before: dict[str, Any], after: dict[str, Any]
) -> None:
    _fold(client, synced=False)
    made = _put(client, {"days_back": 9, **before}, *before)
    assert made.status_code == 200, made.text
    answer = _put(client, after, version=2)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("known", [True, False])
def test_numbers_are_not_switched_unconfirmed_once_there_are_documents_or_while_nobody_can_tell(
    client: Client,
    known: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    if known:
        _fold(client, synced=True)
    refused = _put(client, {"invoice_numbers": "xero"})
    assert refused.status_code == 409
    assert "keep the numbers they have" in refused.json["cautions"][0]["caution"]
    assert _put(client, {"invoice_numbers": "xero"}, "invoice_numbers").status_code == 200


def test_a_confirmation_of_what_nobody_asked_for_is_refused_or_not_recorded(client: Client) -> None:
    assert _put(client, {"days_back": 3}, "days_back").status_code == 400
    assert _put(client, {"days_back": 3}, "void_autotask_invoices").status_code == 200
    (line,) = client.items("/tenants/acme/audit")
    assert line["subject"] == "version 2"


def test_a_confirmation_does_not_overwrite_what_somebody_else_changed(client: Client) -> None:
    assert _put(client, {"days_back": 3}).status_code == 200
    assert _put(client, {"void_autotask_invoices": True}, "void_autotask_invoices").status_code == 412
