"""Whether a record fulfils a filter: a filter becomes one function, records go through it."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from simulators.autotask.filters import Comparison, Filter, Group, UdfComparison
from simulators.autotask.values import key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Record = Mapping[str, Any]
    Condition = Callable[[Record], bool]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "beginswith": lambda value, part: bool(value.startswith(part)),
    "endswith": lambda value, part: bool(value.endswith(part)),
    "contains": lambda value, part: bool(part in value),
    "in": lambda value, choice: bool(value in choice),
}


def condition(tree: Filter, *, null_is_different: bool = False) -> Condition:
    """The function that tells whether a record fulfils ``tree``.

    Whether ``noteq`` and ``notIn`` match null is not documented; as in SQL they do not, unless
    ``null_is_different`` is set.
    """
    if isinstance(tree, Group):
        parts = [condition(item, null_is_different=null_is_different) for item in tree.items]
        if tree.op == "or":
            return lambda record: any(part(record) for part in parts)
        return lambda record: all(part(record) for part in parts)
    if isinstance(tree, UdfComparison):
        name = tree.name
        return _test(tree.op, tree.operand, lambda record: _udf(record, name), null=null_is_different)
    return _test(tree.op, tree.operand, _reader(tree), null=null_is_different)


def _reader(comparison: Comparison) -> Callable[[Record], Any]:
    field = comparison.field
    if field.type in {"datetime", "string"}:
        return lambda record: key(field, record.get(field.name))
    name = field.name
    return lambda record: record.get(name)


def _test(op: str, operand: Any, read: Callable[[Record], Any], *, null: bool) -> Condition:  # noqa: ANN401 - any field type
    match op:
        case "exist":
            return lambda record: read(record) is not None
        case "notexist":
            return lambda record: read(record) is None
        case "noteq":
            return lambda record: null if (value := read(record)) is None else bool(value != operand)
        case "notin":
            return lambda record: null if (value := read(record)) is None else value not in operand
        case _:
            compare = _COMPARE[op]
            return lambda record: (value := read(record)) is not None and compare(value, operand)


def _udf(record: Record, name: str) -> str | None:
    for udf in record.get("userDefinedFields") or ():
        if udf["name"].casefold() == name:
            value = udf["value"]
            return None if value is None else str(value).casefold()
    return None
