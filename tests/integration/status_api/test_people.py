"""Who may do what with whom: admins of a tenant keep to it, nobody gives more than they hold, one admin always stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import quote

import pytest

from tests.integration.status_api.conftest import ReadModel
from tests.integration.status_api.people_kit import PASSWORD, ROLES, Town, grants_body

pytestmark = pytest.mark.stack

EVERYWHERE = None


@pytest.fixture
def town(read_model: ReadModel) -> Town:
    return Town.on(read_model)


@pytest.fixture
def of_acme(town: Town) -> str:
    """Session of an admin of acme alone."""
    return town.join("admin@acme.example", ("acme", "admin"))


def test_a_person_that_is_invited_can_do_what_was_granted_and_no_more(town: Town) -> None:
    token = town.join("eve@example.com", ("acme", "operator"))
    me = town.did("GET", "/me", token=token)
    assert me["grants"] == me["person"]["grants"] == grants_body(("acme", "operator"))
    assert (me["name"], me["in_session"]) == ("eve@example.com", True)
    assert [item["tenant_id"] for item in town.did("GET", "/tenants", token=token)["items"]] == ["acme"]
    assert town.call("GET", "/tenants/beta", token=token).status_code == 404
    command = {"kind": "sync-now"}
    assert town.call("POST", "/tenants/acme/commands", command, token).status_code == 202
    state = {"state": "paused"}
    assert town.call("PUT", "/tenants/acme/state", state, token, If_Match='"1"').status_code == 403


def test_histories_and_audit_name_the_person(town: Town, of_acme: str) -> None:
    town.call("PUT", "/tenants/acme/state", {"state": "paused"}, of_acme, If_Match='"1"')
    assert town.did("GET", "/tenants/acme/state")["updated_by"] == "admin@acme.example"
    assert ("admin@acme.example", "change-state", "acme") in town.audit(tenant="acme")


def test_an_admin_of_a_tenant_sees_nobody_of_other_tenants_and_none_of_their_roles(
    town: Town, of_acme: str
) -> None:
    town.join("boss@example.com", (EVERYWHERE, "admin"))
    town.invite("both@example.com", ("acme", "viewer"), ("beta", "admin"))
    town.invite("beta@example.com", ("beta", "viewer"))
    found = town.did("GET", "/people", token=of_acme)["items"]
    assert [(person["email"], person["grants"]) for person in found] == [
        ("admin@acme.example", grants_body(("acme", "admin"))),
        ("both@example.com", grants_body(("acme", "viewer"))),
    ]
    for email in ("beta@example.com", "boss@example.com"):
        path = f"/people/{town.person_id(email)}"
        for method, end, body in (
            ("GET", "", None), ("PUT", "", {"name": "Eve"}), ("DELETE", "", None), ("GET", "/grants", None),
            ("PUT", "/grants", {"grants": []}), ("POST", "/invitation", None),
        ):  # fmt: skip
            answer = town.call(method, path + end, body, of_acme)
            assert (answer.status_code, town.slug(answer)) == (404, "unknown-person"), (email, method, end)
    assert town.call("GET", "/people?tenant=beta", token=of_acme).status_code == 404
    both = town.person_id("both@example.com")
    assert town.did("GET", f"/people/{both}/grants", token=of_acme)["items"] == grants_body(
        ("acme", "viewer")
    )


@pytest.mark.parametrize("role", ROLES)
def test_nobody_gives_a_role_where_they_are_no_admin(town: Town, of_acme: str, role: str) -> None:
    own = town.person_id("admin@acme.example")
    for place, status in (("beta", 404), (EVERYWHERE, 403), ("nowhere", 404)):
        body = {"email": "friend@example.com", "name": "Friend", "grants": grants_body((place, role))}
        assert town.call("POST", "/people", body, of_acme).status_code == status
        mine = {"grants": grants_body(("acme", "admin"), (place, role))}
        assert town.call("PUT", f"/people/{own}/grants", mine, of_acme).status_code == status
    assert "friend@example.com" not in [person["email"] for person in town.did("GET", "/people")["items"]]
    assert town.did("GET", "/me", token=of_acme)["grants"] == grants_body(("acme", "admin"))


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_no_lower_role_administers_people(town: Town, role: str) -> None:
    token = town.join("eve@example.com", ("acme", role), ("beta", role))
    body = {"email": "friend@example.com", "name": "Friend", "grants": grants_body(("acme", "viewer"))}
    assert town.call("POST", "/people", body, token).status_code == 403
    assert town.call("GET", "/people", token=token).status_code == 403


def test_a_role_that_is_held_at_one_tenant_only_is_not_used_at_another(town: Town) -> None:
    token = town.join("eve@example.com", ("acme", "admin"), ("beta", "operator"))
    body = {"email": "friend@example.com", "name": "Friend", "grants": grants_body(("beta", "viewer"))}
    assert town.call("POST", "/people", body, token).status_code == 403
    town.invite("other@example.com", ("beta", "viewer"))
    assert "other@example.com" not in town.client.call("GET", "/api/v1/people", token=token).text


def test_replacing_roles_leaves_those_at_foreign_tenants_alone(town: Town, of_acme: str) -> None:
    town.invite("both@example.com", ("acme", "viewer"), ("beta", "admin"))
    path = f"/people/{town.person_id('both@example.com')}/grants"
    town.did("PUT", path, {"grants": grants_body(("acme", "operator"))}, of_acme)
    assert town.did("GET", path)["items"] == grants_body(("acme", "operator"), ("beta", "admin"))
    town.did("PUT", path, {"grants": []}, of_acme)
    assert town.did("GET", path)["items"] == grants_body(("beta", "admin"))


def test_who_has_roles_elsewhere_is_not_renamed_disabled_or_given_a_new_password_by_one_tenants_admin(
    town: Town, of_acme: str
) -> None:
    town.invite("both@example.com", ("acme", "viewer"), ("beta", "viewer"))
    path = f"/people/{town.person_id('both@example.com')}"
    for method, end, body in (
        ("PUT", "", {"name": "Eve"}), ("PUT", "", {"state": "disabled"}), ("DELETE", "", None), ("POST", "/invitation", None)
    ):  # fmt: skip
        answer = town.call(method, path + end, body, of_acme)
        assert (answer.status_code, town.slug(answer)) == (403, "roles-elsewhere")


def test_an_invitation_of_somebody_who_is_known_hands_out_no_key_to_their_account(
    town: Town, of_acme: str
) -> None:
    town.join("both@example.com", ("beta", "admin"))
    body = {
        "email": "BOTH@example.com", "name": "Renamed", "grants": grants_body(("acme", "viewer"))
    }  # fmt: skip
    answer = town.call("POST", "/people", body, of_acme)
    assert (answer.status_code, answer.json["invitation"]) == (200, None)
    assert (answer.json["name"], answer.json["grants"]) == ("both", grants_body(("acme", "viewer")))
    assert town.sign_in("both@example.com").status_code == 201


@pytest.mark.parametrize("place", ["beta", None])
def test_an_invitation_never_opens_a_role_that_was_given_after_it(
    town: Town, of_acme: str, place: str | None
) -> None:
    """Whoever made it holds it, and may be no admin where the role is."""
    town.join("eve@example.com", ("acme", "viewer"))
    path = f"/people/{town.person_id('eve@example.com')}"
    secret = town.did("POST", f"{path}/invitation", token=of_acme)["token"]
    town.did("PUT", f"{path}/grants", {"grants": grants_body(("acme", "viewer"), (place, "admin"))})
    accepted = {"invitation": secret, "password": PASSWORD}
    assert town.call("POST", "/invitations/accepted", accepted, None).status_code == 404
    assert town.sign_in("eve@example.com").status_code == 201


def test_a_role_that_is_taken_is_gone_at_the_next_request(town: Town) -> None:
    token = town.join("eve@example.com", ("acme", "admin"))
    assert town.call("GET", "/tenants/acme", token=token).status_code == 200
    town.did("PUT", f"/people/{town.person_id('eve@example.com')}/grants", {"grants": []})
    assert town.call("GET", "/tenants/acme", token=token).status_code == 404
    assert town.did("GET", "/tenants", token=token)["items"] == []


def test_who_is_disabled_is_out_at_the_next_request_and_old_tokens_stay_dead_for_ever(town: Town) -> None:
    session = town.join("eve@example.com", ("acme", "admin"))
    body = {"name": "nightly", "expires_at": "2026-06-01T00:00:00Z"}
    machine = town.did("POST", "/me/tokens", body, session)["token"]
    path = f"/people/{town.person_id('eve@example.com')}"
    invitation = town.did("POST", f"{path}/invitation")["token"]
    assert town.did("DELETE", path)["state"] == "disabled"
    assert [town.call("GET", "/me", token=token).status_code for token in (session, machine)] == [401, 401]
    assert town.sign_in("eve@example.com").status_code == 401
    town.did("PUT", path, {"state": "active"})
    assert [town.call("GET", "/me", token=token).status_code for token in (session, machine)] == [401, 401]
    used = {"invitation": invitation, "password": PASSWORD}
    assert town.call("POST", "/invitations/accepted", used, None).status_code == 404
    assert town.sign_in("eve@example.com").status_code == 201


def test_the_last_admin_is_not_removed_disabled_or_demoted(town: Town) -> None:
    town.join("boss@example.com", (EVERYWHERE, "admin"))
    town.invite("invited@example.com", (EVERYWHERE, "admin"))
    path = f"/people/{town.person_id('boss@example.com')}"
    acts: list[tuple[str, str, object]] = [
        ("DELETE", path, None),
        ("PUT", path, {"state": "disabled"}),
        ("PUT", f"{path}/grants", {"grants": []}),
        ("PUT", f"{path}/grants", {"grants": grants_body((EVERYWHERE, "operator"), ("acme", "admin"))}),
        ("POST", "/people", {"email": "boss@example.com", "name": "B", "grants": grants_body((EVERYWHERE, "viewer"))}),
    ]  # fmt: skip
    for method, place, body in acts:
        answer = town.call(method, place, body)
        assert (answer.status_code, town.slug(answer)) == (409, "last-admin"), (method, body)
    assert town.did("GET", path)["grants"] == grants_body((EVERYWHERE, "admin"))
    town.join("second@example.com", (EVERYWHERE, "admin"))
    assert town.did("DELETE", path)["state"] == "disabled"


def test_two_last_admins_that_remove_each_other_at_once_do_not_both_go(town: Town) -> None:
    emails = ("one@example.com", "two@example.com")
    for _ in range(5):
        sessions = [town.join(email, (EVERYWHERE, "admin")) for email in emails]
        paths = [f"/people/{town.person_id(email)}" for email in emails]
        barrier = Barrier(2)

        def remove(number: int) -> int:
            barrier.wait()  # noqa: B023  # the calls end before the next round
            return town.call("DELETE", paths[1 - number], token=sessions[number]).status_code  # noqa: B023  # as above

        with ThreadPoolExecutor(2) as both:
            statuses = sorted(both.map(remove, (0, 1)))
        assert statuses in ([200, 401], [200, 409]), "the second is out already, or is the last one"
        active = [person["state"] for person in town.did("GET", "/people")["items"]]
        assert sorted(active) == ["active", "disabled"]
        town.client.read_model.clear_everything()
        town = Town.on(town.client.read_model)


def test_one_person_is_not_made_twice_by_two_invitations_at_once(town: Town) -> None:
    barrier = Barrier(2)

    def invite(tenant: str) -> int:
        barrier.wait()
        body = {"email": "new@example.com", "name": "New", "grants": grants_body((tenant, "viewer"))}
        return town.call("POST", "/people", body).status_code

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(invite, ("acme", "beta"))) == [200, 201]
    path = f"/people/{town.person_id('new@example.com')}/grants"
    assert town.did("GET", path)["items"] == grants_body(("acme", "viewer"), ("beta", "viewer"))


@pytest.mark.parametrize(
    "email",
    ["", "anna", "@example.com", "a b@example.com", "a@b@c", "a@example.com\nBcc: x", "a\x00@example.com", "a,b@example.com", "\ud83d@x.org"],
)  # fmt: skip
def test_what_is_no_address_is_refused(town: Town, email: str) -> None:
    body = {"email": email, "name": "X", "grants": grants_body(("acme", "viewer"))}
    assert town.call("POST", "/people", body).status_code == 400


@pytest.mark.parametrize("name", ["", "   ", "two\nlines", "nul\x00", "half \ud83d", "x" * 201])
def test_what_is_no_name_is_refused(town: Town, name: str) -> None:
    body = {"email": "x@example.com", "name": name, "grants": grants_body(("acme", "viewer"))}
    assert town.call("POST", "/people", body).status_code == 400


def test_two_roles_at_one_place_are_refused(town: Town) -> None:
    body = {
        "email": "x@example.com",
        "name": "X",
        "grants": grants_body(("acme", "viewer"), ("acme", "admin")),
    }
    assert town.call("POST", "/people", body).status_code == 400


def test_people_are_listed_page_by_page_without_loss(town: Town) -> None:
    for number in range(5):
        town.invite(f"p{number}@example.com", ("acme", "viewer"))
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = town.did("GET", f"/people?limit=2{f'&cursor={cursor}' if cursor else ''}")
        found += [person["email"] for person in page["items"]]
        cursor = page["next_cursor"]
    assert found == [f"p{number}@example.com" for number in range(5)]


def test_one_changes_ones_own_name_and_nothing_else(town: Town) -> None:
    token = town.join("eve@example.com", ("acme", "viewer"))
    assert town.did("PATCH", "/me", {"name": "Ève <b>"}, token)["person"]["name"] == "Ève <b>"
    for extra in ({"state": "active"}, {"grants": grants_body((EVERYWHERE, "admin"))}, {"email": "x@x.org"}):
        assert town.call("PATCH", "/me", {"name": "E", **extra}, token).status_code == 400


def test_nobody_wishes_alerts_of_a_tenant_they_may_not_see(town: Town) -> None:
    token = town.join("eve@example.com", ("acme", "viewer"))
    wishes = [
        {"tenant_id": None, "on": True, "detailed": False},
        {"tenant_id": "acme", "on": False, "detailed": True},
    ]
    town.did("PUT", "/me/alerts", {"items": wishes}, token)
    assert town.did("GET", "/me/alerts", token=token)["items"] == wishes
    foreign = [{"tenant_id": "beta", "on": True, "detailed": True}]
    assert town.call("PUT", "/me/alerts", {"items": foreign}, token).status_code == 404
    assert town.call("PUT", "/me/alerts", {"items": [wishes[0], wishes[0]]}, token).status_code == 400
    assert town.did("GET", "/me/alerts", token=token)["items"] == wishes


def test_the_token_of_the_environment_is_nobody(town: Town) -> None:
    assert town.did("GET", "/me")["person"] is None
    for method, path, body in (
        ("PATCH", "/me", {"name": "x"}), ("GET", "/me/alerts", None), ("GET", "/me/tokens", None), ("DELETE", "/sessions/current", None),
        ("PUT", "/me/password", {"current": "x", "new": PASSWORD}),
        ("POST", "/me/tokens", {"name": "x", "expires_at": "2026-06-01T00:00:00Z"}),
    ):  # fmt: skip
        answer = town.call(method, path, body)
        assert (answer.status_code, town.slug(answer)) == (403, "session-needed"), (method, path)


HOSTILE = ["\x00", "half \ud83d", "' OR 1=1 --", "../../admin", "<script>", "a" * 101, "acme\x00"]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_that_a_database_can_not_take_breaks_the_interface(town: Town, text: str) -> None:
    session = town.join("boss@example.com", (EVERYWHERE, "admin"))
    token = {"name": "n", "expires_at": "2026-06-01T00:00:00Z"}
    bodies: list[tuple[str, str, object]] = [
        ("POST", "/people", {"email": "x@x.org", "name": "X", "grants": grants_body((text, "viewer"))}),
        ("PUT", "/me/alerts", {"items": [{"tenant_id": text, "on": True, "detailed": True}]}),
        ("POST", "/me/tokens", token | {"tenants": [text]}),
        ("POST", "/me/tokens", token | {"expires_at": text}),
        ("POST", "/tokens", token | {"person_id": text}),
    ]
    for method, path, body in bodies:
        answer = town.call(method, path, body, session)
        assert answer.status_code == 400, (path, body, answer.text)
    sent = quote(text, errors="replace")
    for path in (f"/people/{sent}", f"/people?tenant={sent}", f"/tokens?person_id={sent}", f"/audit?actor={sent}", f"/audit?tenant={sent}"):  # fmt: skip
        assert town.call("GET", path).status_code in {200, 400, 404}, path
