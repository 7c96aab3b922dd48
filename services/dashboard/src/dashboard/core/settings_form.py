"""The form of the settings, read from their JSON Schema: what each setting is called, how it is edited, what warns of it.

The schema is the only source. Its own keywords say what may be given; titles, descriptions and the keywords that begin with
`x-` say how a person is asked for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from invoice_events.settings import settings_schema

Schema = Mapping[str, Any]


class Kind(StrEnum):
    """How a value is edited."""

    SWITCH = "switch"
    CHOICE = "choice"
    REFERENCE = "reference"
    INTEGER = "integer"
    PERCENT = "percent"
    DECIMAL = "decimal"
    CLOCK = "clock"
    TEXT = "text"
    SEVERAL = "several"
    WORDS = "words"
    GROUP = "group"
    MAP = "map"
    RECORDS = "records"


SPREAD = (Kind.GROUP, Kind.MAP, Kind.RECORDS)
"""Kinds that hold other fields."""


class NoEditorError(ValueError):
    """The schema has a part that no editor is known for. The message names it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that can be chosen."""

    value: str
    title: str
    description: str = ""
    recommended: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A value, or a part of one.

    Attributes:
        name: its key.
        kind: how it is edited.
        title, help: words.
        default: None also where it has to be given.
        required: whether it has to be given, in an entry of a list.
        choices: of `CHOICE` and `SEVERAL`; suggestions for the key of a map.
        source: what list of names a `REFERENCE` is chosen from.
        nullable, null_words: whether nothing is a value, and what that means.
        gap: what is wrong as long as it is nothing.
        minimum, maximum, most: bounds of a number, of the length of a list.
        unit: what is counted.
        pattern: what a text has to look like.
        longest: how long it may be.
        parts: of a group; key and value of a map; the members of a list's entries.
    """

    name: str
    kind: Kind
    title: str
    help: str = ""
    default: Any = None
    required: bool = False
    choices: tuple[Choice, ...] = ()
    source: str = ""
    nullable: bool = False
    null_words: str = "none"
    gap: str = ""
    minimum: int | float | None = None
    maximum: int | float | None = None
    most: int | None = None
    unit: str = ""
    pattern: str = ""
    longest: int | None = None
    parts: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: its field and what is told about it.

    Attributes:
        name: its key.
        section: under which heading it stands.
        field: how it is edited.
        is_advanced: whether it belongs to the Advanced Options.
        recommended: values that are recommended, if any.
        caution: what a person should know before.
        caution_at: values that the caution is about; empty: the setting as such.
        overwrites, never_writes: what it touches in Xero and what it leaves alone.
    """

    name: str
    section: str
    field: Field
    is_advanced: bool = False
    recommended: tuple[Any, ...] = ()
    caution: str = ""
    caution_at: tuple[Any, ...] = ()
    overwrites: tuple[str, ...] = ()
    never_writes: tuple[str, ...] = ()

    @property
    def sought(self) -> str:
        """Everything that a search looks through, in lower case."""
        return " ".join(
            [*_words(self.field), self.caution, self.name, self.section, _advanced(self)]
        ).casefold()


@dataclass(frozen=True, slots=True)
class Section:
    """Settings that belong together."""

    title: str
    settings: tuple[Setting, ...] = field(default=())

    @property
    def slug(self) -> str:
        """Its name in the address."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.casefold()).strip("-")

    @property
    def is_advanced(self) -> bool:
        """Whether all of it is Advanced Options."""
        return all(setting.is_advanced for setting in self.settings)


@cache
def sections() -> tuple[Section, ...]:
    """The form: basic sections first, then the Advanced Options, each in the order of the schema."""
    return read_sections(settings_schema())


@cache
def settings() -> Mapping[str, Setting]:
    """Every setting by its name."""
    return {setting.name: setting for section in sections() for setting in section.settings}


def read_sections(schema: Schema) -> tuple[Section, ...]:
    """The form of a schema.

    Raises:
        NoEditorError: something in it can not be edited.
    """
    found: dict[str, list[Setting]] = {}
    for name, option in schema["properties"].items():
        found.setdefault(option["x-section"], []).append(_setting(name, option))
    made = [Section(title, tuple(members)) for title, members in found.items()]
    return tuple(sorted(made, key=lambda section: section.is_advanced))


