"""The scenarios: each a short story of what happens to one tenant's invoices, which the true build survives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulators.books.model import Numbering
from tests.faults.mutants.scene import CREATES, LOOKUPS, Scene
from tests.support.waiting import wait_until

_HELD_SECONDS = 2.0  # of a call: less than its deadline, and long enough to end a process meanwhile
_CYCLES = 3
_ANYTHING_IN_XERO = {"path": "/api.xro/.*"}


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story.

    Attributes:
        play: lets it happen; what becomes of it is awaited afterwards.
        numbering: who gives the numbers. Where it is Xero, no number stands in the way of a second document.
    """

    name: str
    play: Callable[[Scene], None]
    numbering: Numbering = "autotask_id"
    invoices: int = 3


def _answer_lost(scene: Scene) -> None:
    """Xero writes a batch, and its answer never arrives."""
    cut = scene.plant_in_xero(CREATES, {"kind": "cut"}, when="after")
    scene.appear()
    scene.await_fired(cut)


def _killed_in_the_call(scene: Scene) -> None:
    """Xero is at work on a batch when the writer is killed."""
    held = scene.plant_in_xero(CREATES, {"kind": "hang", "seconds": _HELD_SECONDS}, when="after")
    scene.appear()
    scene.await_fired(held)
    with scene.down("xero-writer"):
        pass


def _found_while_xero_is_away(scene: Scene) -> None:
    """Xero refuses service while invoices are found, and for some cycles more."""
    away = {"kind": "status", "status": 503}
    scene.plant_in_xero(_ANYTHING_IN_XERO, away, times=None)
    scene.appear()
    scene.await_found()
    since = scene.suite.last_call(scene.suite.autotask)
    wait_until(lambda: _cycles(scene, since) >= _CYCLES, "some more cycles")
    scene.suite.xero.clear_faults()


def _cycles(scene: Scene, since: int) -> int:
    calls = scene.suite.autotask.calls(since)
    return sum(
        call["tenant"] == scene.tenant and call["path"].lower().endswith("/invoices/query") for call in calls
    )


def _other_order(scene: Scene) -> None:
    """Xero answers a batch in another order than it was asked."""
    with scene.reordering.the_next_batch() as reordered:
        scene.appear()
        wait_until(reordered.is_set, "an answer about several invoices")


def _killed_before_storing(scene: Scene) -> None:
    """The writer has read what is to be written from Kafka, and its database is slow, when it is killed."""
    with scene.table_locked("xero-writer", "xero_writer.work") as unlock:
        scene.appear()
        scene.await_blocked("xero-writer", "xero_writer.work")
        with scene.down("xero-writer"):
            unlock()


def _killed_before_folding(scene: Scene) -> None:
    """The materializer has read a success from Kafka, and its database is slow, when it is killed.

    The success has to be the only news: of all that one try tells, the read model shows the last. So Xero's answers about
    invoices are lost until everything else is told and folded.
    """
    scene.plant_in_xero(CREATES, {"kind": "cut"}, when="after", times=None)
    scene.plant_in_xero(LOOKUPS, {"kind": "cut"}, times=None)
    scene.appear()
    unknown = "SELECT count(*) FROM intent WHERE tenant_id = :tenant AND state = 'unknown'"
    wait_until(lambda: scene.count("xero-writer", unknown), "an unknown outcome")
    wait_until(scene.suite.is_quiet, "all that there is to be told", pause=0.2)
    with scene.table_locked("status-api", "read.document") as unlock:
        scene.suite.xero.clear_faults()
        scene.await_blocked("status-api", "read.document")
        with scene.down("status-api-materialize"):
            unlock()


ANSWER_LOST = Scenario("an answer is lost", _answer_lost, "xero")
KILLED_IN_THE_CALL = Scenario("the writer is killed in a call", _killed_in_the_call, "xero")
FOUND_WHILE_XERO_IS_AWAY = Scenario("invoices are found while Xero is away", _found_while_xero_is_away)
OTHER_ORDER = Scenario("Xero answers in another order", _other_order)
KILLED_BEFORE_STORING = Scenario("the writer is killed before it has stored", _killed_before_storing)
KILLED_BEFORE_FOLDING = Scenario(
    "the materializer is killed before it has folded", _killed_before_folding, invoices=1
)

SCENARIOS = (
    ANSWER_LOST,
    KILLED_IN_THE_CALL,
    FOUND_WHILE_XERO_IS_AWAY,
    OTHER_ORDER,
    KILLED_BEFORE_STORING,
    KILLED_BEFORE_FOLDING,
)
