"""How a document leaves Xero: nothing is ever erased there, a draft is deleted and an approved document voided."""

from __future__ import annotations

from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.judgement import is_gone, is_locked
from xero_writer.core.kinds import Kind
from xero_writer.core.values import Json, text

_APPROVED = frozenset({"AUTHORISED", "PAID"})


def removal(kind: Kind, document: Json) -> Json:
    """The change that removes a document: id and status, nothing else.

    Invoices and credit notes: DELETED from DRAFT or SUBMITTED, VOIDED from AUTHORISED; Xero refuses each the other way
    round. Purchase orders know no VOIDED, and are DELETED from every status, BILLED included.
    """
    endpoint = ENDPOINTS[kind]
    voided = kind != "purchase_order" and text(document.get("Status")) in _APPROVED
    return {
        endpoint.id_field: text(document.get(endpoint.id_field)),
        "Status": "VOIDED" if voided else "DELETED",
    }


def keeps_from_voiding(kind: Kind, document: Json) -> str | None:
    """Why Xero would refuse to void a document, in Xero's words; None if nothing is known to be in the way."""
    if kind == "purchase_order" or is_gone(document) or not is_locked(kind, document):
        return None
    label = ENDPOINTS[kind].label
    return f"The status VOIDED cannot be applied to the {label} because it has payments or credit notes allocated to it."
