"""From an address to a page: the frame stands still, its middle is what the address names."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from dash import ClientsideFunction, Dash, Input, NoUpdate, Output, ctx, no_update
from dash.development.base_component import Component

from dashboard.api.connection import ProblemError, SessionEndedError, UnreachableError, below
from dashboard.components.states import error_state, not_found_state, unreachable_state
from dashboard.names import PRODUCT
from dashboard.server.failing import told
from dashboard.server.measuring import count_failure
from dashboard.views import audit, explain, home, people, product, profile, settings, sync, tokens
from dashboard.views.frame import frame, header, navbar, navigation, person_menu
from dashboard.views.visit import Page, Visit

PAGES: dict[str, Page] = {
    "home": home.PAGE,
    "product": product.PAGE,
    "sync": sync.PAGE,
    "explain": explain.PAGE,
    "settings": settings.PAGE,
    "profile": profile.PAGE,
    "people": people.PAGE,
    "tokens": tokens.PAGE,
    "audit": audit.PAGE,
}
"""Every page by its name in `core.addresses`."""


def install(app: Dash) -> None:
    """Give the application its layout and every callback."""
    app.layout = frame()
    _browser_callbacks(app)

    @app.callback(
        Output("view", "children"),
        Output("header", "children"),
        Output("person-place", "children"),
        Output("navigation", "children"),
        Output("title", "data"),
        Input("address", "data"),
        prevent_initial_call=True,
    )
    def show(address: dict[str, Any]) -> tuple[Component | NoUpdate | str, ...]:
        visit = Visit.of(address)
        page = PAGES.get(visit.address.page)
        try:
            me, tenants = visit.me(), visit.api.get(below("tenants"))["items"]
        except (
            UnreachableError,
            ProblemError,
        ) as error:  # who this is can always be told, else it is not itself
            count_failure(error)
            return unreachable_state(), no_update, no_update, navigation(visit, None), PRODUCT
        around = header(visit, tenants), person_menu(me), navigation(visit, me, tenants)
        if page is None:
            return not_found_state(), *around, PRODUCT
        return _content(page, visit), *around, f"{page.title} · {PRODUCT}"

    @app.callback(
        Output("shell", "navbar"),
        Output("burger", "opened"),
        Input("burger", "opened"),
        Input("address", "data"),
        prevent_initial_call=True,
    )
    def open_menu(opened: bool, _: dict[str, Any]) -> tuple[dict[str, Any], bool]:  # noqa: FBT001  # Dash's way
        is_open = opened and ctx.triggered_id == "burger"
        return navbar(is_open=is_open), is_open

    for page in PAGES.values():
        page.register(app)


def _content(page: Page, visit: Visit) -> Component:
    """The page, or why it can not be shown: whoever came by a link sees that in its place, not beside the page before."""
    try:
        return page.render(visit)
    except SessionEndedError:
        raise
    except Exception as error:  # noqa: BLE001  # a page that fails is told of, and the others go on
        count_failure(error)
        return _instead(error)


def _instead(error: Exception) -> Component:
    if isinstance(error, UnreachableError):
        return unreachable_state()
    if isinstance(error, ProblemError):
        if error.status == HTTPStatus.NOT_FOUND:
            return not_found_state(error.detail)
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return unreachable_state()
        return error_state(error.title, error.detail, error.request_id)
    return error_state(*told(error))


def _browser_callbacks(app: Dash) -> None:
    """What happens in the browser alone; the functions are in `assets/`."""
    app.clientside_callback(
        ClientsideFunction("address", "read"), Output("address", "data"), Input("booted", "data")
    )
    app.clientside_callback(
        ClientsideFunction("address", "write"),
        Output("written", "data"),
        Input("shown", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("address", "leave"),
        Output("left", "data"),
        Input("leave", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("address", "title"),
        Output("titled", "data"),
        Input("title", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("live", "follow"),
        Output("followed", "data"),
        Input("address", "data"),
        prevent_initial_call=True,
    )
