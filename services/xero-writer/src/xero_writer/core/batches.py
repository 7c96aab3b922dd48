"""Which waiting documents go into the next request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

MAX_DOCUMENTS = 50  # Xero's recommendation for one call
MAX_BYTES = 3_000_000  # below the 3.5 MB that Xero states as its limit
MAX_WAIT_SECONDS = 0.5

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Candidate(Generic[T]):
    """A document that could be sent.

    Attributes:
        item: whatever the caller needs back.
        group: documents of one request must agree in this (collection, decimals).
        size: bytes of its part of the request.
        limit: largest batch it may be part of; halves each time a batch with it failed as a whole.
        waited: seconds since it came.
    """

    item: T
    group: tuple[str, int]
    size: int
    limit: int
    waited: float


def ready_batches(candidates: Sequence[Candidate[T]]) -> list[list[Candidate[T]]]:
    """Batches that should go now, in the order of the candidates: full ones, and those whose oldest has waited long enough."""
    open_batches: dict[tuple[tuple[str, int], int], list[Candidate[T]]] = {}
    batches: list[list[Candidate[T]]] = []
    for candidate in candidates:
        key = (candidate.group, candidate.limit)
        batch = open_batches.get(key)
        if (
            batch is None
            or len(batch) >= candidate.limit
            or sum(one.size for one in batch) + candidate.size > MAX_BYTES
        ):
            batch = []
            open_batches[key] = batch
            batches.append(batch)
        batch.append(candidate)
    still_open = {id(batch) for batch in open_batches.values()}
    return [batch for batch in batches if id(batch) not in still_open or _is_due(batch)]


class FullBatches:
    """Counts how many full batches candidates make, one by one: whoever has enough of them need not look at what waits behind."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[tuple[str, int], int]] = Counter()
        self.count = 0

    def add(self, candidate: Candidate[T]) -> None:
        """One more. That a batch can be full by its bytes sooner is left out: `ready_batches` makes as many then, or more."""
        key = (candidate.group, candidate.limit)
        self._counts[key] += 1
        if self._counts[key] % candidate.limit == 0:
            self.count += 1


def seconds_until_due(candidates: Sequence[Candidate[T]]) -> float | None:
    """Seconds until the oldest candidate has waited long enough; None without candidates."""
    return max(0.0, MAX_WAIT_SECONDS - max(one.waited for one in candidates)) if candidates else None


def _is_due(batch: list[Candidate[T]]) -> bool:
    return len(batch) >= batch[0].limit or max(one.waited for one in batch) >= MAX_WAIT_SECONDS
