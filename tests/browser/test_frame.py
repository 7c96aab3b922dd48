"""The frame around every page: policy, address, keyboard, menu, themes."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import AsRole
from tests.browser.rig import await_shown, visit
from tests.browser.watching import Watch

INVOICES = "/t/acme/sync/invoices"


def heading(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1, name=words)).to_be_visible()


def test_no_answer_allows_foreign_or_inline_scripts(page: Page) -> None:
    for path in ("/", INVOICES, "/assets/page.css", "/_dash-layout", "/sign-in?again=1", "/no/such/page"):
        policy = page.request.get(path).headers["content-security-policy"]
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert "unsafe" not in rules["script-src"]
        assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
        assert "http" not in policy
        assert "*" not in policy


def test_the_browser_refuses_a_script_that_got_into_a_page(page: Page, watch: Watch) -> None:
    watch.expect("Content Security Policy", "ERR_INVALID_URL")
    visit(page, "/profile")
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.hacked = 1";
            document.body.append(script);
            document.body.insertAdjacentHTML("beforeend", '<img src="data:image/png;base64,x" onerror="window.hacked = 1">');
        }"""
    )
    expect(page.locator("body > img")).to_have_count(1)
    assert page.evaluate("window.hacked") is None


def test_neither_a_link_nor_the_back_button_nor_a_reload_loses_the_place(page: Page) -> None:
    visit(page, "/t/acme")
    before = page.title()
    page.get_by_role("link", name="Sync Overview").first.click()
    expect(page).to_have_url(re.compile(f"{INVOICES}$"))
    heading(page, "Sync Overview")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Profile").click()
    expect(page).to_have_title(re.compile("^Your profile|^Profile"))
    page.go_back()
    heading(page, "Sync Overview")
    expect(page).to_have_url(re.compile(f"{INVOICES}$"))
    page.reload()
    await_shown(page)
    heading(page, "Sync Overview")
    page.go_back()
    expect(page).to_have_title(before)
    page.go_forward()
    heading(page, "Sync Overview")


def test_an_address_that_names_nothing_says_so_and_leads_home(page: Page) -> None:
    for path in (
        "/no/such/page",
        "/t/no-such-tenant",
        "/t/acme/sync/no-such-tab",
        "/t/%3Cb%3E/sync/invoices",
    ):
        visit(page, path)
        expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    page.locator("#view").get_by_role("link", name="Go home").click()
    expect(page).to_have_url(re.compile("/$"))


def test_the_keyboard_reaches_the_content_first_and_the_menu_of_the_person(page: Page) -> None:
    visit(page, "/t/acme")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#view")).to_be_focused()
    assert page.url.endswith("/t/acme")
    heading(page, re.compile("."))
    person = page.get_by_role("button", name="Signed in as Admin")
    person.focus()
    page.keyboard.press("Enter")
    profile = page.get_by_role("menuitem", name="Your profile")
    expect(profile).to_be_visible()
    page.keyboard.press("Escape")
    expect(profile).to_be_hidden()
    expect(person).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menu").locator("[data-autofocus]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(profile).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Sign out")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(profile).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/profile$"))


def test_the_choice_of_another_tenant_goes_there(page: Page) -> None:
    visit(page, "/t/acme")
    page.get_by_role("button", name="Acme Managed IT").click()
    page.get_by_role("menuitem", name=re.compile("^Northwind")).click()
    expect(page).to_have_url(re.compile("/t/northwind$"))
    expect(page.get_by_role("button", name=re.compile("^Northwind"))).to_be_visible()


def test_a_phone_has_the_menu_on_demand_and_nothing_beside_the_screen(as_role: AsRole) -> None:
    page = as_role("admin", phone=True)
    visit(page, "/t/acme")
    menu = page.get_by_role("navigation", name="Main")
    expect(menu).not_to_be_in_viewport()
    page.get_by_role("button", name="Menu").click()
    expect(menu).to_be_in_viewport()
    menu.get_by_role("link", name="Xero Options").click()
    expect(page).to_have_url(re.compile("xero-options$"))
    expect(menu).not_to_be_in_viewport()
    await_shown(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_theme_follows_the_system_until_somebody_chooses_and_the_choice_stays(as_role: AsRole) -> None:
    page = as_role("viewer", dark=True)
    visit(page, "/profile")
    root = page.locator("html")
    expect(root).to_have_attribute("data-mantine-color-scheme", "dark")
    page.get_by_role("button", name="Dark or light").click()
    expect(root).to_have_attribute("data-mantine-color-scheme", "light")
    page.reload()
    await_shown(page)
    expect(root).to_have_attribute("data-mantine-color-scheme", "light")


def test_nobody_is_shown_the_way_to_what_they_may_not_do(as_role: AsRole) -> None:
    viewer = as_role("viewer")
    visit(viewer, "/t/acme")
    menu = viewer.get_by_role("navigation", name="Main")
    expect(menu.get_by_role("link", name="Xero Options")).to_be_visible()
    for name in ("People", "Tokens", "Audit"):
        expect(menu.get_by_role("link", name=name)).to_have_count(0)
    keeper = as_role("tenant-admin")
    visit(keeper, "/t/acme")
    menu = keeper.get_by_role("navigation", name="Main")
    expect(menu.get_by_role("link", name="People")).to_be_visible()
    expect(menu.get_by_role("link", name="Tokens")).to_have_count(0)


def test_times_are_told_in_the_zone_of_the_browser(page: Page) -> None:
    visit(page, "/profile")
    assert "zone=Pacific%2FAuckland" in page.evaluate("document.cookie")
