"""Texts as Xero takes them: no control characters, never empty, never over its limits, nothing cut from a description."""

from __future__ import annotations

import re

DESCRIPTION_LIMIT = 4000
REFERENCE_LIMIT = 255

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What XML can not carry or no font shows; tab and line feed stay."""

_SEEN = re.compile(
    "[^\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""A character that shows: neither a blank nor one that Unicode has programs ignore when they draw a text."""

_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85")
_SPACES = re.compile(r"\s+")
_LOOK_BACK = 400  # how far from the limit a blank is looked for before a word is cut in two


def clean(text: str) -> str:
    """The text without control characters and outer blanks; line ends become line feeds, other control characters blanks.

    Empty if there is nothing to see in it.
    """
    if text.isprintable():
        return _seen(text.strip())
    return _seen(_CONTROL.sub(" ", _LINE_ENDS.sub("\n", text)).strip())


def _seen(text: str) -> str:
    """The text; empty if none of its characters shows, as Xero would print nothing."""
    return text if text.isascii() or _SEEN.search(text) else ""


def one_line(text: str) -> str:
    """The cleaned text with every run of blanks and line ends as one blank."""
    if (
        text.isprintable() and "  " not in text
    ):  # so nearly every name; of blanks only the plain one is printable
        return _seen(text.strip())
    return _SPACES.sub(" ", clean(text)).strip()


def units(text: str) -> int:
    """Length as Xero is assumed to count it: UTF-16 code units, the larger of the two usual counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """The text, or as much of its beginning as fits, with an ellipsis."""
    if units(text) <= limit:
        return text
    return text[: _fitting(text, limit - 1)].rstrip() + "…"


def pieces(text: str, limit: int = DESCRIPTION_LIMIT) -> list[str]:
    """The text in pieces of at most `limit` units, broken at line ends or blanks where there are any near the limit.

    Joined together the pieces are the text again, less pieces in which nothing would be seen.
    """
    if units(text) <= limit:
        return [text]
    found = []
    while text:
        end = _fitting(text, limit)
        if end < len(text):
            end = _nice_end(text, end)
        piece, text = text[:end], text[end:]
        if _seen(piece.strip()):
            found.append(piece)
    return found


def _fitting(text: str, limit: int) -> int:
    """Largest number of characters whose units fit."""
    end = min(len(text), limit)
    while (over := units(text[:end]) - limit) > 0:
        end -= max(1, over // 2)
    return end


def _nice_end(text: str, end: int) -> int:
    """Just behind the last line end, else the last blank, near the end; the end itself if there is neither."""
    start = max(1, end - _LOOK_BACK)
    for blank in ("\n", " "):
        at = text.rfind(blank, start, end)
        if at >= 0:
            return at + 1
    return end
