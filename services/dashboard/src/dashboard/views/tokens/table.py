"""A table of tokens and sessions, each with the button that ends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from dashboard.api.connection import Json, ProblemError, below
from dashboard.components.asking import asks, close_by_cancel, question
from dashboard.components.drawn import Cell, drawn
from dashboard.components.failing import told_failure
from dashboard.components.notices import tell
from dashboard.core.addresses import href
from dashboard.core.times import show_age, show_time
from dashboard.core.tokens import kind_words, reach_words, token_state
from dashboard.views.visit import Visit

Query = dict[str, list[str]]
"""Of an address, as a store in the browser keeps it."""

_ENDED = {"ended": "Ended", "expired": "Expired"}


@dataclass(frozen=True, slots=True)
class Shown:
    """How a table of tokens is shown.

    Attributes:
        name: of the table, the first part of ids.
        label: what it lists.
        mine: the session that this browser has.
        names: of tenants.
        with_person: whether it says whose each is.
    """

    name: str
    label: str
    mine: str | None
    names: Mapping[str, str]
    with_person: bool = False


def token_table(visit: Visit, tokens: Sequence[Json], how: Shown) -> Component:
    """The table of tokens of programs, or of everything that lets somebody in."""
    whose = ("Whose",) if how.with_person else ()
    columns = ("What", *whose, "Reach", "Made", "Last used", "Ends", "")
    return drawn(how.label, columns, [_row(visit, token, how) for token in tokens])


def session_table(visit: Visit, sessions: Sequence[Json], how: Shown) -> Component:
    """The table of one's own sessions."""
    rows = [
        [
            _what(session, how),
            Cell(show_time(session["created_at"], visit.zone)),
            *_life(visit, session, how),
        ]
        for session in sessions
    ]
    return drawn(how.label, ("Session", "Since", "Last used", "Ends", ""), rows)


def _row(visit: Visit, token: Json, how: Shown) -> list[Cell]:
    whose: list[Cell] = []
    if how.with_person:
        whose = [Cell(token["email"], href=href("people", token["person_id"]))]
    reach = reach_words(token, how.names) if token["kind"] == "token" else "As its person"
    return [
        _what(token, how),
        *whose,
        Cell(reach),
        Cell(show_time(token["created_at"], visit.zone)),
        *_life(visit, token, how),
    ]


def _what(token: Json, how: Shown) -> Cell:
    if token["token_id"] == how.mine:
        return Cell(kind_words(token), tags=[("This browser, now", "teal")])
    kind = "Token" if token["kind"] == "token" else "Session"
    return Cell(kind_words(token), quiet=kind if how.with_person else "")


def _life(visit: Visit, token: Json, how: Shown) -> list[Cell]:
    used = token["last_used_at"]
    last_used = Cell(
        show_age(used, visit.now, visit.zone) or "Never", title=show_time(used, visit.zone, seconds=True)
    )
    state = token_state(token, visit.now)
    if state == "active":
        return [last_used, Cell(show_time(token["expires_at"], visit.zone)), _button(visit, token, how)]
    ended = token["revoked_at"] if state == "ended" else token["expires_at"]
    return [last_used, Cell(_ENDED[state], quiet=show_time(ended, visit.zone)), Cell()]


def _button(visit: Visit, token: Json, how: Shown) -> Cell:
    about = "the token" if token["kind"] == "token" else "the session"
    words = f"End {about} “{kind_words(token)}” of {show_time(token['created_at'], visit.zone)}"
    if how.with_person:
        words = f"{words}, {token['email']}"
    told = f"{words}? It is refused from the next request on, and can not be brought back."
    return Cell(button="End", label=words, does=asks(f"{how.name}-ending", token["token_id"], told))


def ending_question(name: str) -> Component:
    """The dialog that asks before one is ended."""
    return question(f"{name}-ending", "End it?", "End it")


def register_ending(
    app: Dash, name: str, path: tuple[str, ...], again: Callable[[Visit, Json, Query], Component], place: str
) -> None:
    """Let the buttons of a table end what they stand beside.

    Args:
        app: the application.
        name: of the table.
        path: below which status-api has these tokens.
        again: makes what stands in `place` from the query in the store `{place}-query`.
        place: id whose children are made again afterwards.
    """
    close_by_cancel(app, f"{name}-ending")

    @app.callback(
        Output(f"{name}-ending-asking", "opened", allow_duplicate=True),
        Output(f"{name}-ending-failed", "children", allow_duplicate=True),
        Output(place, "children", allow_duplicate=True),
        Input(f"{name}-ending-do", "n_clicks"),
        State(f"{name}-ending-asked", "data"),
        State(f"{place}-query", "data"),
        State("address", "data"),
        prevent_initial_call=True,
        running=[(Output(f"{name}-ending-do", "loading"), True, False)],
    )
    def end(clicks: int | None, token: str, query: Query, address: Json) -> Any:  # noqa: ANN401  # as Dash takes it
        if not clicks:
            return no_update, no_update, no_update
        visit = Visit.of(address)
        try:
            visit.api.call("DELETE", below(*path, token))
        except ProblemError as problem:
            return True, told_failure(problem), no_update
        tell("Ended", "It is refused from now on.")
        return False, None, again(visit, visit.me(), query)
