"""Lists that come in pages, and the tables that are sent as data."""

from __future__ import annotations

import json
from typing import Any

from dashboard.api.connection import Answer, Connection, StatusApi
from dashboard.api.lists import gather
from dashboard.components.drawn import Cell, drawn


class Paged(StatusApi):
    """A list of numbers in pages of three."""

    def __init__(self, count: int) -> None:
        super().__init__(Connection("http://nowhere.invalid"), None, None)
        self.count = count
        self.asked: list[dict[str, Any]] = []

    def call(self, method: str, path: str, **more: Any) -> Answer:  # noqa: ANN401  # as its parent
        assert (method, path) == ("GET", "/list")
        query = dict(more["query"])
        self.asked.append(query)
        start = int(query.get("cursor") or 0)
        end = min(start + 3, self.count)
        body = {
            "items": [{"n": number} for number in range(start, end)],
            "next_cursor": str(end) if end < self.count else None,
        }
        return Answer(body, None, 200)


def test_all_pages_are_read() -> None:
    api = Paged(8)
    found = gather(api, "/list", {"tenant": "acme"})
    assert [each["n"] for each in found.items] == list(range(8))
    assert found.next_cursor is None
    assert {query["tenant"] for query in api.asked} == {"acme"}


def test_nothing_is_left_out_between_what_is_shown_and_where_it_goes_on() -> None:
    first = gather(Paged(20), "/list", fits=lambda each: bool(each["n"] % 2), enough=2)
    assert [each["n"] for each in first.items] == [1, 3, 5]
    assert first.next_cursor == "6"
    rest = gather(Paged(20), "/list", {"cursor": first.next_cursor}, fits=lambda each: bool(each["n"] % 2))
    assert [each["n"] for each in rest.items] == [7, 9, 11, 13, 15, 17, 19]


def test_one_answer_does_not_read_without_end() -> None:
    api = Paged(10_000)
    found = gather(api, "/list", fits=lambda _: False, enough=1)
    assert found.items == []
    assert found.next_cursor is not None
    assert len(api.asked) < 100


def test_a_table_carries_foreign_text_as_data() -> None:
    odd = '</div><script>"&\N{SNOWMAN}'
    place = drawn("Odd", ("What", ""), [[Cell(odd, href="/x"), Cell(button="End", does={"data-asks": "q"})]])
    told = json.loads(getattr(place, "data-drawn"))
    assert told["rows"] == [
        [{"text": odd, "href": "/x"}, {"button": "End", "does": {"data-asks": "q"}}],
    ]
    assert getattr(place, "children", None) is None
