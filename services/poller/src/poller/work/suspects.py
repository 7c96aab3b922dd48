"""Telling an outage from one document that Autotask can not read out.

An outage is nobody's fault. But if everything that belongs to one invoice can not be read while others can, its batch would
fail in every cycle: such a batch is read last, in halves, until the invoice is alone; then it is that invoice's fault. Where there
are no others to be read, it is told by whether Autotask answers what else it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from poller.adapters.autotask.client import MAX_IN_LIST
from poller.core.values import Record, record_id

Finding = Literal["at_fault", "in_doubt", "outage"]
"""What a failure is: the one invoice's own fault; perhaps that, so that other work goes on and the next failure tells; nobody's fault."""


@dataclass(frozen=True, slots=True)
class _Suspicion:
    """How often the invoice's batch failed, how large the next one may be, and how many batches had been read by then."""

    failures: int
    largest: int
    read_by_then: int


class Suspects:
    """Remembers, as long as the worker lives, which invoices were in batches that could not be read."""

    def __init__(self, answers: Callable[[], bool]) -> None:
        """`answers`: asks Autotask something else, and tells whether it answers."""
        self._answers = answers
        self._suspicions: dict[int, _Suspicion] = {}
        self._read = 0
        self._failed: set[int] = set()  # since a batch was read
        self._in_doubt: int | None = (
            None  # failed alone while Autotask answered, and nothing was read or failed since
        )

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
        self._failed.clear()
        self._in_doubt = None
        for invoice in batch:
            self._suspicions.pop(record_id(invoice), None)

    def failed(self, batch: Sequence[Record]) -> Finding:
        """No usable answer came about a batch. What Autotask does with another question tells whose fault that is.

        The one invoice in a batch is at fault if Autotask answers and others were read since the invoice failed before. Where no
        others are read, it is if it fails alone for the second time. If other batches fail like it, a part of Autotask is down. Whatever
        is an outage leaves the connection open, whatever is not has shown that it works.
        """
        return self._judge(batch, self._answers, alone_tells=True)

    def refused(self, batch: Sequence[Record], *, only: bool) -> Finding:
        """Autotask answered, and refused to read out a batch. `only`: there is nothing else to be read. Else as `failed`."""
        return self._judge(batch, lambda: True, alone_tells=only)

    def _judge(self, batch: Sequence[Record], answers: Callable[[], bool], *, alone_tells: bool) -> Finding:
        ids = [record_id(invoice) for invoice in batch]
        before, alone = self._suspicions.get(ids[0]), len(ids) == 1
        others_read = before is not None and self._read > before.read_by_then
        if alone and others_read and answers():
            return self._at_fault(ids[0])
        others_failed = not self._failed <= set(ids)
        # A batch of several is given a second chance first: most outages are over by then.
        tells = alone_tells and not others_read and not others_failed and (alone or before is not None)
        answering = tells and answers()
        if alone and answering and self._in_doubt == ids[0]:
            return self._at_fault(ids[0])
        self._in_doubt = ids[0] if alone and answering else None
        self._failed.update(ids)
        largest = max(1, len(ids) // 2) if others_read or answering else len(ids)
        failures = 1 if before is None else before.failures + 1
        self._suspicions.update(dict.fromkeys(ids, _Suspicion(failures, largest, self._read)))
        return "in_doubt" if answering else "outage"

    def _at_fault(self, invoice: int) -> Finding:
        del self._suspicions[invoice]
        self._failed.discard(invoice)
        self._in_doubt = None
        return "at_fault"
