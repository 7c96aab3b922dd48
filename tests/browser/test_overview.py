"""Home, the product dashboard, and the head of the Sync Overview: engine switch, Sync Now, four tabs, Analytics."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.books import ACME, NORTHWIND
from tests.browser.conftest import AsRole
from tests.browser.rig import visit
from tests.end_to_end.suite import Suite
from tests.support.waiting import wait_until

PRODUCT = f"/t/{ACME}"
ANALYTICS = f"/t/{ACME}/sync/analytics"
UPDATE = re.compile("/_dash-update-component")
_SECONDS = 30
_REMEMBER_TITLES = """() => {
    window.titles = [];
    const look = () => window.titles.push(document.querySelector(".under-title")?.textContent);
    new MutationObserver(look).observe(document.getElementById("view"), {childList: true, subtree: true, characterData: true});
}"""
_CHANGE = "n => window.dash_clientside.set_props('changes', {data: {n, subjects: [], ids: [], reset: true}})"


@pytest.fixture
def active_again(suite: Suite) -> Iterator[None]:
    """Whatever a test does to northwind's engine, it runs afterwards."""
    yield
    if suite.status.get(f"tenants/{NORTHWIND}/state")["state"] != "active":
        set_state(suite, "active")


def set_state(suite: Suite, state: str) -> None:
    """What another admin does to northwind meanwhile."""
    address = f"{suite.stack.status_api_url}/api/v1/tenants/{NORTHWIND}/state"
    headers = {"Authorization": f"Bearer {suite.stack.status_api_token}"}
    version = requests.get(address, headers=headers, timeout=_SECONDS).headers["ETag"]
    answer = requests.put(
        address, json={"state": state}, headers=headers | {"If-Match": version}, timeout=_SECONDS
    )
    answer.raise_for_status()


def commands(suite: Suite, tenant: str, kind: str) -> list[str]:
    return [item["command_id"] for item in suite.status.get(f"tenants/{tenant}/commands", kind=kind)["items"]]


