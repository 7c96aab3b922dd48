"""Downloads: only files that there are, with the person's own access, and a refusal in words."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.unit.dashboard.stand_in import StandIn

NAMES = (
    "invoices.csv",
    "invoices.xlsx",
    "purchase-orders.csv",
    "purchase-orders.xlsx",
    "logs.csv",
    "audit.csv",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_comes_as_it_is_under_its_own_name(
    browser: FlaskClient, status_api: StandIn, name: str
) -> None:
    status_api.tell(
        "GET",
        f"/api/v1/tenants/acme/{name}",
        b"a;b\r\n" * 20_000,
        Content_Type="text/csv; charset=utf-8",
        Content_Disposition=f'attachment; filename="acme-{name}"',
        Set_Cookie="session=stolen",
        Server_Timing="secret",
    )
    answer = browser.get(f"/files/acme/{name}?status=Fault&status=Complete&text=a%26b")
    assert answer.status_code == 200
    assert answer.data == b"a;b\r\n" * 20_000
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="acme-{name}"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert "Server-Timing" not in answer.headers
    [asked] = status_api.asked
    assert asked.path == f"/api/v1/tenants/acme/{name}?status=Fault&status=Complete&text=a%26b"
    assert asked.headers["Authorization"] == "Bearer token-of-kim"


@pytest.mark.parametrize("kind", ["invoices", "purchase-orders"])
def test_a_bundle_is_of_one_document(browser: FlaskClient, status_api: StandIn, kind: str) -> None:
    status_api.tell("GET", f"/api/v1/tenants/acme/{kind}/48213/bundle", b"PK", Content_Type="application/zip")
    assert browser.get(f"/files/acme/{kind}/48213/bundle?detailed=true").data == b"PK"


@pytest.mark.parametrize(
    "path",
    [
        "/files/acme/settings",
        "/files/acme/invoices.json",
        "/files/acme/..%2F..%2Fpeople",
        "/files/acme/people/1/bundle",
        "/files/acme/invoices.csv/more",
        "/files/acme",
    ],
)
def test_nothing_else_of_the_service_is_reached_by_a_file_name(
    browser: FlaskClient, status_api: StandIn, path: str
) -> None:
    browser.get(path)
    assert status_api.asked == []


def test_a_tenant_in_a_path_stays_one_part_of_it(browser: FlaskClient, status_api: StandIn) -> None:
    browser.get("/files/..%252Fpeople%3Fa=b/invoices.csv")
    for asked in status_api.asked:
        assert asked.path.startswith("/api/v1/tenants/")
        assert asked.path.count("/") == 5
        assert "?" not in asked.path


def test_a_refused_file_is_told_in_words(browser: FlaskClient, status_api: StandIn) -> None:
    status_api.refuse("GET", "/api/v1/tenants/acme/audit.csv", 403, "forbidden")
    answer = browser.get("/files/acme/audit.csv")
    assert answer.status_code == 403
    assert answer.mimetype == "text/plain"
    assert answer.get_data(as_text=True) == "Title of forbidden: Detail of forbidden"
    assert "Content-Disposition" not in answer.headers


def test_a_session_that_is_over_leads_to_the_sign_in(browser: FlaskClient, status_api: StandIn) -> None:
    status_api.refuse("GET", "/api/v1/tenants/acme/audit.csv", 401, "token-refused")
    answer = browser.get("/files/acme/audit.csv")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")


def test_an_answer_that_is_no_problem_is_never_shown(browser: FlaskClient, status_api: StandIn) -> None:
    status_api.tell("GET", "/api/v1/tenants/acme/logs.csv", b"<h1>Bad gateway</h1>", 502)
    answer = browser.get("/files/acme/logs.csv")
    assert answer.status_code == 503
    assert "gateway" not in answer.get_data(as_text=True)
