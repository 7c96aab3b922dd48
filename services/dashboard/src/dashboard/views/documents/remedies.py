"""What to do about a fault, from status-api's catalogue."""

from __future__ import annotations

from dashboard.api.connection import Json, StatusApi, below

_entries: dict[
    str, Json
] = {}  # never changes while a release of status-api runs; a code of a newer one is asked for


def remedy_of(api: StatusApi, code: str | None) -> Json | None:
    """The catalogue's entry of a fault; None of what is no fault."""
    if code is None or not code.isupper():
        return None
    if code not in _entries:
        _entries.update({entry["code"]: entry for entry in api.get(below("catalogue"))["items"]})
    return _entries.get(code)
