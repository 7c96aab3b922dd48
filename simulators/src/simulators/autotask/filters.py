"""The filter language: reading and checking a filter, without any data.

Key and field names are not case-sensitive. Several filters in one array are joined by AND.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulators.autotask.errors import TOO_MANY_ORS, RefusalError
from simulators.autotask.values import comparable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulators.autotask.entities import EntityType, Field

MAX_OR_CONDITIONS = 500
_EQUALITY = frozenset({"eq", "noteq"})
_ORDERING = frozenset({"gt", "gte", "lt", "lte"})
_TEXT = frozenset({"beginswith", "endswith", "contains"})
_NULLNESS = frozenset({"exist", "notexist"})
_MEMBERSHIP = frozenset({"in", "notin"})
_GROUPS = frozenset({"and", "or"})
_MEMBERS = frozenset({"op", "field", "value", "udf", "items"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """One condition on one field; ``operand`` is ready to compare (a frozenset for in and notIn)."""

    op: str
    field: Field
    operand: Any


@dataclass(frozen=True, slots=True)
class UdfComparison:
    """One condition on a user-defined field, whose values are texts or null."""

    op: str
    name: str
    operand: Any


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined by ``and`` or ``or``."""

    op: str
    items: tuple[Filter, ...]


Filter = Comparison | UdfComparison | Group


def read_filter(entity: EntityType, document: object) -> Group:
    """Check the ``filter`` array of a query and make it ready.

    Raises:
        RefusalError: No filter; unknown field, operator or member; a field that is not queryable; a value of the
            wrong type; more than one UDF; more than 500 OR conditions (values of ``in`` and ``notIn`` count
            as such, since how long these lists may be is not documented).
    """
    if not isinstance(document, list) or not document:
        raise RefusalError("A filter is required: at least one condition.")
    tree = Group("and", tuple(_read(entity, item) for item in document))
    if len(set(_udfs(tree))) > 1:
        raise RefusalError("Only one user-defined field may be used in a query.")
    if _or_conditions(tree) > MAX_OR_CONDITIONS:
        raise RefusalError(TOO_MANY_ORS)
    return tree


def _read(entity: EntityType, document: object) -> Filter:
    if not isinstance(document, dict):
        raise RefusalError("Each condition of a filter is an object.")
    condition = {str(name).lower(): value for name, value in document.items()}
    if unknown := set(condition) - _MEMBERS:
        raise RefusalError(f"Unknown member of a condition: {min(unknown)}.")
    op = str(condition.get("op") or "").lower()
    if op in _GROUPS:
        items = condition.get("items")
        if not isinstance(items, list) or not items:
            raise RefusalError(f"The operator {op} needs conditions in items.")
        return Group(op, tuple(_read(entity, item) for item in items))
    if op not in _EQUALITY | _ORDERING | _TEXT | _NULLNESS | _MEMBERSHIP:
        raise RefusalError(f"Unknown operator: {condition.get('op')}.")
    name = condition.get("field")
    if not isinstance(name, str) or not name:
        raise RefusalError(f"The operator {op} needs a field.")
    if condition.get("udf"):
        return _read_udf(entity, op, name, condition)
    return _read_comparison(entity, op, name, condition)


def _read_comparison(entity: EntityType, op: str, name: str, condition: dict[str, object]) -> Comparison:
    field = entity.field(name)
    if field is None:
        raise RefusalError(f"Unable to find {name} in the {entity.name} Entity.")
    if not field.queryable:
        raise RefusalError(f"The field {field.name} of {entity.name} is not queryable.")
    _check_operator(field, op)
    if op in _NULLNESS:
        return Comparison(op, field, None)
    value = _value(condition, op)
    if op in _MEMBERSHIP:
        return Comparison(op, field, frozenset(comparable(field, each) for each in _list(op, value)))
    return Comparison(op, field, comparable(field, value))


def _read_udf(entity: EntityType, op: str, name: str, condition: dict[str, object]) -> UdfComparison:
    if not entity.has_udf:
        raise RefusalError(f"The {entity.name} Entity has no user-defined fields.")
    if op in _NULLNESS:
        return UdfComparison(op, name.casefold(), None)
    if op in _ORDERING:
        raise RefusalError(f"The operator {op} cannot be used with the user-defined field {name}.")
    value = _value(condition, op)
    if op in _MEMBERSHIP:
        return UdfComparison(
            op, name.casefold(), frozenset(str(each).casefold() for each in _list(op, value))
        )
    if value is None:
        raise RefusalError(f"A value is required for {name}; use exist or notExist to test for null.")
    return UdfComparison(op, name.casefold(), str(value).casefold())


def _check_operator(field: Field, op: str) -> None:
    if op in _TEXT and field.type != "string":
        raise RefusalError(f"The operator {op} cannot be used with {field.name}, which is no text.")
    if op in _ORDERING and field.type in {"string", "boolean"}:
        raise RefusalError(f"The operator {op} cannot be used with {field.name}: it has no order.")


def _value(condition: dict[str, object], op: str) -> object:
    if "value" not in condition:
        raise RefusalError(f"The operator {op} needs a value.")
    return condition["value"]


def _list(op: str, value: object) -> list[object]:
    if not isinstance(value, list) or not value:
        raise RefusalError(f"The operator {op} needs an array of values.")
    return value


def _udfs(tree: Filter) -> Iterable[str]:
    if isinstance(tree, Group):
        for item in tree.items:
            yield from _udfs(item)
    elif isinstance(tree, UdfComparison):
        yield tree.name


def _or_conditions(tree: Filter) -> int:
    if isinstance(tree, Group):
        below = sum(_or_conditions(item) for item in tree.items)
        return below + (len(tree.items) if tree.op == "or" else 0)
    return len(tree.operand) if tree.op in _MEMBERSHIP else 0
