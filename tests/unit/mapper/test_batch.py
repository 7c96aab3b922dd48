from __future__ import annotations

import json

import pytest
from confluent_kafka import KafkaError, KafkaException

from invoice_events import names
from invoice_events.codec import (
    Codec,
    Event,
    NoForeignSchemas,
    SingleObjectFraming,
    UnreadableEventError,
    UnrepresentableEventError,
)
from invoice_events.identity import header_text
from invoice_events.types import TenantSettings
from mapper.adapters.tenants import VersionedSettings, read_settings
from service_runtime.intake import TransientError
from service_runtime.records import Record
from tests.unit.mapper.bench import CODEC, LATER, TRACE, Bench, Table, record
from tests.unit.mapper.conftest import NOW, line, reference, settings


def test_an_invoice_becomes_one_mapped_event_under_its_documents_key_and_trace() -> None:
    bench = Bench()
    ((topic, event),) = bench.handle(record(line(1, "10.00")))
    assert topic == names.MAPPED
    assert event["occurred_at"] == LATER
    _, key, headers, _ = bench.kafka.published[0]
    assert key == b"acme/invoice/48213"
    assert header_text(headers, "traceparent") == TRACE
    assert (header_text(headers, "document"), header_text(headers, "revision")) == (
        "invoice/48213",
        "1778745600000",
    )
    assert (bench.kafka.handled_count, bench.kafka.buried) == (1, [])


def test_a_fault_is_published_with_a_line_for_the_logs() -> None:
    fault, log = Bench().handle(record(line(1, "10.00"), total=line(1, "11")["rate"]))
    assert (fault[0], fault[1]["code"]) == (names.FAULTED, "AMOUNTS_DO_NOT_MATCH")
    assert (log[0], log[1]["level"], log[1]["message"]) == (
        names.LOGS,
        "error",
        "Invoice Amounts do not match",
    )
    assert log[1]["fields"]["code"] == "AMOUNTS_DO_NOT_MATCH"
    assert log[1]["trace_id"] == TRACE.split("-")[1]


def test_a_skip_is_published_with_its_reason() -> None:
    skip, log = Bench().handle(record(line(1, "10.00"), is_voided=True))
    assert (skip[0], skip[1]["reason"]) == (names.SKIPPED, "voided")
    assert (log[1]["level"], log[1]["fields"]) == ("info", {"reason": "voided"})


def test_bytes_nobody_can_read_go_to_the_dead_letters_and_fault_their_document() -> None:
    bench = Bench()
    broken = record(line(1, "10"), value=b"\xff\xff\xff")
    fault, _ = bench.handle(broken)
    assert (fault[0], fault[1]["code"], fault[1]["final"]) == (names.FAULTED, "EVENT_UNREADABLE", True)
    assert (fault[1]["tenant_id"], fault[1]["document"], fault[1]["revision"]) == (
        "acme",
        "invoice/48213",
        1778745600000,
    )
    assert [poison.record for poison in bench.kafka.buried] == [broken]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"tenant": "acme", "document": "invoice/48213"},
        {"tenant": "acme", "document": "invoice/x", "revision": "1"},
        {"tenant": "acme", "document": "invoice/48213", "revision": "-1"},
        {"tenant": "acme", "document": "invoice/48213", "revision": "0"},
        {"tenant": "acme", "document": "invoice/48213", "revision": "9" * 20},
        {"tenant": "acme", "document": "invoice/48213", "revision": str(2**63)},
        {"tenant": "acme", "document": "invoice/48213", "revision": "1" * 5000},
        {"tenant": "acme", "document": "invoice/" + "1" * 5000, "revision": "1"},
        {"tenant": "acme", "document": f"invoice/{2**63}", "revision": "1"},
        {"tenant": "ac\0me", "document": "invoice/48213", "revision": "1"},
        {"tenant": "acme\n", "document": "invoice/48213", "revision": "1"},
        {"tenant": "a" * 41, "document": "invoice/48213", "revision": "1"},
    ],
)
def test_without_headers_that_name_a_document_no_fault_is_invented(headers: dict[str, str]) -> None:
    bench = Bench()
    assert bench.handle(record(line(1, "10"), value=b"", headers=headers)) == []
    assert len(bench.kafka.buried) == 1


