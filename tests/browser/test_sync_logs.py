"""Sync Logs: searched by Autotask ID, time, level and words; the place survives reload and the back button."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.books import ACME, faulty_invoice
from tests.browser.rig import visit
from tests.end_to_end.suite import Suite

LOGS = f"/t/{ACME}/sync/sync-logs"


def rows(page: Page) -> Locator:
    return page.locator("table.logs tbody tr")


def lines(suite: Suite, **query: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = suite.status.get(f"tenants/{ACME}/logs", limit=500, **query)["items"]
    return found


def test_an_autotask_id_finds_all_its_lines_and_no_others(page: Page, suite: Suite) -> None:
    invoice = faulty_invoice(suite.books)
    visit(page, LOGS)
    page.get_by_label("Autotask ID").fill(f"INV:{invoice}")
    expect(page).to_have_url(re.compile(rf"\?invoice={invoice}$"))
    expect(rows(page)).to_have_count(len(lines(suite, invoice=str(invoice))))
    expect(page.get_by_role("link", name=f"Invoice {invoice}")).to_have_count(rows(page).count())
    page.reload()
    expect(page.get_by_label("Autotask ID")).to_have_value(str(invoice))
    expect(rows(page)).to_have_count(len(lines(suite, invoice=str(invoice))))


def test_what_is_no_id_is_said_and_asks_for_nothing(page: Page) -> None:
    visit(page, LOGS)
    page.get_by_label("Autotask ID").fill("Harbour")
    expect(page.get_by_text("An Autotask ID is a number")).to_be_visible()
    expect(page).to_have_url(re.compile(f"{LOGS}$"))


def test_the_words_of_xero_stand_there_verbatim_and_can_be_searched(page: Page, suite: Suite) -> None:
    invoice = faulty_invoice(suite.books)
    said = lines(suite, invoice=str(invoice), level="error")[0]["message"]
    visit(page, LOGS)
    page.get_by_label("Message holds").fill(said)
    expect(rows(page).first).to_contain_text(said)
    expect(rows(page)).to_have_count(len(lines(suite, text=said)))
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_label("Message holds")).to_have_value("")
    expect(page).to_have_url(re.compile(f"{LOGS}$"))


def test_a_time_and_a_level_narrow_to_lines_within_them(page: Page, suite: Suite) -> None:
    before = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    visit(page, f"{LOGS}?level=error&from=2026-01-01T00:00:00Z&before={before}")
    expect(rows(page)).to_have_count(min(100, len(lines(suite, level="error", before=before))))
    expect(page.locator("table.logs .status-fault")).to_have_count(rows(page).count())
    visit(page, f"{LOGS}?before=2020-01-01T00:00:00Z")
    expect(page.get_by_text("Nothing that was logged fits")).to_be_visible()


def test_older_lines_are_a_place_that_the_back_button_leaves(page: Page) -> None:
    visit(page, LOGS)
    expect(rows(page)).to_have_count(100)
    newest = rows(page).first.inner_text()
    page.get_by_role("button", name="Older").click()
    expect(page).to_have_url(re.compile("cursor="))
    expect(page.get_by_role("button", name="Newest")).to_be_enabled()
    older = rows(page).first.inner_text()
    assert older != newest
    page.reload()
    expect(rows(page).first).to_have_text(older, use_inner_text=True)
    page.go_back()
    expect(page).to_have_url(re.compile(f"{LOGS}$"))
    expect(page.get_by_role("button", name="Newest")).to_be_disabled()


def test_details_stay_unfolded_when_new_lines_come(page: Page, suite: Suite) -> None:
    invoice = faulty_invoice(suite.books)
    visit(page, f"{LOGS}?invoice={invoice}")
    before = rows(page).count()
    details = rows(page).first.locator("details")
    named = f"[id='{details.get_attribute('id')}'][open]"
    details.locator("summary").click()
    expect(page.locator(named)).to_be_visible()
    suite.status.command(ACME, "resync", f"invoice/{invoice}")
    expect(rows(page)).not_to_have_count(before)
    expect(page.locator(named)).to_be_visible()
    expect(page.locator("details[open]")).to_have_count(1)


def test_new_lines_do_not_move_whoever_reads_further_down(page: Page, suite: Suite) -> None:
    visit(page, LOGS)
    first = rows(page).first.inner_text()
    rows(page).nth(60).scroll_into_view_if_needed()
    suite.status.command(ACME, "sync-now")
    expect(page.get_by_text("New lines have come")).to_be_visible()
    assert rows(page).first.inner_text() == first
    page.get_by_role("button", name="Refresh").click()
    expect(rows(page).first).not_to_have_text(first, use_inner_text=True)
    expect(page.get_by_text("New lines have come")).to_have_count(0)


def test_the_file_has_what_is_shown(page: Page, suite: Suite, tmp_path: Path) -> None:
    invoice = faulty_invoice(suite.books)
    visit(page, f"{LOGS}?invoice={invoice}&level=error")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    file = tmp_path / "logs.csv"
    download.value.save_as(file)
    with file.open(newline="", encoding="utf-8-sig") as text:
        exported = list(csv.DictReader(text))
    assert len(exported) == len(lines(suite, invoice=str(invoice), level="error"))
