from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_events import names

if TYPE_CHECKING:
    from tests.integration.xero_writer.conftest import Writer

pytestmark = pytest.mark.stack


@pytest.mark.parametrize(
    ("tenant", "kind"),
    [("ours", "invoice"), ("xeros", "invoice"), ("ours", "credit_note"), ("xeros", "credit_note")],
)
def test_a_mapped_document_is_not_lost_and_not_doubled(writer: Writer, tenant: str, kind: str) -> None:
    number = 100 + ["ours", "xeros"].index(tenant) * 10 + ["invoice", "credit_note"].index(kind)
    event = writer.mapped(tenant, number, kind=kind)
    writer.send(event)
    topic, synced = writer.outcome(event)
    assert topic == names.SYNCED, synced
    [document] = writer.documents(tenant, number)
    assert synced["xero_document_id"] in document.values()
    assert synced["outcome"] == "created"
    assert str(synced["total"]) == "115.0000"
    if tenant == "ours":
        assert synced["xero_number"] == f"INV:{number}"
