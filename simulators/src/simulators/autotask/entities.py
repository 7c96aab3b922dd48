"""What Autotask's entities look like: names, types, lengths, what may be written and what may be asked for.

The facts are in ``entities.json``, one field a line.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

FieldType = Literal["int", "long", "decimal", "string", "boolean", "datetime"]

# Children that have a path below their parent, and the field that names the parent.
CHILDREN: dict[tuple[str, str], tuple[str, str]] = {
    ("companies", "contacts"): ("Contacts", "companyID"),
    ("purchaseorders", "items"): ("PurchaseOrderItems", "orderID"),
    ("purchaseorderitems", "receiving"): ("PurchaseOrderItemReceiving", "purchaseOrderItemID"),
}
# Entities that are written only below their parent's path.
WRITTEN_BELOW_PARENT = frozenset({"Contacts", "PurchaseOrderItems"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entity."""

    name: str
    type: FieldType
    length: int = 0
    references: str | None = None
    picklist: bool = False
    writable: bool = False
    required: bool = False
    queryable: bool = True


@dataclass(frozen=True, slots=True)
class EntityType:
    """One entity. Field names are looked up without regard to case, as Autotask does."""

    name: str
    can_update: bool
    has_udf: bool
    fields: tuple[Field, ...]
    by_name: dict[str, Field]

    def field(self, name: str) -> Field | None:
        """The field of that name in any case, or None."""
        return self.by_name.get(name.lower())


@cache
def all_entities() -> dict[str, EntityType]:
    """Every entity, by its lower-case name."""
    text = files(__package__).joinpath("entities.json").read_text(encoding="utf-8")
    return {name.lower(): _entity(name, facts) for name, facts in json.loads(text).items()}


def entity(name: str) -> EntityType | None:
    """The entity of that name in any case, or None."""
    return all_entities().get(name.lower())


def _entity(name: str, facts: dict[str, Any]) -> EntityType:
    fields = tuple(Field(**field) for field in facts["fields"])
    return EntityType(
        name=name,
        can_update=facts["update"],
        has_udf=facts["udf"],
        fields=fields,
        by_name={field.name.lower(): field for field in fields},
    )
