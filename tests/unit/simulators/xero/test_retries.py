"""Idempotency keys and planted faults: what happens to a call that is sent again."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import requests

from simulators.kit import json_text
from simulators.kit.call import DisconnectError
from simulators.kit.server import start

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

    from tests.unit.simulators.xero.conftest import Xero


def keyed(xero: Xero, key: str, reference: str = "same", **query: object) -> TestResponse:
    body = {"Invoices": [xero.invoice(Reference=reference)]}
    return xero.request("PUT", "Invoices", body, headers={"Idempotency-Key": key}, **query)


def plant(xero: Xero, action: dict[str, Any], **members: Any) -> None:  # noqa: ANN401 - members of a fault
    xero.control(
        "POST", "faults", {"match": {"path": "/api.xro/.*"}, "times": 1, **members, "action": action}
    )


def test_a_key_replays_the_first_answer_and_creates_nothing_more(xero: Xero) -> None:
    first, second = keyed(xero, "k"), keyed(xero, "k")
    assert first.data == second.data
    assert first.headers["Xero-Correlation-Id"] == second.headers["Xero-Correlation-Id"]
    assert xero.counted("invoices_created") == 1
    assert [
        call["replayed"] for call in xero.control("GET", "calls")["calls"] if call["idempotency_key"]
    ] == [
        False,
        True,
    ]


def test_a_key_is_forgotten_after_its_lifetime_and_then_doubles(xero: Xero) -> None:
    keyed(xero, "k")
    xero.control("POST", "clock", {"offset_seconds": 359})
    keyed(xero, "k")
    assert xero.counted("invoices_created") == 1
    xero.control("POST", "clock", {"offset_seconds": 361})
    keyed(xero, "k")
    assert xero.counted("invoices_created") == 2


def test_a_key_with_another_request_is_refused(xero: Xero) -> None:
    keyed(xero, "k")
    for answer in (keyed(xero, "k", reference="other"), keyed(xero, "k", unitdp=4)):
        assert answer.status_code == 400
        message = json_text.loads(answer.data)["Message"]
        assert message == "Idempotency Key: k is used with a different request."


def test_a_key_is_shared_by_all_organisations_of_an_app(
    xero: Xero, make_document: Callable[..., dict[str, Any]]
) -> None:
    second = make_document(tenant="second")
    second["organisation"]["OrganisationID"] = "99999999-2222-4333-8444-555555555555"
    xero.control("POST", "tenants", second)
    first = keyed(xero, "k")
    headers = {"Idempotency-Key": "k", "xero-tenant-id": second["organisation"]["OrganisationID"]}
    trap = xero.request("PUT", "Invoices", {"Invoices": [xero.invoice(Reference="same")]}, headers=headers)
    assert trap.data == first.data
    assert xero.control("GET", "books/second")["invoices"] == []


def test_validation_errors_are_replayed_too(xero: Xero) -> None:
    body = {"Invoices": [xero.invoice(Contact={"Name": "Gone Ltd"})]}
    headers = {"Idempotency-Key": "k"}
    assert xero.request("PUT", "Invoices", body, headers=headers).status_code == 400
    xero.change("contacts", {"Name": "Gone Ltd", "ContactStatus": "ACTIVE"})
    assert xero.request("PUT", "Invoices", body, headers=headers).status_code == 400
    assert xero.request("PUT", "Invoices", body, headers={"Idempotency-Key": "k2"}).status_code == 200


def test_a_key_that_is_too_long_is_refused_and_a_get_ignores_keys(xero: Xero) -> None:
    answer = keyed(xero, "k" * 129)
    assert answer.status_code == 400
    assert "129" in json_text.loads(answer.data)["Message"]
    headers = {"Idempotency-Key": "k"}
    before = json_text.loads(xero.request("GET", "Invoices", headers=headers).data)
    xero.made()
    after = json_text.loads(xero.request("GET", "Invoices", headers=headers).data)
    assert len(before["Invoices"]) + 1 == len(after["Invoices"])


def test_a_replay_costs_a_call(make_xero: Callable[..., Xero]) -> None:
    xero = make_xero(switches={"minute_limit": 2})
    keyed(xero, "k")
    keyed(xero, "k")
    assert keyed(xero, "k").status_code == 429


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_500_is_replayed_for_its_key_whether_or_not_the_work_was_done(
    xero: Xero, when: str, made: int
) -> None:
    plant(xero, {"kind": "status", "status": 500, "body": {"ErrorNumber": 500}}, when=when)
    assert [keyed(xero, "k").status_code for _ in range(2)] == [500, 500]
    assert xero.counted("invoices_created") == made
    assert keyed(xero, "new").status_code == 200


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_refusal_before_processing_is_not_remembered_for_its_key(xero: Xero, status: int) -> None:
    plant(xero, {"kind": "status", "status": status})
    assert [keyed(xero, "k").status_code for _ in range(2)] == [status, 200]
    assert xero.counted("invoices_created") == 1


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_cut_call_sent_again_with_its_key_is_processed_once(xero: Xero, when: str, made: int) -> None:
    plant(xero, {"kind": "cut"}, when=when)
    with pytest.raises(DisconnectError):
        keyed(xero, "k")
    assert xero.counted("invoices_created") == made
    again = keyed(xero, "k")
    assert again.status_code == 200
    assert xero.counted("invoices_created") == 1


def test_garbage_hides_an_answer_that_the_key_still_holds(xero: Xero) -> None:
    plant(xero, {"kind": "garbage"}, when="after")
    assert keyed(xero, "k").data.startswith(b"<html>")
    assert json_text.loads(keyed(xero, "k").data)["Status"] == "OK"
    assert xero.counted("invoices_created") == 1


def test_a_partial_failure_leaves_the_first_elements_and_repeats_its_500(xero: Xero) -> None:
    plant(xero, {"kind": "partial", "elements": 2}, match={"method": "PUT", "body_contains": "N3"})
    body = {"Invoices": [xero.invoice(InvoiceNumber=f"N{index}") for index in range(1, 5)]}
    answers = [
        xero.request("PUT", "Invoices", body, headers={"Idempotency-Key": "k"}, summarizeErrors="false")
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [500, 500]
    assert [entry["InvoiceNumber"] for entry in xero.books()["invoices"]] == ["N1", "N2"]


def test_a_twin_with_the_same_key_waits_and_is_never_processed_too(xero: Xero) -> None:
    server = start(xero.app)
    try:
        plant(xero, {"kind": "delay", "seconds": Decimal("0.3")}, when="before")
        url = f"http://127.0.0.1:{server.port}/api.xro/2.0/Invoices"
        body = json_text.dumps({"Invoices": [xero.invoice()]})
        headers = {
            "Authorization": f"Bearer {xero.token}",
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Idempotency-Key": "k",
        }
        barrier = threading.Barrier(4)

        def send() -> str:
            barrier.wait()
            return requests.put(url, data=body, headers=headers, timeout=30).text

        with ThreadPoolExecutor(4) as pool:
            answers = {future.result() for future in [pool.submit(send) for _ in range(4)]}
    finally:
        server.stop()
    assert len(answers) == 1
    assert xero.counted("invoices_created") == 1


def test_parallel_creates_never_share_a_number_or_lose_an_invoice(xero: Xero) -> None:
    server = start(xero.app)
    headers = {"Authorization": f"Bearer {xero.token}", "Accept": "application/json"}
    try:

        def send(worker: int) -> list[str]:
            with requests.Session() as session:
                found = []
                for round_ in range(10):
                    body = {"Invoices": [xero_invoice, {**xero_invoice, "InvoiceNumber": f"SHARED-{round_}"}]}
                    answer = session.put(
                        f"http://127.0.0.1:{server.port}/api.xro/2.0/Invoices?summarizeErrors=false&w={worker}",
                        json=body,
                        headers=headers,
                        timeout=30,
                    )
                    found += [
                        entry["InvoiceNumber"]
                        for entry in answer.json()["Invoices"]
                        if not entry["HasErrors"]
                    ]
                return found

        xero_invoice = {"Type": "ACCREC", "Contact": {"Name": "Contoso Ltd"}, "Date": "2026-11-03"}
        with ThreadPoolExecutor(6) as pool:
            numbers = [number for found in pool.map(send, range(6)) for number in found]
    finally:
        server.stop()
    assert len(numbers) == len(set(numbers)) == 70
    assert xero.counted("invoices_created") == 70


def test_calls_in_progress_are_limited_while_they_wait(make_xero: Callable[..., Xero]) -> None:
    xero = make_xero(switches={"concurrent_limit": 2})
    server = start(xero.app)
    try:
        xero.control("POST", "faults", {"action": {"kind": "hang", "seconds": 600}})
        url = f"http://127.0.0.1:{server.port}/api.xro/2.0/Organisation"
        headers = {"Authorization": f"Bearer {xero.token}", "Accept": "application/json"}

        def send() -> None:
            with pytest.raises(requests.ConnectionError):
                requests.get(url, headers=headers, timeout=600)

        with ThreadPoolExecutor(2) as pool:
            hanging = [pool.submit(send) for _ in range(2)]
            deadline = time.monotonic() + 30
            while xero.control("GET", "faults")["faults"][0]["fired"] < 2 and time.monotonic() < deadline:
                time.sleep(0.01)
            xero.control("DELETE", "faults")
            refused = requests.get(url, headers=headers, timeout=30)
            server.stop()
            for future in hanging:
                future.result()
    finally:
        server.stop()
    assert (refused.status_code, refused.content) == (429, b"")
    assert refused.headers["X-Rate-Limit-Problem"] == "concurrent"
    assert "Retry-After" not in refused.headers


def test_latency_of_one_tenant_is_set_by_hand(xero: Xero) -> None:
    xero.control("POST", "latency", {"tenant": "acme", "seconds": 0})
    assert xero.request("GET", "Organisation").status_code == 200
    answer = xero.client.post("/_control/latency", json={"tenant": "nobody", "seconds": 1})
    assert answer.status_code == 404


def test_the_token_call_is_recorded_without_its_form(xero: Xero) -> None:
    calls = xero.control("GET", "calls")["calls"]
    assert [(call["path"], call["tenant"], call["request_body"]) for call in calls] == [
        ("/connect/token", "acme", None)
    ]
    assert "s3cret" not in json_text.dumps(calls)
