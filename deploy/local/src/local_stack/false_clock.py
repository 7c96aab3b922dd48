"""A wall clock of its own for one server, set forwards and backwards while it runs: Debian's libfaketime, preloaded."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local_stack.guardian import guardian
from local_stack.tools import obtain

NAME, PACKAGE = "libfaketime", "faketime"
_USR = Path("/usr")
_PLACES = ("lib/*/faketime", "lib/faketime", "lib64/faketime", "local/lib/faketime")
_FILE = (
    "libfaketime.so.1"  # not the variant for threads: it locks, and a signal handler asks for the time too
)
_TRIAL = ("2001-02-03 04:05:06", "2001")
_SHARED = Path("/dev/shm")  # noqa: S108 - where the C library puts shared memory; ours is only removed from there


def find_libfaketime() -> Path | None:
    """The library, proved to work with this machine's programs; None if there is none."""
    for place in _PLACES:
        for candidate in sorted(_USR.glob(f"{place}/{_FILE}")):
            if _works(candidate):
                return candidate
    return None


def libfaketime() -> Path:
    """As find_libfaketime, installing Debian's package if it is missing.

    Raises:
        MissingToolError: it is missing and can not be installed.
    """
    return obtain(NAME, find_libfaketime, PACKAGE)


def why_no_false_clock() -> str | None:
    """Why no server here can have a clock of its own, with what to type; None if it can."""
    if find_libfaketime() is not None:
        return None
    return f"{NAME} is missing. Type: sudo apt-get install -y {PACKAGE}"


class FalseClock:
    """The clock of the programs that are started with environment(); the true time until it is set.

    Time of day only: durations that a program measures with its monotonic clock, its timers and the times of
    files stay true, as they do when an operator or NTP sets a machine's clock.

    Every look at the clock reads the file again, so a change is seen at once, also by sessions that are open. The
    price: a timer's signal that comes in the midst of that reading, and whose handler asks for the time, can
    crash the session. Seen once in some thousand signals to sessions that did nothing but look at the clock.

    Args:
        library: see libfaketime().
        file: made here; must stay readable for the program's user.
    """

    def __init__(self, library: Path, file: Path) -> None:
        self._library = library
        self._file = file
        self.set_offset(0)

    def environment(self) -> Mapping[str, str]:
        """What the program is told."""
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def set_offset(self, seconds: float) -> None:
        """From now on the clock is so far ahead of the true time (behind it, if negative)."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+.6f}\n")
        new.chmod(0o644)
        new.replace(self._file)  # nobody ever reads half of it


@contextmanager
def no_trace_of(pid: int) -> Iterator[None]:
    """While a program with a false clock comes up: what it shares goes with the first of its children that ends.

    Killed before, it would leave two small files in the machine's shared memory.
    """
    traces = [_SHARED / f"faketime_shm_{pid}", _SHARED / f"sem.faketime_sem_{pid}"]
    command = ["rm", "-f", *map(str, traces)]
    guardian().at_death(command)
    try:
        yield
    finally:
        for trace in traces:
            trace.unlink(missing_ok=True)
        guardian().not_at_death(command)


def _works(library: Path) -> bool:
    told, shown = _TRIAL
    environment = {**os.environ, "LD_PRELOAD": str(library), "FAKETIME": told}
    answer = subprocess.run(
        ["date", "+%Y"], env=environment, capture_output=True, text=True, check=False, timeout=30
    )
    return answer.stdout.strip() == shown