def test_a_trace_that_can_not_be_one_is_not_carried_on() -> None:
    sent = {"tenant": "acme", "document": "invoice/7", "revision": "1", "traceparent": "00-a\0-b-01"}
    fault, log = Bench().handle(record(line(1, "10"), value=b"", headers=sent))
    assert fault[1]["revision"] == 1
    assert len(log[1]["trace_id"]) == 32


def test_one_bad_record_stops_none_of_its_neighbours() -> None:
    bench = Bench()
    bad = record(line(1, "10"), value=b"\x00")
    events = bench.handle(record(line(1, "10"), id=1), bad, record(line(1, "10"), id=2))
    assert [event["document"] for topic, event in events if topic == names.MAPPED] == [
        "invoice/1",
        "invoice/2",
    ]
    assert bench.kafka.handled_count == 2


def test_work_beyond_this_release_is_refused_loudly_not_ignored() -> None:
    bench = Bench()
    fault, _ = bench.handle(record(line(1, "10"), document="invoice/1"))
    assert fault[1]["code"] == "EVENT_UNREADABLE"
    assert "invoice/1 carries invoice 48213" in bench.kafka.buried[0].reason


class NarrowCodec(Codec):
    """Carries everything but mapped events."""

    def encode(self, topic: str, event: Event) -> bytes:
        if topic == names.MAPPED:
            raise UnrepresentableEventError("an amount has more digits than fit")
        return super().encode(topic, event)


def test_an_outcome_with_more_digits_than_its_schema_carries_is_a_fault_not_a_rounded_event() -> None:
    bench = Bench(codec=NarrowCodec(SingleObjectFraming(), NoForeignSchemas()))
    (topic, event), _ = bench.handle(record(line(1, "10")))
    assert (topic, event["code"], event["strike"]) == (names.FAULTED, "AMOUNT_PRECISION", True)
    assert event["details"] == ["an amount has more digits than fit"]


def test_a_snapshot_nobody_foresaw_is_kept_and_stops_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def explode(*_: object) -> None:
        raise KeyError("Ada Lovelace Ltd")

    monkeypatch.setattr("mapper.adapters.batch.map_document", explode)
    bench = Bench()
    fault, _ = bench.handle(record(line(1, "10")))
    assert fault[1]["code"] == "EVENT_UNREADABLE"
    assert bench.kafka.buried[0].reason == "mapping failed: KeyError"
    assert "KeyError in test_batch.py" in caplog.text
    assert "Ada" not in caplog.text + str(fault)


def test_an_oversized_outcome_is_a_final_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mapper.adapters.batch.MAX_EVENT_BYTES", 600)
    (topic, event), _ = Bench().handle(record(line(1, "10"), line(2, "20")))
    assert (topic, event["code"], event["final"]) == (names.FAULTED, "INVOICE_TOO_LARGE", True)


def test_an_event_is_never_mapped_with_older_settings_than_its_own() -> None:
    bench = Bench()
    (topic, fault), _ = bench.handle(record(line(1, "10"), settings_version=4))
    assert (topic, fault["code"]) == (names.FAULTED, "TENANT_DATA_MISSING")
    assert "settings version 4" in fault["details"][0]
    bench.kafka.published.clear()
    bench.settings.arriving["acme"] = VersionedSettings(4, settings(invoice_numbers="xero"))
    ((_, event),) = bench.handle(record(line(1, "10"), settings_version=4))
    assert (event["settings_version"], event["xero"]["number"]) == (4, None)


def test_an_event_is_never_mapped_without_its_tenants_reference_data() -> None:
    bench = Bench(reference=Table())
    (topic, fault), _ = bench.handle(record(line(1, "10")))
    assert (topic, fault["code"]) == (names.FAULTED, "TENANT_DATA_MISSING")
    assert "xero.reference" in fault["details"][0]
    bench.kafka.published.clear()
    bench.reference.arriving["acme"] = reference()
    assert bench.handle(record(line(1, "10")))[0][0] == names.MAPPED


