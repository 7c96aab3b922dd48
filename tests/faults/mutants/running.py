"""Playing a scenario with the true build or a mutated one, and what the checkers say to it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from invoice_events import names
from local_stack.topics import load_topics
from simulators.books.model import Books
from simulators.books.plain import generate_plain
from tests.faults.checkers import anomalies
from tests.faults.collecting import Sampler, collect
from tests.faults.history import History
from tests.faults.mutants.builds import build, variables_for
from tests.faults.mutants.catalogue import MUTANTS, Mutant
from tests.faults.mutants.reordering import ReorderingServer
from tests.faults.mutants.scenarios import SCENARIOS, Scenario
from tests.faults.mutants.scene import Scene, restart, told
from tests.faults.rig import Rig, running_rig
from tests.support.topics import Topics

log = logging.getLogger(__name__)

_LINES = 2
_WRITER, _XERO = "xero-writer", "XERO_API_URL"
_READERS = 8


@dataclass(frozen=True, slots=True)
class Performance:
    """A scenario with one build; `mutant` None = the true one."""

    scenario: Scenario
    mutant: Mutant | None = None

    def __str__(self) -> str:
        return f"{self.mutant.name}: {self.scenario.name}" if self.mutant else self.scenario.name


CONTROLS = [Performance(scenario) for scenario in SCENARIOS]
MUTATED = [Performance(scenario, mutant) for mutant in MUTANTS for scenario in mutant.caught_by]
_TENANT = {performance: f"stage-{number}" for number, performance in enumerate([*CONTROLS, *MUTATED])}


class Stage:
    """A running rig with a tenant for each performance."""

    def __init__(self, rig: Rig, books: Books, folder: Path, reordering: ReorderingServer) -> None:
        self._rig = rig
        self._topics = _ReadAtOnce(rig.suite.stack.bootstrap)
        self._reordering = reordering
        self._tenants = {tenant.tenant: tenant for tenant in books.tenants}
        self._folder = folder

    def perform(self, performance: Performance) -> Mapping[str, Sequence[str]]:
        """What is wrong at the end, by the name of the checker.

        Raises:
            MutationError: the mutant does not fit the code any more.
            AssertionError: something that the scenario waits for did not come.
        """
        scenario, mutant = performance.scenario, performance.mutant
        scene = Scene.of(self._rig, self._tenants[_TENANT[performance]], self._reordering)
        with ExitStack() as opened:
            if mutant is not None:
                folder = self._folder / _TENANT[performance]
                build(mutant.replacements, folder)
                opened.enter_context(told(self._rig, mutant.process, variables_for(folder)))
            sampler = opened.enter_context(Sampler(scene.suite))
            opened.callback(self._rig.heal)
            scenario.play(scene)
            scene.await_rest()
            scene.await_seen(sampler)
            self._topics.read()
            scene.suite.topics = self._topics
            found = anomalies(_history(scene, sampler))
        for name, sentences in found.items():
            log.info("%s: %s: %s", performance, name, "; ".join(sentences))
        return found


@contextmanager
def running_stage(folder: Path) -> Iterator[Stage]:
    """Start the suite with one process of each service, so that it is known which one is mutated or killed.

    Raises:
        StackError: it did not come up.
    """
    books = _books()
    with ExitStack() as opened:
        rig = opened.enter_context(running_rig(books, folder, replicas={}))
        direct = rig.suite.stack.supervisor.process(_WRITER).spec.environment[_XERO]
        reordering = opened.enter_context(ReorderingServer(direct))
        restart(rig, _WRITER, {_XERO: reordering.url})
        yield Stage(rig, books, folder, reordering)


def _books() -> Books:
    today = datetime.now(UTC).date()
    return Books(
        tuple(
            generate_plain(
                performance.scenario.invoices,
                today=today,
                lines=_LINES,
                tenants=(tenant,),
                numbering=performance.scenario.numbering,
            ).tenants[0]
            for performance, tenant in _TENANT.items()
        )
    )


def _history(scene: Scene, sampler: Sampler) -> History:
    """The history of this tenant alone. It names no fault that could excuse anything."""
    history = collect(
        scene.rig,
        blocked={scene.tenant: frozenset()},
        foreign={scene.tenant: {}},
        samples=list(sampler.samples),
        injections=[],
    )
    return replace(
        history,
        events=[told for told in history.events if told.event["tenant_id"] == scene.tenant],
        autotask_calls=[call for call in history.autotask_calls if call["tenant"] == scene.tenant],
        xero_calls=[call for call in history.xero_calls if call["tenant"] == scene.tenant],
    )


class _ReadAtOnce(Topics):
    """Topics as they stood when they were last read: several at the same time, since reading one is mostly waiting."""

    def __init__(self, bootstrap: str) -> None:
        super().__init__(bootstrap)
        self._records: dict[str, list[Any]] = {}

    def read(self) -> None:
        """Read everything that a history is made of."""
        dead_letters = (topic.name for topic in load_topics() if topic.name.endswith(".dlq"))
        wanted = [*names.EVENT_TOPICS, *dead_letters]
        with ThreadPoolExecutor(_READERS) as pool:
            self._records = dict(zip(wanted, pool.map(super().raw, wanted), strict=True))

    def raw(self, topic: str) -> list[Any]:
        """Every record of a topic."""
        return self._records[topic]
