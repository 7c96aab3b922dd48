"""Which alerts are still told when the inhibition rules of the Alertmanager example have been applied."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ALERTMANAGER = Path(__file__).parent / "alertmanager.example.yml"
Labels = Mapping[str, str]

_MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')


def inhibit_rules() -> Sequence[Mapping[str, Any]]:
    """Those of the example."""
    rules: list[dict[str, Any]] = yaml.safe_load(ALERTMANAGER.read_text("utf-8"))["inhibit_rules"]
    return rules


def told(firing: Sequence[Labels]) -> list[Labels]:
    """What is left of firing alerts. A muted alert mutes others all the same, as in Alertmanager."""
    return [
        target
        for target in firing
        if not any(_mutes(rule, source, target) for rule in inhibit_rules() for source in firing)
    ]


def _mutes(rule: Mapping[str, Any], source: Labels, target: Labels) -> bool:
    return (
        source is not target
        and matches(rule["source_matchers"], source)
        and matches(rule["target_matchers"], target)
        and all(source.get(name, "") == target.get(name, "") for name in rule.get("equal", []))
    )


def matches(matchers: Sequence[str], alert: Labels) -> bool:
    """Whether an alert has all that matchers ask for. A label that it lacks counts as empty.

    Raises:
        ValueError: a matcher can not be read.
    """
    return all(_holds(matcher, alert) for matcher in matchers)


def _holds(matcher: str, alert: Labels) -> bool:
    found = _MATCHER.fullmatch(matcher)
    if found is None:
        raise ValueError(f"{matcher} is no matcher")
    name, how, wanted = found.groups()
    has = alert.get(name, "")
    equal = bool(re.fullmatch(wanted, has)) if "~" in how else has == wanted
    return equal != how.startswith("!")
