"""Differences between the request that was worked out and the one that was made, in lines a person can read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from tests.golden.model import Case
from tests.golden.tenants import Profile

_NOTHING = "(not there)"


def request_differences(
    case: Case, request: dict[str, Any], profile: Profile, *, whole_links: bool = True
) -> list[str]:
    """What is otherwise than the case says, member by member; empty if nothing is.

    Args:
        case: with the request to be.
        request: as it was made, parsed with decimals.
        profile: the case's tenant.
        whole_links: compare whole links where the case names one; else their marks, since every Autotask has its own address.
    """
    wanted, made = _plain(case.request), _readable(case, request, profile)
    if not whole_links or str(wanted.get("Url", "")).startswith("#"):
        wanted, made = _marks_only(wanted), _marks_only(made)
    return list(_differences("", wanted, made))


def total_differences(case: Case, made: dict[str, Decimal]) -> list[str]:
    """Totals that are otherwise than the case says."""
    return [
        f"{name}: wanted {wanted}, is {made[name]}"
        for name, wanted in case.totals.items()
        if made[name] != wanted
    ]


def report(case: Case, differences: list[str]) -> str:
    """A message that names the file and every difference."""
    return "\n".join([f"{case.file} ({case.title}), tenant {case.tenant}:", *differences])


def _readable(case: Case, request: dict[str, Any], profile: Profile) -> dict[str, Any]:
    """A request as the golden files write it: contacts, themes and tracking by name."""
    shown = dict(request)
    if shown.get("Contact") == {"ContactID": profile.guid("contact", case.counterpart.name)}:
        shown["Contact"] = case.counterpart.name
    themes = {profile.guid("theme", name): name for name in profile.themes}
    if "BrandingThemeID" in shown:
        shown["BrandingThemeID"] = themes.get(shown["BrandingThemeID"], shown["BrandingThemeID"])
    shown["LineItems"] = [_line(line) for line in shown.get("LineItems", [])]
    return shown


def _marks_only(request: dict[str, Any]) -> dict[str, Any]:
    """The request with the mark in the place of its link, if there is one in it."""
    _, hash_sign, mark = str(request.get("Url", "")).partition("#")
    return request | {"Url": f"#{mark}"} if hash_sign else request


def _line(line: dict[str, Any]) -> dict[str, Any]:
    if "Tracking" not in line:
        return line
    return line | {"Tracking": {pair["Name"]: pair["Option"] for pair in line["Tracking"]}}


def _plain(value: Any) -> Any:  # noqa: ANN401  # any part of a request
    """Dates as Xero writes them, texts without the line end that YAML's blocks have."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def _differences(place: str, wanted: Any, made: Any) -> Iterator[str]:  # noqa: ANN401  # any part of a request
    if isinstance(wanted, dict) and isinstance(made, dict):
        for name in list(wanted) + [name for name in made if name not in wanted]:
            inner = f"{place}.{name}" if place else str(name)
            yield from _differences(inner, wanted.get(name, _NOTHING), made.get(name, _NOTHING))
    elif isinstance(wanted, list) and isinstance(made, list):
        for index in range(max(len(wanted), len(made))):
            inner = f"{place}[{index}]"
            yield from _differences(
                inner,
                wanted[index] if index < len(wanted) else _NOTHING,
                made[index] if index < len(made) else _NOTHING,
            )
    elif wanted != made or isinstance(wanted, bool) != isinstance(made, bool):
        yield f"  {place}\n    wanted {_shown(wanted)}\n    is     {_shown(made)}"


def _shown(value: Any) -> str:  # noqa: ANN401  # any part of a request
    if value == _NOTHING:
        return _NOTHING
    return json.dumps(value, ensure_ascii=False, default=str)
