from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_events import names
from mapper.adapters.tenants import VersionedSettings
from mapper.core.cautions import TWO_DECIMALS
from mapper.core.log_lines import log_lines
from mapper.core.outcome import Mapped
from tests.unit.mapper.bench import TRACE, Bench, Table, record, record_of
from tests.unit.mapper.conftest import invoice, line, mapped, settings
from tests.unit.mapper.orders import ORDERS, item, order

if TYPE_CHECKING:
    from service_runtime.records import Record


def bench(**changes: object) -> Bench:
    known = settings(purchase_orders=ORDERS, **changes)
    return Bench(settings=Table({"acme": VersionedSettings(3, known)}))


def order_record(*, value: bytes | None = None, **changes: object) -> Record:
    lines: Any = changes.pop("lines", [item(1, "2", "310.25")])
    return record_of(names.ORDER_DISCOVERED, dict(order(lines, **changes)), value)


def test_orders_and_invoices_of_one_batch_go_each_to_their_own_topic_under_their_own_key() -> None:
    made = bench()
    events = made.handle(record(line(1, "10.00")), order_record(), record(line(1, "10.00"), id=2))
    assert [(topic, event["document"]) for topic, event in events] == [
        (names.MAPPED, "invoice/48213"),
        (names.ORDER_MAPPED, "purchase-order/771"),
        (names.MAPPED, "invoice/2"),
    ]
    assert made.kafka.published[1].key == b"acme/purchase-order/771"


@pytest.mark.parametrize(
    ("changes", "topic", "told"),
    [
        ({"lines": []}, names.ORDER_FAULTED, ("error", {"code": "NO_LINES"})),
        ({"status": 5}, names.ORDER_SKIPPED, ("info", {"reason": "voided"})),
    ],
)
def test_what_becomes_of_an_order_is_told_in_the_logs(
    changes: dict[str, Any], topic: str, told: tuple[str, dict[str, str]]
) -> None:
    (found, _), (log, line_) = bench().handle(order_record(**changes))
    assert (found, log, line_["level"]) == (topic, names.LOGS, told[0])
    assert line_["document"] == "purchase-order/771"
    assert told[1].items() <= line_["fields"].items()


def test_an_order_nobody_can_read_is_at_fault_in_its_own_topic_and_stops_no_invoice() -> None:
    made = bench()
    events = made.handle(order_record(value=b"\xff\xff"), record(line(1, "10.00")))
    faults = [event for topic, event in events if topic == names.ORDER_FAULTED]
    assert [(fault["code"], fault["document"], fault["final"]) for fault in faults] == [
        ("EVENT_UNREADABLE", "purchase-order/771", True)
    ]
    assert [topic for topic, _ in events if topic == names.FAULTED] == []
    assert [topic for topic, _ in events].count(names.MAPPED) == 1
    assert len(made.kafka.buried) == 1


def test_an_order_of_a_tenant_without_data_costs_no_strike() -> None:
    (topic, fault), _ = Bench(settings=Table()).handle(order_record())
    assert (topic, fault["code"], fault["strike"]) == (names.ORDER_FAULTED, "TENANT_DATA_MISSING", False)


def test_an_oversized_order_is_a_final_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mapper.adapters.batch.MAX_EVENT_BYTES", 400)
    (topic, fault), _ = bench().handle(order_record())
    assert (topic, fault["code"], fault["final"]) == (names.ORDER_FAULTED, "INVOICE_TOO_LARGE", True)


def test_a_warning_stands_in_the_event_and_in_the_logs_and_keeps_its_identity() -> None:
    item_ = line(1, "303.23", quantity=Decimal(1840), rate=Decimal("0.16"), tax=Decimal("45.48"))
    first = bench(four_decimal_rounding=True).handle(record(item_))
    (topic, event), (log, told) = first
    assert (topic, event["warnings"], log) == (names.MAPPED, [TWO_DECIMALS], names.LOGS)
    assert (told["level"], told["message"], told["document"]) == ("warning", TWO_DECIMALS, "invoice/48213")
    assert told["trace_id"] == TRACE.split("-")[1]
    assert bench(four_decimal_rounding=True).handle(record(item_)) == first


def test_a_void_goes_over_whatever_the_settings_say_of_invoices() -> None:
    ((topic, event),) = bench(invoice_numbers="autotask_number").handle(record(action="void", is_voided=True))
    assert (topic, event["action"], event["xero"]) == (names.MAPPED, "void", None)


def test_no_warning_takes_the_place_of_another_in_the_logs() -> None:
    outcome = mapped(invoice([line(1, "10.00")]))
    assert isinstance(outcome, Mapped)
    outcome.event["warnings"] = ["one", "another"]
    told = log_lines(outcome, None)
    assert [each["message"] for each in told] == ["one", "another"]
    assert len({each["event_id"] for each in told}) == 2
