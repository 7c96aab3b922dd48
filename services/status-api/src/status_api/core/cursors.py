"""Opaque cursors: where a page ended, bound to the list it belongs to."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any


class BadCursorError(ValueError):
    """A text that is no cursor of this list."""


def _list_id(what: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(dict(what), sort_keys=True, default=str).encode()).hexdigest()[:12]


def make_cursor(what: Mapping[str, Any], place: Sequence[str]) -> str:
    """A cursor.

    Args:
        what: the list: filters and order. Another list refuses the cursor.
        place: sort key of the page's last item.
    """
    text = json.dumps([_list_id(what), *place], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(what: Mapping[str, Any], cursor: str, length: int) -> list[str]:
    """The place that `make_cursor` was given.

    Raises:
        BadCursorError: it is no cursor, or one of another list.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        loaded = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeError, binascii.Error, ValueError) as error:
        raise BadCursorError("this is no cursor: take next_cursor as it was given") from error
    if not isinstance(loaded, list) or not all(isinstance(part, str) for part in loaded):
        raise BadCursorError("this is no cursor: take next_cursor as it was given")
    if loaded[:1] != [_list_id(what)] or len(loaded) != length + 1:
        raise BadCursorError("this cursor belongs to a list with other filters or another order")
    return loaded[1:]
