"""How events, documents and tries are named: the same everywhere, and never by accident."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_events import names
from invoice_events.catalogue import catalogue, fault
from invoice_events.compatibility import examples
from invoice_events.identity import (
    event_headers,
    event_id,
    event_key,
    header_text,
    new_traceparent,
    next_revision,
    trace_id_of,
)
from invoice_events.marks import document_of_reference, document_of_url
from invoice_events.names import BadDocumentNameError, Document
from invoice_events.plain import from_plain
from invoice_events.schemas import schema_of


def _typical(topic: str) -> dict[str, Any]:
    return from_plain(topic, examples(topic)["typical.json"])


@given(st.sampled_from(names.KINDS), st.integers(1, 2**63 - 1))
def test_no_document_name_is_read_as_another(kind: names.Kind, number: int) -> None:
    assert Document.parse(str(Document(kind, number))) == Document(kind, number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "invoice",
        "invoice/",
        "invoice/0",
        "invoice/-1",
        "invoice/1/2",
        "Invoice/1",
        "credit-note/1",
        "invoice/\u0661",
        "invoice/1 ",
        " invoice/1",
        "invoice/1.0",
        "acme/invoice/1",
        f"invoice/{2**63}",
        "purchase-order/" + "9" * 19,
        "invoice/" + "9" * 5000,
        "invoice/" + "0" * 5000,
    ],
)
def test_no_other_text_names_a_document(text: str) -> None:
    with pytest.raises(BadDocumentNameError) as caught:
        Document.parse(text)

    assert len(str(caught.value)) < 200, "no error repeats a text of any length"


@pytest.mark.parametrize("number", [str(2**63), "9" * 5000], ids=["one too many", "long"])
def test_no_number_that_a_person_wrote_is_a_mark_or_an_error(number: str) -> None:
    assert document_of_url(f"https://example.com/#sync=invoice/{number}") is None
    assert document_of_reference(f"Our ref [INV {number}]") is None


def test_no_mark_of_ours_goes_unrecognised() -> None:
    largest = 2**63 - 1

    assert document_of_url(f"https://example.com/#sync=invoice/{largest}") == Document("invoice", largest)
    assert document_of_reference(f"Our ref [PO {largest}]") == Document("purchase-order", largest)


@pytest.mark.parametrize("topic", names.DOCUMENT_TOPICS)
def test_no_two_documents_share_an_order_and_none_is_out_of_it(topic: str) -> None:
    event = _typical(topic)

    assert event_key(topic, event) == f"{event['tenant_id']}/{event['document']}"


@pytest.mark.parametrize(
    "topic", sorted(set(names.EVENT_TOPICS) - set(names.DOCUMENT_TOPICS) - {names.HEALTH})
)
def test_no_other_event_has_another_key_than_its_tenant(topic: str) -> None:
    assert event_key(topic, _typical(topic)) == "acme"


def test_no_side_of_a_tenants_health_erases_the_other() -> None:
    event = _typical(names.HEALTH)

    assert len({event_key(names.HEALTH, event | {"side": side}) for side in ("autotask", "xero")}) == 2


@pytest.mark.parametrize("topic", names.DOCUMENT_TOPICS)
def test_no_document_event_lacks_the_headers_that_name_it_when_it_is_unreadable(topic: str) -> None:
    event, trace = _typical(topic), new_traceparent()

    headers = event_headers(topic, event, trace)

    assert [(name, value.decode()) for name, value in headers] == [
        ("tenant", "acme"),
        ("document", event["document"]),
        ("revision", "1763769600000"),
        ("schema", f"{schema_of(topic).name}/{schema_of(topic).fingerprint_hex}"),
        ("traceparent", trace),
    ]


def test_no_two_tries_types_or_details_share_an_event_id() -> None:
    parts = [
        ("acme", "invoice/1", 1, "invoice.synced", ""),
        ("acm", "einvoice/1", 1, "invoice.synced", ""),
        ("acme", "invoice/11", 1, "invoice.synced", ""),
        ("acme", "invoice/1", 11, "invoice.synced", ""),
        ("acme", "invoice/1", 1, "invoice.faulted", ""),
        ("acme", "invoice/1", 1, "invoice.synced", "x"),
    ]

    ids = {event_id(*part) for part in parts}

    assert len(ids) == len(parts)
    assert {uuid.UUID(one).version for one in ids} == {5}


def test_no_event_id_changes_between_releases() -> None:
    """Repeats are recognised by it, also those written before an upgrade."""
    assert (
        event_id("acme", "invoice/48213", 1763769600000, "invoice.synced")
        == "3aa4fc9f-df31-5205-8f07-9514543fae43"
    )


@given(
    st.one_of(st.none(), st.integers(0, 2**62)),
    st.integers(0, 7_258_118_400_000).map(lambda ms: datetime.fromtimestamp(ms / 1000, UTC)),
)
def test_no_revision_is_given_twice_or_goes_back(previous: int | None, now: datetime) -> None:
    revision = next_revision(previous, now)

    assert previous is None or revision > previous
    assert revision >= int(now.timestamp() * 1000)


def test_no_trace_breaks_off() -> None:
    traceparent = new_traceparent()

    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", traceparent)
    assert trace_id_of(traceparent) == traceparent[3:35]
    assert traceparent != new_traceparent()


@pytest.mark.parametrize("text", [None, "", "00", "not a trace"])
def test_no_trace_is_made_up(text: str | None) -> None:
    assert trace_id_of(text) is None


def test_no_header_is_read_that_is_not_there_or_no_text() -> None:
    headers = [("tenant", b"first"), ("tenant", b"second"), ("bad", b"\xff")]

    assert header_text(headers, "tenant") == "second"
    assert header_text(headers, "bad") is None
    assert header_text(headers, "missing") is None
    assert header_text(None, "tenant") is None


def test_no_fault_is_without_words_a_remedy_and_a_side() -> None:
    for code, entry in catalogue().items():
        assert re.fullmatch(r"[A-Z][A-Z_]+", code)
        assert entry.side in {"autotask", "xero", "us"}
        assert entry.text
        assert entry.remedy.endswith(".")
    assert fault("EVENT_UNREADABLE").code == "EVENT_UNREADABLE"


def test_no_fault_outside_the_catalogue_has_an_entry() -> None:
    with pytest.raises(KeyError):
        fault("NO_SUCH_FAULT")
