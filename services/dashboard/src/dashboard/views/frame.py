"""What stands around every page: the stores that the browser's side fills, the header, the navigation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.api.connection import Json
from dashboard.components.aria import aria, data
from dashboard.components.icons import icon
from dashboard.core.addresses import href, tab_href, tenant_href
from dashboard.core.roles import is_admin_everywhere, is_admin_somewhere
from dashboard.names import PRODUCT, SIGN_OUT
from dashboard.views.visit import Visit

_STORES = ("address", "booted", "shown", "written", "leave", "left", "title", "titled", "changes", "followed")
"""
address: {path, search, n} of the browser, n grows with each visit. shown: {query, push} that a page wants in the address.
leave: {to, again} a place outside the pages. title: of the browser's tab. changes: {n, subjects, reset} told by the stream, or
by the clock while there is no stream. The others only end a callback of the browser.
"""

_THEME = {
    "primaryColor": "indigo",
    "primaryShade": {"light": 8, "dark": 8},  # dark enough to be read on white, and under white
    "respectReducedMotion": True,
    "defaultRadius": "md",
    "fontFamily": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
    "headings": {"fontWeight": "650"},
    "cursorType": "pointer",
}


def frame() -> Component:
    """The layout that every page stands in."""
    return dmc.MantineProvider(
        id="theme",
        theme=_THEME,
        defaultColorScheme="auto",
        children=[
            *[dcc.Store(id=name) for name in _STORES],
            dmc.NotificationContainer(id="notices", position="bottom-right"),
            html.A("Skip to the content", href="#view", className="skip"),
            dmc.AppShell(
                [
                    dmc.AppShellHeader(_bar(), className="header"),
                    dmc.AppShellNavbar(
                        html.Div(id="navigation"), className="navigation", **aria(label="Main")
                    ),
                    dmc.AppShellMain(html.Div(loading(), id="view", tabIndex=-1), className="main"),
                ],
                id="shell",
                header={"height": 56},
                navbar=navbar(is_open=False),
                padding="md",
            ),
        ],
    )


def navbar(*, is_open: bool) -> dict[str, Any]:
    """How the navigation stands: always there on a wide screen, on demand on a narrow one."""
    return {"width": 240, "breakpoint": "sm", "collapsed": {"mobile": not is_open}}


def loading() -> Component:
    """What is there before the first page is."""
    return html.Div(
        [
            dmc.Skeleton(height=32, width=280),
            dmc.Skeleton(height=120, mt="md"),
            dmc.Skeleton(height=320, mt="md"),
        ],
        **aria(busy="true", label="Loading"),
    )


def _bar() -> Component:
    """The header: what stands still, and the place for what does not."""
    still = [
        dmc.Burger(
            id="burger", size="sm", hiddenFrom="sm", opened=False, **aria(label="Menu", controls="navigation")
        ),
        dmc.Anchor(PRODUCT, href="/", className="brand", underline="never"),
        html.Div(id="header"),
        html.Div(html.Span(id="live-words"), id="live", className="live", role="status"),
        dmc.ColorSchemeToggle(
            lightIcon=icon("sun"),
            darkIcon=icon("moon"),
            variant="subtle",
            color="gray",
            **aria(label="Dark or light"),
        ),
        html.Div(id="person-place"),
    ]
    return dmc.Group(still, h="100%", px="md", gap="sm", wrap="nowrap")


def header(visit: Visit, tenants: list[Json]) -> Component:
    """Which tenant this is about, and the choice of another."""
    return _tenant_choice(visit.address.tenant, tenants) if tenants else html.Span()


def _tenant_choice(tenant: str | None, tenants: list[Json]) -> Component:
    shown = next((each["name"] for each in tenants if each["tenant_id"] == tenant), "All tenants")
    items = [dmc.MenuItem("All tenants", href="/")] if len(tenants) > 1 else []
    items += [dmc.MenuItem(each["name"], href=tenant_href(each["tenant_id"])) for each in tenants]
    return dmc.Menu(
        [
            _menu_button([html.Span(shown, className="cut"), icon("down")]),
            dmc.MenuDropdown(items, mah=420, style={"overflowY": "auto"}),
        ],
        position="bottom-start",
    )


def person_menu(me: Json | None) -> Component:
    """Who is signed in, and the way out."""
    if me is None:
        return html.Span()
    name = me["person"]["name"] if me["person"] else me["name"]
    return dmc.Menu(
        [
            _menu_button(
                [icon("person"), html.Span(name, className="cut person-name")],
                **aria(label=f"Signed in as {name}"),
            ),
            dmc.MenuDropdown(
                [
                    dmc.MenuItem("Your profile", href=href("profile")),
                    html.Form(
                        html.Button(
                            "Sign out",
                            type="submit",
                            className="menu-button",
                            role="menuitem",
                            **data(menu_item="true"),  # so that arrow keys find it
                        ),
                        action=SIGN_OUT,
                        method="post",
                    ),
                ]
            ),
        ],
        position="bottom-end",
    )


def _menu_button(words: list[Component], **more: Any) -> Component:  # noqa: ANN401  # properties of any kind
    """What opens a menu. The library makes an element around it that carries the state for screen readers: that is the button."""
    return dmc.MenuTarget(
        html.Span(words, className="menu-words"),
        boxWrapperProps={"component": "button", "type": "button", "className": "menu-opener", **more},
    )


def navigation(visit: Visit, me: Json | None, tenants: Sequence[Json] = ()) -> Component:
    """The menu at the left: pages of the tenant, or of the only one that there is, then what concerns all."""
    tenant, page = visit.address.tenant, visit.address.page
    if tenant is None and len(tenants) == 1:
        tenant = tenants[0]["tenant_id"]
    links: list[Component] = [_link("Home", "/", "home", active=page == "home")]
    if tenant is not None:
        links += [
            html.Div(PRODUCT, className="navigation-group"),
            _link("Product Dashboard", tenant_href(tenant), "gauge", active=page == "product"),
            _link("Sync Overview", tab_href(tenant, "invoices"), "list", active=page == "sync"),
            _link("Why isn't it here?", href("t", tenant, "explain"), "help", active=page == "explain"),
            html.Div("Configuration", className="navigation-group"),
            _link(
                "Xero Options",
                href("t", tenant, "configuration", "xero-options"),
                "gear",
                active=page == "settings",
            ),
        ]
    links.append(html.Div("You", className="navigation-group"))
    links.append(_link("Profile", href("profile"), "person", active=page == "profile"))
    if me is not None and is_admin_somewhere(me):
        links.append(html.Div("Administration", className="navigation-group"))
        links.append(_link("People", href("people"), "people", active=page == "people"))
        if is_admin_everywhere(me):
            links.append(_link("Tokens", href("tokens"), "key", active=page == "tokens"))
        links.append(_link("Audit", href("audit"), "book", active=page == "audit"))
    return html.Div(links)


def _link(words: str, where: str, symbol: str, *, active: bool) -> Component:
    current = aria(current="page") if active else {}
    return dmc.NavLink(
        label=words, href=where, leftSection=icon(symbol), active=active, variant="light", **current
    )
