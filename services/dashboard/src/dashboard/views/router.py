"""From an address to a page: the frame stands still, its middle is what the address names."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, ctx
from dash.development.base_component import Component

from dashboard.api.connection import ProblemError, SessionEndedError, UnreachableError
from dashboard.components.states import error_state, not_found_state, unreachable_state
from dashboard.names import PRODUCT
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

_NOT_FOUND = 404


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
    def show(address: dict[str, Any]) -> tuple[Component, Component, Component, Component, str]:
        visit = Visit.of(address)
        page = PAGES.get(visit.address.page)
        try:
            me, tenants = visit.me(), visit.api.get("/api/v1/tenants")["items"]
        except UnreachableError:
            around = header(visit, []), person_menu(None), navigation(visit, None)
            return unreachable_state(), *around, PRODUCT
        around = header(visit, tenants), person_menu(me), navigation(visit, me)
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
    try:
        return page.render(visit)
    except SessionEndedError:
        raise
    except UnreachableError:
        return unreachable_state()
    except ProblemError as problem:
        if problem.status == _NOT_FOUND:
            return not_found_state(problem.detail)
        return error_state(problem.title, problem.detail, problem.request_id)


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
