"""Addresses: whatever a page writes into one is read back, and nothing that somebody types into one breaks a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.core.addresses import TABS, Address, document_href, href, read_address, tab_href, tenant_href
from dashboard.core.places import inside

names = st.text(min_size=1, max_size=20).filter(lambda text: text.encode("utf-8", "ignore").decode() == text)
tenants = st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True)
queries = st.dictionaries(
    st.from_regex(r"[a-z_]{1,10}", fullmatch=True), st.lists(names, min_size=1, max_size=3), max_size=4
)


def read(address: str) -> Address:
    path, _, search = address.partition("?")
    return read_address(path, f"?{search}" if search else "")


@given(tenants, st.sampled_from(sorted(TABS)), queries)
def test_no_state_that_is_written_into_an_address_is_lost(
    tenant: str, tab: str, query: dict[str, list[str]]
) -> None:
    found = read(tab_href(tenant, tab, **query))
    assert (found.page, found.tenant, found.parts) == ("sync", tenant, (tab,))
    assert found.query == {name: tuple(values) for name, values in query.items()}


@given(names, queries)
def test_no_tenant_of_any_name_leads_elsewhere(tenant: str, query: dict[str, list[str]]) -> None:
    address = tenant_href(tenant, **query)
    assert not address.startswith("//")
    assert read(address).tenant == tenant
    assert read(address).page == "product"


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_address_that_somebody_types_breaks_the_reading(path: str, search: str) -> None:
    assert read_address(f"/{path}", search).page


@pytest.mark.parametrize(
    ("path", "page", "tenant", "parts"),
    [
        ("/", "home", None, ()),
        ("", "home", None, ()),
        ("/t/acme", "product", "acme", ()),
        ("/t/acme/", "product", "acme", ()),
        ("/t/acme/sync", "sync", "acme", ("invoices",)),
        ("/t/acme/sync/analytics", "sync", "acme", ("analytics",)),
        ("/t/acme/explain", "explain", "acme", ()),
        ("/t/acme/configuration/xero-options", "settings", "acme", ()),
        ("/people", "people", None, ()),
        ("/people/0b1c", "people", None, ("0b1c",)),
        ("/profile", "profile", None, ()),
        ("/t/acme/sync/other", "unknown", None, ("t", "acme", "sync", "other")),
        ("/t", "unknown", None, ("t",)),
        ("/profile/more", "unknown", None, ("profile", "more")),
    ],
)
def test_no_path_is_taken_for_another(
    path: str, page: str, tenant: str | None, parts: tuple[str, ...]
) -> None:
    assert read_address(path, "") == Address(page, tenant, parts, {})


def test_what_has_no_value_is_left_out_and_the_last_value_counts() -> None:
    assert href("people", text="", page=None, sort="name") == "/people?sort=name"
    assert read_address("/", "?a=1&a=2&b=").query == {"a": ("1", "2")}
    assert read_address("/", "?a=1&a=2").one("a") == "2"
    assert read_address("/", "").one("a", "none") == "none"


@pytest.mark.parametrize(
    ("document", "tab"), [("invoice/48213", "invoices"), ("purchase-order/771", "purchase-orders")]
)
def test_a_document_opens_in_the_list_of_its_kind(document: str, tab: str) -> None:
    found = read(document_href("acme", document))
    number = document.partition("/")[2]
    assert (found.parts, found.one("open"), found.one("text")) == ((tab,), number, number)


@pytest.mark.parametrize(
    "wished",
    [
        "",
        "profile",
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example",
        "\n//evil.example",
        "javascript:alert(1)",
        "/sign-out",
        "http:/profile",
        "///evil.example",
    ],
)
def test_no_link_leads_out_of_the_site_after_signing_in(wished: str) -> None:
    assert inside(wished) == "/"


@given(tenants, queries)
def test_signing_in_leads_to_every_page_that_was_asked_for(tenant: str, query: dict[str, list[str]]) -> None:
    address = tab_href(tenant, "invoices", **query)
    assert inside(address) == address
