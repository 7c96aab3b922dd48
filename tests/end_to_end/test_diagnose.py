"""Diagnostic Mode and bulk acts over HTTP through all services: a dry run writes nothing, and tells what a resync then sends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from simulators.books.model import Books
from simulators.books.plain import generate_plain
from tests.end_to_end.suite import Suite, running_suite, today
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

NAME = "diagnosed"
INVOICES = 3


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    tenant = generate_plain(INVOICES, today=today(), tenants=(NAME,)).tenants[0]
    folder = Path(tmp_path_factory.mktemp("diagnosed"))
    with running_suite(Books((tenant,)), folder, loaded={NAME: list(tenant.fates)}) as running:
        running.await_stamped(NAME, set(tenant.fates), 180)
        for number in tenant.fates:
            running.await_complete(NAME, f"invoices/{number}")
        yield running


def ended(suite: Suite, kind: str, number: int) -> dict[str, Any]:
    """A command about an invoice, given and followed to its end."""
    given = suite.status.command(NAME, kind, f"invoice/{number}")

    def at_its_end() -> dict[str, Any]:
        command: dict[str, Any] = suite.status.get(f"tenants/{NAME}/commands/{given['command_id']}")
        return command if command["state"] in {"done", "refused"} else {}

    return wait_until(at_its_end, f"the end of {kind}", 60, pause=0.2)


def shown(suite: Suite, number: int) -> dict[str, Any]:
    found: dict[str, Any] = suite.status.get(f"tenants/{NAME}/invoices/{number}")
    return found


def autotask_writes(suite: Suite, since: int) -> list[dict[str, Any]]:
    """Calls that could change something in Autotask: what is asked for by POST ends in /query."""
    return [
        call
        for call in suite.autotask.calls(since)
        if call["method"] not in {"GET", "HEAD"} and not call["path"].lower().endswith("/query")
    ]


def change_text(suite: Suite, number: int, words: str) -> None:
    lines = suite.autotask.books(NAME)["entities"]["BillingItems"]
    line = next(one for one in lines if one["invoiceID"] == number)
    change = [{"id": line["id"], "lineItemFullDescription": words}]
    suite.autotask.post(f"tenants/{NAME}/entities/BillingItems", change)


def test_a_diagnosis_writes_nothing_anywhere_and_tells_what_the_resync_after_it_sends(suite: Suite) -> None:
    number = next(iter(suite.books.tenant(NAME).fates))
    change_text(suite, number, "Corrected by hand")
    before = suite.last_call(suite.xero), suite.last_call(suite.autotask)
    books = json.dumps(suite.xero.books(NAME), sort_keys=True, default=str)
    command = ended(suite, "diagnose", number)
    answer = json.loads(command["answer"])
    assert (command["state"], answer["would"]) == ("done", "update")
    assert "Corrected by hand" in json.dumps(answer["requests"])
    wait_until(lambda: shown(suite, number)["status"] == "Diagnostic Mode", "Diagnostic Mode", 30)
    assert shown(suite, number)["strikes"] == 0
    refused = ended(suite, "resync", number)
    assert (refused["state"], "Diagnostic Mode" in refused["reason"]) == ("refused", True)
    assert suite.writes(before[0]) == []
    assert autotask_writes(suite, before[1]) == []
    assert json.dumps(suite.xero.books(NAME), sort_keys=True, default=str) == books

    assert ended(suite, "release", number)["state"] == "done"
    suite.await_complete(NAME, f"invoices/{number}")
    assert suite.writes(before[0]) == [], "release shows what was below and sends nothing"
    assert ended(suite, "resync", number)["state"] == "done"
    (call,) = wait_until(lambda: suite.writes(before[0]), "the resync's write", 60)
    sent = call["request_body"]
    (request,) = answer["requests"]
    assert request["body"] == (json.loads(sent) if isinstance(sent, str) else sent)
    assert (request["method"], request["path"].partition("?")[0]) == (
        call["method"],
        call["path"].partition("?")[0],
    )
    told = [
        entry["summary"] for entry in suite.status.get(f"tenants/{NAME}/invoices/{number}/timeline")["items"]
    ]
    assert any("Read from Autotask for a diagnosis" in words for words in told)
    assert any("Taken into Diagnostic Mode" in words for words in told)


def test_one_bulk_act_brings_every_document_over_again_and_none_twice(suite: Suite) -> None:
    numbers = list(suite.books.tenant(NAME).fates)
    for number in numbers:
        change_text(suite, number, f"Bulk {number}")
    before = suite.last_call(suite.xero)
    url = f"{suite.stack.status_api_url}/api/v1/tenants/{NAME}/commands/bulk"
    headers = {
        "Authorization": f"Bearer {suite.stack.status_api_token}",
        "Idempotency-Key": "everything-again",
    }
    body = {"kind": "resync", "documents": [f"invoice/{number}" for number in numbers]}
    given = [requests.post(url, json=body, headers=headers, timeout=30) for _ in range(2)]
    assert [answer.status_code for answer in given] == [202, 200]
    bulk_id = given[0].json()["bulk_id"]
    assert {shown(suite, number)["status"] for number in numbers} == {"Pending Sync"}

    def finished() -> bool:
        return bool(
            suite.status.get(f"tenants/{NAME}/commands/bulk/{bulk_id}")["commands"]["done"] == len(numbers)
        )

    wait_until(finished, "the end of the bulk act", 60, pause=0.2)
    for number in numbers:
        suite.await_complete(NAME, f"invoices/{number}")
    assert len(suite.writes(before)) == len(numbers)
    assert suite.comparison(suite.books.tenant(NAME)).documents == len(numbers)
