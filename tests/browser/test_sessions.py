"""Signing in and out, sessions that end, and other sites that would use one."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Response
from playwright.sync_api import Page, Route, expect

from dashboard.server.sessions import Sessions, SignedIn
from invoice_events.identity import utc_now
from tests.browser.books import ACME
from tests.browser.conftest import AsRole
from tests.browser.people import PASSWORD, People
from tests.browser.rig import Visitors, await_shown, visit
from tests.browser.watching import Watch
from tests.end_to_end.suite import Suite

DEEP = "/t/acme/sync/invoices?status=Fault&status=Complete&text=a%26b"
ASKS_AGAIN = re.compile(r"/sign-in\?")
EVIL = "http://evil.example"


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_signing_in_leads_to_the_page_that_was_asked_for(
    as_role: AsRole, people: People, watch: Watch
) -> None:
    watch.expect("status of 401")
    email = people.of_role("viewer")
    page = as_role(None)
    page.goto(DEEP)
    expect(page).to_have_url(ASKS_AGAIN)
    sign_in(page, email, "not the password")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("E-mail address")).to_have_value(email)
    expect(page.get_by_label("Password")).to_have_value("")
    sign_in(page, email)
    await_shown(page)
    assert page.url.endswith(DEEP)


def test_the_session_is_out_of_reach_for_scripts_and_other_sites(page: Page) -> None:
    visit(page, "/profile")
    [cookie] = [each for each in page.context.cookies() if each["name"] == "session"]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert "session" not in page.evaluate("document.cookie")
    assert cookie["value"] not in page.content()


def test_a_sign_in_sets_the_flags_of_the_cookie_itself(as_role: AsRole, people: People) -> None:
    page = as_role(None)
    page.goto("/sign-in")
    sign_in(page, people.of_role("viewer"))
    await_shown(page)
    [cookie] = [each for each in page.context.cookies() if each["name"] == "session"]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")


def test_another_site_can_not_act_for_a_person(page: Page, dashboard_url: str, watch: Watch) -> None:
    watch.expect(f"foreign request: {EVIL}", "status of 403")
    visit(page, "/profile")

    def answer(route: Route) -> None:
        form = f'<form method="post" action="{dashboard_url}/sign-out"><button>Win a prize</button></form>'
        route.fulfill(body=form, content_type="text/html")

    page.context.route(f"{EVIL}/**", answer)
    page.goto(f"{EVIL}/prize")
    with page.expect_response(f"{dashboard_url}/sign-out") as refused:
        page.get_by_role("button").click()
    assert refused.value.status == 403
    assert "cookie" not in refused.value.request.all_headers()
    visit(page, "/profile")
    for path in ("/sign-out", "/_dash-update-component", "/sign-in", "/invitation"):
        for headers in ({"Origin": EVIL}, {"Origin": "null"}, {}, {"Sec-Fetch-Site": "cross-site"}):
            assert page.request.post(path, headers=headers, data="{}").status == 403, (path, headers)
    visit(page, "/profile")


def test_a_session_that_is_over_leads_to_the_sign_in_and_back(
    as_role: AsRole, visitors: Visitors, people: People, suite: Suite
) -> None:
    key = suite.stack.supervisor.process("dashboard-serve").spec.environment["DASHBOARD_SESSION_KEY"]
    page = as_role("viewer")
    visit(page, "/profile")
    over = Response()
    told = people.call("POST", "sessions", {"email": people.of_role("viewer"), "password": PASSWORD})
    Sessions([key]).begin(over, SignedIn(told["token"], utc_now() - timedelta(seconds=1)), secure=False)
    sealed = over.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    page.context.add_cookies([{"name": "session", "value": sealed, "url": people.dashboard}])
    page.goto(DEEP)
    expect(page).to_have_url(ASKS_AGAIN)
    sign_in(page, people.of_role("viewer"))
    await_shown(page)
    assert page.url.endswith(DEEP)


def test_a_session_that_ends_while_a_page_is_open_leads_to_the_sign_in_and_back(
    as_role: AsRole, people: People
) -> None:
    page = as_role("viewer")
    visit(page, "/t/acme")
    page.context.clear_cookies(name="session")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Sync Overview").click()
    expect(page).to_have_url(ASKS_AGAIN)
    sign_in(page, people.of_role("viewer"))
    await_shown(page)
    assert page.url.endswith("/t/acme/sync/invoices")


def test_signing_out_ends_the_session_itself_not_only_the_cookie(as_role: AsRole, people: People) -> None:
    page = as_role("viewer")
    visit(page, "/t/acme")
    [cookie] = [each for each in page.context.cookies() if each["name"] == "session"]
    page.get_by_role("button", name=re.compile("^Signed in as")).click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"/sign-in(\?out=ended)?$"))
    assert [each for each in page.context.cookies() if each["name"] == "session"] == []
    page.go_back()
    expect(page.get_by_label("E-mail address")).to_be_visible()
    page.context.add_cookies([{"name": "session", "value": cookie["value"], "url": people.dashboard}])
    page.goto("/t/acme")
    expect(page).to_have_url(ASKS_AGAIN)


def test_a_disabled_person_is_out_at_the_next_step(
    as_role: AsRole, visitors: Visitors, people: People
) -> None:
    person = people.join("leaver@example.com", [{"tenant_id": ACME, "role": "operator"}])
    page = as_role(None)
    visitors.give_session(page.context, "leaver@example.com")
    visit(page, "/t/acme/sync/invoices")
    people.call("DELETE", f"people/{person}")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Profile").click()
    expect(page).to_have_url(ASKS_AGAIN)


def test_a_role_that_is_lost_while_a_page_is_open_takes_the_tenant_with_it(
    as_role: AsRole, visitors: Visitors, people: People
) -> None:
    both = [{"tenant_id": ACME, "role": "operator"}, {"tenant_id": "northwind", "role": "viewer"}]
    person = people.join("mover@example.com", both)
    page = as_role(None)
    visitors.give_session(page.context, "mover@example.com")
    visit(page, "/t/acme")
    people.call("PUT", f"people/{person}/grants", {"grants": both[1:]})
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Sync Overview").click()
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    page.get_by_role("banner").get_by_role("button", name="All tenants").click()
    expect(page.get_by_role("menuitem", name=re.compile("^Northwind"))).to_be_visible()
    expect(page.get_by_role("menuitem", name="Acme Managed IT")).to_have_count(0)


def test_an_invitation_is_accepted_once(as_role: AsRole, people: People, watch: Watch) -> None:
    watch.expect("status of 4")
    body = {"email": "new@example.com", "name": "New", "grants": [{"tenant_id": ACME, "role": "viewer"}]}
    code = people.call("POST", "people", body)["invitation"]["token"]
    for again in (False, True):
        page = as_role(None)
        page.goto("/invitation")
        page.get_by_label("Invitation").fill(code)
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_label("The same again").fill(PASSWORD)
        page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
        if again:
            expect(page.get_by_role("alert")).to_be_visible()
        else:
            await_shown(page)
            expect(page.get_by_role("button", name="Signed in as New")).to_be_visible()
