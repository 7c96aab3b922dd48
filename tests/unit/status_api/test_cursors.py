from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from status_api.core.cursors import BadCursorError, make_cursor, read_cursor


@given(st.dictionaries(st.text(), st.text()), st.lists(st.text(), min_size=1, max_size=3))
def test_no_place_is_lost_in_a_cursor(what: dict[str, str], place: list[str]) -> None:
    assert read_cursor(what, make_cursor(what, place), len(place)) == place


@given(st.text())
def test_no_text_makes_reading_a_cursor_fail_otherwise(text: str) -> None:
    with pytest.raises(BadCursorError):
        read_cursor({}, text, 1)


def test_a_cursor_of_another_list_is_refused() -> None:
    cursor = make_cursor({"text": "a"}, ["1"])
    with pytest.raises(BadCursorError, match="another order"):
        read_cursor({"text": "b"}, cursor, 1)
    with pytest.raises(BadCursorError):
        read_cursor({"text": "a"}, cursor, 2)
