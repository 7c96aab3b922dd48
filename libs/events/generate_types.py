"""Writes `invoice_events/types.py` from the schemas: `make generate`. The schemas stay the only source of shapes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from invoice_events.schemas import all_schemas

TARGET = Path(__file__).parent / "src" / "invoice_events" / "types.py"
HEAD = '''"""Shapes of every event, as typed dictionaries. Generated from `schemas/` by `make generate`: do not edit."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypedDict
'''
PRIMITIVES = {
    "string": "str",
    "long": "int",
    "int": "int",
    "boolean": "bool",
    "null": "None",
    "double": "float",
}
LOGICAL = {"decimal": "Decimal", "timestamp-micros": "datetime", "date": "date"}


def _type_of(schema: Any, blocks: dict[str, str]) -> str:  # noqa: ANN401, PLR0911  # Avro JSON is any of six shapes, one return each
    """Python type of an Avro schema; named types it meets are added to `blocks`."""
    if isinstance(schema, str):
        return PRIMITIVES.get(schema, schema.rpartition(".")[2])
    if isinstance(schema, list):
        return " | ".join(
            sorted((_type_of(part, blocks) for part in schema), key=lambda name: name == "None")
        )
    logical = schema.get("logicalType")
    if logical:
        return LOGICAL[logical]
    kind = schema["type"]
    if kind == "array":
        return f"list[{_type_of(schema['items'], blocks)}]"
    if kind == "map":
        return f"dict[str, {_type_of(schema['values'], blocks)}]"
    if kind == "enum":
        return _enum(schema, blocks)
    if kind == "record":
        return _record(schema, blocks)
    return PRIMITIVES[kind]


def _enum(schema: dict[str, Any], blocks: dict[str, str]) -> str:
    name: str = schema["name"].rpartition(".")[2]
    _put(
        blocks,
        name,
        f"{name} = Literal[{', '.join(repr(symbol) for symbol in schema['symbols'])}]".replace("'", '"'),
    )
    return name


def _record(schema: dict[str, Any], blocks: dict[str, str]) -> str:
    name: str = schema["name"].rpartition(".")[2]
    lines = [f"class {name}(TypedDict):", f'    """{schema.get("doc", name)}."""', ""]
    for field in schema["fields"]:
        comment = f"  # {field['doc']}" if "doc" in field else ""
        lines.append(f"    {field['name']}: {_type_of(field['type'], blocks)}{comment}")
    _put(blocks, name, "\n".join(lines))
    return name


def _put(blocks: dict[str, str], name: str, text: str) -> None:
    if blocks.setdefault(name, text) != text:
        sys.exit(f"generate_types: {name} has two shapes in schemas/: give one of them another name")


def render() -> str:
    """The whole module."""
    blocks: dict[str, str] = {}
    for schema in all_schemas().values():
        _type_of(schema.parsed, blocks)
    return HEAD + "\n\n" + "\n\n\n".join(blocks.values()) + "\n"


if __name__ == "__main__":
    TARGET.write_text(render(), "utf-8")
