"""What an entity tells about itself: ``entityInformation`` and its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulators.autotask.picklists import PicklistEntry

if TYPE_CHECKING:
    from simulators.autotask.database import Database
    from simulators.autotask.entities import EntityType, Field

_DATA_TYPES = {"int": "integer"}
_WEBHOOK_ENTITIES = frozenset({"Companies", "Contacts", "Tickets"})
_ALL_ACCESS, _NO_ACCESS = 1, 0
# Second-hand values; the real ones differ from tenant to tenant, which is why clients read them here.
_PICKLISTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("BillingItems", "billingItemType"): (
        "Labour",
        "Project Charge",
        "Charge",
        "Expense",
        "Subscription",
        "Recurring Service",
        "Recurring Service Bundle",
        "Milestone",
    ),
    ("PurchaseOrders", "status"): (
        "New",
        "Submitted",
        "Received Partial",
        "Received in Full",
        "Canceled",
    ),
}


# Picklists whose values are the records of an entity.
_LISTED_ENTITIES = {"paymentTerm": "PaymentTerms", "taxRegionID": "TaxRegions", "taxGroup": "TaxRegions"}


def information(kind: EntityType) -> dict[str, Any]:
    """The answer of ``GET /{Entity}/entityInformation``."""
    return {
        "info": {
            "name": kind.name,
            "canCreate": False,
            "canDelete": False,
            "canQuery": True,
            "canUpdate": kind.can_update,
            "userAccessForCreate": _NO_ACCESS,
            "userAccessForDelete": _NO_ACCESS,
            "userAccessForQuery": _ALL_ACCESS,
            "userAccessForUpdate": _ALL_ACCESS if kind.can_update else _NO_ACCESS,
            "hasUserDefinedFields": kind.has_udf,
            "supportsWebhookCallouts": kind.name in _WEBHOOK_ENTITIES,
        }
    }


def fields(kind: EntityType, database: Database) -> dict[str, Any]:
    """The answer of ``GET /{Entity}/entityInformation/fields``; picklist values are texts."""
    return {"fields": [_field(kind, field, database) for field in kind.fields]}


def user_defined_fields(kind: EntityType, database: Database) -> dict[str, Any]:
    """The answer of ``GET /{Entity}/entityInformation/userDefinedFields``: those that any record carries."""
    names: dict[str, None] = {}
    for record in database.tables[kind.name]:
        names.update((udf["name"], None) for udf in record.get("userDefinedFields") or ())
    return {
        "fields": [
            {
                "name": name,
                "label": name,
                "dataType": "string",
                "type": 1,
                "defaultValue": "",
                "description": "",
            }
            for name in names
        ]
    }


def _field(kind: EntityType, field: Field, database: Database) -> dict[str, Any]:
    return {
        "name": field.name,
        "dataType": _DATA_TYPES.get(field.type, field.type),
        "length": field.length,
        "isRequired": field.required,
        "isReadOnly": not field.writable,
        "isQueryable": field.queryable,
        "isReference": field.references is not None,
        "referenceEntityType": field.references or "",
        "isPickList": field.picklist,
        "picklistValues": _picklist(kind, field, database) if field.picklist else None,
        "picklistParentValueField": "",
        "isSupportedWebhookField": False,
    }


def _picklist(kind: EntityType, field: Field, database: Database) -> list[dict[str, Any]]:
    return [
        {
            "value": str(value),
            "label": entry.label,
            "isDefaultValue": False,
            "sortOrder": place,
            "parentValue": "",
            "isActive": entry.is_active,
            "isSystem": False,
        }
        for place, (value, entry) in enumerate(_labels(kind, field, database).items(), start=1)
    ]


def _labels(kind: EntityType, field: Field, database: Database) -> dict[int | str, PicklistEntry]:
    """The tenant's own list, else that of the entity behind the field, else the usual one."""
    own = database.picklists.get((kind.name, field.name))
    if own is not None:
        return dict(own)
    source = _LISTED_ENTITIES.get(field.name)
    if source is not None:
        return {
            record["id"]: PicklistEntry(record["name"], is_active=record.get("isActive") is not False)
            for record in database.tables[source]
        }
    usual = _PICKLISTS.get((kind.name, field.name), ())
    return {value: PicklistEntry(label) for value, label in enumerate(usual, start=1)}
