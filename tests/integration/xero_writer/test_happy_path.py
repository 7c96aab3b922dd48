from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_events import names
from tests.integration.xero_writer.made_up import ORDER

if TYPE_CHECKING:
    from tests.integration.xero_writer.conftest import Writer

pytestmark = pytest.mark.stack


@pytest.mark.parametrize(
    ("tenant", "kind"),
    [
        ("ours", "invoice"),
        ("xeros", "invoice"),
        ("ours", "credit_note"),
        ("xeros", "credit_note"),
        ("ours", ORDER),
        ("xeros", ORDER),
    ],
)
def test_a_mapped_document_is_not_lost_and_not_doubled(writer: Writer, tenant: str, kind: str) -> None:
    number = 100 + ["ours", "xeros"].index(tenant) * 10 + ["invoice", "credit_note", ORDER].index(kind)
    event = writer.mapped(tenant, number, kind=kind)
    writer.send(event)
    topic, synced = writer.outcome(event)
    assert topic == names.SYNCED, synced
    [document] = writer.documents(tenant, number, kind)
    assert synced["xero_document_id"] in document.values()
    assert synced["outcome"] == "created"
    assert str(synced["total"]) == "115.0000"
    if kind == ORDER:
        assert synced["xero_number"] == f"PO:{number}"
    elif tenant == "ours":
        assert synced["xero_number"] == f"INV:{number}"


@pytest.mark.parametrize("kind", ["invoice", "credit_note", ORDER])
def test_a_voided_document_leaves_xero_and_the_void_is_told(writer: Writer, kind: str) -> None:
    number = 200 + ["invoice", "credit_note", ORDER].index(kind)
    event = writer.mapped("ours", number, kind=kind, xero={"status": "AUTHORISED"})
    writer.send(event)
    assert writer.outcome(event)[0] == names.SYNCED
    void = writer.void("ours", number, kind)
    writer.send(void)
    topic, voided = writer.outcome(void)
    assert (topic, voided["outcome"]) == (names.SYNCED, "voided")
    [document] = writer.documents("ours", number, kind)
    assert document["Status"] == voided["xero_status"] == ("DELETED" if kind == ORDER else "VOIDED")
