"""JSON Schemas of invoices and purchase orders, as lists show them and when they are opened."""

from __future__ import annotations

from status_api.core.statuses import REASONS, STAGES
from status_api.server.operations import JsonSchema, ref
from status_api.server.shapes import (
    DATE_OR_NULL,
    MONEY,
    MONEY_OR_NULL,
    NUMBER,
    NUMBER_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    TIME,
    TIME_OR_NULL,
    YES_NO,
    or_null,
    record,
)

_CAUSE = record(
    code=TEXT | {"description": f"fault code, skip reason, or one of {', '.join(REASONS)}"},
    text=TEXT_OR_NULL,
)
_COMPANY = or_null(record(id=NUMBER, name=TEXT))
_TRY = {"revision": NUMBER, "at": TIME, "attempt": NUMBER}


def _item(xero_kinds: list[str], **subject: JsonSchema) -> dict[str, JsonSchema]:
    """Members of a document in a list; `subject` is what Autotask says of its kind."""
    xero = record(
        id=TEXT_OR_NULL,
        kind={"enum": xero_kinds},
        number=TEXT,
        url=TEXT,
        status=TEXT | {"description": "DELETED or VOIDED once it is gone there; the link stays"},
        currency=TEXT,
        total=MONEY | {"description": "as Xero returned it; positive on credit notes"},
        synced_at=TIME,
    )
    return {
        "id": NUMBER | {"description": "Autotask id"},
        "document": TEXT,
        "status": ref("Status"),
        "phase": {"enum": ["writing", "verifying", None]},
        "cause": or_null(_CAUSE),
        "strikes": NUMBER | {"description": "faults in a row; the third makes the status Fault"},
        "hold": {"enum": ["none", "skip", "diagnose"]},
        "revision": NUMBER_OR_NULL,
        "changed_at": TIME,
        **subject,
        "action": {"enum": ["create", "update", "void", None]},
        "priority": {"enum": ["interactive", "normal", "backfill", None]},
        "autotask_url": TEXT_OR_NULL,
        "has_warnings": YES_NO
        | {"description": "whether mapping.warnings or synced.warnings of the opened document has any"},
        "xero": or_null(xero),
    }


def _detail(
    source: dict[str, JsonSchema], due: dict[str, JsonSchema], xero_kinds: list[str]
) -> dict[str, JsonSchema]:
    """Further members of an opened document."""
    return {
        "stage": {"enum": [*STAGES.values(), None]},
        "open_command": or_null(record(command_id=TEXT, issued_at=TIME)),
        "first_synced_at": TIME_OR_NULL,
        "source": or_null(
            record(**_TRY, command_id=TEXT_OR_NULL, settings_version=NUMBER, line_count=NUMBER, **source)
        ),
        "mapping": or_null(
            record(
                **_TRY,
                xero_kind={"enum": xero_kinds},
                number=TEXT_OR_NULL,
                **due,
                total=MONEY_OR_NULL,
                tax_total=MONEY_OR_NULL,
                settings_version=NUMBER,
                reference_version=NUMBER,
                warnings=TEXTS | {"description": "what a person should know although it goes over"},
            )
        ),
        "processing": or_null(record(**_TRY, request_id=TEXT, verifying=YES_NO)),
        "synced": or_null(
            record(
                **_TRY,
                outcome=TEXT | {"description": "created, updated, unchanged, adopted or voided"},
                sub_total=MONEY,
                total_tax=MONEY,
                contact_id=TEXT,
                contact_name=TEXT,
                **due,
                warnings=TEXTS,
            )
        ),
        "fault": or_null(
            record(
                **_TRY,
                code=TEXT,
                text=TEXT,
                side=TEXT,
                service=TEXT,
                strike=YES_NO,
                final=YES_NO,
                details=TEXTS,
                xero_id=TEXT_OR_NULL,
            )
        ),
        "skip": or_null(record(**_TRY, reason=TEXT, text=TEXT)),
        "held": or_null(record(at=TIME, hold=TEXT, actor=TEXT_OR_NULL)),
    }


_INVOICE_KINDS = ["invoice", "credit_note"]
_INVOICE = _item(
    _INVOICE_KINDS,
    number=TEXT_OR_NULL,
    date=DATE_OR_NULL,
    due_date=DATE_OR_NULL,
    company=_COMPANY,
    total=MONEY_OR_NULL,
    tax_total=MONEY_OR_NULL,
    currency=TEXT_OR_NULL,
)
_ORDER_KINDS = ["purchase_order"]
_IN_XERO = "what it will be in Xero, or was there if it is to be voided; null until it is mapped"
_ORDER = _item(
    _ORDER_KINDS,
    number=TEXT_OR_NULL,
    date=DATE_OR_NULL,
    expected_on=DATE_OR_NULL,
    vendor=_COMPANY,
    autotask_status=or_null(record(id=NUMBER, name=TEXT_OR_NULL)),
    total=MONEY_OR_NULL | {"description": _IN_XERO},
    tax_total=MONEY_OR_NULL | {"description": _IN_XERO},
    currency=TEXT_OR_NULL,
    changed_since=TIME_OR_NULL
    | {
        "description": "when it was first seen to differ in Autotask from what went over; null if it does not"
    },
)
_INVOICE_DETAIL = _detail(
    {"is_voided": YES_NO, "stamped_at": TIME_OR_NULL}, {"due_date": DATE_OR_NULL}, _INVOICE_KINDS
)
_ORDER_DETAIL = _detail({"is_cancelled": YES_NO}, {}, _ORDER_KINDS)

DOCUMENT_SCHEMAS: dict[str, JsonSchema] = {
    "InvoiceItem": record(**_INVOICE),
    "Invoice": record(**_INVOICE, **_INVOICE_DETAIL, as_of=ref("AsOf")),
    "PurchaseOrderItem": record(**_ORDER),
    "PurchaseOrder": record(**_ORDER, **_ORDER_DETAIL, as_of=ref("AsOf")),
    "Original": record(
        document=TEXT,
        revision=NUMBER,
        read_at=TIME | {"description": "when it was read from Autotask"},
        autotask_url=TEXT,
        snapshot={
            "type": "object",
            "description": "as Autotask had it: invoice, company, contact and lines, or order, vendor and lines."
            " Texts are Autotask's, unescaped: escape them before you show them",
        },
        as_of=ref("AsOf"),
    ),
}
