"""`docs/settings.md` is what the schema says now, and the schema says enough of every option."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from invoice_events.settings import settings_problems, settings_schema

ROOT = Path(__file__).parents[2]
GENERATOR = ROOT / "libs/events/generate_settings_page.py"
OPTIONS: dict[str, dict[str, Any]] = settings_schema()["properties"]

# Whoever chooses wrongly here sees it at once and changes it back without harm. Every other option has a caution.
HARMLESS = {
    "time_zone",
    "contact_match_by",
    "contact_name_ignore_case",
    "accounts_contact_udf",
    "show_date_in_description",
    "hide_service_contract_descriptions",
    "branding_theme",
    "tracking",
    "amount_basis",
    "fault_when_no_lines",
    "quiet_mode",
}


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_settings_page", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_does_not_lag_behind_the_schema(generator: ModuleType) -> None:
    assert generator.render(settings_schema()) == (ROOT / "docs/settings.md").read_text("utf-8"), (
        "run `make generate`"
    )


def test_the_page_leaves_no_option_out_and_tells_each_once(generator: ModuleType) -> None:
    lines = generator.render(settings_schema()).splitlines()
    for key, option in OPTIONS.items():
        assert lines.count(f"### {option['title']}") == 1
        assert sum(line == f"`{key}`" or line.startswith(f"`{key}`, ") for line in lines) == 1
        assert lines.count(f"Example: `{json.dumps({key: option['examples'][0]}, ensure_ascii=False)}`") == 1


def _parts(place: str, part: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, inner in part.get("properties", part.get("items", {}).get("properties", {})).items():
        yield f"{place}.{name}", inner
        yield from _parts(f"{place}.{name}", inner)


@pytest.mark.parametrize("key", OPTIONS)
def test_no_option_goes_without_words(key: str) -> None:
    option = OPTIONS[key]
    for word in ("title", "description", "x-section", "examples"):
        assert option.get(word), f"{key} has no {word}"
    assert "default" in option
    for place, part in _parts(key, option):
        assert part.get("description"), f"{place} has no description"


@pytest.mark.parametrize("key", OPTIONS)
def test_no_option_that_can_do_harm_goes_without_a_caution(key: str) -> None:
    assert bool(OPTIONS[key].get("x-caution")) == (key not in HARMLESS)


@pytest.mark.parametrize("key", OPTIONS)
def test_no_example_or_recommendation_is_refused_or_only_repeats_the_default(key: str) -> None:
    option = OPTIONS[key]
    for example in option["examples"]:
        assert settings_problems({key: example}) == []
        assert example != option["default"], "an example shows a change"
    assert settings_problems({key: option.get("x-recommended", option["default"])}) == []


@pytest.mark.parametrize("word", ["title", "description", "examples", "x-section"])
def test_a_page_with_a_gap_is_never_written(generator: ModuleType, word: str) -> None:
    schema = deepcopy(settings_schema())
    schema["properties"]["days_back"].pop(word)

    with pytest.raises(generator.WordlessError, match=f"days_back has no {word}"):
        generator.render(schema)


def test_sections_are_not_torn_apart_when_their_options_do_not_stand_together(generator: ModuleType) -> None:
    headings = [line for line in generator.render(settings_schema()).splitlines() if line.startswith("## ")]
    assert len(headings) == len(set(headings))
    assert {heading[3:] for heading in headings} == {option["x-section"] for option in OPTIONS.values()}
