"""Signing in: who is let in, what tells nothing, and how many passwords may be tried."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from ipaddress import ip_network

import pytest
from argon2 import PasswordHasher

from service_runtime import metrics
from status_api.server.hashing import Hasher
from tests.integration.status_api.conftest import Answered, Client, ReadModel
from tests.integration.status_api.people_kit import PASSWORD, Town

pytestmark = pytest.mark.stack

ANNA = "anna@example.com"


@pytest.fixture
def town(read_model: ReadModel) -> Town:
    return Town.on(read_model)


WRONG = "wrong wrong wrong"


def _from(town: Town, address: str, password: str = WRONG, email: str = ANNA) -> Answered:
    """A try that our proxy says came from this address."""
    return town.call(
        "POST", "/sessions", {"email": email, "password": password}, None, X_Forwarded_For=address
    )


@pytest.fixture
def proxied(town: Town) -> Town:
    """The interface behind a proxy that it trusts."""
    api = replace(town.client.api, trusted_proxies=(ip_network("127.0.0.0/8"),))
    return Town(Client(api, town.client.read_model), town.clock)


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "<script>alert('%s')</script> & %00",
        "            ",
        " leading and trailing ",
        "пароль длинный 密码密码",
        "🐎🔋📎" * 4,
        'quotes " and \\ and \t tab \n line',
        "x" * 1000,
    ],
)
def test_no_character_bars_a_password_and_none_is_changed(town: Town, password: str) -> None:
    town.join(ANNA, ("acme", "viewer"), password=password)
    assert town.sign_in(ANNA, password).status_code == 201
    assert town.sign_in(ANNA, password + " ").status_code == 401
    assert town.sign_in(ANNA, password[:-1]).status_code == 401


def test_the_same_keys_on_another_keyboard_are_the_same_password(town: Town) -> None:
    town.join(ANNA, ("acme", "viewer"), password=unicodedata.normalize("NFC", "café crème brûlée"))
    assert town.sign_in(ANNA, unicodedata.normalize("NFD", "café crème brûlée")).status_code == 201


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 1001])
def test_a_password_that_can_not_be_one_is_refused_and_not_repeated(town: Town, password: str) -> None:
    invitation = town.invite(ANNA, ("acme", "viewer"))["invitation"]["token"]
    answer = town.call(
        "POST", "/invitations/accepted", {"invitation": invitation, "password": password}, None
    )
    assert (answer.status_code, town.slug(answer)) == (422, "bad-password")
    assert not password or password not in answer.text
    town.did("POST", "/invitations/accepted", {"invitation": invitation, "password": PASSWORD}, None)


def test_the_address_is_known_however_it_is_typed(town: Town) -> None:
    town.join("Anna@Example.COM ", ("acme", "viewer"))
    assert town.sign_in("  ANNA@example.com").status_code == 201


def test_nothing_tells_whether_an_account_exists(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.join(ANNA, ("acme", "viewer"))
    town.join("gone@example.com", ("acme", "viewer"))
    town.did("DELETE", f"/people/{town.person_id('gone@example.com')}")
    town.invite("invited@example.com", ("acme", "viewer"))
    looked_at: list[str] = []
    verify = PasswordHasher.verify

    def watched(self: PasswordHasher, stored: str, password: str) -> bool:
        looked_at.append(stored)
        return verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    told = set()
    accounts = [
        (ANNA, "wrong password"),
        ("nobody@example.com", PASSWORD),
        ("gone@example.com", PASSWORD),
        ("invited@example.com", PASSWORD),
        ("no address", PASSWORD),
    ]
    for email, password in accounts:
        answer = town.sign_in(email, password)
        body = {name: value for name, value in answer.json.items() if name != "request_id"}
        told.add((answer.status_code, str(body), answer.headers["WWW-Authenticate"]))
    assert len(told) == 1, told
    assert len(looked_at) == len(accounts), "the work differs"
    assert len({PasswordHasher().check_needs_rehash(stored) for stored in looked_at}) == 1


def test_an_unknown_account_is_throttled_like_a_known_one(town: Town) -> None:
    town.join(ANNA, ("acme", "viewer"))
    answers = {}
    for email in (ANNA, "nobody@example.com"):
        tried = [town.sign_in(email, WRONG) for _ in range(11)]
        answers[email] = [(answer.status_code, answer.headers.get("Retry-After")) for answer in tried]
    assert answers[ANNA] == answers["nobody@example.com"]
    assert answers[ANNA][-1] == (429, "900")


def test_not_even_the_right_password_is_looked_at_after_too_many_wrong_ones_until_the_time_is_over(
    town: Town,
) -> None:
    town.join(ANNA, ("acme", "viewer"))
    for _ in range(10):
        assert town.sign_in(ANNA, WRONG).status_code == 401
    refused = town.sign_in(ANNA)
    assert (refused.status_code, town.slug(refused)) == (429, "too-many-sign-ins")
    town.clock.move(minutes=15)
    assert town.sign_in(ANNA).status_code == 201


def test_a_success_forgets_the_wrong_tries(town: Town) -> None:
    town.join(ANNA, ("acme", "viewer"))
    for _ in range(3):
        for _ in range(9):
            town.sign_in(ANNA, WRONG)
        assert town.sign_in(ANNA).status_code == 201


def test_a_stranger_elsewhere_does_not_lock_the_owner_out_but_many_together_do_not_guess_on(
    proxied: Town,
) -> None:
    proxied.join(ANNA, ("acme", "viewer"))
    for _ in range(11):
        last = _from(proxied, "198.51.100.7")
    assert last.status_code == 429
    assert _from(proxied, "203.0.113.9", PASSWORD).status_code == 201
    statuses = [_from(proxied, f"198.51.100.{n}").status_code for n in range(10, 22) for _ in range(9)]
    assert statuses[-1] == 429
    assert _from(proxied, "203.0.113.10", PASSWORD).status_code == 429


def test_one_address_can_not_try_one_password_at_every_account(proxied: Town) -> None:
    statuses = [
        _from(proxied, "2001:db8::1", email=f"person{number}@example.com").status_code for number in range(61)
    ]
    assert (statuses[59], statuses[60]) == (401, 429)
    assert _from(proxied, "2001:db8::2", email="x@example.com").status_code == 429, "the same site"
    assert _from(proxied, "2001:db9::1", email="x@example.com").status_code == 401


def test_an_address_that_a_client_makes_up_is_not_believed(town: Town) -> None:
    statuses = [_from(town, f"198.51.100.{number}").status_code for number in range(11)]
    assert statuses[-1] == 429


def test_what_is_refused_for_its_address_fills_no_table(town: Town) -> None:
    for number in range(80):
        town.sign_in(f"person{number}@example.com", WRONG)
    rows = town.client.read_model.rows("SELECT key FROM sign_in_tries")
    assert len(rows) == 1 + 2 * 60
    assert not any("person" in row["key"] for row in rows)


def test_a_flood_of_sign_ins_leaves_threads_for_everything_else(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.join(ANNA, ("acme", "viewer"))
    hasher = Hasher()
    for _ in range(4):
        hasher._places.acquire()
    busy = Town(Client(replace(town.client.api, hasher=hasher), town.client.read_model), town.clock)
    for _ in range(20):
        answer = busy.sign_in(ANNA)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert town.sign_in(ANNA).status_code == 201, "what was not looked at was counted"


def test_a_hash_with_older_parameters_is_replaced_when_its_owner_signs_in(town: Town) -> None:
    town.join(ANNA, ("acme", "viewer"))
    model = town.client.read_model
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    with model.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE person SET password_hash = %s", (old,))
    assert town.sign_in(ANNA).status_code == 201
    (row,) = model.rows("SELECT password_hash FROM person")
    assert row["password_hash"] != old
    assert "m=12288,t=3,p=1" in row["password_hash"]
    assert town.sign_in(ANNA).status_code == 201


@pytest.fixture
def counted() -> dict[str, float]:
    return {name: metrics.sign_ins.labels(name)._value.get() for name in ("success", "refused", "throttled")}


def test_every_failure_is_counted_and_every_success_audited(town: Town, counted: dict[str, float]) -> None:
    town.join(ANNA, ("acme", "viewer"))
    for _ in range(10):
        town.sign_in(ANNA, WRONG)
    town.sign_in(ANNA)
    town.clock.move(minutes=15)
    token = town.session(ANNA)
    town.did("DELETE", "/sessions/current", token=token)
    after = {name: metrics.sign_ins.labels(name)._value.get() - was for name, was in counted.items()}
    assert after == {"success": 2, "refused": 10, "throttled": 1}
    assert [act for _, act, _ in town.audit(actor=ANNA)] == ["sign-out", "sign-in", "accept-invitation"]


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(town: Town) -> None:
    token = town.join(ANNA, ("acme", "viewer"))
    for _ in range(11):
        town.clock.move(hours=1)
        assert town.call("GET", "/me", token=token).status_code == 200
    town.clock.move(hours=1)
    assert town.call("GET", "/me", token=token).status_code == 401


def test_a_session_that_signed_out_is_over_at_once(town: Town) -> None:
    token = town.join(ANNA, ("acme", "viewer"))
    town.did("DELETE", "/sessions/current", token=token)
    assert town.call("GET", "/me", token=token).status_code == 401


def test_another_password_ends_other_sessions_but_not_this_one_nor_machines(town: Town) -> None:
    first = town.join(ANNA, ("acme", "viewer"))
    mine = town.session(ANNA)
    body = {"name": "nightly", "expires_at": "2026-06-01T00:00:00Z"}
    machine = town.did("POST", "/me/tokens", body, mine)["token"]
    change = {"current": PASSWORD, "new": "another password %"}
    town.did("PUT", "/me/password", change, mine)
    statuses = [town.call("GET", "/me", token=token).status_code for token in (first, mine, machine)]
    assert statuses == [401, 200, 200]
    assert town.sign_in(ANNA).status_code == 401
    assert town.sign_in(ANNA, "another password %").status_code == 201


def test_the_password_is_not_changed_without_the_old_one_and_guessing_it_is_throttled(town: Town) -> None:
    token = town.join(ANNA, ("acme", "viewer"))
    wrong = {"current": "wrong wrong wrong", "new": "another password %"}
    answers = [town.call("PUT", "/me/password", wrong, token) for _ in range(11)]
    assert [town.slug(answer) for answer in answers] == ["wrong-password"] * 10 + ["too-many-sign-ins"]
    town.clock.move(minutes=15)
    assert town.sign_in(ANNA).status_code == 201


def test_an_invitation_can_be_used_once_and_not_for_ever(town: Town) -> None:
    invitation = town.invite(ANNA, ("acme", "viewer"))["invitation"]["token"]
    body = {"invitation": invitation, "password": PASSWORD}
    town.did("POST", "/invitations/accepted", body, None)
    assert town.call("POST", "/invitations/accepted", body, None).status_code == 404
    late = town.invite("late@example.com", ("acme", "viewer"))["invitation"]["token"]
    town.clock.move(days=3)
    body = {"invitation": late, "password": PASSWORD}
    assert town.slug(town.call("POST", "/invitations/accepted", body, None)) == "unknown-invitation"


def test_a_new_invitation_ends_the_one_before_and_its_use_ends_all_that_was_open(town: Town) -> None:
    session = town.join(ANNA, ("acme", "viewer"))
    body = {"name": "nightly", "expires_at": "2026-06-01T00:00:00Z"}
    machine = town.did("POST", "/me/tokens", body, session)["token"]
    path = f"/people/{town.person_id(ANNA)}/invitation"
    first, second = (town.did("POST", path)["token"] for _ in range(2))
    assert town.call("GET", "/me", token=session).status_code == 200, "nothing ends before it is used"
    used = {"invitation": first, "password": "another password %"}
    assert town.call("POST", "/invitations/accepted", used, None).status_code == 404
    town.did("POST", "/invitations/accepted", used | {"invitation": second}, None)
    assert [town.call("GET", "/me", token=token).status_code for token in (session, machine)] == [401, 401]


def test_no_password_token_or_invitation_is_stored_in_clear(town: Town) -> None:
    session = town.join(ANNA, ("acme", "viewer"))
    invitation = town.invite("b@example.com", ("acme", "viewer"))["invitation"]["token"]
    tables = ("person", "token", "invitation", "audit", "sign_in_tries", "outbox")
    stored = "".join(
        row["line"]
        for table in tables
        for row in town.client.read_model.rows(f"SELECT t::text AS line FROM {table} t")  # noqa: S608  # tables of this file
    )
    assert ANNA in stored
    for secret in (session, invitation, PASSWORD):
        assert secret not in stored
        assert secret.encode().hex() not in stored
