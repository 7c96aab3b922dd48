"""Xero Options: every option can be seen and changed, nothing is saved that was not meant, and nobody undoes another's work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from playwright.sync_api import Dialog, Locator, Page, expect

from invoice_events.settings import settings_schema
from tests.browser.accessibility import findings
from tests.browser.books import ACME
from tests.browser.conftest import AsRole
from tests.browser.rig import await_shown, visit
from tests.end_to_end.suite import Suite

OPTIONS = "/t/acme/configuration/xero-options"
TITLES = {name: option["title"] for name, option in settings_schema()["properties"].items()}
DAYS = "How many days back should invoices be synced"
UNKNOWN_ACCOUNT = "7777"


@dataclass
class Settings:
    """The settings of acme behind the page, as somebody else reads and changes them."""

    url: str
    token: str

    def read(self) -> Any:  # noqa: ANN401  # any JSON
        answer = requests.get(self.url, headers=self._headers(), timeout=30)
        answer.raise_for_status()
        return answer.json()

    def put(self, settings: dict[str, Any]) -> None:
        body = {
            "settings": settings,
            "confirm": ["invoice_numbers", "invoices_import_as", "void_autotask_invoices"],
        }
        version = f'"{self.read()["version"]}"'
        answer = requests.put(
            self.url, json=body, headers=self._headers() | {"If-Match": version}, timeout=30
        )
        answer.raise_for_status()

    def change(self, **changes: Any) -> None:  # noqa: ANN401  # any JSON
        self.put(self.read()["settings"] | changes)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture
def stored(suite: Suite) -> Iterator[Settings]:
    settings = Settings(
        f"{suite.stack.status_api_url}/api/v1/tenants/{ACME}/settings", suite.stack.status_api_token
    )
    before = deepcopy(settings.read()["settings"])
    settings.change(days_back=14, void_autotask_invoices=False, invoice_numbers="autotask_id")
    yield settings
    settings.put(before)


def section(page: Page, name: str) -> None:
    button = page.get_by_role("navigation", name="Sections of the options").get_by_role("button", name=name)
    button.first.click()
    expect(page.get_by_role("heading", level=2, name=name, exact=True)).to_be_visible()


def days_box(page: Page) -> Locator:
    return page.get_by_role("textbox", name=DAYS, exact=True)


def card(page: Page, title: str) -> Locator:
    return page.locator(".settings-card").filter(
        has=page.get_by_role("heading", level=3, name=title, exact=True)
    )


def unsaved(page: Page, words: str) -> None:
    expect(page.locator("#settings-count")).to_have_text(words)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def toggle(page: Page, title: str) -> None:
    page.get_by_role("switch", name=title, exact=True).focus()
    page.keyboard.press("Space")


def test_no_option_is_missing_from_the_page_or_has_nothing_to_edit_it_with(page: Page) -> None:
    visit(page, OPTIONS)
    shown: list[str] = []
    for button in page.locator(".settings-go").all():
        button.click()
        expect(button).to_have_attribute("aria-current", "true")
        visible = page.locator(".settings-card:visible")
        expect(visible.first).to_be_visible()
        for each in visible.all():
            shown.append(each.get_by_role("heading", level=3).inner_text())
            assert each.locator("input, .settings-rows").count()
        assert findings(page.locator("body").page) == []
    assert sorted(shown) == sorted(TITLES.values())


def test_nothing_but_what_was_changed_is_saved(page: Page, stored: Settings) -> None:
    before = stored.read()
    visit(page, f"{OPTIONS}?section=sync-history")
    days_box(page).fill("15")
    unsaved(page, "1 unsaved change")
    expect(card(page, DAYS)).to_contain_text("14 days → 15 days")
    save(page)
    unsaved(page, "No unsaved changes")

    after = stored.read()
    assert after["settings"] == before["settings"] | {"days_back": 15}
    assert after["version"] == before["version"] + 1
    page.reload()
    await_shown(page)
    expect(days_box(page)).to_have_value("15")


def test_nothing_that_can_not_be_is_saved_and_the_focus_goes_where_it_is_wrong(
    page: Page, stored: Settings
) -> None:
    version = stored.read()["version"]
    visit(page, f"{OPTIONS}?section=sync-history")
    days_box(page).fill("400")
    expect(card(page, DAYS)).to_contain_text("Give a whole number from 1 to 365.")
    section(page, "Workflow")
    save(page)
    expect(days_box(page)).to_be_focused()
    assert stored.read()["version"] == version

    page.get_by_role("button", name="Discard").click()
    unsaved(page, "No unsaved changes")
    expect(days_box(page)).to_have_value("14")


def test_nothing_that_can_not_be_taken_back_in_the_books_is_saved_unasked(
    page: Page, stored: Settings
) -> None:
    visit(page, f"{OPTIONS}?section=numbering")
    page.get_by_role("radio", name="Use Autotask Invoice Numbers").check()
    unsaved(page, "1 unsaved change")
    save(page)
    dialog = page.get_by_role("dialog", name="This reaches into your books")
    expect(dialog).to_contain_text("Use Autotask ID Number → Use Autotask Invoice Numbers")
    expect(dialog).to_contain_text("Autotask numbers can meet a number that Xero already has")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    assert stored.read()["effective"]["invoice_numbers"] == "autotask_id"
    page.get_by_role("button", name="Discard").click()

    section(page, "Advanced")
    toggle(page, "Void Autotask Invoices")
    unsaved(page, "1 unsaved change")
    save(page)
    expect(dialog).to_contain_text("Off → On")
    dialog.get_by_role("button", name="Save it all the same").click()
    unsaved(page, "No unsaved changes")
    assert stored.read()["settings"]["void_autotask_invoices"] is True


def test_nobody_undoes_what_somebody_else_saved_meanwhile(page: Page, stored: Settings) -> None:
    visit(page, f"{OPTIONS}?section=sync-history")
    days_box(page).fill("20")
    unsaved(page, "1 unsaved change")
    stored.change(days_back=30, fault_when_no_lines=False)
    save(page)
    dialog = page.get_by_role("dialog", name="Somebody else changed these options")
    row = dialog.get_by_role("row").filter(has_text=DAYS)
    expect(row.get_by_role("cell")).to_have_text([DAYS, "14 days", "30 days", "20 days"])
    dialog.get_by_role("button", name="Keep mine on top of theirs").click()
    expect(dialog).to_have_count(0)
    unsaved(page, "1 unsaved change")
    save(page)
    unsaved(page, "No unsaved changes")

    effective = stored.read()["effective"]
    assert (effective["days_back"], effective["fault_when_no_lines"]) == (20, False)


def test_a_page_that_nobody_edits_never_shows_old_options(page: Page, stored: Settings) -> None:
    visit(page, f"{OPTIONS}?section=sync-history")
    expect(days_box(page)).to_have_value("14")
    stored.change(days_back=21)
    expect(days_box(page)).to_have_value("21")
    unsaved(page, "No unsaved changes")


def test_nobody_without_the_role_can_change_an_option_and_is_told_why(as_role: AsRole) -> None:
    page = as_role("viewer")
    visit(page, f"{OPTIONS}?section=sync-history")
    expect(page.get_by_text("that takes the role admin at this tenant")).to_be_visible()
    expect(days_box(page)).not_to_be_editable()
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_hidden()
    section(page, "Advanced")
    expect(page.get_by_role("switch", name="Void Autotask Invoices")).to_be_disabled()
    expect(page.get_by_role("button", name="Reset to default")).to_have_count(0)


def test_unsaved_changes_are_never_left_behind_unasked(page: Page, stored: Settings) -> None:
    assert stored.read()["effective"]["days_back"] == 14
    visit(page, "/t/acme")
    page.get_by_role("link", name="Xero Options").click()
    await_shown(page)
    section(page, "Sync history")
    days_box(page).fill("15")
    unsaved(page, "1 unsaved change")

    asked: list[str] = []
    stays = True

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss() if stays else dialog.accept()

    page.on("dialog", answer)
    page.get_by_role("link", name="Sync Overview").click()
    with page.expect_event("dialog"):
        page.evaluate("history.back()")
    expect(page).to_have_url(re.compile("xero-options"))
    expect(days_box(page)).to_have_value("15")
    unsaved(page, "1 unsaved change")

    stays = False
    page.get_by_role("link", name="Product Dashboard").click()
    expect(page.get_by_role("heading", name="Xero Options")).to_have_count(0)
    assert asked == ["confirm"] * 3


def test_no_code_that_xero_does_not_have_goes_unnoticed(page: Page, stored: Settings) -> None:
    accounts = stored.read()["effective"]["accounts"]
    stored.change(accounts=accounts | {"default": UNKNOWN_ACCOUNT})
    visit(page, f"{OPTIONS}?section=accounts-taxes-and-tracking")
    expect(card(page, "Accounts")).to_contain_text(
        f"Account {UNKNOWN_ACCOUNT} can not be used: it is not (or no longer) in Xero (Default account)."
    )
    box = page.get_by_role("textbox", name="Default account", exact=True)
    box.click()
    box.fill("200")
    page.get_by_role("option", name="200 ·").click()
    expect(card(page, "Accounts")).not_to_contain_text(UNKNOWN_ACCOUNT + " can not be used")
    expect(card(page, "Accounts")).to_contain_text(f"Default account: {UNKNOWN_ACCOUNT} → 200 ·")


def test_a_row_can_be_added_by_keyboard_and_a_key_is_never_listed_twice(page: Page, stored: Settings) -> None:
    visit(page, f"{OPTIONS}?section=accounts-taxes-and-tracking")
    rows = page.get_by_role("table", name="By billing code").locator("tbody tr")
    count, known = (
        rows.count(),
        page.get_by_role("textbox", name="Billing code id, row 1", exact=True).input_value(),
    )
    page.get_by_role("button", name="Add to by billing code").press("Enter")
    expect(rows).to_have_count(count + 1)
    key = page.get_by_role("textbox", name=f"Billing code id, row {count + 1}", exact=True)
    expect(key).to_be_focused()
    key.fill(known)
    expect(card(page, "Accounts")).to_contain_text(f"{known} stands here twice.")
    key.fill("12345")
    save(page)
    expect(card(page, "Accounts")).to_contain_text("Fill this in.")
    account = page.get_by_role("textbox", name=f"Xero account, row {count + 1}", exact=True)
    expect(account).to_be_focused()
    page.keyboard.type("200")
    page.get_by_role("option", name="200 ·").click()
    save(page)
    unsaved(page, "No unsaved changes")
    assert stored.read()["settings"]["accounts"]["by_billing_code"]["12345"] == "200"


def test_an_option_goes_back_to_its_default_and_leaves_the_document(page: Page, stored: Settings) -> None:
    stored.change(days_back=60)
    visit(page, f"{OPTIONS}?section=sync-history")
    page.get_by_role("button", name=f"Reset to default: {DAYS}").click()
    expect(days_box(page)).to_have_value("14")
    save(page)
    unsaved(page, "No unsaved changes")
    assert "days_back" not in stored.read()["settings"]


def test_the_history_says_who_changed_what_and_survives_a_reload(page: Page, stored: Settings) -> None:
    stored.change(days_back=45)
    visit(page, OPTIONS)
    page.get_by_role("button", name="History", exact=True).click()
    drawer = page.get_by_role("dialog", name="History of these options")
    newest = drawer.get_by_role("listitem").filter(
        has=page.get_by_text(f"Version {stored.read()['version']}", exact=True)
    )
    expect(newest).to_contain_text(f"{DAYS}: 14 days → 45 days")
    expect(newest).to_contain_text("admin-token")
    expect(page).to_have_url(re.compile("history=open"))
    page.reload()
    await_shown(page)
    expect(newest).to_contain_text("14 days → 45 days")
    expect(newest).to_contain_text("Published")
    assert findings(page) == []


def test_a_search_finds_options_of_every_section_and_stands_in_the_address(page: Page) -> None:
    visit(page, OPTIONS)
    page.get_by_role("textbox", name="Search options by name or description").fill("rounding")
    visible = page.locator(".settings-card:visible h3")
    expect(visible).to_contain_text(["4 Decimal Place Rounding", "Rounding line"])
    expect(page).to_have_url(re.compile("find=rounding"))
    page.reload()
    await_shown(page)
    expect(visible).to_contain_text(["4 Decimal Place Rounding", "Rounding line"])
    page.get_by_role("textbox", name="Search options by name or description").fill("zebra")
    expect(page.get_by_text("No option has these words")).to_be_visible()


def test_nothing_stands_out_of_a_narrow_screen(as_role: AsRole) -> None:
    page = as_role("admin", phone=True, dark=True)
    for name in ("accounts-taxes-and-tracking", "advanced"):
        visit(page, f"{OPTIONS}?section={name}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert findings(page) == []
