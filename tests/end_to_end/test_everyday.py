"""The whole path over HTTP and Kafka: modes, resyncs, cleared stamps, replays, poison."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from invoice_events import names
from invoice_events.names import Document
from simulators.books.model import Books, ImportAs, Numbering, TenantBooks
from simulators.books.plain import generate_plain
from tests.end_to_end.replay import assert_a_replay_changes_nothing
from tests.end_to_end.suite import Suite, running_suite, today
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

PER_TENANT = 3


def _modes() -> Iterator[TenantBooks]:
    numberings: tuple[Numbering, ...] = get_args(Numbering)
    imports: tuple[ImportAs, ...] = get_args(ImportAs)
    for numbering, import_as in itertools.product(numberings, imports):
        name = f"{numbering}-{import_as}".replace("_", "-")
        yield generate_plain(
            PER_TENANT, today=today(), tenants=(name,), numbering=numbering, import_as=import_as
        ).tenants[0]


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    books = Books(tuple(_modes()))
    loaded = {tenant.tenant: list(tenant.fates) for tenant in books.tenants}
    with running_suite(books, Path(tmp_path_factory.mktemp("everyday")), loaded=loaded) as running:
        for tenant in books.tenants:
            running.await_stamped(tenant.tenant, set(tenant.fates), 180)
        yield running


def _tenant(suite: Suite, name: str) -> TenantBooks:
    return suite.books.tenant(name)


def test_no_numbering_mode_or_import_status_alters_a_document(suite: Suite) -> None:
    for tenant in suite.books.tenants:
        comparison = suite.comparison(tenant)
        assert comparison.problems == []
        assert comparison.documents == PER_TENANT
        books = suite.xero.books(tenant.tenant)
        sent = {document["SentToContact"] for document in books["invoices"]}
        assert sent == {tenant.tenant.endswith("approved-and-sent")}
        assert books["counters"]["mails_sent"] == 0


@pytest.mark.parametrize("name", ["autotask-id-draft", "xero-approved", "autotask-number-approved-and-sent"])
def test_five_resyncs_with_the_stamp_cleared_in_between_leave_one_document(suite: Suite, name: str) -> None:
    tenant = _tenant(suite, name)
    number = next(iter(tenant.fates))
    before = suite.last_call(suite.xero)
    for _ in range(5):
        command = suite.status.command(name, "resync", f"invoice/{number}")
        _await_done(suite, name, command["command_id"])
        revision = _await_settled(suite, name, number)
        _await_confirmed_stamp(
            suite, name, number, revision
        )  # else the stamp would be written after it was cleared
        suite.autotask.post(f"tenants/{name}/invoices/{number}/clear-stamp", {})
        _await_newer(suite, name, number, revision)
        _await_settled(suite, name, number)
        suite.await_stamped(name, {number})
    comparison = suite.comparison(tenant)
    assert comparison.problems == []
    assert comparison.documents == PER_TENANT
    assert [
        call for call in suite.writes(before) if call["tenant"] == name
    ] == []  # unchanged: read, compared, not written


def test_a_changed_invoice_is_picked_up_by_resync_and_updates_the_one_document(suite: Suite) -> None:
    name = "xero-draft"
    number = list(_tenant(suite, name).fates)[1]
    lines = suite.autotask.books(name)["entities"]["BillingItems"]
    line = next(one for one in lines if one["invoiceID"] == number)
    suite.autotask.post(
        f"tenants/{name}/entities/BillingItems",
        [{"id": line["id"], "lineItemFullDescription": "Corrected text"}],
    )
    command = suite.status.command(name, "resync", f"invoice/{number}")
    _await_done(suite, name, command["command_id"])
    _await_settled(suite, name, number)
    documents = [
        one
        for one in suite.xero.books(name)["invoices"]
        if str(one["Url"]).endswith(f"#sync=invoice/{number}")
    ]
    assert len(documents) == 1
    assert any("Corrected text" in one["Description"] for one in documents[0]["LineItems"])


def test_sync_now_finds_a_new_invoice_without_waiting_for_the_timer(suite: Suite) -> None:
    name = "autotask-id-approved"
    extra = generate_plain(PER_TENANT + 1, today=today(), tenants=(name,), import_as="approved").tenants[0]
    number = list(extra.fates)[-1]
    suite.add_invoices(extra, [number])
    command = suite.status.command(name, "sync-now")
    _await_done(suite, name, command["command_id"])
    suite.await_stamped(name, {number})
    suite.await_complete(name, f"invoices/{number}")  # the stamp does not wait for the read model


@pytest.mark.parametrize(("topic", "service"), [(names.DISCOVERED, "mapper"), (names.MAPPED, "xero-writer")])
def test_an_unreadable_document_event_is_buried_and_faults_its_document_without_stopping_others(
    suite: Suite, topic: str, service: str
) -> None:
    name, number = "autotask-number-draft", 900000 + len(topic)
    document = Document("invoice", number)
    headers = [
        ("tenant", name.encode()),
        ("document", str(document).encode()),
        ("revision", b"1"),
        ("schema", b"x"),
        ("traceparent", b"00-aa-bb-01"),
    ]
    suite.topics.send_raw(topic, f"{name}/{document}".encode(), headers, b"\xc3\x01not a schema at all")
    found = wait_until(
        lambda: [one for one in suite.topics.events(names.FAULTED) if one["document"] == str(document)],
        "the fault of the poison",
        pause=0.5,
    )
    [fault] = found
    assert (fault["code"], fault["final"], fault["service"]) == ("EVENT_UNREADABLE", True, service)
    buried = [
        message
        for message in suite.topics.raw(f"{service}.dlq")
        if ("document", str(document).encode()) in (message.headers() or [])
    ]
    assert len(buried) == 1
    assert buried[0].value() == b"\xc3\x01not a schema at all"


def test_a_replay_from_offset_zero_gives_the_same_rows_and_writes_nothing(suite: Suite) -> None:
    assert_a_replay_changes_nothing(suite)


def _invoice(suite: Suite, tenant: str, number: int) -> dict[str, Any]:
    found: dict[str, Any] = suite.status.get(f"tenants/{tenant}/invoices/{number}")
    return found


def _await_done(suite: Suite, tenant: str, command_id: str) -> None:
    wait_until(
        lambda: suite.status.get(f"tenants/{tenant}/commands/{command_id}")["state"] == "done",
        f"command {command_id}",
    )


def _await_confirmed_stamp(suite: Suite, tenant: str, number: int, revision: int) -> None:
    query = "SELECT 1 FROM ledger WHERE tenant_id = :tenant AND autotask_id = :number AND stamped_revision >= :revision"
    wait_until(
        lambda: suite.rows("poller", query, tenant=tenant, number=number, revision=revision),
        "the stamp of the resync",
    )


def _await_newer(suite: Suite, tenant: str, number: int, revision: int) -> None:
    wait_until(
        lambda: _invoice(suite, tenant, number)["revision"] > revision,
        "the cleared stamp to be seen as a resync",
    )


def _await_settled(suite: Suite, tenant: str, number: int) -> int:
    found = wait_until(
        lambda: (item := _invoice(suite, tenant, number))["status"] == "Complete" and item,
        f"invoice {number} to be Complete",
    )
    return int(found["revision"])
