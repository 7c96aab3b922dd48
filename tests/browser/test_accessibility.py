"""No view keeps anybody out: axe-core finds nothing serious, headings are in order, and the keyboard reaches everything."""

from __future__ import annotations

import itertools

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import findings
from tests.browser.conftest import AsRole
from tests.browser.views import VIEWS, View
from tests.end_to_end.suite import Suite

_LEVELS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
    .filter(each => each.checkVisibility())
    .map(each => Number(each.tagName[1]))"""
_OUT_OF_REACH = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, [role=button], [role=tab]")]
    .filter(each => each.checkVisibility() && !each.disabled && each.tabIndex < 0)
    .filter(each => !each.closest("[role=tablist], [role=radiogroup], [role=grid], [role=treegrid], [aria-hidden=true], [inert]"))
    .map(each => each.outerHTML.slice(0, 160))"""


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_no_view_keeps_anybody_out_in_either_theme(as_role: AsRole, suite: Suite, view: View) -> None:
    page = as_role(view.role)
    view.open(page, suite.books)
    assert not (found := findings(page)), "\n".join(found)
    levels = page.evaluate(_LEVELS)
    assert levels.count(1) <= 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels
    assert page.evaluate(_OUT_OF_REACH) == []
    page.emulate_media(color_scheme="dark")
    if view.role is not None:
        expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    assert not (found := findings(page)), "\n".join(found)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_no_view_is_wider_than_a_phone(as_role: AsRole, suite: Suite, view: View) -> None:
    page = as_role(view.role, phone=True)
    view.open(page, suite.books)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
