"""Every view of the dashboard: what accessibility, policy and screenshots go through."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page, expect

from simulators.books import Books
from tests.browser.books import ACME, faulty_invoice, hostile_invoice
from tests.browser.people import Role
from tests.browser.rig import await_shown

PANEL = "[role=dialog]"


@dataclass(frozen=True)
class View:
    """A place, and who looks at it.

    Attributes:
        name: of its screenshots.
        path: `{fault}` and `{complete}` stand for invoices of acme, `{order}` for a purchase order.
        role: None for nobody who is signed in.
        waits_for: what comes after the page itself.
    """

    name: str
    path: str
    role: Role | None = "admin"
    waits_for: str | None = None

    def address(self, books: Books) -> str:
        """Its path in these books."""
        acme = books.tenant(ACME)
        order = next(number for number, fate in acme.orders.items() if fate.outcome == "synced")
        return self.path.format(fault=faulty_invoice(books), complete=hostile_invoice(books), order=order)

    def open(self, page: Page, books: Books) -> None:
        """Go there and wait until it is shown."""
        page.goto(self.address(books))
        if self.role is None:
            expect(page.get_by_role("heading", level=1)).to_be_visible()
        else:
            await_shown(page)
        if self.waits_for is not None:
            expect(page.locator(self.waits_for)).to_be_visible()
            await_shown(page)

    @property
    def is_beside(self) -> bool:
        """Whether it opens a panel, which has a height of its own."""
        return self.waits_for == PANEL


VIEWS = (
    View("sign-in", "/sign-in", None),
    View("invitation", "/invitation", None),
    View("home", "/"),
    View("home-of-a-viewer", "/", "viewer"),
    View("home-of-nobody", "/", "nobody"),
    View("product-dashboard", "/t/acme"),
    View("analytics", "/t/acme/sync/analytics"),
    View("invoices", "/t/acme/sync/invoices"),
    View("invoices-filtered", "/t/acme/sync/invoices?status=Fault"),
    View("invoices-nothing-found", "/t/acme/sync/invoices?text=no-such-client"),
    View("invoices-of-a-viewer", "/t/acme/sync/invoices", "viewer"),
    View("invoice-at-fault", "/t/acme/sync/invoices?open={fault}", waits_for=PANEL),
    View("invoice-complete", "/t/acme/sync/invoices?open={complete}", waits_for=PANEL),
    View("invoice-original", "/t/acme/sync/invoices?open={complete}&pane=original", waits_for=PANEL),
    View("invoice-comparison", "/t/acme/sync/invoices?open={complete}&pane=comparison", waits_for=PANEL),
    View("invoice-logs", "/t/acme/sync/invoices?open={fault}&pane=logs", waits_for=PANEL),
    View("invoice-timeline", "/t/acme/sync/invoices?open={fault}&pane=timeline", waits_for=PANEL),
    View("purchase-orders", "/t/acme/sync/purchase-orders"),
    View("purchase-order", "/t/acme/sync/purchase-orders?open={order}", waits_for=PANEL),
    View("sync-logs", "/t/acme/sync/sync-logs"),
    View("explain", "/t/acme/explain"),
    View("explain-answered", "/t/acme/explain?id={fault}", waits_for="#explain-cause"),
    View("xero-options", "/t/acme/configuration/xero-options"),
    View("xero-options-of-a-viewer", "/t/acme/configuration/xero-options", "viewer"),
    View("profile", "/profile"),
    View("people", "/people"),
    View("people-of-a-viewer", "/people", "viewer"),
    View("tokens", "/tokens"),
    View("audit", "/audit"),
    View("no-such-page", "/no/such/page"),
    View("no-such-tenant", "/t/no-such-tenant"),
)
