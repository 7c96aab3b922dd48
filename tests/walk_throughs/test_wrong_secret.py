"""Walk-through 10: the tenants file has a wrong Autotask secret for a day. Each change of the file costs one failing call, nothing else does."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text

from invoice_events import names
from service_runtime.tenants import TenantsFile
from simulators.books.model import Books
from tests.end_to_end.suite import Suite, Times, running_suite
from tests.integration.poller import conftest
from tests.integration.poller.rig import CREDENTIALS, TENANT, Rig, StubTenants
from tests.support.waiting import wait_until
from tests.walk_throughs.support import (
    Bill,
    assert_all_went_over,
    await_all,
    events_of,
    nothing_is_buried,
    statuses,
    tenant_books,
)

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

rig = conftest.rig

WRONG, NEIGHBOUR = "wrong-secret", "neighbour"
CYCLES_OF_A_DAY = 288
"""One every five minutes."""
BEFORE, MEANWHILE = 2, 3


class TenantsOfFile(StubTenants):
    """A tenant whose credentials come from a tenants file, read as the service reads it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._write(CREDENTIALS.secret, "Acme")
        self._file = TenantsFile(path)

    def change(self, secret: str, name: str = "Acme") -> None:
        """A person writes the file; the service sees that it changed."""
        self._write(secret, name)
        assert self._file.refresh() is None
        self.api_user = self._file.tenants[TENANT].autotask

    def _write(self, secret: str, name: str) -> None:
        autotask = {
            "username": CREDENTIALS.username,
            "secret": secret,
            "integration_code": CREDENTIALS.integration_code,
        }
        entry = {"id": TENANT, "name": name, "autotask": autotask}
        self._path.write_text(yaml.safe_dump({"tenants": [entry]}))


def test_a_day_with_a_wrong_secret_is_one_failing_call_for_each_change_of_the_file(
    rig: Rig, tmp_path: Path
) -> None:
    rig.tenants = tenants = TenantsOfFile(tmp_path / "tenants.yaml")
    rig.lease_seconds = 3600  # nobody renews it here
    rig.take_over()
    rig.add_invoice(1)
    rig.turn()
    rig.synced(1)  # its stamp, too, waits for the right secret
    changes = {
        0: ("wrong-1", "Acme"),
        100: ("wrong-2", "Acme"),
        150: ("wrong-2", "Acme Ltd"),
        200: ("wrong-3", "Acme"),
    }
    refused = []
    for cycle in range(CYCLES_OF_A_DAY):
        if cycle in changes:
            tenants.change(*changes[cycle])
        if cycle == 50:
            rig.add_invoice(2)
            rig.command("c1", "resync", "invoice/1")
        rig.turn()
        refused.append(len(_failed(rig)))
        rig.offset += timedelta(minutes=5)
    # The change in cycle 150 is about a name: the secret that was refused is still the same.
    assert refused == [1] * 100 + [2] * 100 + [3] * 88
    assert [event["state"] for event in rig.events(names.HEALTH)][-1] == "refused"
    assert rig.stamp_of(1) is None

    with rig.engine.begin() as connection:  # the database's clock did not go on with ours
        connection.execute(text("UPDATE ledger SET stamp_after = stamp_after - interval '1 day'"))
    tenants.change(CREDENTIALS.secret)
    rig.turn()
    assert len(_failed(rig)) == 3
    assert [event["document"] for event in rig.events(names.DISCOVERED)] == [
        "invoice/1",
        "invoice/1",
        "invoice/2",
    ]
    assert rig.stamp_of(1) is not None
    assert rig.events(names.FAULTED) == []
    assert [event["state"] for event in rig.events(names.HEALTH)][-1] == "connected"


def _failed(rig: Rig) -> list[dict[str, Any]]:
    return [call for call in rig.calls() if call["status"] != 200]


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    bills = [Bill()] * (BEFORE + MEANWHILE)
    books = Books(tuple(tenant_books(name, bills) for name in (WRONG, NEIGHBOUR)))
    loaded = {tenant.tenant: list(tenant.fates)[:BEFORE] for tenant in books.tenants}
    times = Times(lifetime=30, lease=20, poll=1)
    with running_suite(books, tmp_path_factory.mktemp("secret"), loaded=loaded, times=times) as running:
        yield running


