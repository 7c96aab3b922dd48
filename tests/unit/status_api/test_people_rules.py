"""Rules about people, passwords, tokens and tries, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from status_api.core.access import EVERYWHERE, Actor, Grant, Role
from status_api.core.passwords import BadPasswordError, canonical, new_password
from status_api.core.people import (
    BadTextError,
    Person,
    email_of,
    is_visible,
    loses_last_admin,
    may_change,
    may_grant,
    merged,
    name_of,
    shown_grants,
)
from status_api.core.throttling import SPAN, client_address, counters, site, wait
from status_api.core.tokens import LONGEST_LIFE, is_secret, use_is_old, wrong_expiry

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
ADMIN_OF_ACME = Actor("a@acme.example", (Grant("acme", Role.ADMIN), Grant("beta", Role.OPERATOR)))
ADMIN = Actor("root@example.com", (Grant(EVERYWHERE, Role.ADMIN),))


def _person(*grants: Grant, active: bool = True, can_sign_in: bool = True, person_id: str = "p") -> Person:
    return Person(person_id, f"{person_id}@example.com", "P", can_sign_in, active, grants)


@pytest.mark.parametrize("password", ["x" * 12, "x" * 1000, "            ", "<>%&\x00\n🐎 é ok", "🐎" * 12])
def test_no_character_bars_a_password(password: str) -> None:
    assert new_password(password) == canonical(password)


@pytest.mark.parametrize("password", ["", "x" * 11, "x" * 1001, "e\u0301" * 11, "twelve chars \ud800"])
def test_what_can_not_be_a_password_is_refused_without_being_repeated(password: str) -> None:
    with pytest.raises(BadPasswordError) as refused:
        new_password(password)
    assert not password or password not in str(refused.value)


def test_what_looks_different_stays_a_different_password() -> None:
    assert canonical("ﬁle") != canonical("file")
    assert canonical(" x ") == " x "
    assert canonical("A") != canonical("a")
    assert canonical("e\u0301") == "é"


@pytest.mark.parametrize("text", ["a@b", " Anna@Example.COM ", "o'brien+x@münchen.example"])
def test_no_good_address_is_refused(text: str) -> None:
    assert email_of(text) == text.strip().lower()


@pytest.mark.parametrize(
    "text", ["", "a", "@", "a@", "a b@c", "a@b\n", "a\r@b", "a@b\u2028c", "a<b@c", "x" * 65 + "@b"]
)
def test_no_bad_address_is_taken(text: str) -> None:
    if text == "a@b\n":
        assert email_of(text) == "a@b"
        return
    with pytest.raises(BadTextError):
        email_of(text)


@pytest.mark.parametrize("text", ["", " ", "a\nb", "a\x00", "\ud800", "x" * 201])
def test_no_bad_name_is_taken(text: str) -> None:
    with pytest.raises(BadTextError):
        name_of(text)
    assert name_of(" Ève <b> 👩‍👧 ") == "Ève <b> 👩‍👧"


def test_nobody_gives_roles_but_an_admin_of_the_place() -> None:
    places = ("acme", "beta", "gamma", EVERYWHERE)
    assert [may_grant(ADMIN_OF_ACME, place) for place in places] == [True, False, False, False]
    assert [may_grant(ADMIN, place) for place in places] == [True] * 4
    narrow = ADMIN.narrowed(Role.OPERATOR, None)
    assert [may_grant(narrow, place) for place in places] == [False] * 4
    assert [may_grant(ADMIN.narrowed(None, ["acme"]), place) for place in places] == [
        True,
        False,
        False,
        False,
    ]


def test_no_role_at_a_foreign_place_is_shown_and_its_holder_not_changed() -> None:
    both = _person(Grant("acme", Role.VIEWER), Grant("beta", Role.ADMIN))
    assert shown_grants(ADMIN_OF_ACME, both) == (Grant("acme", Role.VIEWER),)
    assert is_visible(ADMIN_OF_ACME, both)
    assert not may_change(ADMIN_OF_ACME, both)
    assert may_change(ADMIN, both)
    assert not is_visible(ADMIN_OF_ACME, _person(Grant(EVERYWHERE, Role.VIEWER)))
    assert may_change(ADMIN_OF_ACME, _person(Grant("acme", Role.ADMIN)))


def test_nobody_without_roles_falls_into_the_hands_of_one_tenants_admin() -> None:
    assert not may_change(ADMIN_OF_ACME, _person())
    assert not is_visible(ADMIN_OF_ACME, _person())


def test_a_new_role_takes_the_place_of_the_old_one_there_only() -> None:
    held = [Grant("acme", Role.ADMIN), Grant("beta", Role.VIEWER)]
    assert merged(held, [Grant("acme", Role.VIEWER)]) == (
        Grant("acme", Role.VIEWER),
        Grant("beta", Role.VIEWER),
    )


_TOP = Grant(EVERYWHERE, Role.ADMIN)


@pytest.mark.parametrize(
    ("before", "after", "loses"),
    [
        ([_person(_TOP)], [_person()], True),
        ([_person(_TOP)], [_person(_TOP, active=False)], True),
        ([_person(_TOP)], [_person(Grant(EVERYWHERE, Role.OPERATOR))], True),
        ([_person(_TOP)], [_person(Grant("acme", Role.ADMIN))], True),
        ([_person(_TOP)], [_person(_TOP)], False),
        ([_person(_TOP), _person(_TOP)], [_person(), _person(_TOP)], False),
        ([_person(_TOP), _person(_TOP, can_sign_in=False)], [_person(), _person(_TOP, can_sign_in=False)], True),
        ([_person(_TOP), _person(_TOP, active=False)], [_person(), _person(_TOP, active=False)], True),
        ([_person(_TOP, can_sign_in=False)], [_person()], True),
        ([], [_person()], False),
    ],
)  # fmt: skip
def test_the_last_admin_stays(before: list[Person], after: list[Person], loses: bool) -> None:  # noqa: FBT001  # expected
    assert loses_last_admin(before, after) is loses


@pytest.mark.parametrize(
    ("ends", "wrong"),
    [
        (NOW, True),
        (NOW - timedelta(days=1), True),
        (NOW + timedelta(seconds=1), False),
        (NOW + LONGEST_LIFE, False),
        (NOW + LONGEST_LIFE + timedelta(seconds=1), True),
    ],
)
def test_no_token_ends_in_the_past_or_never(ends: datetime, wrong: bool) -> None:  # noqa: FBT001  # expected
    assert (wrong_expiry(ends, NOW) is not None) is wrong


def test_one_kind_of_secret_is_not_taken_for_another() -> None:
    assert is_secret("ist_x", "token")
    for other in ("iss_x", "isi_x", "IST_x", " ist_x", "ist_é"):
        assert not is_secret(other, "token")


def test_the_last_use_is_not_written_at_each_request() -> None:
    assert use_is_old(None, NOW)
    assert not use_is_old(NOW - timedelta(minutes=9, seconds=59), NOW)
    assert use_is_old(NOW - timedelta(minutes=10), NOW)


def test_no_counter_names_an_account() -> None:
    assert not any("anna" in counter.key for counter in counters("192.0.2.1", "anna@example.com"))


def test_the_limit_is_passed_by_one_try_more_and_until_the_span_is_over() -> None:
    (closest,) = (counter for counter in counters("192.0.2.1", "a") if counter.forgiven)
    assert wait(closest, closest.most, NOW, NOW) is None
    assert wait(closest, closest.most + 1, NOW, NOW) == SPAN
    assert wait(closest, closest.most + 1, NOW - SPAN, NOW) == timedelta(seconds=1)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::1", "::2", True),
        ("", "not an address", True),
    ],
)
def test_one_site_is_not_counted_as_many(one: str, other: str, same: bool) -> None:  # noqa: FBT001  # expected
    assert (site(one) == site(other)) is same


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.1", "198.51.100.1", "203.0.113.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        (None, "198.51.100.1", ""),
    ],
)
def test_nobody_chooses_the_address_they_are_counted_under(
    peer: str | None, forwarded: str, address: str
) -> None:
    assert client_address(peer, forwarded, (ip_network("10.0.0.0/8"),)) == address
