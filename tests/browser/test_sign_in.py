"""The pages for people who are not signed in: without scripts, with any password, from anywhere, and never out of this site."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.books import ACME
from tests.browser.conftest import AsRole
from tests.browser.people import PASSWORD, People
from tests.browser.rig import await_shown, visit
from tests.browser.watching import Watch

ODD = "1 < 2 % & \"quoted\" 'é' \N{SNOWMAN}"
VIEWER_OF_ACME: list[dict[str, str | None]] = [{"tenant_id": ACME, "role": "viewer"}]
EVIL = "http://evil.example"


def invited(people: People, email: str, name: str = "Guest") -> str:
    """The code of a new invitation."""
    body = {"email": email, "name": name, "grants": VIEWER_OF_ACME}
    return str(people.call("POST", "people", body)["invitation"]["token"])


def choose(page: Page, password: str) -> None:
    page.get_by_label("New password").fill(password)
    page.get_by_label("The same again").fill(password)
    page.get_by_role("button", name="Save and sign in").click()


def sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_the_link_of_an_invitation_fills_the_field_and_leaves_the_address(
    as_role: AsRole, people: People
) -> None:
    code = invited(people, "link@example.com")
    page = as_role(None)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url} {request.headers.get('referer', '')}"))
    page.goto(f"/invitation#{code}")
    expect(page.get_by_label("Invitation")).to_have_value(code)
    expect(page.get_by_label("New password")).to_be_focused()
    assert page.url.endswith("/invitation")
    choose(page, ODD)
    await_shown(page)
    assert [address for address in asked if code in address] == []
    assert code not in page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, history.state])"
    )


def test_any_character_of_a_password_comes_through(as_role: AsRole, people: People, watch: Watch) -> None:
    watch.expect("status of 401")
    code = invited(people, "odd@example.com")
    page = as_role(None)
    page.goto("/invitation")
    page.get_by_label("Invitation").fill(f"  {people.dashboard}/invitation#{code} ")
    choose(page, ODD)
    await_shown(page)
    other = as_role(None)
    other.goto("/sign-in?next=/profile")
    sign_in(other, "odd@example.com", ODD.replace("%", ""))
    expect(other.get_by_role("alert")).to_be_visible()
    sign_in(other, "odd@example.com", ODD)
    await_shown(other)
    assert other.url.endswith("/profile")


def test_an_invitation_is_asked_again_when_the_passwords_differ_or_are_short(
    as_role: AsRole, people: People, watch: Watch
) -> None:
    watch.expect("status of 422")
    code = invited(people, "short@example.com")
    page = as_role(None)
    page.goto(f"/invitation#{code}")
    page.get_by_label("New password").fill("a long enough one")
    page.get_by_label("The same again").fill("another long one")
    page.get_by_role("button", name="Save and sign in").click()
    expect(page.get_by_role("alert")).to_have_text("The two passwords differ.")
    expect(page.get_by_label("Invitation")).to_have_value(code)
    page.get_by_label("New password").evaluate("field => field.removeAttribute('minlength')")
    choose(page, "short")
    expect(page.get_by_role("alert")).to_contain_text("at least 12")
    choose(page, ODD)
    await_shown(page)


def test_the_pages_work_without_scripts(browser: Browser, people: People) -> None:
    people.join("plain@example.com", VIEWER_OF_ACME)
    context = browser.new_context(base_url=people.dashboard, java_script_enabled=False)
    page = context.new_page()
    page.goto("/t/acme/sync/invoices?text=a%26b")
    sign_in(page, "plain@example.com", "wrong and long enough")
    expect(page.get_by_role("alert")).to_contain_text("E-mail address or password is wrong")
    expect(page.locator("#wrong:focus")).to_be_visible()
    sign_in(page, "plain@example.com", PASSWORD)
    expect(page).to_have_url(re.compile(r"/t/acme/sync/invoices\?text=a%26b$"))
    assert [cookie["name"] for cookie in context.cookies() if cookie["httpOnly"]] == ["session"]
    context.close()


def test_what_was_typed_is_never_run(as_role: AsRole, watch: Watch) -> None:
    watch.expect("status of 401", "status of 404")
    attack = "\"><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
    page = as_role(None)
    page.goto("/sign-in")
    sign_in(page, attack, attack)
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("E-mail address")).to_have_value(attack)
    page.goto("/invitation")
    page.get_by_label("Invitation").fill(attack)
    choose(page, f"{attack} and more")
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.locator("img").count() == 0
    assert page.title() != "run"


def test_nobody_is_led_out_of_this_site_after_signing_in(as_role: AsRole, people: People) -> None:
    email = people.of_role("viewer")
    for wished in (
        "//evil.example",
        "/\\evil.example",
        "/%09/evil.example",
        f"{EVIL}/x",
        "javascript:alert(1)",
    ):
        page = as_role(None)
        page.goto(f"/sign-in?next={wished}")
        sign_in(page, email, PASSWORD)
        await_shown(page)
        assert page.url == f"{people.dashboard}/", wished


def test_a_link_in_a_mail_opens_for_whoever_is_signed_in(
    page: Page, dashboard_url: str, watch: Watch
) -> None:
    watch.expect(f"foreign request: {EVIL}")
    visit(page, "/people")

    def mail(route: Route) -> None:
        route.fulfill(body=f'<a href="{dashboard_url}/profile?ended=yes">See</a>', content_type="text/html")

    page.context.route(f"{EVIL}/**", mail)
    page.goto(f"{EVIL}/mail")
    page.get_by_role("link", name="See").click()
    await_shown(page)
    expect(page.get_by_role("heading", name="Your profile")).to_be_visible()
    assert page.url.endswith("/profile?ended=yes")


def test_signing_in_again_ends_the_session_before(as_role: AsRole, people: People) -> None:
    people.join("twice@example.com", VIEWER_OF_ACME)
    page = as_role(None)
    page.goto("/sign-in?next=/profile")
    sign_in(page, "twice@example.com", PASSWORD)
    await_shown(page)
    page.goto("/sign-in?again=1&next=/profile")
    expect(page.get_by_role("status")).to_contain_text("Your session is over")
    sign_in(page, "twice@example.com", PASSWORD)
    await_shown(page)
    sessions = page.get_by_role("table", name="Your sessions").locator("tbody tr")
    expect(sessions).to_have_count(2)  # this one, and the one that the invitation began
