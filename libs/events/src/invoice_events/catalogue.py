"""The fault catalogue: one data file that code, API, docs and page read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from invoice_events.evidence import Provider, Rule, rule_of

Side = Literal["autotask", "xero", "us"]
Trouble = Literal["down", "throttled", "refused"]


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One kind of fault.

    Attributes:
        code: stable name, used in events, metrics and the API.
        side: whose fault it usually is.
        either_side: whether the other provider can be meant as well; the event or the connection then names the side.
        connection: what the tenant's connection becomes by it; None if it is about one document. A class with a
            connection is an outage: documents wait as Pending Sync, and it is no fault of theirs.
        text: the words users know it by.
        aliases: other words for it. The same words can stand at several codes.
        remedy: what to do, in sentences that a finance person can follow.
        retry_can_help: whether a resync can succeed once the remedy was followed.
        heals_by_itself: whether it is expected to pass without anybody doing anything.
        strike: whether it counts towards the three tries.
        final: whether it ends the tries at once.
        found_by: who finds it if no answer of a provider shows it; empty if only answers do.
        match: rules that answers are recognised by, of each provider.
    """

    code: str
    side: Side
    either_side: bool
    connection: Trouble | None
    text: str
    aliases: tuple[str, ...]
    remedy: str
    retry_can_help: bool
    heals_by_itself: bool
    strike: bool
    final: bool
    found_by: str
    match: Mapping[Provider, tuple[Rule, ...]]


@cache
def catalogue() -> dict[str, CatalogueEntry]:
    """Every known fault, by code."""
    text = resources.files("invoice_events").joinpath("fault_catalogue.json").read_text("utf-8")
    return {item["code"]: _entry(item) for item in json.loads(text)}


def fault(code: str) -> CatalogueEntry:
    """The entry of a code.

    Raises:
        KeyError: the code is not in the catalogue; every code that is published has to be.
    """
    return catalogue()[code]


def _entry(item: dict[str, Any]) -> CatalogueEntry:
    """An entry as the file has it. What most entries have in common is left out there."""
    usual = {
        "either_side": False,
        "connection": None,
        "aliases": (),
        "heals_by_itself": False,
        "strike": True,
        "final": False,
        "found_by": "",
    }
    match = {side: tuple(rule_of(one) for one in rules) for side, rules in item.get("match", {}).items()}
    return CatalogueEntry(**usual | item | {"aliases": tuple(item.get("aliases", ())), "match": match})
