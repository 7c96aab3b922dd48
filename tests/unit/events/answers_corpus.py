"""The corpus of provider answers in `corpus/`, one file per provider, and the comparison that every classification goes through."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from invoice_events.evidence import Provider

_FOLDER = Path(__file__).parent / "corpus"


@dataclass(frozen=True, slots=True)
class Case:
    """One answer of a provider.

    Attributes:
        name: what it shows.
        code: of the catalogue; None if the answer is a success.
        status: of HTTP; None if there was no answer, only `words`.
        content: the body.
        in_body: whether the body alone shows the class, so that words made from it can be classified again.
        identity: whether it comes from Xero's identity server instead of its API.
    """

    name: str
    code: str | None
    status: int | None
    headers: dict[str, str]
    content: bytes
    words: str
    in_body: bool
    identity: bool


def corpus(provider: Provider) -> list[Case]:
    """Every case of a provider."""
    loaded = yaml.safe_load((_FOLDER / f"{provider}.yaml").read_text("utf-8"))
    return [_case(item) for item in loaded]


def answers(provider: Provider) -> list[Case]:
    """The cases with an answer."""
    return [case for case in corpus(provider) if case.status is not None]


def mismatches(cases: Iterable[Case], code_of: Callable[[Case], str | None]) -> list[str]:
    """What is classified otherwise than the corpus says, in words."""
    compared = ((case, code_of(case)) for case in cases)
    return [f"{case.name}: {got}, not {case.code}" for case, got in compared if got != case.code]


def _case(item: dict[str, Any]) -> Case:
    return Case(
        item["case"],
        item["code"],
        item.get("status"),
        item.get("headers", {}),
        item["raw"].encode()
        if "raw" in item
        else json.dumps(item["body"]).encode()
        if "body" in item
        else b"",
        item.get("words", ""),
        not item.get("only_in_headers", False),
        item.get("endpoint") == "identity",
    )
