"""Sync Overview: the engine's switch, Sync Now, and four tabs, each with an address of its own."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import Dash, html
from dash.development.base_component import Component

from dashboard.api.connection import Json
from dashboard.components.aria import aria
from dashboard.core.addresses import TABS, tab_href, tenant_href
from dashboard.views import analytics, engine, sync_logs, sync_now
from dashboard.views.documents import listing, panel
from dashboard.views.visit import Page, Visit


def render(visit: Visit) -> Component:
    """The head, the tabs, and what the tab of the address shows."""
    me = visit.me()
    tenant = visit.api.get(visit.of_tenant())
    tab = visit.address.parts[0]
    return html.Div([_head(visit, me, tenant), _tabs(visit.tenant, tab), _panel(visit, me, tab)])


def register(app: Dash) -> None:
    """Callbacks of the head and of every tab."""
    for part in (engine, sync_now, listing, panel, analytics, sync_logs):
        part.register(app)


def _head(visit: Visit, me: Json, tenant: Json) -> Component:
    title = html.Div(
        [
            dmc.Title("Sync Overview", order=1, size="h2"),
            dmc.Anchor(tenant["name"], href=tenant_href(visit.tenant), c="dimmed", size="sm"),
        ]
    )
    acts = dmc.Group([engine.place(visit, me, tenant), *sync_now.place(visit, me)], gap="md")
    return dmc.Group([title, acts], justify="space-between", mb="md", className="sync-head")


def _tabs(tenant: str, shown: str) -> Component:
    """Links, so that each opens in a window of its own too; the arrow keys walk among them (`assets/tabs.js`)."""
    links = [
        dmc.Anchor(
            words,
            href=tab_href(tenant, tab),
            id=f"tab-{tab}",
            className="sync-tab",
            underline="never",
            attributes={"root": {"role": "tab", "tabIndex": 0 if tab == shown else -1}},
            **aria(selected=str(tab == shown).lower(), controls="tab-panel"),
        )
        for tab, words in TABS.items()
    ]
    return html.Div(links, className="sync-tabs", role="tablist", **aria(label="Sync Overview"))


def _panel(visit: Visit, me: Json, tab: str) -> Component:
    if tab == "analytics":
        content = analytics.content(visit, me)
    elif tab == "sync-logs":
        content = sync_logs.content(visit, me)
    else:
        content = listing.content(visit, me, "invoice" if tab == "invoices" else "purchase-order")
    return html.Div(content, id="tab-panel", role="tabpanel", **aria(labelledby=f"tab-{tab}"))


PAGE = Page("Sync Overview", render, register)
