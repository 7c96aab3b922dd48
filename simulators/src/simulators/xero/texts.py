"""Comparing texts as Xero's filters do: case and accents do not count."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """The text without case and accents, for comparing only."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
