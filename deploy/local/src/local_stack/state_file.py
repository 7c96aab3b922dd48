"""What `up` leaves for `down` and for people: which process owns the running stack, and its addresses."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from local_stack.errors import StackError
from local_stack.guard import start_time
from local_stack.paths import BUILD

DEFAULT = BUILD / "stack.json"


@dataclass(frozen=True, kw_only=True)
class RunningStack:
    """A stack that is up.

    Attributes:
        pid: the process that owns it; SIGTERM to it ends the stack.
        started: the kernel's start time of that process, to tell it from a later one with the same number.
        addresses: by name of what answers there.
        token: bearer token of status-api's first admin.
        sign_in: e-mail address and password of somebody who may do everything in the dashboard.
    """

    pid: int
    started: str
    folder: str
    token: str
    addresses: Mapping[str, str] = field(default_factory=dict)
    sign_in: Mapping[str, str] = field(default_factory=dict)

    @property
    def alive(self) -> bool:
        """Whether its process still runs."""
        return start_time(self.pid) == self.started


def write_state(
    file: Path, *, folder: Path, token: str, addresses: Mapping[str, str], sign_in: Mapping[str, str]
) -> None:
    """Say that this process owns a running stack. Only the owner may read the file: it has a token and a password."""
    state = RunningStack(
        pid=os.getpid(),
        started=start_time(os.getpid()) or "",
        folder=str(folder),
        token=token,
        addresses=dict(addresses),
        sign_in=dict(sign_in),
    )
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(state), indent=2) + "\n", encoding="utf-8")
    fresh.rename(file)


def read_state(file: Path) -> RunningStack | None:
    """The stack that the file tells of; None if there is none or it has ended.

    Raises:
        StackError: the file is damaged.
    """
    try:
        state = RunningStack(**json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise StackError(f"{file} is damaged ({error}): remove it") from error
    return state if state.alive else None


@contextmanager
def sole_owner(file: Path) -> Iterator[None]:
    """Only one stack per state file; the lock ends with the process.

    Raises:
        StackError: another stack is up, or being started or stopped.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StackError("a stack of this checkout is up already. Type: make down") from error
        try:
            yield
        finally:
            file.unlink(missing_ok=True)
