"""What a list is asked for: whatever stands in an address or in the browser's store."""

from __future__ import annotations

import pytest

from dashboard.core.addresses import read_address
from dashboard.core.listing import Wanted, range_words, total_of

COUNTS = {"Pending Sync": 3, "Processing Now": 0, "Complete": 52_000, "Fault": 7}


def wanted(search: str) -> Wanted:
    return Wanted.of_address(read_address("/t/acme/sync/invoices", search))


def test_an_address_is_restored_whole() -> None:
    found = wanted(
        "?text=harbour&status=Skipped&status=Fault&from=2026-05-01&to=2026-05-31&cause=NO_LINES&sort=-date&page=3&after=abc"
    )
    assert found == Wanted(
        text="harbour",
        statuses=("Fault", "Skipped"),
        first="2026-05-01",
        last="2026-05-31",
        cause="NO_LINES",
        sort="-date",
        after="abc",
        page=3,
    )
    assert Wanted.of_store(found.for_store()) == found


@pytest.mark.parametrize(
    "search",
    ["", "?status=Broken", "?sort=-total", "?from=tomorrow&to=2026-13-01", "?page=7", "?page=0&after="],
)
def test_what_can_not_be_asked_for_is_left_out(search: str) -> None:
    assert wanted(search) == Wanted()


@pytest.mark.parametrize("page", ["", "0", "-1", "many", "99999999999"])
def test_a_page_that_is_no_number_is_at_least_not_the_first_one(page: str) -> None:
    assert wanted(f"?after=abc&page={page}").page == 2


def test_a_long_text_is_cut_to_what_the_server_takes() -> None:
    assert len(wanted("?text=" + "x" * 500).text) == 200


def test_the_server_is_asked_by_its_own_names() -> None:
    asked = wanted("?status=Fault&from=2026-05-01&after=abc&page=2").query()
    assert asked == {
        "text": "",
        "status": ["Fault"],
        "from": "2026-05-01",
        "to": "",
        "cause": "",
        "sort": "-changed",
        "cursor": "abc",
        "limit": 500,
    }


def test_a_file_has_every_page_of_what_is_shown() -> None:
    link = wanted("?text=a%26b&status=Fault&status=Skipped&after=abc&page=2").file_href(
        "acme", "invoices.csv"
    )
    assert link == "/files/acme/invoices.csv?text=a%26b&status=Fault&status=Skipped&sort=-changed"


@pytest.mark.parametrize(
    ("text", "asked"),
    [("48213", "48213"), ("0", None), ("INV-48213", None), ("48 213", None), ("", None), ("9" * 19, None)],
)
def test_only_what_can_be_an_autotask_id_is_asked_about(text: str, asked: str | None) -> None:
    assert Wanted(text=text).id_asked == asked


def test_the_total_is_told_only_where_the_counts_know_it() -> None:
    assert total_of(Wanted(), COUNTS) == 52_010
    assert total_of(Wanted(statuses=("Fault", "Pending Sync")), COUNTS) == 10
    assert total_of(Wanted(text="harbour"), COUNTS) is None
    assert total_of(Wanted(cause="NO_LINES"), COUNTS) is None


@pytest.mark.parametrize(
    ("page", "shown", "more", "total", "words"),
    [
        (1, 0, False, None, "No invoices"),
        (1, 1, False, 1, "1 invoice, last change first"),
        (1, 138, False, 138, "138 invoices, last change first"),
        (1, 500, True, 52_010, "1 to 500 of 52,010 invoices, last change first"),
        (1, 500, True, None, "1 to 500 of over 500 invoices, last change first"),
        (2, 500, True, 52_010, "501 to 1,000 of 52,010 invoices, last change first"),
        (3, 12, False, None, "1,001 to 1,012 of 1,012 invoices, last change first"),
        (9, 500, True, 7, "4,001 to 4,500 of over 4,500 invoices, last change first"),
    ],
)
def test_a_page_says_which_part_of_the_list_it_is(
    page: int, shown: int, *, more: bool, total: int | None, words: str
) -> None:
    asked = Wanted(page=page, after="abc" if page > 1 else "")
    assert range_words(asked, shown, more=more, total=total, kind="invoice") == words
