"""One person: name, roles, invitation, and whether they may come in."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html, no_update, set_props
from dash.development.base_component import Component

from dashboard.api.connection import Json, ProblemError, below
from dashboard.api.lists import gather, tenant_names
from dashboard.components.asking import asks, close_by_cancel, question
from dashboard.components.card import card
from dashboard.components.failing import failure_place, told_failure
from dashboard.components.icons import icon
from dashboard.components.notices import tell
from dashboard.components.shown_once import forget_when_kept, shown_once
from dashboard.core.addresses import href
from dashboard.core.people import TwoRolesError, chosen_grants, places_to_grant
from dashboard.core.roles import is_admin_everywhere
from dashboard.views.people.inviting import invitation_words, two_roles
from dashboard.views.people.listing import state_badge
from dashboard.views.people.roles import role_chips, role_fields, role_states
from dashboard.views.visit import Visit

_DISABLING = (
    "Every session and token of this person ends at once, and an open invitation too. Enabling the person later brings none"
    " of them back. Nothing is deleted: histories go on naming them."
)
_INVITING = (
    "For somebody who lost the invitation or the password. An invitation made before ends now. Once it is used, the old"
    " password ends with every session and token of this person."
)


def person_page(visit: Visit) -> Component:
    """The page."""
    person = visit.api.get(_path(visit))
    me, tenants = visit.me(), gather(visit.api, below("tenants")).items
    names = tenant_names(tenants)
    return html.Div(
        [
            dmc.Anchor([icon("left"), " People"], href=href("people"), size="sm"),
            html.Div(_head(person, names), id="person-head"),
            dmc.Stack(
                [
                    _roles(person, me, places_to_grant(me, tenants), names),
                    _name(person),
                    html.Div(_access(person, me), id="person-access"),
                ],
                gap="md",
            ),
            question("disable", "Disable this person?", "Disable", dmc.Text(_DISABLING)),
            question("renew", "Make a new invitation?", "Make it", dmc.Text(_INVITING)),
            shown_once("renewed", "New invitation"),
        ],
        className="page-narrow",
    )


def _path(visit: Visit, *parts: str) -> str:
    return below("people", *visit.address.parts, *parts)


def _head(person: Json, names: dict[str, str]) -> list[Component]:
    return [
        dmc.Group([dmc.Title(person["name"], order=1), state_badge(person)], mt="xs"),
        dmc.Text(person["email"], c="dimmed", mb="xs"),
        html.Div(role_chips(person["grants"], names), style={"marginBottom": 20}),
    ]


def _roles(person: Json, me: Json, places: list[str], names: dict[str, str]) -> Component:
    elsewhere = (
        []
        if is_admin_everywhere(me)
        else [
            dmc.Text("Roles at tenants that you do not administer are not shown here, and stay.", size="sm")
        ]
    )
    return card(
        "Roles",
        *elsewhere,
        role_fields("person", person["grants"], places, names),
        failure_place("person-roles-failed"),
        dmc.Group(
            [
                dmc.Button("Save the roles", id="person-roles-save"),
                dmc.Text("They hold from the next thing that this person does.", size="sm", c="dimmed"),
            ],
            mt="md",
        ),
    )


def _name(person: Json) -> Component:
    field = dmc.TextInput(
        id="person-name",
        label="Name",
        value=person["name"],
        autoComplete="off",
        style={"flex": "1 1 260px", "maxWidth": 420},
    )
    save = dmc.Button("Rename", id="person-rename", variant="default")
    return card("Name", dmc.Group([field, save], align="flex-end"), failure_place("person-name-failed"))


def _access(person: Json, me: Json) -> Component:
    is_active, comes = person["state"] == "active", person["can_sign_in"]
    words = {
        (True, True): "Signs in with a password.",
        (True, False): "Has no password: invited and not come yet, or a machine, which never signs in.",
    }.get((is_active, comes), "Disabled: nothing of this person is let in.")
    buttons = [
        dmc.Button("New invitation", variant="default", disabled=not is_active, **asks("renew")),
        dmc.Button("Disable", color="red", variant="light", className="danger", **asks("disable"))
        if is_active
        else dmc.Button("Enable", id="person-enable", variant="light"),
    ]
    links = [dmc.Anchor("What this person did", href=href("audit", actor=person["email"]), size="sm")]
    if is_admin_everywhere(me):
        whose = {"person": person["person_id"]}
        links.insert(0, dmc.Anchor("Sessions and tokens", href=href("tokens", **whose), size="sm"))
        if is_active and not comes:
            new = href("tokens", **{"for": person["person_id"]})
            links.insert(1, dmc.Anchor("Make a token, if this is a machine", href=new, size="sm"))
    return card("Access", dmc.Text(words, mb="md"), dmc.Group(buttons), dmc.Group(links, mt="md"))


def _shown_again(visit: Visit, person: Json) -> tuple[list[Component], Component]:
    """Head and access of a person after a change."""
    names = tenant_names(gather(visit.api, below("tenants")).items)
    return _head(person, names), _access(person, visit.me())


def register_person(app: Dash) -> None:
    """Its callbacks."""
    _register_changes(app)
    _register_access(app)
    _register_invitation(app)


def _register_changes(app: Dash) -> None:
    @app.callback(
        Output("person-roles-failed", "children"),
        Output("person-head", "children", allow_duplicate=True),
        Input("person-roles-save", "n_clicks"),
        role_states("person"),
        State("address", "data"),
        prevent_initial_call=True,
        running=[(Output("person-roles-save", "loading"), True, False)],
    )
    def save_roles(clicks: int | None, roles: dict[str, list[str]], address: Json) -> Any:  # noqa: ANN401  # as Dash takes it
        if not clicks:
            return no_update, no_update
        visit = Visit.of(address)
        names = tenant_names(gather(visit.api, below("tenants")).items)
        try:
            left = visit.api.call("PUT", _path(visit, "grants"), body={"grants": chosen_grants(roles)}).body
        except TwoRolesError as error:
            return two_roles(error, names), no_update
        except ProblemError as problem:
            return told_failure(problem), no_update
        if not left["items"] and not is_admin_everywhere(visit.me()):
            set_props(
                "leave", {"data": {"to": href("people")}}
            )  # without a role there, nobody to be seen here
            return None, no_update
        tell("Saved", "The roles hold from now on.")
        return None, _head(visit.api.get(_path(visit)), names)

    @app.callback(
        Output("person-name-failed", "children"),
        Output("person-head", "children", allow_duplicate=True),
        Input("person-rename", "n_clicks"),
        Input("person-name", "n_submit"),
        State("person-name", "value"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def rename(clicks: int | None, submits: int | None, name: str, address: Json) -> Any:  # noqa: ANN401  # as Dash takes it
        if not clicks and not submits:
            return no_update, no_update
        visit = Visit.of(address)
        try:
            person = visit.api.call("PUT", _path(visit), body={"name": name}).body
        except ProblemError as problem:
            return told_failure(problem), no_update
        tell("Saved", "The name was changed.")
        return None, _shown_again(visit, person)[0]


def _register_access(app: Dash) -> None:
    close_by_cancel(app, "disable")

    @app.callback(
        Output("disable-asking", "opened", allow_duplicate=True),
        Output("disable-failed", "children", allow_duplicate=True),
        Output("person-head", "children", allow_duplicate=True),
        Output("person-access", "children", allow_duplicate=True),
        Input("disable-do", "n_clicks"),
        State("address", "data"),
        prevent_initial_call=True,
        running=[(Output("disable-do", "loading"), True, False)],
    )
    def disable(clicks: int | None, address: Json) -> Any:  # noqa: ANN401  # as Dash takes it
        if not clicks:
            return (no_update,) * 4
        visit = Visit.of(address)
        try:
            person = visit.api.call("DELETE", _path(visit)).body
        except ProblemError as problem:
            return True, told_failure(problem), no_update, no_update
        tell("Disabled", "Every session and token of this person has ended.")
        return False, None, *_shown_again(visit, person)

    @app.callback(
        Output("person-head", "children", allow_duplicate=True),
        Output("person-access", "children", allow_duplicate=True),
        Input("person-enable", "n_clicks"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def enable(clicks: int | None, address: Json) -> Any:  # noqa: ANN401  # as Dash takes it
        if not clicks:
            return no_update, no_update
        visit = Visit.of(address)
        person = visit.api.call("PUT", _path(visit), body={"state": "active"}).body
        tell("Enabled", "This person can sign in again; sessions and tokens of before stay ended.")
        return _shown_again(visit, person)


def _register_invitation(app: Dash) -> None:
    close_by_cancel(app, "renew")
    forget_when_kept(app, "renewed")

    @app.callback(
        Output("renew-asking", "opened", allow_duplicate=True),
        Output("renew-failed", "children", allow_duplicate=True),
        Output("renewed-shown", "opened"),
        Output("renewed-secret", "children"),
        Input("renew-do", "n_clicks"),
        State("address", "data"),
        prevent_initial_call=True,
        running=[(Output("renew-do", "loading"), True, False)],
    )
    def renew(clicks: int | None, address: Json) -> Any:  # noqa: ANN401  # as Dash takes it
        if not clicks:
            return (no_update,) * 4
        visit = Visit.of(address)
        try:
            invitation = visit.api.call("POST", _path(visit, "invitation")).body
        except ProblemError as problem:
            return True, told_failure(problem), no_update, no_update
        email = visit.api.get(_path(visit))["email"]
        return False, None, True, invitation_words(visit, email, invitation)
