"""Whether this release's schemas and every released version can read each other's events, both ways.

Two independent looks at each pair: the rules of evolution, written out (`differences`), and the example payloads, really
written with one schema and read with the other (`misreadings`). `python -m invoice_events.compatibility` runs both.

The rules are stricter than Avro's where Avro can not see the harm: its fingerprints and its reading leave logical types
out, so an amount whose scale changed would be read as another amount without any error.
"""

from __future__ import annotations

import io
import json
import re
import sys
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from fastavro import schemaless_reader, schemaless_writer
from fastavro.schema import SchemaParseException

from invoice_events.names import EVENT_TOPICS
from invoice_events.plain import from_plain
from invoice_events.schemas import EventSchema, read_schema, schema_of

_RELEASED = re.compile(r"(?P<topic>.+)\.v(?P<version>[1-9][0-9]*)\.avsc")
_NAMED = frozenset({"record", "enum", "fixed"})
_LOGICAL_PARTS = ("logicalType", "precision", "scale")
_NAME_PARTS = ("name", "namespace")

Named = dict[str, dict[str, Any]]


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """What keeps two versions of a record from reading each other's events, one sentence each; empty if nothing does.

    The order does not matter: compatibility is wanted both ways. `one` is called older in the sentences.
    """
    named_one, named_other = _names(one), _names(other)
    return [
        *_of_types(one, other, "", (named_one, named_other)),
        *_bad_defaults(named_one),
        *_bad_defaults(named_other),
    ]


def misreadings(writer: EventSchema, reader: EventSchema, event: dict[str, Any]) -> list[str]:
    """What goes wrong if an event is written with one schema and read with the other; empty if nothing does."""
    buffer = io.BytesIO()
    try:
        schemaless_writer(buffer, writer.parsed, event)
        buffer.seek(0)
        written = schemaless_reader(io.BytesIO(buffer.getvalue()), writer.parsed, None)
        read = schemaless_reader(buffer, writer.parsed, reader.parsed)
    except Exception as error:  # noqa: BLE001  # whatever the Avro library meets, the event does not get across
        return [f"an example does not get across: {type(error).__name__}: {error}"]
    return [f"an example changes on the way: {place}" for place in _changed(written, read, "")]


def released_versions(folder: Traversable) -> dict[str, dict[int, EventSchema]]:
    """Schemas in `folder`, files named `{topic}.v{version}.avsc`, by topic and version.

    Raises:
        ValueError: a file has another name.
    """
    found: dict[str, dict[int, EventSchema]] = {}
    for file in folder.iterdir():
        match = _RELEASED.fullmatch(file.name)
        if match is None:
            message = f"{file.name} is no released schema: wanted {{topic}}.v{{version}}.avsc"
            raise ValueError(message)
        schema = read_schema(file.read_text("utf-8"))
        found.setdefault(match["topic"], {})[int(match["version"])] = schema
    return found


def examples(topic: str) -> dict[str, dict[str, Any]]:
    """Example payloads of a topic in their plain JSON form, by file name."""
    folder = resources.files("invoice_schemas").joinpath("examples", topic)
    return {
        file.name: json.loads(file.read_text("utf-8"))
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
    }


def incompatibilities(
    topic: str, current: EventSchema, released: dict[int, EventSchema], events: list[dict[str, Any]]
) -> list[str]:
    """Everything that keeps the current schema of a topic and its released versions apart."""
    problems = [] if released else [f"{topic}: no version is released, wanted released/{topic}.v1.avsc"]
    if sorted(released) != list(range(1, len(released) + 1)):
        problems.append(f"{topic}: released versions are {sorted(released)}, wanted all of them from 1 on")
    for version, schema in sorted(released.items()):
        found = differences(json.loads(schema.text), json.loads(current.text))
        for event in events:
            found += misreadings(current, schema, event)
            found += misreadings(schema, current, event)
        problems += [f"{topic}, version {version} and now: {problem}" for problem in dict.fromkeys(found)]
    return problems


def check() -> list[str]:
    """Every incompatibility of this release, one sentence each."""
    try:
        released = released_versions(resources.files("invoice_schemas").joinpath("released"))
    except (ValueError, SchemaParseException) as error:
        return [f"released: {error}"]
    problems = [
        f"released/{topic}: no such topic, and events of it may still be kept"
        for topic in released
        if topic not in EVENT_TOPICS
    ]
    for topic in EVENT_TOPICS:
        plain = examples(topic)
        if not plain:
            problems.append(f"{topic}: no example payload, wanted examples/{topic}/*.json")
        events = [from_plain(topic, payload) for payload in plain.values()]
        problems += incompatibilities(topic, schema_of(topic), released.get(topic, {}), events)
    return problems


def main() -> int:
    """Print every incompatibility. Exit code 1 if there is one."""
    problems = check()
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    if not problems:
        sys.stdout.write(f"{len(EVENT_TOPICS)} schemas are compatible with every released version\n")
    return 1 if problems else 0


