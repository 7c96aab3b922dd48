from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from invoice_events import names
from tests.unit.mapper.conftest import invoice, line
from tests.unit.mapper.orders import ORDERS, item, order

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.mapper.conftest import Kafka, MapperProcess

pytestmark = pytest.mark.stack


def test_invoices_are_mapped_by_a_real_process_and_it_ends_cleanly(
    kafka_for_tenant: Kafka, start_mapper: Callable[[], MapperProcess]
) -> None:
    kafka_for_tenant.introduce()
    mapper = start_mapper()
    mapper.wait_ready()
    for number in range(1, 21):
        kafka_for_tenant.send(names.DISCOVERED, invoice([line(1, "10.00")], id=number))
    mapped = kafka_for_tenant.read(names.MAPPED, 20)
    assert {event["document"] for event in mapped} == {f"invoice/{number}" for number in range(1, 21)}
    assert {str(event["prediction"]["total"]) for event in mapped} == {"11.5000"}
    status, text = mapper.probe("/metrics")
    assert status == 200
    assert 'invoice_sync_events_produced_total{topic="invoice.mapped"}' in text
    assert mapper.probe("/healthz")[0] == 200
    assert mapper.stop() == 0
    for entry in mapper.output().splitlines():
        json.loads(entry)
        assert "Contoso" not in entry


def test_an_event_waits_for_the_settings_it_was_made_with_and_delays_none_for_ever(
    kafka_for_tenant: Kafka, start_mapper: Callable[[], MapperProcess]
) -> None:
    kafka_for_tenant.introduce(version=3)
    mapper = start_mapper()
    mapper.wait_ready()
    kafka_for_tenant.send(names.DISCOVERED, invoice([line(1, "10.00")], settings_version=4))
    kafka_for_tenant.introduce(version=4, invoice_numbers="xero")
    (event,) = kafka_for_tenant.read(names.MAPPED, 1)
    assert (event["settings_version"], event["xero"]["number"]) == (4, None)


def test_poison_reaches_the_dead_letters_and_its_document_and_stops_nobody(
    kafka_for_tenant: Kafka, start_mapper: Callable[[], MapperProcess]
) -> None:
    kafka_for_tenant.introduce()
    mapper = start_mapper()
    mapper.wait_ready()
    source = invoice([line(1, "10.00")])
    kafka_for_tenant.send(names.DISCOVERED, source, value=b"\xc3\x01garbage!")
    kafka_for_tenant.send(names.DISCOVERED, source | {"revision": source["revision"] + 1})
    (fault,) = kafka_for_tenant.read(names.FAULTED, 1)
    assert (fault["code"], fault["final"], fault["revision"]) == (
        "EVENT_UNREADABLE",
        True,
        source["revision"],
    )
    (mapped,) = kafka_for_tenant.read(names.MAPPED, 1)
    assert mapped["revision"] == source["revision"] + 1
    assert kafka_for_tenant.raw("mapper.dlq", 1) == [b"\xc3\x01garbage!"]


def test_orders_are_mapped_beside_invoices_and_a_poisoned_one_stops_nobody(
    kafka_for_tenant: Kafka, start_mapper: Callable[[], MapperProcess]
) -> None:
    kafka_for_tenant.introduce(purchase_orders=ORDERS)
    mapper = start_mapper()
    mapper.wait_ready()
    bought = order([item(1, "2", "310.2575")])
    kafka_for_tenant.send(names.ORDER_DISCOVERED, bought, value=b"\xc3\x01garbage!")
    kafka_for_tenant.send(names.ORDER_DISCOVERED, bought | {"revision": bought["revision"] + 1})
    kafka_for_tenant.send(names.ORDER_DISCOVERED, order([], id=772))
    kafka_for_tenant.send(names.DISCOVERED, invoice([line(1, "10.00")]))
    (made,) = kafka_for_tenant.read(names.ORDER_MAPPED, 1)
    assert (made["xero"]["number"], str(made["prediction"]["total"])) == ("PO:771", "713.6000")
    faults = {fault["document"]: fault["code"] for fault in kafka_for_tenant.read(names.ORDER_FAULTED, 2)}
    assert faults == {"purchase-order/771": "EVENT_UNREADABLE", "purchase-order/772": "NO_LINES"}
    (sold,) = kafka_for_tenant.read(names.MAPPED, 1)
    assert sold["xero_kind"] == "invoice"


def test_a_killed_mapper_loses_nothing_and_repeats_keep_their_ids(
    kafka_for_tenant: Kafka, start_mapper: Callable[[], MapperProcess]
) -> None:
    kafka_for_tenant.introduce()
    first = start_mapper()
    first.wait_ready()
    for number in range(1, 201):
        kafka_for_tenant.send(names.DISCOVERED, invoice([line(1, "10.00")], id=number))
        if number == 100:
            first.process.kill()
    second = start_mapper()
    second.wait_ready()
    mapped = kafka_for_tenant.read(names.MAPPED, 200)
    documents = {event["document"]: event["event_id"] for event in mapped}
    assert len(documents) == 200
    assert len(set(documents.values())) == 200
    for event in mapped:
        assert documents[event["document"]] == event["event_id"]
