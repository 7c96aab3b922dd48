"""The form comes from the schema alone: whatever the schema has, the form can edit, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from dash import html

from dashboard.core.settings_form import Field, Kind, NoEditorError, read_sections, sections, settings
from dashboard.core.settings_form_document import cells_of_all
from dashboard.core.settings_form_reference import NOUNS, Reference
from dashboard.views.settings.editors import EDITORS, Look, Place, editor
from invoice_events.settings import effective_settings, settings_schema

OPTIONS: dict[str, dict[str, Any]] = settings_schema()["properties"]


def _leaves(field: Field) -> Iterator[Field]:
    yield field
    for part in field.parts:
        yield from _leaves(part)


def _ids(component: Any) -> Iterator[dict[str, str]]:  # noqa: ANN401  # any Dash component
    for each in component._traverse_with_paths():
        found = getattr(each[1], "id", None)
        if isinstance(found, dict):
            yield found


def test_no_setting_of_the_schema_is_missing_from_the_form() -> None:
    assert set(settings()) == set(OPTIONS)
    assert len({section.slug for section in sections()}) == len(sections())


@pytest.mark.parametrize("name", OPTIONS)
def test_no_setting_is_without_an_editor_for_each_of_its_values(name: str) -> None:
    cells = cells_of_all({name: settings()[name]}, {**effective_settings({}), name: _example(name)})

    drawn = editor(settings()[name].field, cells, Place(name), Look(Reference(None), editable=True))

    inputs = {
        found["at"] for found in _ids(_wrapped(drawn)) if found["type"] in {"setting", "setting-switch"}
    }
    assert inputs == set(cells)


def _example(name: str) -> Any:  # noqa: ANN401  # any JSON value
    return effective_settings({name: OPTIONS[name]["examples"][0]})[name]  # type: ignore[literal-required]  # names come from the schema


def _wrapped(drawn: Any) -> Any:  # noqa: ANN401  # a Dash component
    return html.Div([drawn])


def test_no_kind_of_field_is_without_an_editor() -> None:
    assert set(EDITORS) == set(Kind)


@pytest.mark.parametrize("name", OPTIONS)
def test_no_field_is_shown_without_a_title_or_a_choice_without_words(name: str) -> None:
    for field in _leaves(settings()[name].field):
        assert field.title
        assert all(choice.title and "_" not in choice.title for choice in field.choices)
        assert "_" not in field.help, f"{field.help!r} speaks of keys, not in words"
        if field.kind is Kind.REFERENCE:
            assert field.source in NOUNS


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("invoices_import_as", "Invoices import into Xero as"),
        ("invoice_numbers", "Xero Invoice Numbers"),
        ("due_date_from_xero_contact", "Override Xero Invoice Due Date with the Xero Customer Card"),
        ("days_back", "How many days back should invoices be synced"),
        ("contact_name_ignore_case", "Turn off contact name case sensitivity between Autotask and Xero"),
        ("update_xero_contacts", "Update Xero Contacts"),
        ("show_resource", "Show Resource on Invoices"),
        ("show_date_in_description", "Show Date in Description"),
        ("hide_service_contract_descriptions", "Hide Service Contract Descriptions"),
        ("four_decimal_rounding", "4 Decimal Place Rounding"),
        ("paid_invoices_only", "Paid Invoices Only"),
        ("fault_when_no_lines", "Fault sync if no Autotask billing items attached"),
        ("quiet_mode", "After-hours quiet mode"),
        ("void_autotask_invoices", "Void Autotask Invoices"),
    ],
)
def test_no_option_that_users_know_goes_by_another_name(name: str, title: str) -> None:
    assert settings()[name].field.title == title


@pytest.mark.parametrize(
    "name",
    [
        "due_date_from_xero_contact",
        "contact_match_by",
        "four_decimal_rounding",
        "fault_when_no_lines",
        "quiet_mode",
    ],
)
def test_no_advanced_option_stands_among_the_others(name: str) -> None:
    assert settings()[name].is_advanced


def test_the_choices_users_know_are_there_in_their_words_and_the_recommended_ones_are_marked() -> None:
    shown = {
        name: [(choice.title, choice.recommended) for choice in settings()[name].field.choices]
        for name in ("invoices_import_as", "invoice_numbers")
    }
    assert shown == {
        "invoices_import_as": [("Draft", True), ("Approved", False), ("Approved and Set as Sent", False)],
        "invoice_numbers": [
            ("Use Xero Invoice Numbers", True),
            ("Use Autotask ID Number", True),
            ("Use Autotask Invoice Numbers", False),
        ],
    }
    assert settings()["invoice_numbers"].caution_at == ("autotask_number",)


def test_what_the_caution_of_contact_updates_names_is_what_the_lists_beside_it_name() -> None:
    setting = settings()["update_xero_contacts"]
    caution = setting.caution.casefold()
    for word in ("last name", "e-mail address", "phone number", "tax number", "postal (pobox) address"):
        assert word in caution
        assert any(word in each.casefold() for each in setting.overwrites)
    for word in ("account number", "payment terms", "street address", "further persons"):
        assert word in caution
        assert any(word == each.casefold() for each in setting.never_writes)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "number"},
        {"type": "array", "items": {"type": "number"}},
        {"type": "object"},
        {"enum": ["a"], "x-choices": {}},
        {"type": "string", "title": ""},
    ],
)
def test_a_setting_that_nothing_can_edit_is_never_left_out_silently(change: dict[str, Any]) -> None:
    schema = deepcopy(settings_schema())
    schema["properties"]["new"] = {"title": "New", "description": "New.", "x-section": "Workflow"} | change

    with pytest.raises(NoEditorError, match="new"):
        read_sections(schema)


def test_a_search_finds_an_option_by_its_words_and_by_those_of_its_parts() -> None:
    found = {
        word: [name for name, each in settings().items() if word in each.sought]
        for word in ("freight", "sent flag")
    }
    assert found == {"freight": ["purchase_orders"], "sent flag": ["invoices_import_as"]}