def test_a_tenant_without_its_data_costs_no_strike_and_holds_up_no_neighbour() -> None:
    bench = Bench()
    orphan = record(line(1, "10"), tenant_id="orphan")
    events = bench.handle(orphan, record(line(1, "10")))
    faults = [event for topic, event in events if topic == names.FAULTED]
    assert [(fault["tenant_id"], fault["strike"], fault["final"]) for fault in faults] == [
        ("orphan", False, False)
    ]
    assert [event["tenant_id"] for topic, event in events if topic == names.MAPPED] == ["acme"]


def test_a_tenant_without_its_data_is_waited_for_once_not_with_each_event() -> None:
    bench = Bench(reference=Table())
    bench.handle(record(line(1, "10")), record(line(1, "10")), record(line(1, "10")))
    assert [patience > 0 for patience in bench.reference.waits] == [True, False, False]


def test_new_settings_or_reference_data_hold_from_the_next_event_on() -> None:
    bench = Bench()
    bench.handle(record(line(1, "10")))
    bench.settings.rows["acme"] = VersionedSettings(9, settings(invoices_import_as="approved"))
    bench.reference.rows["acme"] = reference(version=11)
    events = bench.handle(record(line(1, "10")))
    assert [event["settings_version"] for _, event in events] == [3, 9]
    assert [event["xero"]["status"] for _, event in events] == ["DRAFT", "AUTHORISED"]
    assert events[1][1]["reference_version"] == 11


def test_a_batch_that_was_not_acknowledged_is_handled_again_with_the_same_ids() -> None:
    bench = Bench()
    bench.kafka.refusal = KafkaError(KafkaError._MSG_TIMED_OUT)
    with pytest.raises(TransientError):
        bench.handle(record(line(1, "10")))
    assert bench.kafka.handled_count == 0
    bench.kafka.refusal = None
    events = bench.handle(record(line(1, "10")))
    assert len(events) == 2
    assert len({event["event_id"] for _, event in events}) == 1


@pytest.mark.parametrize(
    "refusal", [KafkaError(KafkaError._FATAL, "fenced", fatal=True), KafkaError(KafkaError._FATAL)]
)
def test_a_producer_beyond_recovery_ends_the_service(refusal: KafkaError) -> None:
    bench = Bench()
    bench.kafka.refusal = refusal
    with pytest.raises(KafkaException):
        bench.handle(record(line(1, "10")))


def settings_record(text: str) -> Record:
    event: TenantSettings = {
        "tenant_id": "acme",
        "name": "Acme",
        "state": "active",
        "version": 5,
        "settings": text,
        "updated_at": NOW,
        "updated_by": "admin",
    }
    return Record(names.SETTINGS, 0, 0, b"acme", CODEC.encode(names.SETTINGS, dict(event)), [])


def test_settings_are_read_with_every_default() -> None:
    found = read_settings(CODEC, settings_record(json.dumps({"invoice_numbers": "xero"})))
    assert found.version == 5
    assert (found.settings["invoice_numbers"], found.settings["amount_tolerance"]) == ("xero", "0.00")


@pytest.mark.parametrize("text", ["{", '{"invoice_numbers": "mine"}', "[]"])
def test_settings_that_are_not_valid_never_replace_valid_ones(text: str) -> None:
    with pytest.raises(UnreadableEventError, match="settings version 5"):
        read_settings(CODEC, settings_record(text))


def test_no_batch_is_held_decoded_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service_runtime.records.PART_BYTES", 1)
    decoded: list[str] = []

    class Counted(Codec):
        def decode(self, topic: str, data: bytes | None) -> Event:
            decoded.append(topic)
            return super().decode(topic, data)

    bench = Bench(codec=Counted(SingleObjectFraming(), NoForeignSchemas()))
    before: list[int] = []
    monkeypatch.setattr(bench.kafka, "send", lambda _: before.append(len(decoded)))
    bench.handle(*[record(line(1, "10.00"))] * 3)
    assert before == [1, 2, 3]
