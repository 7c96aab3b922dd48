"""The suite with its dashboard, books that have settled, and a Chromium to look at them with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from local_stack.preflight import find_chromium
from local_stack.services import SERVICES
from simulators.books import TenantBooks
from tests.browser.books import browser_books
from tests.browser.people import People, Role
from tests.end_to_end.suite import Suite, Times, running_suite
from tests.support.waiting import wait_until

PATIENCE_MS = 20_000
"""Much more than anything takes, since the machine may be busy with other things."""
TIMES = Times(lifetime=30, lease=10, poll=3)
ZONE = "Pacific/Auckland"
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
_SHOWN = {"synced": "Complete", "fault": "Fault", "skipped": "Skipped"}
_SETTLED_SECONDS = 240.0


@contextmanager
def running_pages(folder: Path) -> Iterator[Suite]:
    """The suite with its dashboard, every document of the books where it belongs."""
    books = browser_books()
    loaded = {tenant.tenant: [*tenant.fates, *tenant.orders] for tenant in books.tenants}
    with running_suite(books, folder, loaded=loaded, times=TIMES, services=tuple(SERVICES)) as suite:
        for tenant in books.tenants:
            await_settled(suite, tenant)
        yield suite


def await_settled(suite: Suite, tenant: TenantBooks) -> None:
    """Wait until every document of a tenant is shown as what must become of it."""
    wanted = {
        document: _SHOWN[fate.outcome]
        for document, fate in tenant.by_document().items()
        if fate.outcome in _SHOWN
    }

    def late() -> list[str]:
        shown = {
            str(item["document"]): item["status"]
            for kind in ("invoices", "purchase-orders")
            for item in suite.listed(tenant.tenant, kind)
        }
        return [document for document, status in wanted.items() if shown.get(document) != status]

    wait_until(lambda: not late(), f"the books of {tenant.tenant}", _SETTLED_SECONDS, pause=1.0)


def people_of(suite: Suite) -> People:
    """Who can sign in."""
    return People(suite.stack.status_api_url, suite.stack.status_api_token, suite.stack.dashboard_url)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """The installed Chromium, without a window."""
    options = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses to sandbox for root
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=options)
        yield browser
        browser.close()


@dataclass
class Visitors:
    """Browsers of people, each with a session of its own."""

    browser: Browser
    people: People

    def context(self, role: Role | None, *, dark: bool = False, phone: bool = False) -> BrowserContext:
        """A fresh browser of somebody with a role; None: of nobody who is signed in."""
        made = self.browser.new_context(
            base_url=self.people.dashboard,
            viewport=PHONE if phone else WIDE,  # type: ignore[arg-type]  # its type is a TypedDict of playwright's inside
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",  # nothing is looked at while it moves
            timezone_id=ZONE,
            locale="en-NZ",
            accept_downloads=True,
        )
        made.set_default_timeout(PATIENCE_MS)
        if role is not None:
            self.give_session(made, self.people.of_role(role))
        return made

    def give_session(self, context: BrowserContext, email: str) -> str:
        """Sign somebody in; the sealed cookie."""
        sealed = self.people.cookie(email)
        context.add_cookies(
            [
                {
                    "name": "session",
                    "value": sealed,
                    "url": self.people.dashboard,
                    "httpOnly": True,
                    "sameSite": "Strict",
                }
            ]
        )
        return sealed


def visit(page: Page, path: str) -> None:
    """Go to a place in the dashboard and wait until it is there."""
    page.goto(path)
    await_shown(page)


def await_shown(page: Page) -> None:
    """Wait until a page has its content, and nothing of it is still being asked for."""
    expect(page.locator("#view h1, #view h2").first).to_be_visible()
    expect(page.locator("[aria-busy=true]:visible, [data-dash-is-loading=true]:visible")).to_have_count(0)
