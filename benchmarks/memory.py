"""Memory of each service under load: the largest resident set that the kernel has seen of its processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Bound, Line, Measured, Session
from local_stack.stack import Stack

_PROCESSES = ("poller", "mapper", "xero-writer", "status-api-materialize", "status-api-serve")
LINES = tuple(Line(f"memory of {name} under load", "MiB", Bound("<=", 150)) for name in _PROCESSES)
_KIB_PER_MIB = 1024


@dataclass(frozen=True, slots=True)
class Footprint:
    """Memory of one process, in MiB.

    Attributes:
        peak: the largest resident set so far.
        anonymous: what of it is its own data now, pages still shared after a fork included.
        anonymous_share: the same, each shared page divided by the number of processes that have it.
        files: what of it are mapped files now, such as libraries.
    """

    peak: float
    anonymous: float
    anonymous_share: float
    files: float

    @classmethod
    def of(cls, status: str, smaps_rollup: str) -> Footprint:
        """From the texts of `/proc/{pid}/status` and `/proc/{pid}/smaps_rollup`.

        Raises:
            ValueError: a number is missing, as from a process that has ended.
        """
        return cls(
            _mib(status, "VmHWM"),
            _mib(smaps_rollup, "Anonymous"),
            _mib(smaps_rollup, "Pss_Anon"),
            _mib(status, "RssFile"),
        )


def family_peak(family: Sequence[Footprint]) -> float:
    """The peak of a process and its children together; what they share counts once, as it does in a container.

    Of one process alone this is its peak.
    """
    shared_data = sum(each.anonymous - each.anonymous_share for each in family) if len(family) > 1 else 0.0
    shared_files = sum(each.files for each in family) - max(each.files for each in family)
    return sum(each.peak for each in family) - shared_data - shared_files


def _mib(text: str, name: str) -> float:
    for line in text.splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / _KIB_PER_MIB
    raise ValueError(f"no {name} of this process: it has ended")


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found


def note_peak(session: Session, load: str, name: str, pid: int) -> None:
    """Note the peak of a process and its children, if it is the highest of this name so far."""
    peak = family_peak([_footprint(each) for each in family(pid)])
    if peak > session.peaks.get(name, (0.0, ""))[0]:
        session.peaks[name] = (peak, load)


def _footprint(pid: int) -> Footprint:
    folder = Path(f"/proc/{pid}")
    return Footprint.of((folder / "status").read_text(), (folder / "smaps_rollup").read_text())


def note_peaks(session: Session, load: str, stack: Stack) -> None:
    """Note the peaks of every service of a stack."""
    for name in stack.supervisor.names:
        if name in _PROCESSES:
            note_peak(session, load, name, stack.supervisor.process(name).pid)


def figures(peaks: Mapping[str, tuple[float, str]]) -> list[Measured]:
    """One figure per process."""
    found = []
    for name, line in zip(_PROCESSES, LINES, strict=True):
        if name in peaks:
            peak, load = peaks[name]
            found.append(
                Measured(
                    line,
                    peak,
                    f"peak RSS, pages that parent and child share counted once; highest under the load of '{load}'",
                )
            )
        else:
            found.append(Measured(line, None, "it did not run"))
    return found
