"""HTML in the texts of Autotask and Xero is shown as it stands there, and does nothing."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import books
from tests.browser.books import ACME, hostile_invoice
from tests.browser.rig import await_shown, visit
from tests.end_to_end.suite import Suite
from tests.support.waiting import wait_until

_VALIDATION = {
    "ErrorNumber": 10,
    "Type": "ValidationException",
    "Message": "A validation exception occurred",
    "Elements": [{"ValidationErrors": [{"Message": books.FAULT_TEXT}]}],
}
_ALIVE = "img[onerror], svg[onload], b[onclick], script:not([src]):not([id]):not([type])"


def assert_inert(page: Page, *texts: str) -> None:
    """These texts stand on the page, letter by letter, and none of them became an element."""
    for text in texts:
        expect(page.get_by_text(text).first).to_be_attached()
    assert page.evaluate("window.hacked") is None
    inside = page.locator("#view").evaluate("(view, alive) => view.querySelectorAll(alive).length", _ALIVE)
    assert inside == page.locator(_ALIVE).count() == 0


@pytest.fixture(scope="module")
def refused(suite: Suite) -> Iterator[int]:
    """The hostile invoice, changed in Autotask, and refused by Xero in words that are hostile too."""
    number = hostile_invoice(suite.books)
    pages = suite.autotask.in_autotask(ACME)
    line = next(one for one in pages.records("BillingItems") if one["invoiceID"] == number)
    text = f"{books.LINE_TEXT} {secrets.token_hex(4)}"
    pages.put("BillingItems", {"id": line["id"], "lineItemFullDescription": text})
    suite.xero.plant(
        {"method": "POST", "path": ".*/(Invoices|CreditNotes)", "tenant": ACME, "body_contains": str(number)},
        {"kind": "status", "status": 400, "body": _VALIDATION},
        times=None,
    )
    try:
        suite.status.command(ACME, "resync", f"invoice/{number}")
        wait_until(
            lambda: suite.shown(ACME, f"invoices/{number}")["status"] == "Fault",
            "the last strike",
            180,
            pause=0.5,
        )
        yield number
    finally:
        suite.xero.clear_faults()
        suite.status.command(ACME, "resync", f"invoice/{number}")
        suite.await_complete(ACME, f"invoices/{number}")


def test_a_name_of_a_tenant_is_inert(page: Page) -> None:
    visit(page, "/t/northwind")
    assert_inert(page, books.TENANT_NAME)
    page.get_by_role("banner").get_by_role("button", name=books.TENANT_NAME).click()
    assert_inert(page, books.TENANT_NAME)
    visit(page, "/")
    assert_inert(page, books.TENANT_NAME)


def test_a_name_of_a_client_is_inert_in_the_list(page: Page) -> None:
    visit(page, "/t/acme/sync/invoices?text=Zebra")
    assert_inert(page, books.CLIENT)


def test_what_somebody_searches_for_is_inert(page: Page) -> None:
    visit(page, "/t/acme/sync/invoices?text=%3Cimg+src%3Dx+onerror%3Dwindow.hacked%3D1%3E")
    assert_inert(page)
    visit(page, "/t/acme/explain?id=%3Cscript%3Ewindow.hacked%3D1%3C%2Fscript%3E")
    assert_inert(page)


@pytest.mark.parametrize(
    "pane", ["summary", "original", "comparison", "xero", "logs", "timeline", "diagnosis"]
)
def test_every_pane_of_a_document_is_inert(page: Page, refused: int, pane: str) -> None:
    visit(page, f"/t/acme/sync/invoices?open={refused}&pane={pane}")
    panel = page.get_by_role("dialog")
    expect(panel).to_be_visible()
    expect(panel.get_by_text(books.CLIENT).first).to_be_visible()
    await_shown(page)
    assert_inert(page, *{"original": [books.LINE_TEXT], "summary": [books.FAULT_TEXT]}.get(pane, []))


def test_the_words_of_xero_are_inert_wherever_they_are_told(page: Page, refused: int) -> None:
    visit(page, "/t/acme/sync/sync-logs?text=Xero+says")
    assert_inert(page, books.FAULT_TEXT)
    for path in ("/t/acme", "/t/acme/sync/analytics", f"/t/acme/explain?id={refused}", "/"):
        visit(page, path)
        assert_inert(page)


def test_the_names_of_accounts_and_taxes_are_inert(page: Page) -> None:
    visit(page, "/t/acme/configuration/xero-options")
    for name in (books.ACCOUNT_NAME, books.TAX_NAME):
        chosen = page.locator("#view").get_by_text(name)
        typed = page.locator("#view input").evaluate_all(
            "(all, name) => all.filter(each => each.value.includes(name)).length", name
        )
        assert typed or chosen.count(), name
    assert_inert(page)
