"""The steps of a rebuild, from the first table to the swap. Each can be begun again where an earlier run was ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, text

from invoice_events.identity import utc_now
from service_runtime.positions import Place, Position
from status_api.materializer.keeping import TableKeeper
from status_api.materializer.retention import KEPT, Retention
from status_api.names import NEXT_SCHEMA, OLD_SCHEMA, READ_SCHEMA
from status_api.rebuild.following import Follower
from status_api.rebuild.losses import goal
from status_api.rebuild.shape import make_index, make_next, missing_indexes, shape
from status_api.rebuild.swap import drop, served_positions, try_to_swap

_NEAR = 2000
_ROUNDS_BEFORE_THE_SWAP = 10
_REPORT_SECONDS = 5.0
_HELD_UP_SECONDS = 2.0


@dataclass(slots=True)
class Report:
    """Tells how far it is, at most every few seconds.

    Attributes:
        say: takes a line.
        folded: records so far, of this run.
    """

    say: Callable[[str], None]
    folded: int = 0
    _began: float = field(default_factory=time.monotonic)
    _told: float = field(default_factory=time.monotonic)

    def add(self, records: int, left: Callable[[], int]) -> None:
        """Count records; `left` says how many offsets are still to be read."""
        self.folded += records
        now = time.monotonic()
        if now - self._told >= _REPORT_SECONDS:
            self._told = now
            rate = self.folded / (now - self._began)
            self.say(f"{self.folded:,} records folded, {rate:,.0f} a second, {left():,} offsets to go")


class Rebuild:
    """One rebuild. Its connection holds the lock that keeps a second one out."""

    def __init__(
        self,
        holder: Connection,
        engine: Engine,
        follower: Follower,
        found: Sequence[Position],
        report: Report,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        """
        Args:
            holder: holds the lock; the swap is made on it.
            engine: of the read model that is made.
            follower: folds into that.
            found: every partition as it was found at the start.
            report: told how far it is.
            pause: waits so many seconds until the swap is tried again.
        """  # noqa: D205, D212  # the signature needs its arguments explained, nothing else
        self._holder = holder
        self._engine = engine
        self._follower = follower
        self._found = {(each.topic, each.partition): each for each in found}
        self._report = report
        self._pause = pause or threading.Event().wait
        self._next = TableKeeper(engine)

    def prepare(self, *, restart: bool) -> bool:
        """Make the empty tables, or take those that an earlier run left.

        Args:
            restart: leave nothing of an earlier run.

        Returns:
            Whether an earlier run is continued.

        Raises:
            UncopyableError: the served read model can not be copied.
            SQLAlchemyError: the database failed.
        """
        drop(self._holder, OLD_SCHEMA)
        with self._holder.begin():
            begun = shape(self._holder, NEXT_SCHEMA, indexes=False)
            continued = not restart and begun == shape(self._holder, READ_SCHEMA, indexes=False)
        if not continued:
            drop(self._holder, NEXT_SCHEMA)
            with self._holder.begin():
                make_next(self._holder)
        self._follower.pass_over({place: each.first for place, each in self._found.items() if each.first})
        return continued

    def fill(self) -> None:
        """Fold all that the served read model has folded, then make the indexes.

        Raises:
            TopicChangedError: a topic was cut off meanwhile.
            TransientError, KafkaException, SQLAlchemyError: broker or database failed; what was stored stays.
        """
        self._catch_up_nearly()
        with self._holder.begin():
            missing = missing_indexes(self._holder)
        for name, definition in missing:
            self._report.say(f"making the index {name}")
            with self._holder.begin():
                make_index(self._holder, name, definition)
        Retention(self._engine, lambda: None).prune(utc_now() - KEPT, threading.Event())
        with self._holder.begin():
            self._holder.execute(text("SET LOCAL statement_timeout = 0"))
            tables = self._holder.execute(
                text(
                    "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = :schema"
                ),
                {"schema": NEXT_SCHEMA},
            ).scalars()
            self._holder.execute(text(f"ANALYZE {', '.join(tables)}"))

    def swap(self) -> None:
        """Take the place of the served read model, as soon as nobody holds it up.

        Raises:
            ShapeChangedError: a migration ran meanwhile.
            TopicChangedError, TransientError, KafkaException, SQLAlchemyError: as above.
        """
        tries = 0
        self._catch_up_nearly()
        while not try_to_swap(self._holder, self._behind, self._catch_up):
            if tries % 30 == 0:
                self._report.say("waiting for a moment in which nobody reads for long; all goes on meanwhile")
            tries += 1
            self._pause(_HELD_UP_SECONDS)
            self._catch_up_nearly()
        drop(self._holder, OLD_SCHEMA)

    def _folded(self, records: int) -> None:
        self._report.add(records, lambda: self._behind(self._served()))

    def _catch_up_nearly(self) -> None:
        """Fold up to where the served read model stands, again while that has moved on much."""
        for _ in range(_ROUNDS_BEFORE_THE_SWAP):
            positions = self._served()
            if self._behind(positions) == 0:
                return
            self._catch_up(positions)
            if self._behind(self._served()) <= _NEAR:
                return

    def _catch_up(self, positions: Mapping[Place, int]) -> None:
        self._follower.fold_up_to(self._goals(positions), self._folded)

    def _served(self) -> dict[Place, int]:
        """Where the served read model stands: asked over the connection that holds the lock, so that its loss ends the rebuild."""
        if self._holder.in_transaction():
            return served_positions(self._holder)
        with self._holder.begin():
            return served_positions(self._holder)

    def _behind(self, positions: Mapping[Place, int]) -> int:
        goals = self._goals(positions)
        kept = self._next.kept(list(goals))
        return sum(max(0, wanted - kept.get(place, 0)) for place, wanted in goals.items())

    def _goals(self, positions: Mapping[Place, int]) -> dict[Place, int]:
        """How far each partition is to be read. One that came into being after the start was read from its beginning."""
        return {
            place: goal(self._found[place], reached) if place in self._found else reached
            for place, reached in positions.items()
            if reached
        }
