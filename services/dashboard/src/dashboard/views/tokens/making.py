"""Making a token: what it is for, how long and how far it reaches; its secret is shown once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from dashboard.api.connection import Json, ProblemError, below
from dashboard.components.asking import close_by
from dashboard.components.failing import failure, failure_place, told_failure
from dashboard.components.shown_once import forget_when_kept, secret_words, shown_once
from dashboard.core.people import ROLE_NAMES
from dashboard.core.tokens import LIVES, NoEndError, end_of_life
from dashboard.views.tokens.table import Query
from dashboard.views.visit import Visit

_AS_PERSON = "as-person"
_WARNING = (
    "This is the only time that the token is shown. Whoever has it can do what it may do: keep it where only the program can"
    " read it, never in a mail, a chat or a repository. If it gets out, end it here."
)


def token_form(
    name: str,
    whose: str,
    tenants: Sequence[Json],
    people: Sequence[Json] | None = None,
    chosen: str | None = None,
) -> list[Component]:
    """The dialogs: the form, and the secret afterwards. A button `{name}-new` opens the first.

    Args:
        name: first part of ids.
        whose: whose rights it has, in words.
        tenants: that it can be narrowed to.
        people: machines to choose from, for a token that is not one's own.
        chosen: the machine that is chosen already, which opens the form.
    """
    machine = [] if people is None else [_machine(name, people, chosen)]
    fields = [
        *machine,
        dmc.TextInput(
            id=f"{name}-name",
            label="What is it for?",
            placeholder="nightly report",
            required=True,
            autoComplete="off",
        ),
        dmc.Group(
            [
                dmc.Select(
                    id=f"{name}-life",
                    label="How long may it be used?",
                    data=[{"value": life, "label": words} for life, words in LIVES.items()],
                    value="90",
                    allowDeselect=False,
                    flex="1 1 200px",
                ),
                dmc.DateInput(
                    id=f"{name}-day",
                    label="Last day, if you choose one",
                    valueFormat="D MMM YYYY",
                    clearable=True,
                    style={"flex": "1 1 200px"},
                ),
            ],
            align="flex-start",
        ),
        dmc.Select(
            id=f"{name}-role",
            label="What may it do at most?",
            description="Never more than its person may at the time of each request.",
            data=[
                {"value": _AS_PERSON, "label": whose},
                *[{"value": role, "label": f"At most {word}"} for role, word in ROLE_NAMES.items()],
            ],
            value=_AS_PERSON,
            allowDeselect=False,
        ),
        dmc.MultiSelect(
            id=f"{name}-tenants",
            label="Only at these tenants",
            description="Choose none for every tenant that its person sees.",
            data=[{"value": tenant["tenant_id"], "label": tenant["name"]} for tenant in tenants],
            value=[],
            searchable=True,
            clearable=True,
        ),
        failure_place(f"{name}-failed"),
        dmc.Group(
            [
                dmc.Button("Cancel", id=f"{name}-cancel", variant="default"),
                dmc.Button("Make the token", id=f"{name}-make"),
            ],
            justify="flex-end",
        ),
    ]
    form = dmc.Modal(
        dmc.Stack(fields, gap="md"),
        id=f"{name}-making",
        title="New token",
        opened=chosen is not None,
        size="lg",
        centered=True,
        closeButtonProps={"aria-label": "Close"},
    )
    return [form, shown_once(name, "Your new token")]


def _machine(name: str, people: Sequence[Json], chosen: str | None) -> Component:
    return dmc.Select(
        id=f"{name}-person",
        label="For which machine?",
        description="People without a password: add a machine at People first. Whoever signs in makes their own tokens.",
        data=[{"value": each["person_id"], "label": f"{each['name']} ({each['email']})"} for each in people],
        value=chosen,
        searchable=True,
        required=True,
        nothingFoundMessage="No machine of that name",
    )


def register_making(
    app: Dash,
    name: str,
    path: tuple[str, ...],
    again: Callable[[Visit, Json, Query], Component],
    place: str,
    *,
    for_machines: bool = False,
) -> None:
    """Let the form make tokens.

    Args:
        app: the application.
        name: first part of ids.
        path: where status-api makes them.
        again: makes what stands in `place` afterwards, from the query in the store `{place}-query`.
        place: id whose children that are.
        for_machines: whether the form has the choice of a machine.
    """
    close_by(app, f"{name}-cancel", f"{name}-making")
    forget_when_kept(app, name)

    @app.callback(
        Output(f"{name}-making", "opened"),
        Output(f"{name}-name", "value"),
        Output(f"{name}-failed", "children"),
        Input(f"{name}-new", "n_clicks"),
        prevent_initial_call=True,
    )
    def begin(clicks: int | None) -> Any:  # noqa: ANN401  # as Dash takes it
        return (True, "", None) if clicks else (no_update, no_update, no_update)

    fields = {
        "name": State(f"{name}-name", "value"),
        "life": State(f"{name}-life", "value"),
        "day": State(f"{name}-day", "value"),
        "role": State(f"{name}-role", "value"),
        "tenants": State(f"{name}-tenants", "value"),
    }
    if for_machines:
        fields["person"] = State(f"{name}-person", "value")

    @app.callback(
        output={
            "form": Output(f"{name}-making", "opened", allow_duplicate=True),
            "failed": Output(f"{name}-failed", "children", allow_duplicate=True),
            "shown": Output(f"{name}-shown", "opened", allow_duplicate=True),
            "secret": Output(f"{name}-secret", "children", allow_duplicate=True),
            "list": Output(place, "children", allow_duplicate=True),
        },
        inputs={
            "clicks": Input(f"{name}-make", "n_clicks"),
            "given": fields,
            "query": State(f"{place}-query", "data"),
            "address": State("address", "data"),
        },
        prevent_initial_call=True,
        running=[(Output(f"{name}-make", "loading"), True, False)],
    )
    def make(clicks: int | None, given: dict[str, Any], query: Query, address: Json) -> dict[str, Any]:
        nothing = dict.fromkeys(("form", "failed", "shown", "secret", "list"), no_update)
        if not clicks:
            return nothing
        visit = Visit.of(address)
        try:
            made = visit.api.call("POST", below(*path), body=_body(visit, given)).body
        except NoEndError as error:
            return nothing | {"failed": failure("How long?", str(error))}
        except _MissingError as error:
            return nothing | {"failed": failure("Something is missing", str(error))}
        except ProblemError as problem:
            return nothing | {"failed": told_failure(problem)}
        return {
            "form": False,
            "failed": None,
            "shown": True,
            "secret": secret_words(_WARNING, f"Token “{made['name']}”", made["token"], header_note()),
            "list": again(visit, visit.me(), query),
        }


class _MissingError(ValueError):
    """A field that is needed is empty; the message says which."""


def _body(visit: Visit, given: Mapping[str, Any]) -> Json:
    if not (given["name"] or "").strip():
        raise _MissingError("Say what the token is for.")
    if "person" in given and not given["person"]:
        raise _MissingError("Choose the machine that it is for.")
    end = end_of_life(given["life"], given["day"], visit.now, visit.zone)
    body: Json = {
        "name": given["name"],
        "expires_at": end.isoformat(),
        "most_role": None if given["role"] == _AS_PERSON else given["role"],
        "tenants": given["tenants"] or None,
    }
    return body | {"person_id": given["person"]} if "person" in given else body


def header_note() -> Component:
    """How a program uses a token."""
    return dmc.Text(
        [
            "A program sends it to status-api with every request, in the header ",
            dmc.Code("Authorization: Bearer <token>"),
            ", never in the address.",
        ],
        size="sm",
        mt="md",
    )
