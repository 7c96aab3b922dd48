from __future__ import annotations

import pytest

from status_api.server.bodies import BadJsonError, read_json, wrong_with_text


@pytest.mark.parametrize(
    "raw", [b"null", b"[]", b'{"a": [1, -2.5, true, null, "\xc3\xa9"]}', b"[" * 30 + b"]" * 30]
)
def test_no_ordinary_json_is_refused(raw: bytes) -> None:
    read_json(raw)


@pytest.mark.parametrize(
    ("raw", "place", "words"),
    [
        (b"", "body", "no JSON"),
        (b"{} {}", "body", "no JSON"),
        (b"\xff", "body", "UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "body", "UTF-8"),
        (b"NaN", "body", "NaN"),
        (b"[-Infinity]", "body", "Infinity"),
        (b"1e999", "body", "larger"),
        (b"9" * 41, "body", "larger"),
        (b"0." + b"3" * 60, "body", "longer"),
        (b'{"a": 1, "b": 2, "a": 3}', "body", "'a' is there more than once"),
        (b"[" * 40 + b"]" * 40, "body", "deep"),
        (b"[" * 100_000, "body", "deep"),
        (b'{"a": {"b": ["x", "y\\u0000"]}}', "a.b.1", "NUL"),
        (b'{"a": "\\ud83d"}', "a", "half of a character"),
        (b'{"a": {"\\udc00": 1}}', "a", "half of a character"),
        (b'{"a": [' + b"1," * 1_000 + b"1]}", "a", "1,001 items"),
        (b'{"a": [' + b",".join([b"[" + b"1," * 900 + b"1]"] * 60) + b"]}", "body", "50,000 values"),
    ],
)
def test_no_json_gets_through_that_nobody_could_mean(raw: bytes, place: str, words: str) -> None:
    with pytest.raises(BadJsonError) as refused:
        read_json(raw)
    assert refused.value.place == place
    assert words in str(refused.value)


def test_a_character_of_two_halves_is_one() -> None:
    assert read_json(b'"\\ud83d\\ude00"') == "😀"
    assert wrong_with_text("😀 <b>& % ' \" \\") is None


@pytest.mark.timeout(60)
def test_a_repeated_member_among_very_many_is_found_in_one_pass() -> None:
    members = ",".join(f'"{number}":0' for number in range(200_000))
    with pytest.raises(BadJsonError, match="'199999' is there more than once"):
        read_json(f'{{{members},"199999":0}}'.encode())
