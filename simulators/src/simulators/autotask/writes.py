"""PATCH and PUT: what may be written, and what a PUT blanks."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulators.autotask.entities import WRITTEN_BELOW_PARENT
from simulators.autotask.errors import RefusalError, WrongMethodError
from simulators.autotask.values import check, instant

if TYPE_CHECKING:
    from simulators.autotask.entities import EntityType, Field

    Record = dict[str, Any]

# A date without a time: whatever time is sent is dropped.
_DATE_ONLY = frozenset({"paidDate"})
_ORDERS_WITH_OPEN_ITEMS = frozenset({1, 2, 3})


def may_write(kind: EntityType, method: str, *, below_parent: bool) -> None:
    """Whether records of this entity can be changed at this path.

    Raises:
        WrongMethodError: They cannot, or only below their parent's path.
    """
    if not kind.can_update or (kind.name in WRITTEN_BELOW_PARENT) != below_parent:
        raise WrongMethodError(method)


def check_order(order: Record | None) -> None:
    """Whether items of a purchase order may be changed: while it is new, submitted or received partially.

    Raises:
        RefusalError: The order is further on, cancelled, or not there.
    """
    if order is None or order.get("status") not in _ORDERS_WITH_OPEN_ITEMS:
        raise RefusalError("The items of this purchase order cannot be changed because of its status.")


def target(document: object) -> int:
    """The id of the record that a body changes: it stands in the body, never in the path.

    Raises:
        RefusalError: There is none.
    """
    body = _body(document)
    number = body.get("id")
    if isinstance(number, bool) or not isinstance(number, int):
        raise RefusalError("The id of the record to change is required.")
    return number


def patch(kind: EntityType, before: Record, document: object) -> Record:
    """The fields that a PATCH changes: only what was sent.

    Raises:
        RefusalError: A field that does not exist or is read-only, or a value that does not fit; names the field.
    """
    values: Record = {}
    for name, value in _body(document).items():
        if name == "id":
            continue
        if name == "userdefinedfields" and kind.has_udf:
            values["userDefinedFields"] = _merged_udfs(before, value)
            continue
        field = kind.field(name)
        if field is None:
            raise RefusalError(f"Unable to find {name} in the {kind.name} Entity.")
        if not field.writable:
            raise RefusalError(f"{field.name} is a read-only field and cannot be changed.")
        if value is None and field.required:
            raise RefusalError(f"{field.name} is a required field.")
        check(field, value)
        values[field.name] = _kept(field, value)
    return values


def put(kind: EntityType, before: Record, document: object) -> Record:
    """The fields that a PUT changes: what was sent, and null for every writable field that was left out.

    Raises:
        RefusalError: As :func:`patch`, or a required field is left out.
    """
    sent = patch(kind, before, document)
    blanks = {field.name: None for field in kind.fields if field.writable and field.name not in sent}
    if missing := [field.name for field in kind.fields if field.required and field.name in blanks]:
        raise RefusalError(f"{missing[0]} is a required field.")
    return {**blanks, **sent}


def _body(document: object) -> Record:
    if not isinstance(document, dict):
        raise RefusalError("The body is no JSON object.")
    return {str(name).lower(): value for name, value in document.items()}


def _kept(field: Field, value: object) -> object:
    """What is stored. A Web Service Date is kept as it was sent; a date-only field loses its time."""
    if field.name in _DATE_ONLY and isinstance(value, str):
        return f"{instant(value).date().isoformat()}T00:00:00Z"
    if field.type == "decimal" and isinstance(value, int):
        return Decimal(value)
    if field.type == "datetime" and isinstance(value, str) and not value.endswith("Z"):
        return instant(value).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


def _merged_udfs(before: Record, value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(
        isinstance(each, dict) and set(each) == {"name", "value"} for each in value
    ):
        raise RefusalError("userDefinedFields is an array of name and value.")
    merged = {each["name"]: each["value"] for each in before.get("userDefinedFields") or ()}
    merged.update({each["name"]: each["value"] for each in value})
    return [{"name": name, "value": each} for name, each in merged.items()]