def test_the_tile_and_the_navigation_lead_to_the_same_page(as_role: AsRole) -> None:
    page = as_role("viewer")
    visit(page, "/")
    page.get_by_role("link", name=re.compile("^Autotask to Xero — ")).click()
    expect(page).to_have_url(re.compile(f"{PRODUCT}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Product Dashboard")
    visit(page, "/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Product Dashboard").click()
    expect(page).to_have_url(re.compile(f"{PRODUCT}$"))


def test_home_shows_every_tenant_with_both_connections(page: Page, suite: Suite) -> None:
    visit(page, "/")
    lines = suite.status.get("overview")["items"]
    expect(page.locator("article.tile")).to_have_count(len(lines))
    for line in lines:
        tile = page.locator("article.tile", has_text=line["tenant"]["name"])
        expect(tile.get_by_text("Connected")).to_have_count(2)
        expect(tile.locator(".big")).to_have_text(str(line["invoices"]["month"]["first_synced"]))


def test_the_product_dashboard_shows_what_status_api_tells(page: Page, suite: Suite) -> None:
    visit(page, PRODUCT)
    overview = suite.status.get(f"tenants/{ACME}/overview")
    expect(page.locator("#volume .big").first).to_have_text(str(overview["month"]["first_synced"]))
    for side in ("autotask", "xero"):
        expect(page.locator(f"#connection-{side}").get_by_text("Connected")).to_be_visible()
        expect(page.locator(f"#connection-{side}").get_by_text(re.compile("Calls left"))).not_to_have_count(0)
    faults = suite.status.get(f"tenants/{ACME}/faults")["items"]
    expect(page.locator("#faults tbody tr")).to_have_count(len(faults))
    for total in overview["totals"]:
        expect(page.locator("#totals")).to_contain_text(total["currency"])


def test_a_cause_leads_to_the_documents_that_have_it(page: Page, suite: Suite) -> None:
    visit(page, PRODUCT)
    fault = next(
        each for each in suite.status.get(f"tenants/{ACME}/faults")["items"] if each["kind"] == "invoice"
    )
    link = page.locator(f"#faults a[href*='cause={fault['cause']['code']}']").first
    link.click()
    expect(page).to_have_url(re.compile(rf"/sync/(invoices|purchase-orders)\?cause={fault['cause']['code']}"))


def test_the_button_leads_to_the_sync_overview_with_exactly_four_tabs(page: Page) -> None:
    visit(page, PRODUCT)
    page.get_by_role("link", name="View Sync Overview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sync Overview")
    expect(page.get_by_role("tab")).to_have_text(["Analytics", "Invoices", "Purchase Orders", "Sync Logs"])
    selected = page.get_by_role("tab", selected=True)
    expect(selected).to_have_text("Invoices")
    selected.press("ArrowLeft")
    expect(page.get_by_role("tab", name="Analytics")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{ANALYTICS}$"))
    expect(page.get_by_role("tab", name="Analytics", selected=True)).to_be_visible()


def test_a_connection_is_tested_and_its_fate_told(page: Page, suite: Suite) -> None:
    visit(page, PRODUCT)
    before = commands(suite, ACME, "test-connection")
    page.get_by_role("button", name="Test connection to Xero").click()
    expect(page.locator("#connection-xero [role=status]")).to_contain_text("Works.")
    assert len(commands(suite, ACME, "test-connection")) == len(before) + 1


def test_a_viewer_is_offered_nothing_that_is_refused(as_role: AsRole) -> None:
    page = as_role("viewer")
    visit(page, PRODUCT)
    expect(page.get_by_role("button", name=re.compile("^Test connection"))).to_have_count(0)
    visit(page, ANALYTICS)
    expect(page.get_by_role("button", name="Sync Now")).to_have_count(0)
    expect(page.get_by_role("switch")).to_have_count(0)
    expect(page.locator("#engine-place")).to_have_text("Engine Active")


def test_a_double_click_on_sync_now_looks_once(as_role: AsRole, suite: Suite) -> None:
    page = as_role("operator")
    visit(page, f"/t/{ACME}/sync/sync-logs")
    before = commands(suite, ACME, "sync-now")
    page.get_by_role("button", name="Sync Now").dblclick()
    expect(page.locator("#sync-now-fate")).to_contain_text("Autotask was asked")
    expect(page.get_by_role("button", name="Sync Now")).to_be_enabled()
    assert len(commands(suite, ACME, "sync-now")) == len(before) + 1


@pytest.mark.usefixtures("active_again")
def test_the_engine_says_what_it_will_do_before_it_does(page: Page, suite: Suite) -> None:
    visit(page, f"/t/{NORTHWIND}/sync/analytics")
    switch = page.get_by_role("switch", name=re.compile("^Engine"))
    expect(switch).to_be_checked()
    switch.press("Space")
    dialog = page.get_by_role("dialog", name="Pause the engine?")
    expect(dialog).to_contain_text("is finished, and no other is begun")
    dialog.get_by_role("button", name="Leave it as it is").click()
    expect(switch).to_be_checked()
    assert suite.status.get(f"tenants/{NORTHWIND}/state")["state"] == "active"

    switch.press("Space")
    dialog.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Engine Paused")).to_be_visible()
    wait_until(
        lambda: suite.status.get(f"tenants/{NORTHWIND}/state")["state"] == "paused", "the engine paused"
    )
    visit(page, f"/t/{NORTHWIND}")
    expect(page.get_by_text("commands wait")).to_be_visible()

    visit(page, f"/t/{NORTHWIND}/sync/analytics")
    page.get_by_role("switch", name="Engine Paused").press("Space")
    dialog = page.get_by_role("dialog", name="Activate the engine?")
    days = suite.status.get(f"tenants/{NORTHWIND}/settings")["effective"]["days_back"]
    expect(dialog).to_contain_text(f"in the last {days} days")
    dialog.get_by_role("button", name="Activate").click()
    expect(page.get_by_text("Engine Active", exact=True)).to_be_visible()


@pytest.mark.usefixtures("active_again")
def test_a_switch_that_somebody_else_overtook_says_so_and_changes_nothing(page: Page, suite: Suite) -> None:
    visit(page, f"/t/{NORTHWIND}/sync/analytics")
    page.get_by_role("switch", name="Engine Active").press("Space")
    dialog = page.get_by_role("dialog", name="Pause the engine?")
    expect(dialog).to_be_visible()
    set_state(suite, "paused")
    set_state(suite, "active")
    dialog.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Somebody was faster")).to_be_visible()
    expect(page.get_by_role("switch", name="Engine Active")).to_be_checked()
    assert suite.status.get(f"tenants/{NORTHWIND}/state")["state"] == "active"


def test_analytics_count_what_status_api_counts_and_stand_in_the_address(page: Page, suite: Suite) -> None:
    visit(page, ANALYTICS)
    told = suite.status.get(f"tenants/{ACME}/analytics", per="month")
    expect(page.locator("#synced .big")).to_have_text(str(told["periods"][-1]["synced"]))
    page.get_by_text("Per day").click()
    expect(page).to_have_url(re.compile(r"\?per=day$"))
    page.locator("#tab-panel").get_by_text("Purchase Orders", exact=True).click()
    expect(page).to_have_url(re.compile("kind=purchase-order"))
    page.get_by_text("The figures as a table").click()
    days = suite.status.get(f"tenants/{ACME}/analytics", per="day", kind="purchase-order")
    expect(page.locator("#synced tbody tr")).to_have_count(len(days["periods"]))
    expect(page.locator("#synced .big")).to_have_text(str(days["periods"][-1]["synced"]))
    page.reload()
    expect(page.locator("#synced .big")).to_have_text(str(days["periods"][-1]["synced"]))


def test_a_time_without_anything_is_told_and_one_too_long_is_explained(page: Page) -> None:
    visit(page, f"{ANALYTICS}?from=2025-01-01&to=2025-03-01")
    expect(page.get_by_text("Nothing was synced in this time")).to_be_visible()
    visit(page, f"{ANALYTICS}?from=2010-01-01&to=2025-03-01")
    expect(page.get_by_text("These figures can not be told")).to_be_visible()


def test_a_late_answer_never_puts_one_tenants_figures_under_another(page: Page, suite: Suite) -> None:
    visit(page, PRODUCT)
    held: list[Route] = []

    def hold(route: Route) -> None:
        if not held and is_about(route.request):
            held.append(route)
        else:
            route.continue_()

    page.route(UPDATE, hold)
    with page.expect_request(is_about):
        page.evaluate(_CHANGE, 1001)
    ours, theirs = (suite.status.get(f"tenants/{tenant}")["name"] for tenant in (ACME, NORTHWIND))
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Home").click()
    page.get_by_role("link", name=f"Autotask to Xero — {theirs}").click()
    expect(page.locator(".under-title")).to_contain_text(theirs)
    page.evaluate(_REMEMBER_TITLES)
    with page.expect_response(lambda answer: is_about(answer.request)):
        held[0].continue_()
    with page.expect_response(lambda answer: is_about(answer.request)):
        page.evaluate(_CHANGE, 1002)
    expect(page.locator(".under-title")).to_contain_text(theirs)
    assert not [title for title in page.evaluate("window.titles") if title and ours in title]


def test_what_did_not_change_is_not_drawn_anew_and_keeps_the_focus(page: Page) -> None:
    visit(page, PRODUCT)
    link = page.get_by_role("link", name="View Sync Logs")
    link.focus()
    page.evaluate("document.querySelector('#volume').dataset.mark = 'old'")
    with page.expect_response(lambda answer: is_about(answer.request)):
        page.evaluate(_CHANGE, 1003)
    expect(page.locator("#volume[data-mark=old]")).to_be_visible()
    expect(link).to_be_focused()
    button = page.get_by_role("button", name="Test connection to Autotask")
    button.press("Enter")
    expect(page.locator("#connection-autotask [role=status]")).to_contain_text("Works.")
    expect(button).to_be_focused()


def is_about(asked: Request) -> bool:
    """Whether a request asks for the product dashboard's figures anew."""
    return '"..product-head.children' in (asked.post_data or "")
