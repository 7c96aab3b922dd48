"""Everything that is scheduled can be done, the next release is one that evolution allows, and bundles act as one."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock

import pytest

from invoice_events.names import EVENT_TOPICS
from invoice_events.schemas import read_schema, schema_of
from local_stack.errors import StackError
from tests.faults.books import CREDIT_NOTES_EVERY, TENANTS, books_of
from tests.faults.injecting import Injector
from tests.faults.kinds import Fault, Stage, Step
from tests.faults.process_faults import ADDED_FIELD, next_release
from tests.faults.proxy import Bundle, Mode
from tests.faults.server_faults import FARTHEST_CLOCK, ServerFaults


def _step(fault: Fault, seconds: float = 20.0) -> Step:
    return Step(number=0, fault=fault, stage=Stage.CREATE, target="database", seconds=seconds)


def test_no_fault_is_scheduled_that_nobody_injects(tmp_path: Path) -> None:
    rig = Mock()
    rig.suite.books.tenants = []
    injector = Injector(rig, tmp_path, lambda _: True)
    assert set(injector._hands) == set(Fault)


def test_no_schema_of_the_next_release_is_the_present_one_or_lacks_a_default(tmp_path: Path) -> None:
    package = next_release(tmp_path) / "invoice_schemas"
    for topic in EVENT_TOPICS:
        changed = json.loads((package / f"{topic}.avsc").read_text("utf-8"))
        present = json.loads(resources.files("invoice_schemas").joinpath(f"{topic}.avsc").read_text("utf-8"))
        assert changed["fields"] == [*present["fields"], ADDED_FIELD]
        assert read_schema(json.dumps(changed)).fingerprint != schema_of(topic).fingerprint
    assert ADDED_FIELD["default"] is None
    assert (package / "settings.schema.json").is_file()


def test_no_process_of_the_next_release_reads_the_present_schemas(tmp_path: Path) -> None:
    home = next_release(tmp_path)
    code = "from invoice_events.schemas import schema_of; print(schema_of('invoice.mapped').text)"
    told = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(home)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert str(ADDED_FIELD["name"]) in told.stdout


def test_no_node_of_a_broker_is_left_out_of_what_happens_to_its_links() -> None:
    nodes = [Mock(address=f"127.0.0.1:{port}", touched=port) for port in (1, 2, 3)]
    bundle = Bundle(cast("Any", nodes))
    bundle.set(Mode.SLOW)
    for node in nodes:
        node.set.assert_called_once_with(Mode.SLOW)
    assert bundle.touched == 6
    assert bundle.address == "127.0.0.1:1,127.0.0.1:2,127.0.0.1:3"


class _Clock:
    """A database whose clock can be moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.moves: list[float] = []
        monkeypatch.setattr("tests.faults.server_faults.EmbeddedPostgres", _Clock)

    def step_clock(self, seconds: float) -> None:
        self.moves.append(seconds)


def test_no_clock_is_moved_farther_than_lookups_reach_or_behind_what_was_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, rig = _Clock(monkeypatch), Mock()
    rig.suite.stack.database_server = clock
    servers = ServerFaults(rig)
    hits = [servers.move_clock(_step(Fault.CLOCK_FORWARDS, 25.0)) for _ in range(4)]
    assert clock.moves == [25.0, 50.0, FARTHEST_CLOCK]
    assert hits == [1, 1, 1, 0]  # where it is already, it is not moved
    servers.move_clock(_step(Fault.CLOCK_BACKWARDS, 100.0))
    assert clock.moves[-1] == -40.0
    servers.clock_not_behind()
    assert clock.moves[-1] == FARTHEST_CLOCK
    servers.clock_not_behind()
    assert len(clock.moves) == 5


def test_no_server_of_another_kind_is_taken_for_ours() -> None:
    rig = Mock()
    with pytest.raises(StackError, match="clock"):
        ServerFaults(rig).move_clock(_step(Fault.CLOCK_FORWARDS))
    with pytest.raises(StackError, match="one node"):
        ServerFaults(rig).lose_leader(_step(Fault.LEADER_KILLED))


def test_no_kind_of_document_is_missing_in_a_runs_books() -> None:
    books = books_of(4 * 2 * CREDIT_NOTES_EVERY, seed=1)
    assert {tenant.tenant for tenant in books.tenants} == set(TENANTS)
    for tenant in books.tenants:
        kinds = [fate.document.kind for fate in tenant.fates.values() if fate.document]
        assert kinds.count("ACCRECCREDIT") == 2
        assert bool(tenant.orders) == TENANTS[tenant.tenant].buys
        assert {fate.outcome for fate in tenant.by_document().values()} == {"synced"}
    assert {kind.numbering for kind in TENANTS.values()} == {"xero", "autotask_id", "autotask_number"}
    assert any(kind.voids for kind in TENANTS.values())
