"""People, tokens and the audit: who may see and change what, confirmed where it can not be taken back."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from tests.browser.books import ACME, NORTHWIND, TENANT_NAME
from tests.browser.conftest import AsRole
from tests.browser.people import PASSWORD, People
from tests.browser.rig import Visitors, await_shown, visit

ASKS_AGAIN = re.compile(r"/sign-in\?")


def rows(page: Page, table: str) -> Locator:
    return page.get_by_role("table", name=table).locator("tbody tr")


def choose(page: Page, label: str, words: str) -> None:
    page.get_by_role("textbox", name=label, exact=True).click()
    page.get_by_role("option", name=words, exact=True).click()


def pick(page: Page, label: str, words: str) -> None:
    """Add a place to a role."""
    field = page.get_by_role("textbox", name=label, exact=True)
    field.click()
    page.get_by_role("option", name=words, exact=True).click()
    field.press("Tab")


def drop_last(page: Page, label: str) -> None:
    """Take the last place of a role away."""
    field = page.get_by_role("textbox", name=label, exact=True)
    field.press("Backspace")
    field.press("Tab")


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_somebody_who_is_invited_comes_in_by_the_link_that_is_shown_once(page: Page, as_role: AsRole) -> None:
    visit(page, "/people")
    page.get_by_role("button", name="Invite somebody").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Invite", exact=True).click()
    expect(dialog.get_by_text("Give the e-mail address.")).to_be_visible()
    dialog.get_by_label("E-mail address").fill("Kim.Guest@Example.com")
    dialog.get_by_role("textbox", name="Name", exact=True).fill("Kim <b>Guest</b>")
    pick(page, "Operator at", "Acme Managed IT")
    pick(page, "Viewer at", "Acme Managed IT")
    dialog.get_by_role("button", name="Invite", exact=True).click()
    expect(dialog.get_by_text("Acme Managed IT is there twice")).to_be_visible()
    drop_last(page, "Viewer at")
    dialog.get_by_role("button", name="Invite", exact=True).click()
    field = page.get_by_label("Link for kim.guest@example.com")
    expect(field).to_be_visible()
    link = field.input_value()
    page.get_by_role("button", name="I have kept it: close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    code = link.rpartition("#")[2]
    stored = "JSON.stringify([{...localStorage}, {...sessionStorage}, history.state]) + location.href"
    assert code not in page.content() + page.evaluate(stored)
    row = rows(page, "People").filter(has_text="kim.guest@example.com")
    expect(row).to_contain_text("Kim <b>Guest</b>")
    expect(row).to_contain_text("No password")
    guest = as_role(None)
    guest.goto(link)
    guest.get_by_label("New password").fill(PASSWORD)
    guest.get_by_label("The same again").fill(PASSWORD)
    guest.get_by_role("button", name="Save and sign in").click()
    await_shown(guest)
    visit(page, "/people?text=kim.guest@example.com")
    expect(row).to_contain_text("Acme Managed IT: Operator")
    expect(row).to_contain_text("Active")


def test_the_search_is_in_the_address_and_survives_reload_and_back(page: Page, people: People) -> None:
    people.join("findme@example.com", [{"tenant_id": NORTHWIND, "role": "viewer"}], "Zoë Findme")
    visit(page, "/people")
    page.get_by_label("Find").fill("zoë find")
    expect(rows(page, "People")).to_have_count(1)
    expect(page.get_by_label("Find")).to_be_focused()
    assert query(page) == {"text": ["zoë find"]}
    page.reload()
    await_shown(page)
    expect(page.get_by_label("Find")).to_have_value("zoë find")
    expect(rows(page, "People")).to_have_count(1)
    choose(page, "With a role at", "Acme Managed IT")
    expect(page.get_by_text("Nobody whom you administer fits")).to_be_visible()
    assert query(page) == {"text": ["zoë find"], "tenant": [ACME]}
    page.go_back()
    expect(rows(page, "People")).to_have_count(1)
    page.get_by_role("link", name="Zoë Findme").click()
    expect(page.get_by_role("heading", name="Zoë Findme", level=1)).to_be_visible()


def test_roles_change_and_the_last_admin_stays(page: Page, people: People) -> None:
    person = people.join("roles@example.com", [{"tenant_id": ACME, "role": "viewer"}])
    visit(page, f"/people/{person}")
    pick(page, "Admin at", TENANT_NAME)
    page.get_by_role("button", name="Save the roles").click()
    expect(page.locator("#person-head")).to_contain_text(f"{TENANT_NAME}: Admin")
    assert people.call("GET", f"people/{person}")["grants"] == [
        {"tenant_id": ACME, "role": "viewer"},
        {"tenant_id": NORTHWIND, "role": "admin"},
    ]
    everybody = people.call("GET", "people?limit=500")["items"]
    admins = [
        each
        for each in everybody
        if {"tenant_id": None, "role": "admin"} in each["grants"] and each["can_sign_in"]
    ]
    assert len(admins) == 1, (
        "tests share this admin: nobody else may be one, or taking the role away would work"
    )
    visit(page, f"/people/{admins[0]['person_id']}")
    drop_last(page, "Admin at")
    page.get_by_role("button", name="Save the roles").click()
    expect(page.locator("#person-roles-failed")).to_contain_text("The last admin can not be removed")
    page.get_by_role("button", name="Disable").click()
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(page.get_by_role("dialog")).to_contain_text("The last admin can not be removed")


def test_disabling_asks_first_and_ends_sessions_at_once(
    page: Page, as_role: AsRole, visitors: Visitors, people: People
) -> None:
    person = people.join("gone@example.com", [{"tenant_id": ACME, "role": "viewer"}])
    theirs = as_role(None)
    visitors.give_session(theirs.context, "gone@example.com")
    visit(theirs, "/profile")
    visit(page, f"/people/{person}")
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("dialog")).to_contain_text("ends at once")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert people.call("GET", f"people/{person}")["state"] == "active"
    page.get_by_role("button", name="Disable").click()
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(page.locator("#person-head")).to_contain_text("Disabled")
    theirs.goto("/profile")
    expect(theirs).to_have_url(ASKS_AGAIN)
    page.get_by_role("button", name="Enable").click()
    expect(page.locator("#person-head")).to_contain_text("Active")
    page.get_by_label("Name", exact=True).fill("Come Back")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", name="Come Back", level=1)).to_be_visible()
    page.get_by_role("button", name="New invitation").click()
    page.get_by_role("dialog").get_by_role("button", name="Make it").click()
    expect(page.get_by_label("Link for gone@example.com")).to_have_value(re.compile("/invitation#isi_"))
    page.get_by_role("button", name="I have kept it: close").click()


def test_an_admin_of_one_tenant_sees_and_gives_only_what_belongs_to_it(
    as_role: AsRole, people: People
) -> None:
    people.join("far@example.com", [{"tenant_id": NORTHWIND, "role": "viewer"}])
    both: list[dict[str, str | None]] = [
        {"tenant_id": ACME, "role": "viewer"},
        {"tenant_id": NORTHWIND, "role": "viewer"},
    ]
    person = people.join("near@example.com", both)
    page = as_role("tenant-admin")
    visit(page, "/people?text=example.com")
    expect(rows(page, "People").filter(has_text="near@example.com")).to_have_count(1)
    expect(rows(page, "People").filter(has_text="far@example.com")).to_have_count(0)
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Tokens")).to_have_count(0)
    visit(page, f"/people/{person}")
    expect(page.get_by_text("Roles at tenants that you do not administer")).to_be_visible()
    page.get_by_role("textbox", name="Operator at", exact=True).click()
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Disable").click()
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(page.get_by_role("dialog")).to_contain_text("This person has roles elsewhere")
    visit(page, "/tokens")
    expect(page.get_by_role("heading", name="Your role does not allow this")).to_be_visible()
    visit(page, "/audit")
    expect(rows(page, "Audit").first).to_contain_text("Acme Managed IT")
    viewer = as_role("viewer")
    for path in ("/people", "/tokens", "/audit"):
        visit(viewer, path)
        expect(viewer.get_by_role("heading", name="Your role does not allow this")).to_be_visible()


def test_a_machine_gets_a_token_that_an_admin_ends_again(page: Page, people: People) -> None:
    visit(page, "/people")
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_role("dialog").get_by_text("A machine", exact=True).click()
    page.get_by_label("E-mail address").fill("robot@example.com")
    page.get_by_role("dialog").get_by_role("textbox", name="Name", exact=True).fill("Robot")
    pick(page, "Viewer at", "Acme Managed IT")
    page.get_by_role("dialog").get_by_role("button", name="Invite", exact=True).click()
    page.get_by_role("link", name="Make a token for it").click()
    expect(page.get_by_role("textbox", name="For which machine?")).to_have_value("Robot (robot@example.com)")
    page.get_by_label("What is it for?").fill("robot's report")
    page.get_by_role("button", name="Make the token").click()
    field = page.get_by_role("textbox", name="Token “robot's report”")
    secret = field.input_value()
    page.get_by_role("button", name="I have kept it: close").click()
    assert people.call("GET", "me", token=secret)["name"] == "robot@example.com"
    choose(page, "What", "Tokens of programs")
    row = rows(page, "Tokens and sessions").filter(has_text="robot@example.com")
    expect(row).to_contain_text("robot's report")
    expect(rows(page, "Tokens and sessions").filter(has_text="Signed in")).to_have_count(0)
    row.get_by_role("button", name=re.compile("^End the token")).click()
    page.get_by_role("dialog").get_by_role("button", name="End it").click()
    expect(row).to_have_count(0)
    with pytest.raises(requests.HTTPError, match="401"):
        people.call("GET", "me", token=secret)
    choose(page, "State", "Active and ended")
    expect(row).to_contain_text("Ended")
    assert query(page)["state"] == ["all"]
    page.reload()
    await_shown(page)
    expect(row).to_contain_text("Ended")


def test_the_audit_is_narrowed_by_its_address_and_taken_as_a_file(page: Page, people: People) -> None:
    people.join("audited@example.com", [{"tenant_id": ACME, "role": "viewer"}])
    visit(page, "/audit")
    page.get_by_label("Who").fill("audited@example.com")
    expect(rows(page, "Audit")).to_have_count(1)
    expect(rows(page, "Audit")).to_contain_text("Accepted an invitation")
    assert query(page) == {"actor": ["audited@example.com"]}
    visit(page, f"/audit?tenant={ACME}&action=add-person&from=2026-01-01T00:00:00Z")
    expect(rows(page, "Audit").first).to_contain_text("Added a person")
    expect(page.get_by_role("button", name="From", exact=True)).to_contain_text("1 Jan 2026, 13:00")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Download as CSV").click()
    text = taken.value.path().read_text(encoding="utf-8-sig")
    assert "audited@example.com" in text
    assert "sign-in" not in text
    choose(page, "What", "Signed in")
    expect(page.get_by_text("Nobody did what you chose")).to_be_visible()
    page.go_back()
    expect(rows(page, "Audit").first).to_contain_text("Added a person")
