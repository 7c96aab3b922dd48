"""People, roles, tokens, alert wishes and the audit, as forms and tables have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboard.core.audit import action_words, document_of
from dashboard.core.moments import to_clock, to_moment
from dashboard.core.people import (
    EVERYWHERE,
    TwoRolesError,
    chosen_grants,
    chosen_places,
    fits,
    ordered_grants,
    person_state,
    place_words,
    places_to_grant,
)
from dashboard.core.tokens import NoEndError, end_of_life, kind_words, reach_words, token_state
from dashboard.core.wishes import AS_EVERYWHERE, DETAILED, GENERIC, NONE, choices_of, wishes_of

NAMES = {"acme": "Acme Managed IT"}
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
AUCKLAND, UTC_ZONE = ZoneInfo("Pacific/Auckland"), ZoneInfo("UTC")
GRANTS: list[dict[str, Any]] = [
    {"tenant_id": "acme", "role": "viewer"},
    {"tenant_id": "north", "role": "admin"},
    {"tenant_id": None, "role": "operator"},
]
TENANTS = [{"tenant_id": "acme"}, {"tenant_id": "north"}]


def person(**more: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    return {"name": "Zoë Smith", "email": "zs@example.com", "state": "active", "can_sign_in": True} | more


def token(**more: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    return {
        "kind": "token",
        "name": "report",
        "most_role": None,
        "tenants": None,
        "expires_at": "2026-06-01T00:00:00Z",
        "revoked_at": None,
    } | more


def test_a_person_without_a_password_is_not_shown_as_active() -> None:
    assert person_state(person()).name == "active"
    assert person_state(person(can_sign_in=False)).name == "no-password"
    assert person_state(person(state="disabled", can_sign_in=False)).name == "disabled"


def test_a_search_takes_parts_in_any_order_and_case() -> None:
    assert fits(person(), "  SMITH zoë ", "")
    assert fits(person(), "zs@ex", "active")
    assert not fits(person(), "zoë jones", "")
    assert not fits(person(), "", "disabled")


def test_roles_go_through_the_form_unchanged() -> None:
    chosen = {role: chosen_places(GRANTS, role) for role in ("viewer", "operator", "admin")}
    assert chosen == {"viewer": ["acme"], "operator": [EVERYWHERE], "admin": ["north"]}
    assert ordered_grants(chosen_grants(chosen)) == ordered_grants(GRANTS)
    assert ordered_grants(GRANTS)[0]["tenant_id"] is None


def test_two_roles_at_one_place_are_refused_by_the_place() -> None:
    with pytest.raises(TwoRolesError, match="acme"):
        chosen_grants({"viewer": ["acme"], "admin": ["acme"]})


def test_an_admin_of_one_tenant_is_offered_no_other_place() -> None:
    assert places_to_grant({"grants": [{"tenant_id": "acme", "role": "admin"}]}, TENANTS) == ["acme"]
    mixed = [{"tenant_id": None, "role": "viewer"}, {"tenant_id": "north", "role": "admin"}]
    assert places_to_grant({"grants": mixed}, TENANTS) == ["north"]
    everywhere = {"grants": [{"tenant_id": None, "role": "admin"}]}
    assert places_to_grant(everywhere, TENANTS) == [EVERYWHERE, "acme", "north"]
    assert [place_words(place, NAMES) for place in (None, EVERYWHERE, "acme", "north")] == [
        "Every tenant",
        "Every tenant",
        "Acme Managed IT",
        "north",
    ]


def test_a_token_that_was_ended_is_not_shown_as_expired() -> None:
    assert token_state(token(), NOW) == "active"
    assert token_state(token(expires_at="2026-05-04T12:00:00Z"), NOW) == "expired"
    ended = token(revoked_at="2026-05-01T00:00:00Z", expires_at="2026-05-02T00:00:00Z")
    assert token_state(ended, NOW) == "ended"


def test_a_token_tells_how_far_it_reaches() -> None:
    assert reach_words(token(), NAMES) == "As its person"
    narrowed = token(most_role="viewer", tenants=["acme", "north"])
    assert reach_words(narrowed, NAMES) == "At most Viewer, only at Acme Managed IT, north"
    assert kind_words(token()) == "report"
    assert kind_words(token(kind="session", name="invitation")) == "Signed in by invitation"
    assert kind_words(token(kind="session", name="sign-in")) == "Signed in by password"


def test_the_last_day_of_a_token_ends_at_midnight_where_its_person_is() -> None:
    assert end_of_life("30", None, NOW, AUCKLAND) == NOW + timedelta(days=30)
    assert end_of_life("day", "2026-05-10", NOW, AUCKLAND) == datetime(2026, 5, 10, 12, tzinfo=UTC)
    assert end_of_life("day", "2026-05-04", NOW, UTC_ZONE) == datetime(2026, 5, 5, tzinfo=UTC)


@pytest.mark.parametrize("day", [None, "", "2026-05-03", "2027-06-01"])
def test_no_token_is_asked_for_without_an_end_that_can_be(day: str | None) -> None:
    with pytest.raises(NoEndError):
        end_of_life("day", day, NOW, UTC_ZONE)


def test_alert_wishes_go_through_the_form_unchanged() -> None:
    wishes: list[dict[str, Any]] = [
        {"tenant_id": None, "on": True, "detailed": False},
        {"tenant_id": "acme", "on": True, "detailed": True},
        {"tenant_id": "east", "on": False, "detailed": False},
    ]
    choices = choices_of(wishes, ["acme", "north", "east"])
    assert choices == {EVERYWHERE: GENERIC, "acme": DETAILED, "north": AS_EVERYWHERE, "east": NONE}
    assert wishes_of(choices) == wishes


def test_nobody_who_wished_nothing_gets_mail() -> None:
    assert choices_of([], ["acme"]) == {EVERYWHERE: NONE, "acme": AS_EVERYWHERE}


def test_an_act_that_is_not_known_is_shown_by_its_name() -> None:
    assert action_words("sign-in") == "Signed in"
    assert action_words("something-new") == "something-new"


@pytest.mark.parametrize(
    "subject", [None, "tenant", "kim@example.com", "invoice/<b>", "invoice/1/2", "invoice/"]
)
def test_only_a_document_is_linked(subject: str | None) -> None:
    assert document_of(subject) is None
    assert document_of("purchase-order/771") == "purchase-order/771"


def test_a_clock_time_is_the_same_moment_for_everybody() -> None:
    assert to_moment("2026-05-04 16:20:00", AUCKLAND) == "2026-05-04T04:20:00Z"
    assert to_clock("2026-05-04T04:20:00Z", AUCKLAND) == "2026-05-04 16:20:00"
    assert to_moment("2026-05-04T16:20", UTC_ZONE) == "2026-05-04T16:20:00Z"
    assert to_moment(None, AUCKLAND) == to_moment("", AUCKLAND) == ""
    assert to_moment("2026-04-05 02:30:00", AUCKLAND) == "2026-04-04T13:30:00Z"  # the first of two
    for odd in ("", "yesterday", "2026-05-04 16:20"):
        assert to_clock(odd, AUCKLAND) is None
