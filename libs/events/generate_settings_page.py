"""Writes `docs/settings.md` from `schemas/settings.schema.json`: `make generate`. The schema stays the only source of its words."""

# ruff: noqa: INP001 - a script beside the package, not part of it

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from invoice_events.settings import settings_schema

TARGET = Path(__file__).parents[2] / "docs" / "settings.md"
_NOTICE = "Made from `schemas/settings.schema.json` by `make generate`: do not edit. Changed over HTTP, see [api.md](api.md)."

Schema = dict[str, Any]


class WordlessError(ValueError):
    """Part of a setting has no words to be shown with. The message names it and what is missing."""


def render(schema: Schema) -> str:
    """The whole page for a settings schema.

    Raises:
        WordlessError: an option, or a part of one, lacks what the page has to tell of it.
    """
    options = list(schema["properties"].items())
    blocks = [f"# {schema['title']}", schema["description"], _NOTICE]
    # Sections keep the order in which the schema first names them, whatever stands between their options.
    order = list(dict.fromkeys(_word(option, key, "x-section") for key, option in options))
    for section, members in groupby(
        sorted(options, key=lambda item: order.index(item[1]["x-section"])),
        key=lambda item: str(item[1]["x-section"]),
    ):
        blocks.append(f"## {section}")
        for key, option in members:
            blocks += _option(key, option)
    return "\n\n".join(blocks) + "\n"


def _option(key: str, option: Schema) -> Iterator[str]:
    yield f"### {_word(option, key, 'title')}"
    facts = [f"`{key}`"]
    if "properties" not in option:
        facts.append(f"default `{_json(option['default'])}`")
    if "x-recommended" in option:
        facts.append(f"recommended `{_json(option['x-recommended'])}`")
    yield ", ".join(facts)
    yield _word(option, key, "description")
    if "properties" in option:
        yield _table(key, option["properties"])
    else:
        yield f"Values: {_values(option, key)}"
        if "properties" in option.get("items", {}):
            yield _table(key, option["items"]["properties"])
    for example in _word(option, key, "examples"):
        yield f"Example: `{_json({key: example})}`"
    if "x-caution" in option:
        yield f"> **Caution.** {option['x-caution']}"


def _table(key: str, properties: Schema) -> str:
    """The parts of an option, parts of parts included."""
    rows = ["| part | default | values | meaning |", "|---|---|---|---|"]
    rows += [
        f"| `{name}` | {_default(part)} | {_values(part, f'{key}.{name}')} | {_word(part, f'{key}.{name}', 'description')} |"
        for name, part in _parts("", properties)
    ]
    return "\n".join(rows)


def _parts(prefix: str, properties: Schema) -> Iterator[tuple[str, Schema]]:
    for name, part in properties.items():
        yield prefix + name, part
        if "properties" in part:
            yield from _parts(f"{prefix}{name}.", part["properties"])
        if "properties" in part.get("items", {}):
            yield from _parts(f"{prefix}{name}[].", part["items"]["properties"])


def _default(part: Schema) -> str:
    if "properties" in part:
        return "see its parts"
    return f"`{_json(part['default'])}`" if "default" in part else "must be given"


def _values(part: Schema, place: str) -> str:
    """What may be given, in words and JSON."""
    if "enum" in part:
        return ", ".join(f"`{_json(value)}`" for value in part["enum"])
    kinds = part["type"] if isinstance(part["type"], list) else [part["type"]]
    return " or ".join(_kind(kind, part, place) for kind in kinds)


def _kind(kind: str, part: Schema, place: str) -> str:
    if kind == "boolean":
        return "`true`, `false`"
    if kind in {"integer", "number"}:
        return f"{part['minimum']} to {part['maximum']}"
    if kind == "array":
        items = part["items"]
        most = f", at most {part['maxItems']}" if "maxItems" in part else ""
        each = "entries of the parts below" if "properties" in items else _values(items, place)
        return f"a list of {each}{most}"
    if kind == "object" and "properties" not in part:
        pairs = (part[side] for side in ("propertyNames", "additionalProperties"))
        name, value = (_word(side, place, "description") for side in pairs)
        return f"{name} → {value}"
    return {"null": "`null`", "string": _text(part), "object": "its parts"}[kind]


def _text(part: Schema) -> str:
    most = f" of at most {part['maxLength']} characters" if "maxLength" in part else ""
    shape = "".join(
        f" ({'matching' if name == 'pattern' else 'a'} `{part[name]}`)"
        for name in ("pattern", "format")
        if name in part
    )
    # A bar would end the cell of a table; nothing else in a pattern means anything to Markdown inside of code.
    return f"text{most}{shape}".replace("|", "\\|")


def _word(part: Schema, place: str, name: str) -> Any:  # noqa: ANN401  # a text, or a list of examples
    """What the schema says, which must not be missing or empty."""
    word = part.get(name)
    if not word:
        raise WordlessError(f"{place} has no {name}")
    return word


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    TARGET.write_text(render(settings_schema()), "utf-8")