def test_the_right_secret_heals_without_a_restart_and_costs_no_document_anything(suite: Suite) -> None:
    wrong, neighbour = suite.books.tenant(WRONG), suite.books.tenant(NEIGHBOUR)
    known, new = list(wrong.fates)[:BEFORE], list(wrong.fates)[BEFORE:]
    suite.await_stamped(WRONG, set(known))
    processes = {name: suite.stack.supervisor.process(name).pid for name in suite.stack.supervisor.names}

    _write_secret(suite, "not-the-secret-1")
    _await_failed(suite, 1)
    wait_until(lambda: _states(suite)[-1:] == ["refused"], "the connection to be shown as refused", pause=0.5)
    for tenant in (wrong, neighbour):
        suite.add_invoices(tenant, list(tenant.fates)[BEFORE:])
    commands = [
        suite.status.command(WRONG, "sync-now")["command_id"],
        suite.status.command(WRONG, "resync", f"invoice/{known[0]}")["command_id"],
    ]
    _let_the_neighbour_go_on(suite)
    suite.await_stamped(NEIGHBOUR, set(neighbour.fates))
    assert len(_refused(suite)) == 1

    _write_secret(suite, "not-the-secret-1", name="Another name")  # the same secret: no try
    _let_the_neighbour_go_on(suite)
    assert len(_refused(suite)) == 1
    _write_secret(suite, "not-the-secret-2")
    _await_failed(suite, 2)
    _let_the_neighbour_go_on(suite)
    assert len(_refused(suite)) == 2
    assert set(statuses(suite, WRONG)) == set(known), "something was found with a secret that is refused"

    _write_secret(suite, str(wrong.entry["autotask"]["secret"]))
    suite.await_stamped(WRONG, {*known, *new})
    await_all(suite, wrong, "Complete", wrong.fates)
    wait_until(
        lambda: {_state(suite, each) for each in commands} == {"done"}, "what was asked meanwhile", pause=0.5
    )
    assert len(_refused(suite)) == 2
    assert _states(suite)[-1] == "connected"
    for tenant in (wrong, neighbour):
        assert_all_went_over(suite, tenant, BEFORE + MEANWHILE)
        assert events_of(suite, names.FAULTED, tenant.tenant) == []  # refused credentials are nobody's fault
    assert {name: suite.stack.supervisor.process(name).pid for name in processes} == processes
    assert nothing_is_buried(suite)
    logs = "".join(log.read_text(errors="replace") for log in suite.stack.logs.iterdir())
    assert "not-the-secret" not in logs


def _state(suite: Suite, command: str) -> str:
    return str(suite.status.get(f"tenants/{WRONG}/commands/{command}")["state"])


def _write_secret(suite: Suite, secret: str, name: str = "Wrong secret") -> None:
    """A person changes the tenants file; another file takes its place, as editors and Kubernetes do it."""
    document = copy.deepcopy(suite.books.tenants_file())
    for entry in document["tenants"]:
        if entry["id"] == WRONG:
            entry["name"] = name
            entry["autotask"]["secret"] = secret
    path = suite.stack.tenants_file
    beside = path.with_suffix(".new")
    beside.touch(mode=0o600)
    beside.write_text(yaml.safe_dump(document, sort_keys=False))
    beside.replace(path)


def _refused(suite: Suite) -> list[dict[str, Any]]:
    """The tenant's calls to Autotask that failed."""
    return [call for call in suite.autotask.calls() if call["tenant"] == WRONG and call["status"] != 200]


def _await_failed(suite: Suite, count: int) -> None:
    wait_until(lambda: len(_refused(suite)) == count, f"{count} failing calls", pause=0.2)


def _states(suite: Suite) -> list[str]:
    """States of the tenant's connection to Autotask so far."""
    return [event["state"] for event in events_of(suite, names.HEALTH, WRONG) if event["side"] == "autotask"]


def _let_the_neighbour_go_on(suite: Suite) -> None:
    """Wait until five further cycles of the neighbour have begun: the tenant with the wrong secret had as much time."""
    since = suite.last_call(suite.autotask)

    def queries() -> int:
        calls = suite.autotask.calls(since)
        return sum(
            call["tenant"] == NEIGHBOUR and call["path"].lower().endswith("/invoices/query") for call in calls
        )

    wait_until(lambda: queries() >= 5, "cycles of the neighbour", pause=0.2)
