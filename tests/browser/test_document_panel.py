"""The panel of an opened document: from a red row to cause and remedy, both sides beside each other, and what people do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import findings
from tests.browser.books import ACME, MARK, faulty_invoice, hostile_invoice, numbers
from tests.browser.conftest import AsRole
from tests.browser.rig import visit
from tests.end_to_end.suite import Suite
from tests.support.waiting import wait_until

INVOICES, ORDERS = "/t/acme/sync/invoices", "/t/acme/sync/purchase-orders"
SECTIONS = {
    "original": "The Autotask Original",
    "xero": "The Xero Record",
    "comparison": "Comparison",
    "logs": "View Sync Logs",
    "timeline": "Timeline",
    "diagnosis": "Diagnosis",
    "summary": "Summary",
}


def opened(page: Page, number: int, where: str = INVOICES, more: str = "") -> Locator:
    """The panel of a document, opened by its address."""
    visit(page, f"{where}?open={number}{more}")
    return read(page)


def read(page: Page) -> Locator:
    """The panel, once it is read."""
    panel = page.get_by_role("dialog")
    expect(panel.locator("#panel-head .status")).to_be_visible()
    return panel


def status(panel: Locator) -> Locator:
    return panel.locator("#panel-head .status")


def order_in_xero(suite: Suite) -> int:
    orders = suite.books.tenant(ACME).orders
    return next(number for number, fate in orders.items() if fate.outcome == "synced")


@contextmanager
def slow_xero(suite: Suite, seconds: float) -> Iterator[None]:
    suite.xero.latency(ACME, seconds)
    try:
        yield
    finally:
        suite.xero.latency(ACME, 0)


def shown(suite: Suite, number: int) -> dict[str, Any]:
    found: dict[str, Any] = suite.status.get(f"tenants/{ACME}/invoices/{number}")
    return found


def test_from_a_red_row_it_is_one_click_to_cause_and_remedy(page: Page, suite: Suite) -> None:
    number = faulty_invoice(suite.books)
    visit(page, f"{INVOICES}?text={number}")
    page.get_by_text(str(number), exact=True).first.click()
    panel = read(page)
    expect(page).to_have_url(re.compile(f"open={number}"))
    expect(status(panel)).to_have_text("Fault")
    cause = panel.locator("#panel-cause")
    expect(cause).to_contain_text("Can't find Xero Contact with Account Name")
    expect(cause).to_contain_text("What to do")
    expect(cause).to_contain_text("Xero's side")
    expect(cause).to_be_in_viewport(ratio=1)
    expect(panel).to_contain_text("3 of 3 faults")


def test_every_section_is_in_the_address_and_comes_back_with_it(page: Page, suite: Suite) -> None:
    panel = opened(page, faulty_invoice(suite.books))
    for name, words in SECTIONS.items():
        panel.get_by_role("tab", name=words, exact=True).click()
        expect(page).to_have_url(re.compile(f"pane={name}"))
    panel.get_by_role("tab", name="Timeline").click()
    page.reload()
    panel = read(page)
    expect(panel.get_by_role("tab", name="Timeline")).to_have_attribute("aria-selected", "true")
    expect(panel.get_by_role("button", name=re.compile("Read from Autotask:")).first).to_be_visible()


def test_by_keyboard_alone_one_walks_the_sections_and_closes(page: Page, suite: Suite) -> None:
    panel = opened(page, faulty_invoice(suite.books))
    panel.get_by_role("tab", name="Summary").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("pane=original"))
    expect(panel.get_by_role("tab", name="The Autotask Original")).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page).not_to_have_url(re.compile("open="))


def test_html_of_autotask_is_shown_as_the_text_that_it_is(page: Page, suite: Suite) -> None:
    panel = opened(page, hostile_invoice(suite.books), more="&pane=original")
    paper = panel.get_by_role("article", name="The Autotask Original")
    expect(paper).to_contain_text(f"<img src=x onerror={MARK}>")
    for words in ("Comparison", "Timeline", "View Sync Logs", "The Xero Record"):
        panel.get_by_role("tab", name=words).click()
        expect(panel.get_by_role("tabpanel", name=words).locator(".mantine-Skeleton-root")).to_have_count(0)
    assert page.evaluate("window.hacked") is None
    expect(panel.locator(".paper img, .paper script, .compared img, .log img")).to_have_count(0)


def test_the_comparison_has_both_sides_of_every_line_and_says_that_they_agree(
    page: Page, suite: Suite
) -> None:
    number = numbers(suite.books.tenant(ACME), "synced")[0]
    panel = opened(page, number, more="&pane=comparison")
    compared = panel.get_by_role("table", name="Lines of both sides")
    lines = shown(suite, number)["source"]["line_count"]
    expect(compared.get_by_role("rowheader", name="Autotask")).to_have_count(lines)
    expect(panel.locator(".verdict")).to_contain_text("Every amount is the same on both sides")
    expect(panel.get_by_role("table", name="Totals of both sides")).to_contain_text("Xero's answer")


def test_the_xero_record_leads_to_the_document_in_xero(page: Page, suite: Suite) -> None:
    number = numbers(suite.books.tenant(ACME), "synced")[0]
    panel = opened(page, number, more="&pane=xero")
    link = panel.get_by_role("link", name=f"Open INV:{number} in Xero")
    expect(link).to_have_attribute("href", shown(suite, number)["xero"]["url"])
    expect(link).to_have_attribute("rel", "noopener noreferrer")


def test_the_logs_have_xeros_words_and_can_be_narrowed(page: Page, suite: Suite) -> None:
    panel = opened(page, faulty_invoice(suite.books), more="&pane=logs")
    expect(panel.locator(".log-message").first).to_contain_text("Can't find Xero Contact")
    panel.get_by_text("Info", exact=True).click()
    expect(panel.locator(".level-error")).to_have_count(0)
    expect(panel.locator(".level-info").first).to_be_visible()


def test_an_event_of_the_timeline_opens_to_its_fields(page: Page, suite: Suite) -> None:
    number = numbers(suite.books.tenant(ACME), "synced")[0]
    panel = opened(page, number, more="&pane=timeline")
    panel.get_by_role("button", name=re.compile("Mapped to a Xero")).first.click()
    expect(panel.locator("pre.payload")).to_contain_text('"prediction"')
    expect(panel.locator("pre.payload")).to_contain_text(f'"INV:{number}"')


def test_a_resync_shows_pending_at_once_and_never_doubles_what_is_in_xero(page: Page, suite: Suite) -> None:
    number = numbers(suite.books.tenant(ACME), "synced")[1]
    panel = opened(page, number)
    expect(panel).to_contain_text("never makes a second one")
    with slow_xero(suite, 4.0):
        panel.get_by_role("button", name="Resync this Invoice").click()
        expect(status(panel)).to_have_text(re.compile("Pending Sync|Processing Now"))
    expect(panel.locator("#panel-fates")).to_contain_text("Resync: Done")
    expect(status(panel)).to_have_text("Complete")
    found = [one for one in suite.xero.books(ACME)["invoices"] if one["InvoiceNumber"] == f"INV:{number}"]
    assert len(found) == 1


def test_a_change_is_read_again_in_place_with_section_and_what_was_opened(page: Page, suite: Suite) -> None:
    number = numbers(suite.books.tenant(ACME), "synced")[2]
    panel = opened(page, number, more="&pane=timeline")
    events = panel.locator(".event")
    panel.get_by_role("button", name=re.compile("Read from Autotask:")).first.click()
    expect(panel.locator("pre.payload")).to_have_count(1)
    before = events.count()
    suite.status.command(ACME, "resync", f"invoice/{number}")
    wait_until(lambda: events.count() > before, "the new events in the panel", 60, pause=0.5)
    expect(panel.locator("pre.payload")).to_have_count(1)
    expect(panel.get_by_role("tab", name="Timeline")).to_have_attribute("aria-selected", "true")
    suite.await_complete(ACME, f"invoices/{number}")


def test_skip_and_diagnose_are_told_and_lead_back_to_what_it_was(page: Page, suite: Suite) -> None:
    number = numbers(suite.books.tenant(ACME), "synced")[3]
    panel = opened(page, number)
    panel.get_by_role("button", name="Skip", exact=True).click()
    expect(status(panel)).to_have_text("Skipped")
    expect(panel.get_by_role("button", name="Resync this Invoice")).to_have_count(0)
    panel.get_by_role("button", name="Diagnose", exact=True).click()
    expect(status(panel)).to_have_text("Diagnostic Mode")
    expect(panel.get_by_role("note")).to_contain_text("until it is released")
    panel.get_by_role("tab", name="Diagnosis").click()
    expect(panel.get_by_role("tabpanel", name="Diagnosis")).to_contain_text("A resync would change nothing")
    panel.get_by_role("button", name="Release", exact=True).click()
    expect(status(panel)).to_have_text("Skipped")
    panel.get_by_role("button", name="Do not skip any more").click()
    expect(status(panel)).to_have_text("Complete")
    suite.await_complete(ACME, f"invoices/{number}")


def test_a_purchase_order_opens_with_its_own_words(page: Page, suite: Suite) -> None:
    panel = opened(page, order_in_xero(suite), ORDERS, "&pane=original")
    expect(panel.get_by_role("button", name="Resync this Purchase Order")).to_be_visible()
    paper = panel.get_by_role("article", name="The Autotask Original")
    expect(paper).to_contain_text("Vendor")
    panel.get_by_role("tab", name="Comparison").click()
    expect(panel.get_by_role("table", name="Lines of both sides")).to_be_visible()


def test_a_viewer_sees_everything_and_is_offered_nothing_that_would_be_refused(
    as_role: AsRole, suite: Suite
) -> None:
    panel = opened(as_role("viewer"), faulty_invoice(suite.books))
    expect(panel.locator("#panel-cause")).to_contain_text("What to do")
    for words in ("Resync this Invoice", "Skip", "Diagnose"):
        expect(panel.get_by_role("button", name=words, exact=True)).to_have_count(0)
    expect(panel.get_by_role("link", name="Support bundle")).to_have_count(0)


def test_an_operator_takes_a_support_bundle_along(as_role: AsRole, suite: Suite) -> None:
    page = as_role("operator")
    panel = opened(page, faulty_invoice(suite.books))
    with page.expect_download() as download:
        panel.get_by_role("link", name="Support bundle").click()
    assert download.value.suggested_filename.endswith(".zip")


def test_what_is_not_known_is_never_an_empty_panel(page: Page) -> None:
    visit(page, f"{INVOICES}?open=999999999")
    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text("Not known here")
    panel.get_by_role("link", name="Why isn't it here?").click()
    expect(page.get_by_role("heading", level=1, name="Why isn't it here?")).to_be_visible()
    expect(page.locator("#explain-cause")).to_contain_text("Autotask has nothing with this id")


@pytest.mark.parametrize("section", SECTIONS)
def test_no_section_keeps_anybody_out_in_either_theme(page: Page, suite: Suite, section: str) -> None:
    number = numbers(suite.books.tenant(ACME), "synced")[0]
    panel = opened(page, number, more=f"&pane={section}")
    shown_panel = panel.get_by_role("tabpanel", name=SECTIONS[section])
    expect(shown_panel.locator(".mantine-Skeleton-root")).to_have_count(0)
    assert findings(page) == []
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    assert findings(page) == []
