"""Roles: as labels, and as a form with the places of each role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dash_mantine_components as dmc
from dash import State, html
from dash.development.base_component import Component

from dashboard.api.connection import Json
from dashboard.components.tags import tag
from dashboard.core.people import ROLE_NAMES, ROLE_WORDS, chosen_places, ordered_grants, place_words

_TONES = {"viewer": "gray", "operator": "blue", "admin": "indigo"}


def role_tags(grants: Sequence[Json], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Roles of somebody, each with its place, as labels and their tones."""
    return [
        (f"{place_words(grant['tenant_id'], names)}: {ROLE_NAMES[grant['role']]}", _TONES[grant["role"]])
        for grant in ordered_grants(grants)
    ]


def role_chips(grants: Sequence[Json], names: Mapping[str, str]) -> Component:
    """The same on a page."""
    if not grants:
        return dmc.Text("No role", size="sm", c="dimmed")
    return html.Div([tag(words, tone) for words, tone in role_tags(grants, names)], className="chips")


def role_fields(
    of: str, grants: Sequence[Json], places: Sequence[str], names: Mapping[str, str]
) -> Component:
    """A field for each role: where somebody has it.

    Args:
        of: what the fields belong to, a part of their ids.
        grants: chosen to begin with.
        places: that can be chosen.
        names: of tenants.
    """
    offered = [{"value": place, "label": place_words(place, names)} for place in places]
    return dmc.Stack(
        [
            dmc.MultiSelect(
                id=_field(of, role),
                label=f"{ROLE_NAMES[role]} at",
                description=f"{ROLE_WORDS[role][0].upper()}{ROLE_WORDS[role][1:]}.",
                data=offered,
                value=chosen_places(grants, role),
                searchable=True,
                hidePickedOptions=True,
                clearable=True,
                nothingFoundMessage="No such tenant",
                clearButtonProps={"aria-label": f"{ROLE_NAMES[role]} nowhere"},
            )
            for role in ROLE_NAMES
        ],
        gap="sm",
    )


def role_states(of: str) -> dict[str, State]:
    """What was chosen in `role_fields`, for a callback: places by role."""
    return {role: State(_field(of, role), "value") for role in ROLE_NAMES}


def _field(of: str, role: str) -> str:
    return f"{of}-{role}-at"
