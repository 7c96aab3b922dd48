"""Inviting somebody, or adding a machine; the invitation is shown once, as a link to hand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component
from flask import request

from dashboard.api.connection import Json, ProblemError, below
from dashboard.api.lists import gather, tenant_names
from dashboard.components.asking import close_by
from dashboard.components.failing import failure, failure_place, told_failure
from dashboard.components.shown_once import forget_when_kept, secret_words, shown_once
from dashboard.core.addresses import href
from dashboard.core.people import TwoRolesError, chosen_grants, place_words
from dashboard.core.roles import is_admin_everywhere
from dashboard.core.times import show_time
from dashboard.names import INVITATION
from dashboard.views.people.roles import role_fields, role_states
from dashboard.views.visit import Visit

_PERSON, _MACHINE = "person", "machine"
_WARNING = (
    "This is the only time that the link is shown. Whoever opens it first chooses the password: hand it on to this person"
    " alone, by a way that you trust."
)


def invitation_form(places: Sequence[str], names: Mapping[str, str]) -> list[Component]:
    """The dialogs: the form, and the invitation afterwards. The button `invite-new` opens the first."""
    fields = [
        dmc.SegmentedControl(
            id="invite-kind",
            data=[
                {"value": _PERSON, "label": "A person"},
                {"value": _MACHINE, "label": "A machine"},
            ],
            value=_PERSON,
            fullWidth=True,
            orientation="horizontal",
        ),
        dmc.TextInput(
            id="invite-email",
            label="E-mail address",
            description="A person signs in with it. A machine never does and works with tokens; the address is its name in histories.",
            required=True,
            autoComplete="off",
        ),
        dmc.TextInput(id="invite-name", label="Name", required=True, autoComplete="off"),
        role_fields("invite", [], places, names),
        failure_place("invite-failed"),
        dmc.Group(
            [
                dmc.Button("Cancel", id="invite-cancel", variant="default"),
                dmc.Button("Invite", id="invite-do"),
            ],
            justify="flex-end",
        ),
    ]
    form = dmc.Modal(
        dmc.Stack(fields, gap="md"),
        id="invite-making",
        title="Invite somebody",
        opened=False,
        size="lg",
        centered=True,
        closeButtonProps={"aria-label": "Close"},
    )
    return [form, shown_once("invite", "Added")]


def invitation_words(visit: Visit, email: str, invitation: Json) -> list[Component]:
    """An invitation, ready to be handed on.

    The code stands in the link's fragment, which browsers send to no server. The link leads to where this page came from:
    the browser itself tells that with every request that changes something.
    """
    origin = request.headers.get("Origin") or request.host_url.rstrip("/")
    until = show_time(invitation["expires_at"], visit.zone)
    return secret_words(
        _WARNING,
        f"Link for {email}",
        f"{origin}{INVITATION}#{invitation['token']}",
        dmc.Text(f"It works once, until {until} ({visit.zone.key}).", size="sm", mt="md"),
    )


def _other_words(person: Json, me: Json, names: Mapping[str, str], *, is_new: bool) -> list[Component]:
    """What to say when there is no invitation: to a machine that was added, or of somebody who was known."""
    if is_new:
        added = f"{person['name']} was added. It never signs in: an admin of every tenant makes its tokens."
        link = dmc.Anchor("Make a token for it", href=href("tokens", **{"for": person["person_id"]}))
        return [dmc.Text(added), *([link] if is_admin_everywhere(me) else [])]
    at = ", ".join(place_words(grant["tenant_id"], names) for grant in person["grants"])
    return [
        dmc.Text(
            f"{person['email']} was known already, so there is no invitation. The roles hold from now on: {at}."
        ),
        dmc.Anchor("Open this person", href=href("people", person["person_id"])),
    ]


def register_inviting(app: Dash) -> None:
    """Its callbacks."""
    close_by(app, "invite-cancel", "invite-making")
    forget_when_kept(app, "invite")

    @app.callback(
        Output("invite-making", "opened"),
        Output("invite-email", "value"),
        Output("invite-name", "value"),
        Output("invite-failed", "children"),
        Input("invite-new", "n_clicks"),
        prevent_initial_call=True,
    )
    def begin(clicks: int | None) -> Any:  # noqa: ANN401  # as Dash takes it
        return (True, "", "", None) if clicks else (no_update,) * 4

    @app.callback(
        output={
            "form": Output("invite-making", "opened", allow_duplicate=True),
            "failed": Output("invite-failed", "children", allow_duplicate=True),
            "shown": Output("invite-shown", "opened", allow_duplicate=True),
            "secret": Output("invite-secret", "children", allow_duplicate=True),
        },
        inputs={
            "clicks": Input("invite-do", "n_clicks"),
            "given": {
                "kind": State("invite-kind", "value"),
                "email": State("invite-email", "value"),
                "name": State("invite-name", "value"),
            },
            "roles": role_states("invite"),
            "address": State("address", "data"),
        },
        prevent_initial_call=True,
        running=[(Output("invite-do", "loading"), True, False)],
    )
    def invite(
        clicks: int | None, given: dict[str, str | None], roles: dict[str, list[str]], address: Json
    ) -> dict[str, Any]:
        nothing = dict.fromkeys(("form", "failed", "shown", "secret"), no_update)
        if not clicks:
            return nothing
        visit = Visit.of(address)
        names = tenant_names(gather(visit.api, below("tenants")).items)
        wrong = _missing(given, roles)
        if wrong is not None:
            return nothing | {"failed": failure("Something is missing", wrong)}
        try:
            body = {
                "email": given["email"],
                "name": given["name"],
                "grants": chosen_grants(roles),
                "machine": given["kind"] == _MACHINE,
            }
            answer = visit.api.call("POST", below("people"), body=body)
        except TwoRolesError as error:
            return nothing | {"failed": two_roles(error, names)}
        except ProblemError as problem:
            return nothing | {"failed": told_failure(problem)}
        person, invitation = answer.body, answer.body["invitation"]
        said = (
            invitation_words(visit, person["email"], invitation)
            if invitation
            else _other_words(person, visit.me(), names, is_new=answer.status == HTTPStatus.CREATED)
        )
        return {"form": False, "failed": None, "shown": True, "secret": said}


def _missing(given: Mapping[str, str | None], roles: Mapping[str, Sequence[str]]) -> str | None:
    """What is missing in the form, None if nothing is."""
    if not (given["email"] or "").strip():
        return "Give the e-mail address."
    if not (given["name"] or "").strip():
        return "Give the name."
    if not any(roles.values()):
        return "Choose a role at one tenant at least: without any, there is nothing to see."
    return None


def two_roles(error: TwoRolesError, names: Mapping[str, str]) -> Component:
    """Two roles at one place."""
    return failure(
        "One role at each place", f"{place_words(str(error), names)} is there twice: keep one of them."
    )