def _setting(name: str, option: Schema) -> Setting:
    read = _field(name, option, name)
    recommended = [option["x-recommended"]] if "x-recommended" in option else []
    recommended += [
        choice.value for choice in read.choices if choice.recommended and choice.value not in recommended
    ]
    return Setting(
        name,
        option["x-section"],
        read,
        is_advanced=option.get("x-advanced", False),
        recommended=tuple(recommended),
        caution=option.get("x-caution", ""),
        caution_at=tuple(option.get("x-caution-at", ())),
        overwrites=tuple(option.get("x-overwrites", ())),
        never_writes=tuple(option.get("x-never-writes", ())),
    )


def _field(name: str, part: Schema, place: str, *, required: bool = False) -> Field:
    kind = _kind(part, place)
    title = part.get("title")
    if not title:
        raise NoEditorError(f"{place} has no title")
    items = part.get("items", {})
    listed = items if kind is Kind.SEVERAL else part
    return Field(
        name,
        kind,
        title,
        part.get("x-help", part.get("description", "")),
        part.get("default"),
        required,
        choices=_choices(listed, place),
        source=part.get("x-choose-from", ""),
        nullable="null" in part.get("type", ()),
        null_words=part.get("x-null", "none"),
        gap=part.get("x-gap", ""),
        minimum=part.get("minimum"),
        maximum=part.get("maximum"),
        most=part.get("maxItems"),
        unit=part.get("x-unit", ""),
        pattern=(items if kind is Kind.WORDS else part).get("pattern", ""),
        longest=part.get("maxLength"),
        parts=_members(kind, part, place),
    )


def _members(kind: Kind, part: Schema, place: str) -> tuple[Field, ...]:
    """The fields inside of a field."""
    if kind is Kind.MAP:
        key = {"type": "string"} | part["propertyNames"]
        return (
            _field("key", key, f"{place}.key", required=True),
            _field("value", part["additionalProperties"], f"{place}.value", required=True),
        )
    holder = part.get("items", {}) if kind is Kind.RECORDS else part if kind is Kind.GROUP else {}
    wanted = holder.get("required", ())
    return tuple(
        _field(name, inner, f"{place}.{name}", required=name in wanted)
        for name, inner in holder.get("properties", {}).items()
    )


def _kind(part: Schema, place: str) -> Kind:
    types = part.get("type")
    main = next((each for each in types if each != "null"), None) if isinstance(types, list) else types
    if "enum" in part:
        return Kind.CHOICE
    if main in {"object", "array"}:
        return _holder(part, str(main), place)
    if main == "boolean":
        return Kind.SWITCH
    if main == "integer":
        return Kind.INTEGER
    if main == "number" and part.get("x-shown-as") == "percent":
        return Kind.PERCENT
    if main == "string":
        return _text(part)
    raise NoEditorError(f"{place}: nothing edits {types or 'a value without a type'}")


def _holder(part: Schema, main: str, place: str) -> Kind:
    items = part.get("items", {})
    if main == "object" and "properties" in part:
        return Kind.GROUP
    if main == "object" and "propertyNames" in part and isinstance(part.get("additionalProperties"), Mapping):
        return Kind.MAP
    if "properties" in items:
        return Kind.RECORDS
    if "enum" in items:
        return Kind.SEVERAL
    if items.get("type") == "string":
        return Kind.WORDS
    raise NoEditorError(f"{place}: nothing edits this {main}")


def _text(part: Schema) -> Kind:
    if "x-choose-from" in part:
        return Kind.REFERENCE
    return {"decimal": Kind.DECIMAL, "clock": Kind.CLOCK}.get(part.get("x-shown-as", ""), Kind.TEXT)


def _choices(part: Schema, place: str) -> tuple[Choice, ...]:
    words = part.get("x-choices", {})
    values = part.get("enum", list(words))
    missing = [value for value in values if value not in words]
    if missing:
        raise NoEditorError(f"{place}: x-choices has no words for {', '.join(missing)}")
    return tuple(
        Choice(
            value,
            words[value]["title"],
            words[value].get("description", ""),
            words[value].get("recommended", False) or part.get("x-recommended") == value,
        )
        for value in values
    )


def _words(part: Field) -> Iterator[str]:
    yield part.title
    yield part.help
    for choice in part.choices:
        yield f"{choice.title} {choice.description}"
    for inner in part.parts:
        yield from _words(inner)


def _advanced(setting: Setting) -> str:
    return "advanced options" if setting.is_advanced else ""
