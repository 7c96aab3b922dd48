"""The tabs Invoices and Purchase Orders: filter, order, columns, files, acts on many, and changes that come in while one looks."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.books import ACME
from tests.browser.conftest import AsRole
from tests.browser.rig import visit
from tests.end_to_end.suite import Suite
from tests.support.waiting import wait_until

INVOICES = "/t/acme/sync/invoices"
ORDERS = "/t/acme/sync/purchase-orders"


def filter_box(page: Page) -> Locator:
    return page.get_by_role("searchbox", name=re.compile("Filter by ID, number or"))


def words(page: Page) -> Locator:
    return page.locator("#list-words")


def counted(page: Page, number: int, noun: str = "invoice") -> None:
    expect(words(page)).to_have_text(re.compile(rf"^{number} {noun}{'' if number == 1 else 's'}, "))


def cell(page: Page, row: int, column: str) -> Locator:
    return page.locator(f"#list-grid .ag-row[row-index='{row}'] [col-id='{column}']")


def status_chip(page: Page, status: str) -> Locator:
    return page.locator("#list-status, .list-chips").locator("label", has_text=status)


def tick(page: Page, row: int) -> None:
    box = page.locator(f"#list-grid .ag-row[row-index='{row}'] .ag-checkbox-input").first
    box.check()


def of_status(suite: Suite, status: str, kind: str = "invoices") -> list[int]:
    return [item["id"] for item in suite.listed(ACME, kind) if item["status"] == status]


def test_typing_narrows_as_the_api_does_and_keeps_the_focus(page: Page, suite: Suite) -> None:
    item = next(iter(suite.listed(ACME, "invoices")))
    part = item["company"]["name"][:6]
    found = suite.shown(ACME, f"invoices?limit=500&text={part}")["items"]
    visit(page, INVOICES)
    filter_box(page).press_sequentially(part, delay=30)
    counted(page, len(found))
    expect(filter_box(page)).to_be_focused()
    expect(page).to_have_url(re.compile(r"[?&]text="))
    filter_box(page).fill(str(item["id"]))
    counted(page, 1)
    expect(cell(page, 0, "id")).to_have_text(str(item["id"]))
    page.get_by_role("button", name="Clear all filters").click()
    counted(page, len(list(suite.listed(ACME, "invoices"))))
    expect(page).to_have_url(re.compile(f"{INVOICES}$"))


def test_a_late_answer_never_overwrites_a_newer_one(page: Page, suite: Suite) -> None:
    item = next(iter(suite.listed(ACME, "invoices")))
    held: list[Route] = []

    def hold(route: Route) -> None:
        asked = route.request.post_data or ""
        is_first = '"text":"INV"' in asked and "list-grid" in asked
        held.append(route) if is_first else route.continue_()

    page.route("**/_dash-update-component*", hold)
    visit(page, INVOICES)
    with page.expect_request(lambda request: '"text":"INV"' in (request.post_data or "")):
        filter_box(page).fill("INV")
    filter_box(page).fill(str(item["id"]))
    counted(page, 1)
    assert held
    with page.expect_response(lambda answer: '"text":"INV"' in (answer.request.post_data or "")):
        for route in held:
            route.continue_()
    counted(page, 1)
    expect(page.locator("#list-grid .ag-center-cols-container .ag-row")).to_have_count(1)


def test_a_reload_and_the_back_button_lose_neither_filter_nor_order_nor_the_open_row(
    page: Page, suite: Suite
) -> None:
    faults = of_status(suite, "Fault")
    visit(page, INVOICES)
    status_chip(page, "Fault").click()
    counted(page, len(faults))
    page.locator(".ag-header-cell[col-id='id']").click()
    expect(words(page)).to_contain_text("greatest id first")
    expect(cell(page, 0, "id")).to_have_text(str(max(faults)))
    cell(page, 0, "status").get_by_role("button").click()
    expect(page).to_have_url(re.compile(rf"status=Fault&sort=-id&open={max(faults)}"))
    page.reload()
    counted(page, len(faults))
    expect(words(page)).to_contain_text("greatest id first")
    expect(page.locator(".ag-header-cell[col-id='id']")).to_have_attribute("aria-sort", "descending")
    expect(page.get_by_role("dialog")).to_contain_text(str(max(faults)))
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)
    counted(page, len(faults))
    page.go_back()
    expect(words(page)).to_contain_text("last change first")
    page.go_back()
    counted(page, len(list(suite.listed(ACME, "invoices"))))


def test_a_cursor_that_is_none_any_more_leads_to_the_newest_page_and_says_so(page: Page) -> None:
    visit(page, f"{INVOICES}?page=4&after=made-up")
    expect(page.locator("#list-notes")).to_contain_text("This is the newest page")
    expect(page.locator("#list-grid .ag-row").first).to_be_visible()


def test_an_id_that_is_not_here_is_never_an_empty_page(page: Page) -> None:
    visit(page, f"{INVOICES}?text=99999999")
    expect(page.locator("#list-empty")).to_contain_text("99999999 is not in this list")
    ask = page.locator("#list-empty").get_by_role("link", name="Why isn't it here?")
    expect(ask).to_have_attribute("href", "/t/acme/explain?id=99999999&kind=invoice")
    filter_box(page).fill("no client has this name")
    expect(page.locator("#list-empty")).to_contain_text("No invoices match")


def test_only_headers_that_the_server_sorts_by_offer_it(page: Page) -> None:
    visit(page, INVOICES)
    sorted_by = page.locator(".ag-header-cell[aria-sort]")
    expect(sorted_by).to_have_count(3)
    assert sorted(each.get_attribute("col-id") or "" for each in sorted_by.all()) == ["changed", "date", "id"]
    expect(page.locator(".ag-header-cell[col-id='changed']")).to_have_attribute("aria-sort", "descending")


def test_the_keyboard_filters_opens_a_row_and_leaves_the_grid(page: Page, suite: Suite) -> None:
    visit(page, INVOICES)
    page.keyboard.press("/")
    expect(filter_box(page)).to_be_focused()
    cell(page, 1, "number").focus()
    page.keyboard.press("ArrowDown")
    number = cell(page, 2, "id").inner_text()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"open={number}"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    cell(page, 2, "number").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#list-grid .ag-center-cols-viewport :focus")).to_have_count(0)


def test_columns_that_were_left_out_stay_out(page: Page) -> None:
    visit(page, INVOICES)
    header = page.locator(".ag-header-cell[col-id='xero']")
    expect(header).to_be_visible()
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Xero number").uncheck()
    expect(header).to_have_count(0)
    page.reload()
    expect(page.locator(".ag-header-cell[col-id='cause']")).to_be_visible()
    expect(header).to_have_count(0)


def test_files_hold_what_is_shown(page: Page, suite: Suite, tmp_path: Path) -> None:
    faults = of_status(suite, "Fault")
    visit(page, f"{INVOICES}?status=Fault&sort=id")
    counted(page, len(faults))
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    download.value.save_as(tmp_path / "invoices.csv")
    with (tmp_path / "invoices.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert [int(line[0]) for line in lines[1:]] == sorted(faults)
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")


def test_a_change_comes_in_without_moving_what_one_looks_at(page: Page, suite: Suite) -> None:
    visit(page, f"{INVOICES}?sort=id")
    tick(page, 1)
    chosen = cell(page, 1, "id").inner_text()
    expect(page.locator("#list-chosen-words")).to_have_text("1 selected")
    viewport = page.locator("#list-grid .ag-body-viewport")
    viewport.evaluate("element => { element.scrollTop = 600 }")
    number = of_status(suite, "Complete")[0]
    name = f"invoice/{number}"

    def moment() -> str:
        shown = "name => window.dash_ag_grid.getApi('list-grid').getRowNode(name).data.moment"
        return str(page.evaluate(shown, name))

    before = moment()
    suite.status.command(ACME, "resync", name)
    wait_until(lambda: moment() != before, "the change to come in", 60.0, pause=0.5)
    suite.await_complete(ACME, f"invoices/{number}")
    assert viewport.evaluate("element => element.scrollTop") == 600
    expect(page.locator("#list-chosen-words")).to_have_text("1 selected")
    viewport.evaluate("element => { element.scrollTop = 0 }")
    expect(cell(page, 1, "id")).to_have_text(chosen)
    expect(page.locator("#list-grid .ag-row[row-index='1']").first).to_have_attribute("aria-selected", "true")


def test_many_are_resynced_at_once_and_each_is_told(as_role: AsRole, suite: Suite) -> None:
    page = as_role("operator")
    visit(page, f"{INVOICES}?status=Complete&sort=id")
    tick(page, 0)
    tick(page, 1)
    numbers = [cell(page, row, "id").inner_text() for row in (0, 1)]
    page.get_by_role("button", name=re.compile("^Resync")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Resync 2 invoices?")
    expect(dialog).to_contain_text("Nothing is doubled")
    dialog.get_by_role("button", name="Resync").click()
    expect(dialog).to_contain_text("2 will be resynced")
    for number in numbers:
        expect(dialog.get_by_role("row", name=f"invoice {number}")).to_contain_text("Accepted")
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    expect(dialog).to_have_count(0)
    expect(page.locator("#list-chosen-words")).not_to_be_visible()
    for number in numbers:
        suite.await_complete(ACME, f"invoices/{number}")


def test_all_with_one_cause_are_resynced_in_one_act(as_role: AsRole, suite: Suite) -> None:
    faults = suite.shown(ACME, "faults?kind=invoice")["items"]
    line = next(line for line in faults if line["at_fault"])
    page = as_role("operator")
    visit(page, f"{INVOICES}?cause={line['cause']['code']}")
    page.get_by_role("button", name=f"Resync all with this cause ({line['at_fault']})").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("those on other pages too")
    dialog.get_by_role("button", name="Resync").click()
    expect(dialog).to_contain_text(f"{line['at_fault']} will be resynced")


def test_a_viewer_is_offered_nothing_that_would_be_refused(as_role: AsRole) -> None:
    page = as_role("viewer")
    visit(page, f"{INVOICES}?cause=CONTACT_NOT_FOUND")
    expect(page.locator("#list-grid .ag-row").first).to_be_visible()
    expect(page.locator("#list-grid .ag-checkbox-input")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("^(Resync|Skip|Release)"))).to_have_count(0)


def test_purchase_orders_are_a_list_of_their_own(page: Page, suite: Suite) -> None:
    visit(page, f"{INVOICES}?text=INV")
    page.get_by_role("tab", name="Purchase Orders").click()
    counted(page, len(list(suite.listed(ACME, "purchase-orders"))), "purchase order")
    expect(filter_box(page)).to_have_value("")
    expect(page.locator(".ag-header-cell[col-id='party']")).to_have_text("Vendor")
    cell(page, 0, "status").get_by_role("button").click()
    expect(page).to_have_url(re.compile(rf"{ORDERS}\?open=\d+$"))


def test_a_phone_shows_what_matters_without_scrolling_sideways(as_role: AsRole) -> None:
    page = as_role("viewer", phone=True)
    visit(page, INVOICES)
    expect(page.locator(".ag-header-cell[col-id='subject']")).to_be_visible()
    expect(page.locator(".ag-header-cell[col-id='cause']")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    viewport = page.locator("#list-grid .ag-center-cols-viewport")
    assert viewport.evaluate("element => element.scrollWidth <= element.clientWidth + 1")
