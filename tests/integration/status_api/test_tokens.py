"""Tokens: they end, they are revoked, and they never reach further than they may."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.integration.status_api.conftest import NOW, ReadModel
from tests.integration.status_api.people_kit import Town, grants_body

pytestmark = pytest.mark.stack

LATER = (NOW + timedelta(days=30)).isoformat()


@pytest.fixture
def town(read_model: ReadModel) -> Town:
    return Town.on(read_model)


def test_a_token_that_ended_or_was_revoked_is_refused_at_the_next_request(town: Town) -> None:
    session = town.join("eve@example.com", ("acme", "viewer"))
    made = [town.did("POST", "/me/tokens", {"name": "n", "expires_at": LATER}, session) for _ in range(2)]
    first, second = (token["token"] for token in made)
    assert first.startswith("ist_")
    town.did("DELETE", f"/me/tokens/{made[0]['token_id']}", token=session)
    assert [town.call("GET", "/me", token=token).status_code for token in (first, second)] == [401, 200]
    town.clock.move(days=30)
    assert town.call("GET", "/me", token=second).status_code == 401


def test_a_token_is_shown_once(town: Town) -> None:
    session = town.join("eve@example.com", ("acme", "viewer"))
    secret = town.did("POST", "/me/tokens", {"name": "n", "expires_at": LATER}, session)["token"]
    listed = town.call("GET", "/me/tokens", token=session).text + town.call("GET", "/tokens").text
    assert secret not in listed
    assert session not in listed


@pytest.mark.parametrize(
    ("expires_at", "status"),
    [
        ((NOW + timedelta(days=366)).isoformat(), 201),
        ((NOW + timedelta(days=366, seconds=1)).isoformat(), 400),
        (NOW.isoformat(), 400),
        ("2026-06-01T00:00:00", 400),
        ("never", 400),
        ("9999-12-31T23:59:59-23:00", 400),
        (None, 400),
    ],
)
def test_no_token_lives_for_ever(town: Town, expires_at: str | None, status: int) -> None:
    session = town.join("eve@example.com", ("acme", "viewer"))
    body = {"name": "n"} | ({} if expires_at is None else {"expires_at": expires_at})
    assert town.call("POST", "/me/tokens", body, session).status_code == status


def test_a_narrowed_token_does_less_than_its_person_and_only_there(town: Town) -> None:
    session = town.join("eve@example.com", (None, "admin"))
    body = {"name": "n", "expires_at": LATER, "most_role": "operator", "tenants": ["acme"]}
    token = town.did("POST", "/me/tokens", body, session)["token"]
    assert town.did("GET", "/me", token=token)["grants"] == grants_body(("acme", "operator"))
    assert [item["tenant_id"] for item in town.did("GET", "/tenants", token=token)["items"]] == ["acme"]
    assert town.call("GET", "/tenants/beta", token=token).status_code == 404
    for method, path, sent in (
        ("PUT", "/tenants/acme/state", {"state": "paused"}), ("GET", "/people", None), ("GET", "/tokens", None), ("GET", "/audit", None),
    ):  # fmt: skip
        assert town.call(method, path, sent, token).status_code == 403, path


def test_a_token_follows_the_roles_of_its_person_down(town: Town) -> None:
    session = town.join("eve@example.com", ("acme", "admin"))
    body = {"name": "n", "expires_at": LATER, "most_role": "operator"}
    token = town.did("POST", "/me/tokens", body, session)["token"]
    path = f"/people/{town.person_id('eve@example.com')}/grants"
    town.did("PUT", path, {"grants": grants_body(("acme", "viewer"))})
    assert town.did("GET", "/me", token=token)["grants"] == grants_body(("acme", "viewer"))


def test_no_token_makes_tokens_or_changes_the_password(town: Town) -> None:
    session = town.join("eve@example.com", ("acme", "admin"))
    token = town.did("POST", "/me/tokens", {"name": "n", "expires_at": LATER, "most_role": "viewer"}, session)
    for method, path, body in (
        ("POST", "/me/tokens", {"name": "more", "expires_at": LATER}),
        ("PUT", "/me/password", {"current": "x" * 12, "new": "y" * 12}),
        ("DELETE", "/sessions/current", None),
    ):
        answer = town.call(method, path, body, token["token"])
        assert (answer.status_code, town.slug(answer)) == (403, "session-needed"), path


def test_no_token_reaches_beyond_itself_into_the_affairs_of_its_person(town: Town) -> None:
    session = town.join("eve@example.com", ("acme", "admin"), ("beta", "admin"))
    body = {"name": "narrow", "expires_at": "2026-06-01T00:00:00Z", "tenants": ["acme"]}
    made = town.did("POST", "/me/tokens", body, session)
    narrow, own = made["token"], f"/me/tokens/{made['token_id']}"
    of_session = f"/me/tokens/{town.did('GET', '/me', token=session)['token_id']}"
    town.did("PUT", "/me/alerts", {"items": [{"tenant_id": "beta", "on": True, "detailed": False}]}, session)
    assert town.did("GET", "/me", token=narrow)["person"]["grants"] == grants_body(("acme", "admin"))
    assert town.did("GET", "/me/alerts", token=narrow)["items"] == []
    for method, path, sent in (
        ("PATCH", "/me", {"name": "Renamed"}),
        ("PUT", "/me/alerts", {"items": []}),
        ("DELETE", of_session, None),
    ):
        assert town.call(method, path, sent, narrow).status_code == 403
    assert len(town.did("GET", "/me/alerts", token=session)["items"]) == 1
    town.did("DELETE", own, token=narrow)
    assert town.call("GET", "/me", token=narrow).status_code == 401


def test_a_token_for_a_tenant_at_which_its_person_has_no_role_is_refused(town: Town) -> None:
    session = town.join("eve@example.com", ("acme", "admin"))
    body = {"name": "n", "expires_at": LATER, "tenants": ["acme", "beta"]}
    assert town.call("POST", "/me/tokens", body, session).status_code == 404


def test_nobody_revokes_or_sees_a_foreign_token(town: Town) -> None:
    eve, bob = (town.join(f"{name}@example.com", ("acme", "admin")) for name in ("eve", "bob"))
    mine = town.did("GET", "/me/tokens", token=eve)["items"]
    assert [(item["email"], item["kind"]) for item in mine] == [("eve@example.com", "session")]
    answer = town.call("DELETE", f"/me/tokens/{mine[0]['token_id']}", token=bob)
    assert (answer.status_code, town.slug(answer)) == (404, "unknown-token")
    assert town.call("DELETE", f"/tokens/{mine[0]['token_id']}", token=bob).status_code == 403
    assert town.call("GET", "/me", token=eve).status_code == 200
    town.did("DELETE", f"/tokens/{mine[0]['token_id']}")
    assert town.call("GET", "/me", token=eve).status_code == 401


def test_nobody_gets_a_token_in_the_name_of_somebody_who_signs_in(town: Town) -> None:
    town.join("eve@example.com", ("acme", "admin"))
    body = {"person_id": town.person_id("eve@example.com"), "name": "n", "expires_at": LATER}
    answer = town.call("POST", "/tokens", body)
    assert (answer.status_code, town.slug(answer)) == (409, "not-a-machine")


def test_a_machine_acts_by_its_token_and_can_not_sign_in(town: Town) -> None:
    token = town.machine("robot@example.com", ("acme", "operator"), ("beta", "viewer"), most_role="viewer")
    assert town.did("GET", "/me", token=token)["grants"] == grants_body(
        ("acme", "viewer"), ("beta", "viewer")
    )
    assert town.sign_in("robot@example.com").status_code == 401
    town.did("DELETE", f"/people/{town.person_id('robot@example.com')}")
    assert town.call("GET", "/me", token=token).status_code == 401


def test_the_last_use_is_written_at_most_every_ten_minutes(town: Town) -> None:
    token = town.machine("robot@example.com", ("acme", "viewer"))

    def last_use() -> str | None:
        (row,) = town.did("GET", "/tokens")["items"]
        used: str | None = row["last_used_at"]
        return used

    assert last_use() is None
    town.did("GET", "/me", token=token)
    first = last_use()
    assert first is not None
    town.clock.move(minutes=9)
    town.did("GET", "/me", token=token)
    assert last_use() == first
    town.clock.move(minutes=1)
    town.did("GET", "/me", token=token)
    assert last_use() != first


def test_tokens_are_listed_page_by_page_without_loss(town: Town) -> None:
    session = town.join("eve@example.com", ("acme", "viewer"))
    for number in range(4):
        town.did("POST", "/me/tokens", {"name": f"n{number}", "expires_at": LATER}, session)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = town.did("GET", f"/me/tokens?limit=2{f'&cursor={cursor}' if cursor else ''}", token=session)
        seen += [item["token_id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize(
    "token", ["ist_" + "x" * 43, "iss_", "ist_é", "ist_\ud83d", "isi_" + "x" * 43, "ist_" + "x" * 5000]
)
def test_a_forged_token_lets_nobody_in(town: Town, token: str) -> None:
    sent = token.encode("utf-8", "surrogatepass").decode("latin-1")
    assert town.call("GET", "/me", token=sent).status_code == 401


def test_an_invitation_is_no_token(town: Town) -> None:
    invitation = town.invite("eve@example.com", ("acme", "admin"))["invitation"]["token"]
    assert town.call("GET", "/me", token=invitation).status_code == 401
