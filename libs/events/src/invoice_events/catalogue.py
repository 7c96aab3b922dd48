"""The fault catalogue: one data file that code, API, docs and page read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

Side = Literal["autotask", "xero", "us"]


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One kind of fault.

    Attributes:
        code: stable name, used in events, metrics and the API.
        side: whose fault it usually is.
        text: the words users know it by.
        remedy: what to do, in a sentence that a finance person can follow.
        retry_can_help: whether trying again without a change can succeed.
    """

    code: str
    side: Side
    text: str
    remedy: str
    retry_can_help: bool


@cache
def catalogue() -> dict[str, CatalogueEntry]:
    """Every known fault, by code."""
    text = resources.files("invoice_events").joinpath("fault_catalogue.json").read_text("utf-8")
    return {item["code"]: CatalogueEntry(**item) for item in json.loads(text)}


def fault(code: str) -> CatalogueEntry:
    """The entry of a code.

    Raises:
        KeyError: the code is not in the catalogue; every code that is published has to be.
    """
    return catalogue()[code]
