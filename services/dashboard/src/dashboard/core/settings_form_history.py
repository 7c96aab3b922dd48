"""The history of settings: each version against the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from dashboard.core.settings_form import Setting
from dashboard.core.settings_form_changes import Change, differences
from dashboard.core.settings_form_reference import Reference
from invoice_events.settings import effective_settings

Json = dict[str, Any]
_STATES = {"active": "Active", "paused": "Paused"}


@dataclass(frozen=True, slots=True)
class Version:
    """One entry of the history.

    Attributes:
        entry: as status-api has it.
        changes: what differs from the version before; of the first version, from the defaults.
        is_first: whether there is none before.
    """

    entry: Json
    changes: tuple[Change, ...]
    is_first: bool


def versions(
    settings: Mapping[str, Setting],
    carried: Json | None,
    items: list[Json],
    reference: Reference,
    *,
    is_end: bool,
) -> tuple[list[Version], Json | None]:
    """What can be told of a page of the history, newest first.

    Args:
        settings: the form.
        carried: the last entry of the page before, which waited for the one before it.
        items: the entries of this page.
        reference: names in Xero.
        is_end: whether nothing comes after this page.

    Returns:
        Entries with their changes, and the one that waits for the next page.
    """
    entries = [*([carried] if carried else []), *items]
    told = [
        Version(entry, _changes(settings, before, entry, reference), is_first=False)
        for entry, before in pairwise(entries)
    ]
    if not entries or not is_end:
        return told, entries[-1] if entries else None
    first = Version(entries[-1], _changes(settings, None, entries[-1], reference), is_first=True)
    return [*told, first], None


def _changes(
    settings: Mapping[str, Setting], before: Json | None, entry: Json, reference: Reference
) -> tuple[Change, ...]:
    old = effective_settings(before["settings"] if before else {})
    found = differences(settings, old, effective_settings(entry["settings"]), reference)
    around = [
        Change("", title, words(before[name]), words(entry[name]))
        for name, title, words in (("state", "Engine", _state), ("name", "Name of the tenant", str))
        if before is not None and before[name] != entry[name]
    ]
    return (*around, *found)


def _state(state: str) -> str:
    return _STATES.get(state, state)