def _names(schema: Any) -> Named:  # noqa: ANN401  # Avro JSON is any of six shapes
    """Definitions inside a schema, by their short name: all of ours share one namespace."""
    found: Named = {}
    if isinstance(schema, list):
        parts = schema
    elif isinstance(schema, dict):
        if schema.get("type") in _NAMED:
            found[schema["name"].rpartition(".")[2]] = schema
        parts = [field["type"] for field in schema.get("fields", [])]
        parts += [
            schema[part] for part in ("items", "values", "type") if isinstance(schema.get(part), (dict, list))
        ]
        parts += [schema[part] for part in ("items", "values") if isinstance(schema.get(part), str)]
    else:
        parts = []
    for part in parts:
        found |= _names(part)
    return found


def _resolved(schema: Any, named: Named) -> Any:  # noqa: ANN401  # as above
    """The definition behind a name; a primitive as a mapping."""
    if isinstance(schema, str):
        return named.get(schema.rpartition(".")[2], {"type": schema})
    if isinstance(schema, dict) and isinstance(schema.get("type"), (dict, list)):
        return _resolved(schema["type"], named)
    return schema


def _of_types(one: Any, other: Any, place: str, named: tuple[Named, Named]) -> list[str]:  # noqa: ANN401  # as above
    one, other = _resolved(one, named[0]), _resolved(other, named[1])
    if isinstance(one, list) or isinstance(other, list):
        return _of_unions(one, other, place, named)
    where = place or one.get("name", "the schema")
    for part in ("type", *_LOGICAL_PARTS, *(_NAME_PARTS if one["type"] in _NAMED else ())):
        if one.get(part) != other.get(part):
            return [f"{where}: {part} {one.get(part)} became {other.get(part)}"]
    if one["type"] == "record":
        return _of_fields(one, other, place, named)
    if one["type"] == "enum":
        changed = sorted(set(one["symbols"]) ^ set(other["symbols"]))
        return [f"{where}: the symbols differ by {', '.join(changed)}"] if changed else []
    inner = {"array": "items", "map": "values"}.get(one["type"])
    return _of_types(one[inner], other[inner], f"{place}[]", named) if inner else []


def _of_unions(one: Any, other: Any, place: str, named: tuple[Named, Named]) -> list[str]:  # noqa: ANN401  # as above
    if not isinstance(one, list) or not isinstance(other, list):
        return [f"{place}: it can be null in one version only"]
    branches_one = {_branch(branch, named[0]): branch for branch in one}
    branches_other = {_branch(branch, named[1]): branch for branch in other}
    if branches_one.keys() != branches_other.keys():
        return [f"{place}: {' or '.join(branches_one)} became {' or '.join(branches_other)}"]
    return [
        problem
        for name, branch in branches_one.items()
        for problem in _of_types(branch, branches_other[name], place, named)
    ]


def _branch(schema: Any, named: Named) -> str:  # noqa: ANN401  # as above
    resolved = _resolved(schema, named)
    return str(resolved["name"] if resolved["type"] in _NAMED else resolved["type"])


def _of_fields(
    one: dict[str, Any], other: dict[str, Any], place: str, named: tuple[Named, Named]
) -> list[str]:
    fields_one = {field["name"]: field for field in one["fields"]}
    fields_other = {field["name"]: field for field in other["fields"]}
    problems = []
    for name in fields_one.keys() ^ fields_other.keys():
        is_new = name in fields_other
        if "default" not in (fields_other if is_new else fields_one)[name]:
            did = "added" if is_new else "removed"
            problems.append(f"{place}.{name}".lstrip(".") + f": {did} without a default")
    for name in fields_one.keys() & fields_other.keys():
        before, after = fields_one[name], fields_other[name]
        where = f"{place}.{name}".lstrip(".")
        problems += _of_types(before["type"], after["type"], where, named)
        if "default" in before and "default" in after and before["default"] != after["default"]:
            problems.append(f"{where}: its default changed, and with it the meaning of events without it")
    return sorted(problems)


def _bad_defaults(named: Named) -> list[str]:
    return [
        f"{definition['name']}.{field['name']}: its default is no value of its type"
        for definition in named.values()
        for field in definition.get("fields", [])
        if "default" in field and not _fits(field["type"], field["default"], named)
    ]


def _fits(schema: Any, default: Any, named: Named) -> bool:  # noqa: ANN401  # as above
    """Whether a default is a value of the type; of a union, Avro wants it to be one of the first branch."""
    resolved = _resolved(schema, named)
    if isinstance(resolved, list):
        return _fits(resolved[0], default, named)
    kind = resolved["type"]
    if kind == "enum":
        return default in resolved["symbols"]
    if kind in {"int", "long"}:
        return isinstance(default, int) and not isinstance(default, bool)
    wanted = {
        "null": type(None),
        "string": str,
        "bytes": str,
        "boolean": bool,
        "double": (int, float),
        "array": list,
        "map": dict,
        "record": dict,
    }
    return isinstance(default, wanted[kind])  # type: ignore[arg-type]  # a dict of types and of a tuple of them


def _changed(written: Any, read: Any, place: str) -> list[str]:  # noqa: ANN401  # any value that an event can hold
    """Places at which what both know differs."""
    if isinstance(written, dict) and isinstance(read, dict):
        return [
            problem
            for name in written.keys() & read.keys()
            for problem in _changed(written[name], read[name], f"{place}.{name}".lstrip("."))
        ]
    if isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        return [
            problem
            for position, (before, after) in enumerate(zip(written, read, strict=True))
            for problem in _changed(before, after, f"{place}[{position}]")
        ]
    return [] if written == read else [place]


if __name__ == "__main__":
    sys.exit(main())
