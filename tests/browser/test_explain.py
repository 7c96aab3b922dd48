"""Why isn't it here? Any Autotask id gets an answer, never an empty page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.browser.books import ACME, faulty_invoice, numbers
from tests.browser.conftest import AsRole
from tests.browser.rig import visit
from tests.end_to_end.suite import Suite

PAGE = "/t/acme/explain"
UNKNOWN = 999999999


def ask(page: Page, typed: str) -> None:
    page.get_by_label("Autotask id").fill(typed)
    page.get_by_role("button", name="Ask", exact=True).click()


def asked(suite: Suite, number: int) -> list[str]:
    """Ids of the questions about an invoice."""
    path = f"tenants/{ACME}/commands"
    found = suite.status.get(path, kind="explain", document=f"invoice/{number}")["items"]
    return [str(one["command_id"]) for one in found]


@contextmanager
def without_poller(suite: Suite) -> Iterator[None]:
    suite.stack.supervisor.stop("poller")
    try:
        yield
    finally:
        suite.stack.supervisor.restart("poller")


def test_an_id_that_autotask_does_not_have_is_said_to_be_none(page: Page) -> None:
    visit(page, PAGE)
    ask(page, str(UNKNOWN))
    expect(page.locator("#explain-cause")).to_contain_text("Autotask has nothing with this id")
    expect(page.locator("#explain-cause")).to_contain_text("What to do")
    expect(page).to_have_url(re.compile(f"id={UNKNOWN}"))


def test_an_answer_is_in_its_address_and_is_not_asked_for_twice(page: Page, suite: Suite) -> None:
    number = faulty_invoice(suite.books)
    visit(page, f"{PAGE}?id={number}")
    expect(page.locator("#explain-cause")).to_contain_text("CONTACT_NOT_FOUND")
    expect(page.get_by_role("table", name="Facts")).to_contain_text("Web Service Date")
    given = asked(suite, number)
    page.reload()
    expect(page.locator("#explain-cause")).to_contain_text("CONTACT_NOT_FOUND")
    assert asked(suite, number) == given


def test_what_another_integration_has_stamped_gets_the_path_step_by_step(page: Page, suite: Suite) -> None:
    number = numbers(suite.books.tenant(ACME), "not_discovered", "stamped")[0]
    visit(page, f"{PAGE}?id={number}")
    expect(page.locator("#explain-cause")).to_contain_text("Another integration has stamped it")
    steps = page.locator("#explain-cause ol li")
    expect(steps).to_have_text(
        ["Contracts", "Invoice History", "three dots beside the Batch ID", "Clear Web Service Date", "Yes"]
    )


def test_what_is_in_xero_is_said_to_be_there_and_opens_from_here(page: Page, suite: Suite) -> None:
    number = numbers(suite.books.tenant(ACME), "synced")[0]
    visit(page, f"{PAGE}?id={number}")
    expect(page.locator("#explain-cause")).to_contain_text("It is in Xero")
    page.get_by_role("link", name="Open it here").click()
    expect(page.get_by_role("dialog").locator("#panel-head .status")).to_have_text("Complete")


@pytest.mark.parametrize("typed", ["INV-10332", "48,213", "<b>1</b>"])
def test_what_is_no_id_gets_a_sentence_and_a_way_on(page: Page, typed: str) -> None:
    visit(page, PAGE)
    ask(page, typed)
    wrong = page.locator("#explain-wrong")
    expect(wrong).to_contain_text(f"“{typed}” is no Autotask id")
    wrong.get_by_role("link", name="Look for it in Invoices").click()
    expect(page.get_by_role("heading", level=1, name="Sync Overview")).to_be_visible()


def test_a_viewer_reads_what_is_known_and_is_told_who_may_ask(as_role: AsRole, suite: Suite) -> None:
    number = numbers(suite.books.tenant(ACME), "synced")[1]
    page = as_role("viewer")
    visit(page, f"{PAGE}?id={number}")
    answer = page.locator("#explain-answer")
    expect(answer).to_contain_text("The sync knows it")
    expect(answer).to_contain_text("takes the role operator or admin")


def test_a_poller_that_does_not_answer_is_said_to_be_silent_and_its_late_answer_still_comes(
    page: Page, suite: Suite
) -> None:
    with without_poller(suite):
        visit(page, f"{PAGE}?id={UNKNOWN - 1}")
        expect(page.locator("#explain-answer")).to_contain_text("Asking Autotask and the sync about invoice")
        expect(page.locator("#explain-answer")).to_contain_text("No answer yet", timeout=60_000)
    expect(page.locator("#explain-cause")).to_contain_text(
        "Autotask has nothing with this id", timeout=90_000
    )
