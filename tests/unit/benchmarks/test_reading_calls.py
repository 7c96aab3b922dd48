from __future__ import annotations

from typing import Any, cast

import pytest

from benchmarks.call_log import Call, CallReader, is_search, is_stamp, is_write, of_tenant
from benchmarks.commands import asks_for
from benchmarks.throughput import written_within
from local_stack.control import SimulatorControl
from local_stack.errors import StackError


def record(seq: int, **members: object) -> dict[str, Any]:
    return {
        "seq": seq,
        "tenant": "acme",
        "method": "GET",
        "path": "/api.xro/2.0/Organisation",
        "status": 200,
        "monotonic": 100.0,
        "duration_ms": 250,
        "request_body": None,
    } | members


def write(began: float, took_ms: int, documents: int = 50, **members: object) -> Call:
    body = {"Invoices": [{"InvoiceNumber": f"INV:{number}"} for number in range(documents)]}
    shared = {"method": "PUT", "path": "/api.xro/2.0/Invoices", "request_body": body}
    return Call.of(record(1, monotonic=began, duration_ms=took_ms, **shared | members))


class Recorded:
    """The control interface of a simulator that tells what it was given, look by look."""

    def __init__(self, *looks: list[dict[str, Any]]) -> None:
        self.looks = list(looks)
        self.asked: list[int] = []

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        self.asked.append(since)
        return self.looks.pop(0) if self.looks else []


def reader(*looks: list[dict[str, Any]]) -> tuple[CallReader, Recorded]:
    recorded = Recorded(*looks)
    return CallReader(cast("SimulatorControl", recorded)), recorded


def test_a_call_does_not_end_when_it_begins() -> None:
    call = Call.of(record(1))
    assert (call.began, call.ended) == (100.0, 100.25)


def test_no_call_is_counted_twice() -> None:
    calls, recorded = reader([record(1), record(2)], [record(3)], [])
    assert len(calls.new()) == 2
    assert len(calls.new()) == 1
    assert calls.new() == []
    assert recorded.asked == [0, 2, 3]


def test_what_came_in_the_same_look_as_the_awaited_call_is_not_lost() -> None:
    calls, _ = reader(
        [record(1, path="/a"), record(2, path="/b"), record(3, path="/c")], [record(4, path="/d")]
    )
    assert calls.await_call(lambda call: call.path == "/b", "b").path == "/b"
    assert [call.path for call in calls.new()] == ["/c", "/d"]


def test_calls_before_the_awaited_one_are_not_left_out_over_several_looks() -> None:
    calls, _ = reader([record(1, path="/a")], [], [record(2, path="/b"), record(3, path="/c")])
    assert [call.path for call in calls.until(lambda call: call.path == "/b", "b")] == ["/a", "/b"]
    assert [call.path for call in calls.new()] == ["/c"]


def test_a_call_that_never_comes_is_not_waited_for_for_ever() -> None:
    calls, _ = reader([record(1)])
    with pytest.raises(StackError, match="the stamp"):
        calls.await_call(is_stamp, "the stamp", seconds=0)


def test_another_tenants_calls_are_not_counted() -> None:
    found = [Call.of(record(1)), Call.of(record(2, tenant="other")), Call.of(record(3, tenant=None))]
    assert of_tenant(found, "acme") == found[:1]


def test_a_refused_stamp_does_not_count_as_written() -> None:
    stamp = {"method": "PATCH", "request_body": {"id": 7, "webServiceDate": "2026-05-14T08:00:00Z"}}
    assert is_stamp(Call.of(record(1, **stamp)))
    assert not is_stamp(Call.of(record(1, **stamp, status=500)))
    assert not is_stamp(Call.of(record(1, **stamp, status=None)))


def test_a_query_of_lines_is_not_taken_for_the_search_for_new_invoices() -> None:
    new = {"request_body": {"filter": [{"op": "notExist", "field": "webServiceDate"}]}, "method": "POST"}
    assert is_search(Call.of(record(1, path="/zone14/ATServicesRest/v1.0/Invoices/query", **new)))
    assert not is_search(Call.of(record(1, path="/zone14/ATServicesRest/v1.0/BillingItems/query", **new)))


def test_the_question_for_another_invoice_is_not_taken_for_that_of_the_command() -> None:
    by_id = {"filter": [{"op": "in", "field": "id", "value": [4120]}]}
    call = Call.of(record(1, path="/v1.0/Invoices/query", request_body=by_id))
    assert asks_for(call, 4120)
    assert not asks_for(call, 412)
    assert not asks_for(call, 120)


def test_a_write_that_xero_refused_does_not_count_as_documents() -> None:
    assert is_write(write(0, 2000))
    assert not is_write(write(0, 2000, status=429))
    assert not is_write(write(0, 2000, documents=0))


def test_documents_written_after_the_last_whole_minute_do_not_count() -> None:
    calls = [
        Call.of(record(1, monotonic=10.0)),  # the read that opens Xero's minute
        write(12.0, 2000),
        write(67.0, 2000, documents=30),
        write(69.0, 2000),  # ends after the minute
        write(20.0, 2000, status=429),
    ]
    assert written_within(calls, 60.0) == 80
    assert written_within([], 60.0) == 0
