"""Taking a wrong document back: why, in which steps, and the fault that tells of it.

First its mark and number get a suffix, then it is deleted or voided. In this order, because Xero never frees a number,
and a copy that still carried our mark would be found again.
"""

from __future__ import annotations

import simplejson

from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.events import Fault
from xero_writer.core.gone import removal
from xero_writer.core.judgement import amount_differences, lost_on_the_way, serious_warnings
from xero_writer.core.kinds import Kind, Mapped
from xero_writer.core.marks import marked_document
from xero_writer.core.refusals import code_of
from xero_writer.core.values import Json, text

WRONG = "Invoice Amounts do not match"


def reason_to_take_back(mapped: Mapped, document: Json, xero_id: str) -> Fault | None:
    """Why a document that was written must not stay, as the fault that will tell of it; None if it is as predicted."""
    prediction, wanted = mapped["prediction"], mapped["xero"]
    differences = amount_differences(prediction, document) if prediction is not None else []
    warnings = serious_warnings(document)
    dropped = lost_on_the_way(wanted, document) if wanted is not None else []
    if differences:
        return Fault("XERO_AMOUNTS_DIFFER", WRONG, [*differences, *warnings, *dropped], xero_id=xero_id)
    if warnings or dropped:
        words = warnings or dropped
        return Fault(code_of(words), "; ".join(words), [*warnings, *dropped], xero_id=xero_id)
    return None


def next_change(kind: Kind, mapped: Mapped, document: Json) -> Json:
    """What the next call changes: mark and number while our mark is on it, else the status."""
    if marked_document(kind, document) is None:
        return removal(kind, document)
    endpoint = ENDPOINTS[kind]
    body: Json = {endpoint.id_field: text(document.get(endpoint.id_field))}
    suffix = f"~{mapped['revision']}"
    body[endpoint.mark_field] = text(document.get(endpoint.mark_field)) + suffix
    if mapped["number_is_ours"]:
        body[endpoint.number_field] = text(document.get(endpoint.number_field)) + suffix
    return body


def kept_reason(fault: Fault) -> str:
    """The fault as the journal keeps it until the document is taken back."""
    kept: str = simplejson.dumps({"code": fault.code, "words": fault.words, "details": fault.details})
    return kept


def reason_kept(kept: str, xero_id: str | None) -> Fault:
    """The fault that `kept_reason` wrote down."""
    loaded = simplejson.loads(kept)
    return Fault(loaded["code"], loaded["words"], loaded["details"], xero_id=xero_id)


def refused_to_take_back(reason: Fault, texts: list[str]) -> Fault:
    """Xero does not let the document go: final, and somebody has to look."""
    return Fault(
        "CAN_NOT_TAKE_BACK",
        "; ".join(texts),
        [reason.words, *reason.details],
        final=True,
        xero_id=reason.xero_id,
    )
