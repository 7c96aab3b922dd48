"""One's own profile: what is changed there holds, secrets are shown once, and sessions end where they should."""

from __future__ import annotations

import re

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.books import ACME, NORTHWIND, TENANT_NAME
from tests.browser.conftest import AsRole
from tests.browser.people import PASSWORD, People
from tests.browser.rig import Visitors, await_shown, visit

ODD = "<b>100%</b> & safe"
GRANTS: list[dict[str, str | None]] = [
    {"tenant_id": ACME, "role": "operator"},
    {"tenant_id": NORTHWIND, "role": "viewer"},
]
ASKS_AGAIN = re.compile(r"/sign-in\?")


def somebody(as_role: AsRole, visitors: Visitors, people: People, email: str) -> Page:
    """The profile of a new person, who has one session."""
    people.join(email, GRANTS)
    page = as_role(None)
    visitors.give_session(page.context, email)
    visit(page, "/profile")
    return page


def saved(page: Page, words: str) -> None:
    expect(page.locator("#notices, body").get_by_text(words).first).to_be_visible()


def choose(page: Page, label: str, words: str) -> None:
    page.get_by_role("textbox", name=label, exact=True).click()
    page.get_by_role("option", name=words, exact=True).click()


def test_a_new_name_is_shown_at_once_and_stays(as_role: AsRole, visitors: Visitors, people: People) -> None:
    page = somebody(as_role, visitors, people, "name@example.com")
    expect(page.get_by_text("Acme Managed IT: Operator")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Ann <i>Other</i>")
    page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_role("button", name="Signed in as Ann <i>Other</i>")).to_be_visible()
    visit(page, "/profile")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Ann <i>Other</i>")


def test_a_new_password_takes_the_old_one_and_ends_the_other_sessions(
    as_role: AsRole, visitors: Visitors, people: People
) -> None:
    page = somebody(as_role, visitors, people, "password@example.com")
    other = as_role(None)
    visitors.give_session(other.context, "password@example.com")
    visit(other, "/profile")

    def change(current: str, new: str, repeated: str) -> None:
        page.locator("#password-current").fill(current)
        page.locator("#password-new").fill(new)
        page.locator("#password-repeated").fill(repeated)
        page.get_by_role("button", name="Change the password").click()

    change(PASSWORD, ODD, f"{ODD}!")
    expect(page.get_by_text("The two new passwords differ.")).to_be_visible()
    change("not the old password", ODD, ODD)
    expect(page.get_by_text("The current password is wrong")).to_be_visible()
    change(PASSWORD, "short", "short")
    expect(page.get_by_text("wanted at least 12")).to_be_visible()
    change(PASSWORD, ODD, ODD)
    saved(page, "Your password was changed")
    expect(page.locator("#password-new")).to_have_value("")
    assert ODD not in page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}]) + location.href"
    )
    visit(page, "/profile")
    expect(page.get_by_role("heading", name="Your profile")).to_be_visible()
    other.goto("/profile")
    expect(other).to_have_url(ASKS_AGAIN)
    other.get_by_label("E-mail address").fill("password@example.com")
    other.get_by_label("Password").fill(ODD)
    other.get_by_role("button", name="Sign in").click()
    await_shown(other)


def test_alert_wishes_are_kept_for_each_tenant(as_role: AsRole, visitors: Visitors, people: People) -> None:
    page = somebody(as_role, visitors, people, "alerts@example.com")
    expect(page.get_by_text("holds no invoice data")).to_be_visible()
    choose(page, "All your tenants", "Mail, generic text")
    choose(page, "Acme Managed IT", "Mail, detailed text")
    page.get_by_role("button", name="Save the alerts").click()
    saved(page, "Your alert wishes hold from now on.")
    visit(page, "/profile")
    for label, words in (
        ("All your tenants", "Mail, generic text"),
        ("Acme Managed IT", "Mail, detailed text"),
        (TENANT_NAME, "As for all tenants"),
    ):
        expect(page.get_by_role("textbox", name=label, exact=True)).to_have_value(words)
    session = people.call("POST", "sessions", {"email": "alerts@example.com", "password": PASSWORD})["token"]
    assert people.call("GET", "me/alerts", token=session)["items"] == [
        {"tenant_id": None, "on": True, "detailed": False},
        {"tenant_id": ACME, "on": True, "detailed": True},
    ]


def test_ending_a_session_ends_that_one_and_ending_all_others_leaves_this(
    as_role: AsRole, visitors: Visitors, people: People
) -> None:
    page = somebody(as_role, visitors, people, "sessions@example.com")
    others = [as_role(None) for _ in range(2)]
    for other in others:
        visitors.give_session(other.context, "sessions@example.com")
        visit(other, "/profile")
    visit(page, "/profile")
    rows = page.get_by_role("table", name="Your sessions").locator("tbody tr")
    expect(rows).to_have_count(4)  # these three, and the one that the invitation began
    rows.first.get_by_role("button", name=re.compile("^End the session")).click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    rows.first.get_by_role("button", name=re.compile("^End the session")).click()
    page.get_by_role("dialog").get_by_role("button", name="End it").click()
    expect(rows).to_have_count(3)
    others[1].goto("/profile")
    expect(others[1]).to_have_url(ASKS_AGAIN)
    page.get_by_role("button", name="End all other sessions").click()
    page.get_by_role("dialog").get_by_role("button", name="End them").click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("This browser, now")
    others[0].goto("/profile")
    expect(others[0]).to_have_url(ASKS_AGAIN)
    page.get_by_label("Show what has ended").click()
    expect(rows).to_have_count(4)
    page.reload()
    await_shown(page)
    expect(rows).to_have_count(4)
    page.go_back()
    expect(rows).to_have_count(1)


def test_a_token_is_shown_once_works_as_far_as_it_reaches_and_ends(
    as_role: AsRole, visitors: Visitors, people: People
) -> None:
    page = somebody(as_role, visitors, people, "tokens@example.com")
    page.get_by_role("button", name="New token").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Make the token").click()
    expect(dialog.get_by_text("Say what the token is for.")).to_be_visible()
    dialog.get_by_label("What is it for?").fill("nightly <b>report</b>")
    choose(page, "What may it do at most?", "At most Viewer")
    dialog.get_by_label("Only at these tenants").click()
    page.get_by_role("option", name="Acme Managed IT").click()
    dialog.get_by_role("button", name="Make the token").click()
    field = page.get_by_role("textbox", name="Token “nightly <b>report</b>”")
    expect(field).to_be_visible()
    secret = field.input_value()
    page.keyboard.press("Escape")
    expect(field).to_be_visible()
    page.get_by_role("button", name="I have kept it: close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    stored = "JSON.stringify([{...localStorage}, {...sessionStorage}, history.state]) + location.href"
    assert secret not in page.content()
    assert secret not in page.evaluate(stored)
    assert [each["tenant_id"] for each in people.call("GET", "tenants", token=secret)["items"]] == [ACME]
    page.reload()
    await_shown(page)
    row = page.get_by_role("table", name="Your tokens").locator("tbody tr")
    expect(row).to_contain_text("At most Viewer, only at Acme Managed IT")
    row.get_by_role("button", name=re.compile("^End the token")).click()
    page.get_by_role("dialog").get_by_role("button", name="End it").click()
    expect(page.get_by_text("You have none.")).to_be_visible()
    with pytest.raises(requests.HTTPError, match="401"):
        people.call("GET", "me", token=secret)
