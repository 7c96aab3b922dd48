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


def stays_paid(kind: Kind, document: Json) -> bool:
    """Whether Xero keeps a document of 0.00 as PAID: nothing is applied to it that could be taken away, and PAID can not be voided."""
    return (
        kind != "purchase_order" and text(document.get("Status")) == "PAID" and not is_locked(kind, document)
    )


def kept_words(kind: Kind) -> str:
    """What a person should know of a document that `stays_paid`."""
    return f"Xero keeps a paid {ENDPOINTS[kind].label} of 0.00; nothing is owed on it"


def keeps_from_voiding(kind: Kind, document: Json) -> str | None:
    """Why Xero would refuse to void a document, in Xero's words; None if nothing is known to be in the way."""
    if kind == "purchase_order" or is_gone(document) or not is_locked(kind, document):
        return None
    label = ENDPOINTS[kind].label
    return f"The status VOIDED cannot be applied to the {label} because it has payments or credit notes allocated to it."
