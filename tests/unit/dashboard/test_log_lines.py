"""Sync Logs: which lines an address asks for, and what somebody may type as an Autotask ID."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from dashboard.core.addresses import read_address
from dashboard.core.log_lines import PAGE_SIZE, Wanted, details, read_id

PATH = "/t/acme/sync/sync-logs"


def of(search: str) -> Wanted:
    return Wanted.of_address(read_address(PATH, search))


@pytest.mark.parametrize("kind", ["invoice", "purchase_order"])
def test_an_address_brings_back_lines_and_page(kind: str) -> None:
    wanted = Wanted(
        kind=kind,
        document_id="48213",
        since="2026-05-04T00:00:00Z",
        before="2026-05-05T00:00:00Z",
        level="error",
        text="a & b",
        cursor="abc",
    )
    assert of("?" + urlencode(wanted.shown())) == wanted
    assert wanted.query()["limit"] == PAGE_SIZE


@pytest.mark.parametrize(
    "search", ["?invoice=INV:48213", "?invoice=x", "?level=loud", "?from=2026-05-04", "?before=soon"]
)
def test_what_can_not_be_is_left_out(search: str) -> None:
    assert of(search) == Wanted()


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("48213", ("invoice", "48213")),
        (" inv:48213 ", ("invoice", "48213")),
        ("PO:771", ("purchase_order", "771")),
        ("771x", None),
        ("9" * 20, None),
    ],
)
def test_an_id_may_be_typed_as_it_stands_in_xero(typed: str, read: tuple[str, str] | None) -> None:
    assert read_id(typed, "invoice") == read


def test_new_lines_belong_only_to_the_newest_page_that_has_no_end() -> None:
    assert Wanted(document_id="48213", since="2026-05-04T00:00:00Z").is_live
    assert not Wanted(before="2026-05-05T00:00:00Z").is_live
    assert not Wanted(cursor="abc").is_live
    assert Wanted(cursor="abc").newest() == Wanted()


def test_the_file_has_all_pages_of_what_is_shown() -> None:
    wanted = Wanted(document_id="48213", level="error", cursor="abc")
    assert wanted.file_href("acme") == "/files/acme/logs.csv?invoice=48213&level=error"
    assert wanted.is_narrowed
    assert not Wanted(cursor="abc").is_narrowed


def test_details_are_what_the_line_does_not_say() -> None:
    line = {"fields": {"code": "TAX"}, "revision": 7, "trace_id": None, "event_id": "e"}
    assert details(line) == {"code": "TAX", "revision": "7", "event_id": "e"}
