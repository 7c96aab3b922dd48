"""One suite with its dashboard for every test of this folder, one Chromium, and people of every role.

| fixture | is |
|---|---|
| `page` | a page of an admin of everything; what its browser complains of fails the test |
| `as_role("viewer")` | the same of somebody else: `admin`, `tenant-admin`, `operator`, `viewer` (all but the first of acme alone), `nobody` |
| `suite` | the running suite: simulators, `suite.status`, `suite.books`, processes to stop; leave it as you found it |
| `watch` | `watch.expect("status of 503")` allows a complaint |
| `visit`, `await_shown` | from `tests.browser.rig`: go somewhere, wait until it is there |
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from local_stack.preflight import find_chromium
from tests.browser.people import People, Role
from tests.browser.rig import Visitors, people_of, running_browser, running_pages
from tests.browser.watching import Watch
from tests.end_to_end.suite import Suite

_HERE = Path(__file__).parent
_SECONDS = 600


class AsRole(Protocol):
    """Makes a page of somebody with a role, in a browser of their own."""

    def __call__(self, role: Role | None, *, dark: bool = False, phone: bool = False) -> Page: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    marks = [pytest.mark.stack, pytest.mark.timeout(_SECONDS)]
    if find_chromium() is None:
        marks.append(pytest.mark.skip("Chromium is missing. Type: sudo apt-get install -y chromium"))
    for item in items:
        if item.path.is_relative_to(_HERE):
            for mark in marks:
                item.add_marker(mark)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture(scope="package")
def suite(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    with running_pages(Path(tmp_path_factory.mktemp("browser"))) as running:
        yield running


@pytest.fixture(scope="package")
def dashboard_url(suite: Suite) -> str:
    return suite.stack.dashboard_url


@pytest.fixture(scope="package")
def people(suite: Suite) -> People:
    return people_of(suite)


@pytest.fixture(scope="package")
def visitors(browser: Browser, people: People) -> Visitors:
    return Visitors(browser, people)


@pytest.fixture
def watch(dashboard_url: str) -> Iterator[Watch]:
    watching = Watch(dashboard_url)
    yield watching
    assert not watching.unexpected, "\n".join(["the browser complains:", *watching.unexpected])


@pytest.fixture
def as_role(visitors: Visitors, watch: Watch) -> Iterator[AsRole]:
    opened: list[BrowserContext] = []

    def make(role: Role | None, *, dark: bool = False, phone: bool = False) -> Page:
        context = visitors.context(role, dark=dark, phone=phone)
        opened.append(context)
        watch.over(context)
        return context.new_page()

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def page(as_role: AsRole) -> Page:
    return as_role("admin")
