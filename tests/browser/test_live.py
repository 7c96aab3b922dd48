"""What a page does while something behind it is away, and how it comes back by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from tests.browser.conftest import AsRole
from tests.browser.people import People
from tests.browser.rig import Visitors, await_shown, visit
from tests.browser.watching import Watch
from tests.end_to_end.suite import Suite
from tests.support.waiting import wait_until

API, PAGES = "status-api-serve", "dashboard-serve"
CUT = (
    "ERR_INCOMPLETE_CHUNKED_ENCODING",
    "ERR_CONNECTION_REFUSED",
    "ERR_CONNECTION_RESET",
    "ERR_EMPTY_RESPONSE",
)
RECOVERY_MS = 90_000
"""A page looks again after a minute at the latest."""


@contextmanager
def stopped(suite: Suite, process: str) -> Iterator[None]:
    """Without one of the processes; it is there again afterwards."""
    suite.stack.supervisor.stop(process)
    try:
        yield
    finally:
        suite.stack.supervisor.restart(process)


def live(page: Page, words: str, timeout: float = RECOVERY_MS) -> None:
    expect(page.locator("#live")).to_have_text(words, timeout=timeout)


def test_a_page_that_opens_while_the_service_is_away_says_so_and_comes_by_itself(
    page: Page, suite: Suite, watch: Watch
) -> None:
    watch.expect(*CUT)
    away = page.get_by_role("heading", name="The service does not answer")
    with stopped(suite, API):
        visit(page, "/t/acme/sync/invoices")
        expect(away).to_be_visible()
        page.get_by_role("button", name="Try again").click()
        expect(away).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_have_count(0)
    expect(page.get_by_role("heading", level=1, name="Sync Overview")).to_be_visible(timeout=RECOVERY_MS)
    expect(away).to_have_count(0)
    expect(page.get_by_role("button", name="Signed in as Admin")).to_be_visible()
    live(page, "Live")


def test_a_page_that_is_open_when_the_service_goes_away_keeps_what_it_shows_and_recovers(
    page: Page, suite: Suite, watch: Watch
) -> None:
    watch.expect(*CUT)
    visit(page, "/t/acme/sync/invoices")
    live(page, "Live")
    with stopped(suite, API):
        live(page, "Updates every 15 s")
        expect(page.get_by_role("heading", level=1, name="Sync Overview")).to_be_visible()
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Profile").click()
        expect(page.get_by_role("heading", name="The service does not answer")).to_be_visible()
        expect(page.get_by_role("button", name="Signed in as Admin")).to_be_visible()
    live(page, "Live")
    expect(page).to_have_url(re.compile("/profile$"))
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=RECOVERY_MS)


def test_signing_in_while_the_service_is_away_says_what_is_the_matter(
    as_role: AsRole, people: People, suite: Suite, watch: Watch
) -> None:
    watch.expect("status of 503")
    page = as_role(None)
    with stopped(suite, API):
        page.goto("/sign-in?next=/profile")
        page.get_by_label("E-mail address").fill(people.of_role("viewer"))
        page.get_by_label("Password").fill("whatever it is")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("does not answer")


def test_a_page_whose_own_server_is_away_says_so_and_shows_later_what_was_clicked(
    page: Page, suite: Suite, watch: Watch
) -> None:
    watch.expect(*CUT, "the server did not respond")
    visit(page, "/t/acme")
    live(page, "Live")
    with stopped(suite, PAGES):
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Profile").click()
        live(page, "No connection")
    live(page, "Live")
    expect(page).to_have_url(re.compile("/profile$"))
    expect(page).to_have_title(re.compile("rofile"))


def test_a_stream_that_is_cut_becomes_questions_in_intervals_and_comes_back(page: Page, watch: Watch) -> None:
    watch.expect("net::ERR", "status of 503")
    visit(page, "/t/acme/sync/invoices")
    live(page, "Live")
    page.context.route("**/live?*", lambda route: route.fulfill(status=503, body="No stream now."))
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Home").click()
    page.context.route("**/live", lambda route: route.fulfill(status=503, body="No stream now."))
    page.reload()
    await_shown(page)
    live(page, "Updates every 15 s")
    page.context.unroute_all()
    live(page, "Live")


def test_nobody_is_left_without_a_stream_by_reloading(page: Page) -> None:
    for _ in range(6):  # more than a person may have at a time
        visit(page, "/t/acme")
        live(page, "Live")


def test_a_change_reaches_a_page_that_nobody_touches(page: Page, suite: Suite) -> None:
    visit(page, "/t/acme/sync/invoices")
    live(page, "Live")
    told = "window.dash_clientside.heard || 0"
    page.evaluate(
        """() => {
            const own = window.dash_clientside.set_props;
            window.dash_clientside.set_props = (id, props) => {
                if (id === "changes") { window.dash_clientside.heard = props.data.n; }
                own(id, props);
            };
        }"""
    )
    assert page.evaluate(told) == 0
    number = next(
        int(item["id"]) for item in suite.listed("acme", "invoices") if item["status"] == "Complete"
    )
    suite.status.command("acme", "resync", f"invoice/{number}")
    wait_until(lambda: page.evaluate(told), "the change to reach the page", pause=0.5)
    suite.await_complete("acme", f"invoices/{number}")


def test_a_session_that_ends_elsewhere_ends_the_open_page(
    as_role: AsRole, visitors: Visitors, people: People
) -> None:
    person = people.join("gone-while-open@example.com", [{"tenant_id": "acme", "role": "viewer"}])
    page = as_role(None)
    visitors.give_session(page.context, "gone-while-open@example.com")
    visit(page, "/t/acme")
    live(page, "Live")
    people.call("DELETE", f"people/{person}")
    expect(page).to_have_url(re.compile(r"/sign-in\?.*next=%2Ft%2Facme"), timeout=RECOVERY_MS)
