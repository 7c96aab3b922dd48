from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper.core.texts import DESCRIPTION_LIMIT, clean, cut, one_line, pieces, units

long_texts = st.builds(
    lambda words, glue, times: glue.join(words) * times,
    st.lists(st.text(max_size=60), max_size=30),
    st.sampled_from(["", " ", "\n"]),
    st.integers(1, 12),
)


def seen(text: str) -> str:
    """The characters that show."""
    return "".join(character for character in text if clean(character))


@given(long_texts)
def test_no_text_is_cut_and_no_piece_is_too_long_or_blank(text: str) -> None:
    cleaned = clean(text)
    if not cleaned:
        return
    found = pieces(cleaned, 100)
    assert all(units(piece) <= 100 and clean(piece) for piece in found)
    assert seen("".join(found)) == seen(cleaned)


def test_a_text_breaks_at_a_line_end_or_between_words_if_it_can() -> None:
    words = " ".join(["word"] * 1000)  # 4,999 characters
    first, second = pieces(words)
    assert first.endswith("word ")
    assert first + second == words
    lines = "\n".join(["a line of text"] * 400)
    assert all(piece.startswith("a line") for piece in pieces(lines))


def test_a_text_without_blanks_is_broken_at_the_limit() -> None:
    found = pieces("x" * 9000)
    assert [len(piece) for piece in found] == [DESCRIPTION_LIMIT, DESCRIPTION_LIMIT, 1000]


def test_characters_that_count_twice_are_counted_twice() -> None:
    smiles = "\N{SLIGHTLY SMILING FACE}" * 3000
    found = pieces(smiles)
    assert "".join(found) == smiles
    assert all(units(piece) <= DESCRIPTION_LIMIT for piece in found)
    assert units(cut(smiles, 255)) <= 255


def test_control_characters_never_reach_xero_and_words_stay_apart() -> None:
    assert clean("a\x00b\x0bc\x1fd\x7fe") == "a b c d e"
    assert clean("one\r\ntwo\rthree\u2028four") == "one\ntwo\nthree\nfour"
    assert clean("  <b>Ada & Söhne</b>\t") == "<b>Ada & Söhne</b>"
    assert clean("\x00 \n") == ""
    assert one_line(" a \n\t b ") == "a b"


INVISIBLE = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u180e\u200b\u200c\u200d\u200e\u202e\u2060\u2064\u206f\u2800\u3164\ufe0f\ufeff\uffa0\ufff9\U000e0001\U000e0100\U0001d173"


@given(st.text(st.sampled_from(INVISIBLE + " \t\n\x00\u00a0"), max_size=12))
def test_a_text_that_nobody_can_see_is_empty(text: str) -> None:
    assert clean(text) == ""
    assert one_line(text) == ""


@pytest.mark.parametrize("character", INVISIBLE)
def test_no_character_of_a_text_that_can_be_seen_is_lost(character: str) -> None:
    text = f"a{character}b"
    assert clean(text) == text
    assert one_line(text) == text


def test_no_piece_is_without_anything_to_see() -> None:
    assert pieces("x" * 100 + "\u200b" * 150 + "y", 100) == ["x" * 100, "\u200b" * 50 + "y"]


@given(st.text())
def test_cleaning_leaves_only_what_xml_can_carry(text: str) -> None:
    cleaned = clean(text)
    assert not re.search("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]", cleaned)
    assert cleaned == cleaned.strip()
    assert clean(cleaned) == cleaned


@given(st.text(st.sampled_from("ab \t\n\u00a0\u2003\x00é"), max_size=12))
def test_no_run_of_blanks_survives_in_one_line_whichever_way_is_taken(text: str) -> None:
    assert one_line(text) == re.sub(r"\s+", " ", clean(text)).strip()
