"""How an unexpected error is told in the process log: its kind and its places, never its text, which may repeat a customer's data."""

from __future__ import annotations

import traceback
from pathlib import PurePath

_PLACES = 12


def failure(error: BaseException) -> str:
    """Type of an error, and of those it came from, each with the lines of code it passed through, the last one first."""
    told: list[str] = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        frames = traceback.extract_tb(link.__traceback__)[: -_PLACES - 1 : -1]
        places = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames)
        told.append(f"{type(link).__name__} at {places or 'an unknown place'}")
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return ", caused by ".join(told)
