"""Walk-through 9: a release with a new optional field in every event is rolled out under load, producers first, and back again in part.

The next release is this one with other schemas: a copy of the package in front of it on the path of a process that is started
anew. The release that runs knows nothing of the field, the next one leaves it at its default.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from invoice_events import names
from invoice_events.schemas import all_schemas, read_schema
from simulators.books.model import Books, Numbering
from simulators.books.plain import generate_plain
from tests.end_to_end.suite import Suite, Times, running_suite, today
from tests.walk_throughs.support import PATIENCE, await_all, await_reference, events_of, nothing_is_buried

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

SCHEMAS = Path(__file__).parents[2] / "schemas"
ADDED = "added_by_the_next_release"
TENANTS: dict[str, Numbering] = {"ours": "autotask_id", "xeros": "xero"}
REPLICAS = {"mapper": 2, "xero-writer": 2}
PORTION, INVOICES = 2, 60
RELEASES = 2
STEPS: tuple[tuple[tuple[str, ...], str | None], ...] = (
    (("poller",), names.DISCOVERED),
    (("mapper",), names.MAPPED),
    (("mapper-2",), None),
    (("xero-writer",), None),
    (("xero-writer-2",), names.SYNCED),
    (("status-api-serve", "status-api-materialize"), None),
)
"""Producers before their consumers, one replica at a time; the topic that both releases have written to after a step."""
BACK = ("mapper", "status-api-materialize")
"""What goes back to the release before in the end: it has to read what the next one wrote."""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    books = Books(
        tuple(
            generate_plain(INVOICES, today=today(), lines=1, tenants=(name,), numbering=numbering).tenants[0]
            for name, numbering in TENANTS.items()
        )
    )
    loaded: dict[str, list[int]] = {name: [] for name in TENANTS}
    folder = tmp_path_factory.mktemp("rolling")
    times = Times(lifetime=24, lease=10, poll=1)
    with running_suite(books, folder, loaded=loaded, replicas=REPLICAS, times=times) as running:
        await_reference(running, TENANTS)
        for name in TENANTS:
            running.xero.in_xero(name).switch(minute_limit=6000)
        yield running


class Load:
    """Invoices that go on appearing in both tenants' Autotask."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self.count = 0

    def appear(self) -> None:
        """Two more of each tenant."""
        first, self.count = self.count, self.count + PORTION
        assert self.count <= INVOICES
        for tenant in self._suite.books.tenants:
            self._suite.add_invoices(tenant, list(tenant.fates)[first : self.count])

    def await_over(self) -> None:
        """Wait until everything that has appeared is in Xero, stamped and shown."""
        for tenant in self._suite.books.tenants:
            there = list(tenant.fates)[: self.count]
            self._suite.await_stamped(tenant.tenant, set(there), PATIENCE)
            await_all(self._suite, tenant, "Complete", there)


def test_no_event_of_either_release_is_lost_or_buried_while_a_new_field_is_rolled_out(
    suite: Suite, tmp_path: Path
) -> None:
    next_release = {"PYTHONPATH": str(_next_release(tmp_path))}
    supervisor, load = suite.stack.supervisor, Load(suite)
    load.appear()
    load.await_over()
    for processes, topic in STEPS:
        load.appear()  # is on its way while the processes are replaced
        for process in processes:
            supervisor.restart(process, environment=next_release)
        load.await_over()
        while topic is not None and not _both_have_written(suite, topic):
            load.appear()
            load.await_over()
    load.appear()
    for process in BACK:
        supervisor.restart(process, environment={"PYTHONPATH": ""})
    load.appear()
    load.await_over()

    for tenant in suite.books.tenants:
        comparison = suite.comparison(tenant)
        assert comparison.problems == []
        assert comparison.documents == load.count
        assert events_of(suite, names.FAULTED, tenant.tenant) == []
    assert nothing_is_buried(suite)
    assert supervisor.reports == [], "a process ended by itself"


def _next_release(folder: Path) -> Path:
    """The package of schemas with one more optional field in each, in the middle; the folder to put on the path."""
    package = folder / "invoice_schemas"
    shutil.copytree(SCHEMAS, package, ignore=shutil.ignore_patterns("__pycache__"))
    for topic in all_schemas():
        file = package / f"{topic}.avsc"
        shape = json.loads(file.read_text("utf-8"))
        shape["fields"].insert(2, {"name": ADDED, "type": ["null", "string"], "default": None})
        file.write_text(json.dumps(shape), "utf-8")
        assert read_schema(file.read_text("utf-8")).fingerprint != all_schemas()[topic].fingerprint
    return folder


def _both_have_written(suite: Suite, topic: str) -> bool:
    return len(_fingerprints(suite, topic)) == RELEASES


def _fingerprints(suite: Suite, topic: str) -> set[bytes]:
    """The schemas that a topic's records were written with."""
    return {message.value()[2:10] for message in suite.topics.raw(topic)}
