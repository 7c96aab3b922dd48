"""The audit: nothing that a person does is missing, and nobody reads what happened elsewhere."""

from __future__ import annotations

import pytest

from tests.integration.status_api.conftest import ReadModel
from tests.integration.status_api.people_kit import Town, grants_body

pytestmark = pytest.mark.stack


@pytest.fixture
def town(read_model: ReadModel) -> Town:
    return Town.on(read_model)


def test_no_act_of_a_person_is_missing(town: Town) -> None:
    admin = town.join("admin@acme.example", ("acme", "admin"))
    path = f"/people/{town.invite('eve@example.com', ('acme', 'viewer'), token=admin)['person_id']}"
    town.did("PUT", path, {"name": "Eve"}, admin)
    town.did("PUT", f"{path}/grants", {"grants": grants_body(("acme", "operator"))}, admin)
    town.did("POST", f"{path}/invitation", token=admin)
    town.did("DELETE", path, token=admin)
    town.did("PUT", path, {"state": "active"}, admin)
    town.did("POST", "/tenants/acme/commands", {"kind": "sync-now"}, admin)
    town.call("PUT", "/tenants/acme/state", {"state": "paused"}, admin, If_Match='"1"')
    body = {"name": "n", "expires_at": "2026-06-01T00:00:00Z"}
    token = town.did("POST", "/me/tokens", body, admin)
    town.did("DELETE", f"/me/tokens/{token['token_id']}", token=admin)
    town.did("PUT", "/me/alerts", {"items": []}, admin)
    done = [(act, tenant) for actor, act, tenant in town.audit() if actor == "admin@acme.example"]
    assert done == [
        ("change-alerts", None),
        ("revoke-token", None),
        ("create-token", None),
        ("change-state", "acme"),
        ("sync-now", "acme"),
        ("enable-person", "acme"),
        ("disable-person", "acme"),
        ("invite-person", "acme"),
        ("change-grant", "acme"),
        ("rename-person", "acme"),
        ("add-person", "acme"),
        ("change-grant", "acme"),
        ("accept-invitation", None),
    ]


def test_what_changes_nothing_leaves_no_line(town: Town) -> None:
    person = town.invite("eve@example.com", ("acme", "viewer"))
    before = town.audit()
    town.did("PUT", f"/people/{person['person_id']}", {"name": person["name"], "state": "active"})
    town.did("PUT", f"/people/{person['person_id']}/grants", {"grants": grants_body(("acme", "viewer"))})
    assert town.audit() == before


def test_a_line_tells_who_what_when_and_with_which_token(town: Town) -> None:
    admin = town.join("admin@acme.example", ("acme", "admin"))
    answer = town.call("POST", "/tenants/acme/commands", {"kind": "sync-now"}, admin, X_Request_Id="mine-1")
    assert answer.status_code == 202
    (line,) = town.client.items("/audit", action="sync-now")
    assert (line["actor"], line["subject"], line["request_id"]) == ("admin@acme.example", "tenant", "mine-1")
    assert line["token_id"] == town.did("GET", "/me", token=admin)["token_id"]


def test_an_admin_of_a_tenant_reads_its_audit_and_no_other(town: Town) -> None:
    admin = town.join("admin@acme.example", ("acme", "admin"))
    town.join("eve@example.com", ("beta", "admin"), ("acme", "viewer"))
    found = town.did("GET", "/tenants/acme/audit", token=admin)["items"]
    assert {item["tenant_id"] for item in found} == {"acme"}
    assert "beta" not in str(found)
    assert town.call("GET", "/tenants/beta/audit", token=admin).status_code == 404
    assert town.call("GET", "/audit", token=admin).status_code == 403


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_the_audit_is_not_for_everybody(town: Town, role: str) -> None:
    token = town.join("eve@example.com", ("acme", role))
    assert town.call("GET", "/tenants/acme/audit", token=token).status_code == 403


def test_filters_leave_nothing_out_and_let_nothing_else_in(town: Town) -> None:
    for number in range(6):
        town.clock.move(hours=1)
        town.invite(f"p{number}@example.com", ("acme" if number % 2 else "beta", "viewer"))
    start = town.clock.at
    assert len(town.client.items("/audit", tenant="acme", action="add-person")) == 3
    assert len(town.client.items("/audit", actor="admin-token")) == 12
    assert town.client.items("/audit", actor="nobody@example.com") == []
    recent = {"from": start.isoformat(), "action": "add-person"}
    assert [item["subject"] for item in town.client.items("/audit", **recent)] == ["p5@example.com"]
    older = {"before": start.isoformat(), "action": "add-person"}
    assert len(town.client.items("/audit", **older)) == 5
    assert town.client.get("/audit", **{"from": "yesterday"}).status_code == 400


def test_the_audit_is_read_page_by_page_without_loss(town: Town) -> None:
    for number in range(5):
        town.invite(f"p{number}@example.com", ("acme", "viewer"))
    ids: list[int] = []
    cursor = None
    while True:
        page = town.client.get("/audit", limit=3, **({"cursor": cursor} if cursor else {})).json
        ids += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert ids == sorted(set(ids), reverse=True)
    assert len(ids) == 10
