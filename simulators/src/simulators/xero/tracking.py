"""Tracking entries of a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.xero.state import Tracked
from simulators.xero.texts import folded

if TYPE_CHECKING:
    from simulators.xero.elements import Element
    from simulators.xero.state import Category, Option, Organisation

_MAX_ENTRIES = 2


def _category(organisation: Organisation, entry: Element) -> Category | None:
    wanted_id = entry.guid("TrackingCategoryID")
    name = entry.text("Name")
    for category in organisation.categories:
        if category.status != "ACTIVE":
            continue
        if wanted_id is not None:
            if category.id == wanted_id:
                return category
        elif name is not None and folded(category.name) == folded(name):
            return category
    return None


def _option(category: Category, entry: Element) -> Option | None:
    wanted_id = entry.guid("TrackingOptionID")
    name = entry.text("Option")
    for option in category.options.values():
        if option.status != "ACTIVE":
            continue
        if wanted_id is not None:
            if option.id == wanted_id:
                return option
        elif name is not None and folded(option.name) == folded(name):
            return option
    return None


def tracked(organisation: Organisation, entries: list[Element], errors: list[str]) -> tuple[Tracked, ...]:
    """The entries, by id or by names; at most two. What Xero does with unknown (and archived) ones is open.

    The switch decides: refused, or dropped silently.
    """
    if len(entries) > _MAX_ENTRIES:
        errors.append(f"A line item can have at most {_MAX_ENTRIES} tracking categories.")
        return ()
    found = []
    for entry in entries:
        category = _category(organisation, entry)
        option = None if category is None else _option(category, entry)
        if category is not None and option is not None:
            found.append(Tracked(category.id, category.name, option.id, option.name))
        elif organisation.switches.unknown_tracking == "refuse":
            shown = f"{entry.text('Name') or ''}/{entry.text('Option') or ''}"
            errors.append(f"The tracking option '{shown}' could not be found.")
    return tuple(found)
