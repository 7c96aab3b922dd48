"""Telling an outage from one document that Autotask can not read out.

An outage is nobody's fault. But if everything that belongs to one invoice can not be read while others can, its batch would
fail in every cycle: such a batch is read last, in halves, until the invoice is alone; then it is that invoice's fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from poller.adapters.autotask.client import MAX_IN_LIST
from poller.core.values import Record, record_id


@dataclass(frozen=True, slots=True)
class _Suspicion:
    """How often the invoice's batch failed, how large the next one may be, and how many batches had been read by then."""

    failures: int
    largest: int
    read_by_then: int


class Suspects:
    """Remembers, as long as the worker lives, which invoices were in batches that could not be read."""

    def __init__(self) -> None:
        self._suspicions: dict[int, _Suspicion] = {}
        self._read = 0

    def batches(self, invoices: Sequence[Record]) -> Iterator[list[Record]]:
        """Invoices in batches of at most 200: those above suspicion first, the worst suspects last."""
        unsuspected = _Suspicion(0, MAX_IN_LIST, 0)

        def suspicion(invoice: Record) -> tuple[int, int]:
            found = self._suspicions.get(record_id(invoice), unsuspected)
            return found.failures, found.largest

        ordered = sorted(invoices, key=suspicion)
        for (_, largest), group in groupby(ordered, key=suspicion):
            alike = list(group)
            for start in range(0, len(alike), largest):
                yield alike[start : start + largest]

    def read(self, batch: Sequence[Record]) -> None:
        """A batch could be read."""
        self._read += 1
        for invoice in batch:
            self._suspicions.pop(record_id(invoice), None)

    def failed(self, batch: Sequence[Record]) -> bool:
        """A batch could not be read. Returns whether the one invoice in it is at fault: others were read since it failed before."""
        before = self._suspicions.get(record_id(batch[0]))
        others_read = before is not None and self._read > before.read_by_then
        if others_read and len(batch) == 1:
            del self._suspicions[record_id(batch[0])]
            return True
        largest = max(1, len(batch) // 2) if others_read else len(batch)
        failures = 1 if before is None else before.failures + 1
        for invoice in batch:
            self._suspicions[record_id(invoice)] = _Suspicion(failures, largest, self._read)
        return False
