"""What becomes of a settings document when a person changes some of it, and when two people do."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from dashboard.core.settings_form import Field, Kind, Setting
from dashboard.core.settings_form_values import Cells, Problem, from_cells, to_cells

Document = dict[str, Any]
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form now.

    Attributes:
        values: by setting, in the shape of effective settings, as far as the cells have values.
        problems: what is wrong with cells.
    """

    values: Document
    problems: tuple[Problem, ...]


def cells_of_all(settings: Mapping[str, Setting], effective: Mapping[str, Any]) -> Cells:
    """The cells of the whole form."""
    return {
        place: cell
        for name, setting in settings.items()
        for place, cell in to_cells(setting.field, effective[name], name).items()
    }


def read_draft(settings: Mapping[str, Setting], cells: Mapping[str, Any]) -> Draft:
    """What the cells of the whole form say."""
    values: Document = {}
    problems: list[Problem] = []
    for name, setting in settings.items():
        values[name], found = from_cells(setting.field, cells, name)
        problems += found
    return Draft(values, tuple(problems))


def changed_settings(
    settings: Mapping[str, Setting], saved: Mapping[str, Any], draft: Mapping[str, Any]
) -> list[str]:
    """Names of the settings that are not as they were saved."""
    return [name for name in settings if draft[name] != saved[name]]


def new_document(
    settings: Mapping[str, Setting],
    given: Mapping[str, Any],
    saved: Mapping[str, Any],
    draft: Mapping[str, Any],
) -> Document:
    """The given document with what was changed, and nothing else.

    A document names only what differs from the defaults: what a person sets back to its default is left out of it. What they
    did not touch stays as it was given, be it named or not.

    Args:
        settings: the form.
        given: the document as it was read.
        saved: the same with every default.
        draft: what the form says, in that shape.
    """
    document = deepcopy(dict(given))
    for name, setting in settings.items():
        _put(setting.field, document, saved[name], draft[name])
    return document


def _put(field: Field, holder: Document, saved: object, draft: object) -> None:
    """Give a member of a document the draft's value, if that is not what was saved."""
    if draft == saved:
        return
    if field.kind is Kind.GROUP and isinstance(saved, Mapping) and isinstance(draft, Mapping):
        inner = deepcopy(holder.get(field.name, {}))
        for part in field.parts:
            _put(part, inner, saved[part.name], draft[part.name])
        holder[field.name] = inner
    else:
        holder[field.name] = _slim(field, draft)
    if holder[field.name] == field.default:
        del holder[field.name]


def _slim(field: Field, value: Any) -> Any:  # noqa: ANN401  # any JSON value
    """Entries of a list without members that only repeat their defaults."""
    if field.kind is not Kind.RECORDS:
        return value
    return [
        {part.name: row[part.name] for part in field.parts if part.required or row[part.name] != part.default}
        for row in value
    ]


def merge(
    settings: Mapping[str, Setting],
    base: Mapping[str, Any],
    theirs: Mapping[str, Any],
    mine: Mapping[str, Any],
    *,
    prefer_theirs: bool = False,
) -> Document:
    """Both changes of the same settings: what only one of two people changed is as that one wants it.

    Args:
        settings: the form.
        base: what both began with; like all of them with every default.
        theirs: as somebody else saved it meanwhile.
        mine: as it stands in the form.
        prefer_theirs: who wins where both changed the same.
    """
    return {
        name: _merged(setting.field, base[name], theirs[name], mine[name], prefer_theirs=prefer_theirs)
        for name, setting in settings.items()
    }


def _merged(field: Field, base: Any, theirs: Any, mine: Any, *, prefer_theirs: bool) -> Any:  # noqa: ANN401  # any JSON value
    if field.kind is Kind.GROUP:
        return {
            part.name: _merged(
                part, base[part.name], theirs[part.name], mine[part.name], prefer_theirs=prefer_theirs
            )
            for part in field.parts
        }
    if field.kind is Kind.MAP:
        keys = dict.fromkeys([*theirs, *mine])
        chosen = {
            key: _chosen(
                *(each.get(key, _ABSENT) for each in (base, theirs, mine)), prefer_theirs=prefer_theirs
            )
            for key in keys
        }
        return {key: value for key, value in chosen.items() if value is not _ABSENT}
    return _chosen(base, theirs, mine, prefer_theirs=prefer_theirs)


def _chosen(base: object, theirs: object, mine: object, *, prefer_theirs: bool) -> object:
    if mine == base:
        return theirs
    return theirs if prefer_theirs and theirs != base else mine
