"""Memory of each service under load: the largest resident set that the kernel has seen of its processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.figures import Benchmark, Bound, Line, Measured, Session
from local_stack.stack import Stack

_PROCESSES = ("poller", "mapper", "xero-writer", "status-api-materialize", "status-api-serve")
_LINES = tuple(Line(f"memory of {name} under load", "MiB", Bound("<=", 150)) for name in _PROCESSES)
_KIB_PER_MIB = 1024


def peak_mib(status: str) -> float:
    """The largest resident set from the text of `/proc/{pid}/status`, in MiB.

    Raises:
        ValueError: the text has none, as that of a process that has ended.
    """
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / _KIB_PER_MIB
    raise ValueError("no VmHWM in the status of this process")


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found


def note_peak(session: Session, load: str, name: str, pid: int) -> None:
    """Note the peak of a process and its children, summed: what they share counts twice, so it is an upper bound."""
    peak = sum(peak_mib(Path(f"/proc/{each}/status").read_text()) for each in family(pid))
    if peak > session.peaks.get(name, (0.0, ""))[0]:
        session.peaks[name] = (peak, load)


def note_peaks(session: Session, load: str, stack: Stack) -> None:
    """Note the peaks of every service of a stack."""
    for name in stack.supervisor.names:
        if name in _PROCESSES:
            note_peak(session, load, name, stack.supervisor.process(name).pid)


def figures(peaks: Mapping[str, tuple[float, str]]) -> list[Measured]:
    """One figure per process."""
    found = []
    for name, line in zip(_PROCESSES, _LINES, strict=True):
        if name in peaks:
            peak, load = peaks[name]
            found.append(Measured(line, peak, f"peak RSS, highest under the load of '{load}'"))
        else:
            found.append(Measured(line, None, "it did not run"))
    return found


def _measure(session: Session) -> Sequence[Measured]:
    return figures(session.peaks)


MEMORY = Benchmark(name="memory", lines=_LINES, measure=_measure, needs=("calls",))
