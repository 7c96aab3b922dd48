"""Checks of the documents a person gives: tenants, faults, control calls."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


class BadDocumentError(ValueError):
    """A document given to the simulator is wrong; the text names the place and what is wanted."""


class UnknownTenantError(LookupError):
    """No tenant of that id is loaded."""


def as_object(value: object, where: str) -> dict[str, Any]:
    """The value as a JSON object.

    Raises:
        BadDocumentError: it is something else; `where` names the place.
    """
    if not isinstance(value, dict):
        raise BadDocumentError(f"{where}: a JSON object is wanted")
    return value


def as_list(value: object, where: str) -> list[Any]:
    """The value as a JSON array.

    Raises:
        BadDocumentError: it is something else; `where` names the place.
    """
    if not isinstance(value, list):
        raise BadDocumentError(f"{where}: a JSON array is wanted")
    return value


def check_members(
    document: Mapping[str, Any], where: str, *, required: Collection[str] = (), optional: Collection[str] = ()
) -> None:
    """Refuses unknown and missing members by name, so that a typing error is not a silent default.

    Raises:
        BadDocumentError: names every unknown or missing member.
    """
    unknown = sorted(set(document) - set(required) - set(optional))
    if unknown:
        known = ", ".join(sorted({*required, *optional}))
        raise BadDocumentError(f"{where}: unknown member {', '.join(unknown)}; known are {known}")
    missing = sorted(set(required) - set(document))
    if missing:
        raise BadDocumentError(f"{where}: member {', '.join(missing)} is missing")
