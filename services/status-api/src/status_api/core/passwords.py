"""What may be a password, and in which form it is hashed."""

from __future__ import annotations

import unicodedata

SHORTEST = 12
LONGEST = 1000
_LONGEST_UNCOMPOSED = 4 * LONGEST
"""Of a text before it is composed: composing takes a time that grows with the square of the marks on one letter."""


class BadPasswordError(ValueError):
    """A text that may not be a password. The message never repeats it."""


def canonical(password: str) -> str:
    """The password as it is hashed: in Unicode's composed form (NFC).

    The same key presses arrive composed from one keyboard and decomposed from another; without this a person with `é` in the
    password could sign in on one machine only. NFC never merges characters that look different, as NFKC would, so nothing gets
    weaker. Nothing else is changed: blanks at the ends, `<`, `%`, `&` and emoji are part of the password.
    """
    return unicodedata.normalize("NFC", password)


def new_password(password: str) -> str:
    """A password that somebody chooses, in the form that is hashed.

    There are no rules of composition: length is what resists guessing.

    Raises:
        BadPasswordError: it is shorter or longer than may be, or no text that can be encoded.
    """
    if is_far_too_long(password):
        raise BadPasswordError(f"has {len(password)} characters, wanted at most {LONGEST}")
    chosen = canonical(password)
    if len(chosen) < SHORTEST:
        raise BadPasswordError(f"has {len(chosen)} characters, wanted at least {SHORTEST}")
    if len(chosen) > LONGEST:
        raise BadPasswordError(f"has {len(chosen)} characters, wanted at most {LONGEST}")
    if not is_encodable(chosen):
        raise BadPasswordError("holds half of a character, wanted text")
    return chosen


def is_far_too_long(password: str) -> bool:
    """Whether a text can not be a password in any form, so that it is not worth composing."""
    return len(password) > _LONGEST_UNCOMPOSED


def is_encodable(text: str) -> bool:
    """Whether a text has no lone surrogate, which JSON can carry and UTF-8 can not."""
    return not any(unicodedata.category(character) == "Cs" for character in text)
