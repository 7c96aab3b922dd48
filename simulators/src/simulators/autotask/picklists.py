"""Picklists of a tenant: what the values of a field are called. They differ from tenant to tenant."""

from __future__ import annotations

from dataclasses import dataclass

from simulators.autotask.entities import entity
from simulators.kit.documents import BadDocumentError, as_object, check_members


@dataclass(frozen=True, slots=True)
class PicklistEntry:
    """One value's label."""

    label: str
    is_active: bool = True


Picklists = dict[tuple[str, str], dict[int | str, PicklistEntry]]


def read_picklists(document: object, where: str) -> Picklists:
    """Picklists by entity and field.

    ``{"Companies.territoryID": {"1": "North Island", "2": {"label": "Old", "isActive": false}}}``; the values are
    texts, as Autotask gives them.

    Raises:
        BadDocumentError: An unknown field, one that is no picklist, or a label that is no text.
    """
    found: Picklists = {}
    for path, values in as_object(document, where).items():
        name, _, field_name = path.partition(".")
        kind = entity(name)
        field = kind.field(field_name) if kind else None
        if kind is None or field is None or not field.picklist:
            raise BadDocumentError(f"{where}: {path} is no picklist")
        found[kind.name, field.name] = {
            value: _entry(entry, f"{where}: {path}") for value, entry in as_object(values, where).items()
        }
    return found


def _entry(value: object, where: str) -> PicklistEntry:
    members = {"label": value} if isinstance(value, str) else as_object(value, where)
    check_members(members, where, required=("label",), optional=("isActive",))
    label, is_active = members["label"], members.get("isActive", True)
    if not isinstance(label, str) or not isinstance(is_active, bool):
        raise BadDocumentError(f"{where}: a label is a text, isActive true or false")
    return PicklistEntry(label, is_active=is_active)
