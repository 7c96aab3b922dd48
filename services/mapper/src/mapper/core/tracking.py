"""Tracking of a line: which option of each Xero tracking category, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from invoice_events.settings import TrackingRule
from invoice_events.types import Tracking, XeroReference, XeroTrackingCategory
from mapper.core.problems import Problem, problem

Source = Literal["territory", "line_of_business", "account"]
_ACTIVE = "ACTIVE"
_WORDS: dict[Source, str] = {
    "territory": "territory",
    "line_of_business": "line of business",
    "account": "account",
}


class Category(NamedTuple):
    """A Xero tracking category that lines carry, ready for look-ups; texts are looked up regardless of case and outer blanks.

    Attributes:
        name: as Xero spells it.
        source: what of the line or its company decides.
        listed: option by value, as the settings list them.
        options: active options as Xero spells them.
        default: option where neither helps, None: the line carries none.
    """

    name: str
    source: Source
    listed: dict[str, str]
    options: dict[str, str]
    default: str | None


class Tracked(NamedTuple):
    """What a line carries, and why in words, one part for each category."""

    pairs: tuple[Tracking, ...]
    why: str


UNTRACKED = Tracked((), "")


def prepare_tracking(
    rules: Sequence[TrackingRule], reference: XeroReference
) -> tuple[Category, ...] | Problem:
    """The settings' categories as Xero has them; a fault if it lacks one, since every line would miss it."""
    categories = []
    refusals = []
    for rule in rules:
        found = _category(rule["category"], reference["tracking_categories"])
        if isinstance(found, str):
            refusals.append(found)
            continue
        listed: dict[str, str] = {}
        for value, option in rule["options"].items():
            listed.setdefault(_key(value), option)
        categories.append(Category(found["name"], rule["source"], listed, _options(found), rule["default"]))
    return problem("TRACKING_INVALID", *refusals) if refusals else tuple(categories)


def _category(name: str, known: Sequence[XeroTrackingCategory]) -> XeroTrackingCategory | str:
    """The active category of this name, exactly or but for case, whatever the blanks around it; else why there is none."""
    alike = [each for each in known if _key(each["name"]) == _key(name)]
    active = [each for each in alike if each["status"] == _ACTIVE]
    if not active:
        why = f"it is {alike[0]['status']}" if alike else "this Xero organisation has no such category"
        return f"tracking category {name}: {why}, wanted an active one"
    return next((each for each in active if each["name"].strip() == name.strip()), active[0])


def _options(category: XeroTrackingCategory) -> dict[str, str]:
    options: dict[str, str] = {}
    for option in category["options"]:
        if option["status"] == _ACTIVE:
            options.setdefault(_key(option["name"]), option["name"])
    return options


def _key(text: str) -> str:
    return text.strip().casefold()


def choose_tracking(
    line_id: int, categories: Sequence[Category], values: dict[Source, str | None]
) -> Tracked | list[Problem]:
    """The options of a line: as listed for the value, else of the value's own name, else the default, else none.

    Args:
        line_id: Autotask's id of the line, for the words.
        categories: the tenant's categories.
        values: what the line has of each source; None or empty if it has nothing.
    """
    pairs: list[Tracking] = []
    reasons: list[str] = []
    problems: list[Problem] = []
    for category in categories:
        value = (values[category.source] or "").strip()
        wanted = category.listed.get(_key(value)) if value else None
        why = f"by {_WORDS[category.source]} {value}"
        if wanted is None and value:
            wanted = category.options.get(_key(value))
        if wanted is None:
            wanted, why = category.default, "by default"
        if wanted is None:
            continue
        option = category.options.get(_key(wanted))
        if option is None:
            problems.append(
                problem(
                    "TRACKING_INVALID",
                    f"line {line_id}: {category.name} = {wanted} {why}, but this Xero organisation has no such active option",
                )
            )
            continue
        pairs.append({"name": category.name, "option": option})
        reasons.append(f"; {category.name} = {option} {why}")
    return problems or Tracked(tuple(pairs), "".join(reasons))
