"""What is measured: figures, their bounds, and the one interface that every benchmark has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Relation = Literal["<=", "<", ">="]


@dataclass(frozen=True, slots=True)
class Bound:
    """What a figure has to keep to."""

    relation: Relation
    limit: float

    def holds(self, value: float) -> bool:
        """Whether a value keeps to it."""
        if self.relation == "<=":
            return value <= self.limit
        if self.relation == "<":
            return value < self.limit
        return value >= self.limit

    def __str__(self) -> str:
        return f"{self.relation} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table, known before anything is measured. `bound` None: told, not judged."""

    figure: str
    unit: str
    bound: Bound | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """A line with its value. `value` None: it could not be measured, and `note` says why."""

    line: Line
    value: float | None
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """The verdict; None without a bound. What could not be measured does not hold."""
        if self.line.bound is None:
            return None
        return self.value is not None and self.line.bound.holds(self.value)


@dataclass(slots=True)
class Session:
    """One run of the suite.

    Attributes:
        scale: factor of every count of documents, trials and minutes; the bounds are meant for 1.
        say: told what is going on, one short line each.
        peaks: largest memory seen so far, in MiB, by process, and under which load.
    """

    scale: float
    say: Callable[[str], None]
    peaks: dict[str, tuple[float, str]] = field(default_factory=dict)

    def scaled(self, count: int, at_least: int = 1) -> int:
        """A count at this scale."""
        return max(at_least, round(count * self.scale))


@dataclass(frozen=True, kw_only=True, slots=True)
class Benchmark:
    """One benchmark.

    Attributes:
        name: for `--only`.
        lines: what it measures, so that the table is complete even if it fails.
        measure: measures all of them.
        needs: benchmarks whose load it looks at; they run before it, asked for or not.
    """

    name: str
    lines: Sequence[Line]
    measure: Callable[[Session], Sequence[Measured]]
    needs: Sequence[str] = ()
