"""People as a page shows them: roles and states in words, roles chosen in a form, who fits a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.core.roles import ROLES, is_admin_everywhere

Json = dict[str, Any]

EVERYWHERE = "*"
"""Every tenant, where a form or an address needs a word for it; no tenant is named so."""

ROLE_NAMES = {"viewer": "Viewer", "operator": "Operator", "admin": "Admin"}
ROLE_WORDS = {
    "viewer": "sees everything, changes nothing",
    "operator": "also resyncs, skips, diagnoses and starts a sync",
    "admin": "also changes settings, pauses and activates, and gives roles",
}
"""What each role may do, beyond the one before it."""


class TwoRolesError(ValueError):
    """Two roles were chosen at one place; the argument is the place."""


@dataclass(frozen=True, slots=True)
class PersonState:
    """Whether somebody can come in.

    Attributes:
        name: for addresses.
        words: for people.
        tone: of its label.
    """

    name: str
    words: str
    tone: str


ACTIVE = PersonState("active", "Active", "teal")
NO_PASSWORD = PersonState("no-password", "No password", "yellow")
DISABLED = PersonState("disabled", "Disabled", "gray")
PERSON_STATES = {state.name: state for state in (ACTIVE, NO_PASSWORD, DISABLED)}


def person_state(person: Json) -> PersonState:
    """Active, disabled, or without a password: invited and not come yet, or a machine, which never has one."""
    if person["state"] != "active":
        return DISABLED
    return ACTIVE if person["can_sign_in"] else NO_PASSWORD


def place_words(place: str | None, names: Mapping[str, str]) -> str:
    """The place of a role: a tenant by its name (its id if it has none here), or every tenant."""
    if place in (None, EVERYWHERE):
        return "Every tenant"
    return names.get(str(place), str(place))


def ordered_grants(grants: Sequence[Json]) -> list[Json]:
    """Roles with every tenant first, then the greatest."""
    return sorted(
        grants,
        key=lambda each: (each["tenant_id"] is not None, -ROLES.index(each["role"]), each["tenant_id"] or ""),
    )


def places_to_grant(me: Json, tenants: Sequence[Json]) -> list[str]:
    """Places at which somebody may give roles: every one for an admin of every tenant, else the tenants they administer."""
    ids = [tenant["tenant_id"] for tenant in tenants]
    if is_admin_everywhere(me):
        return [EVERYWHERE, *ids]
    own = {grant["tenant_id"] for grant in me["grants"] if grant["role"] == "admin"}
    return [place for place in ids if place in own]


def chosen_places(grants: Sequence[Json], role: str) -> list[str]:
    """Places of a role, as a form has them."""
    return [each["tenant_id"] or EVERYWHERE for each in ordered_grants(grants) if each["role"] == role]


def chosen_grants(chosen: Mapping[str, Sequence[str]]) -> list[Json]:
    """Roles from a form: places by role.

    Raises:
        TwoRolesError: a place is there twice.
    """
    by_place: dict[str, str] = {}
    for role, places in chosen.items():
        for place in places:
            if place in by_place:
                raise TwoRolesError(place)
            by_place[place] = role
    return [
        {"tenant_id": None if place == EVERYWHERE else place, "role": role}
        for place, role in by_place.items()
    ]


def fits(person: Json, text: str, state: str) -> bool:
    """Whether somebody is meant by what was typed (parts of name or address, in any order) and by a state, if one is chosen."""
    if state and person_state(person).name != state:
        return False
    told = f"{person['name']} {person['email']}".casefold()
    return all(part in told for part in text.casefold().split())
