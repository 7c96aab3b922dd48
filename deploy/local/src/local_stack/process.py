"""One child process: its own process group, its log in a file, ended with its parent whatever happens."""

import contextlib
import os
import pwd
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals

from local_stack.errors import ChildDiedError, StackError
from local_stack.guardian import guardian

TAIL_LINES = 20
_TAIL_BYTES = 65_536
_FROZEN_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class ProcessSpec:
    """How to start and end a child.

    Attributes:
        environment: laid over the environment of this process.
        log: file that standard output and error are appended to.
        user: run as this user (only root may ask for it); None = as ourselves.
        stop_signal: the polite request to end.
        stop_seconds: patience before SIGKILL.
        death_signal: what the guard sends if this process is killed.
    """

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    user: str | None = None
    stop_signal: Signals = signal.SIGTERM
    stop_seconds: float = 20.0
    death_signal: Signals = signal.SIGKILL


class ChildProcess:
    """A running child. Made by :func:`start_process`.

    Thread-safe: a watcher thread reaps the child, so every method may be called from any thread.
    """

    def __init__(
        self,
        spec: ProcessSpec,
        process: "subprocess.Popen[bytes]",
        on_exit: Callable[["ChildProcess"], None] | None,
    ) -> None:
        self.spec = spec
        self.pid = process.pid
        self.ending = False  # we asked for its end
        self._process = process
        self._on_exit = on_exit
        self._exited = threading.Event()
        self._signals = threading.Lock()  # a pid is signalled only while it is surely ours
        threading.Thread(target=self._reap, name=f"watch {spec.name}", daemon=True).start()

    @property
    def running(self) -> bool:
        """Whether the process has not ended (a paused one counts as running)."""
        return not self._exited.is_set()

    @property
    def exit_code(self) -> int | None:
        """Exit code, negative signal number if a signal ended it, None while it runs."""
        return self._process.returncode if self._exited.is_set() else None

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end of the process; False if it still runs after that time."""
        return self._exited.wait(seconds)

    def stop(self, at_most_seconds: float | None = None) -> None:
        """Ask for the end, then force it; afterwards nothing of its process group is left.

        Args:
            at_most_seconds: less patience than the spec gives.
        """
        self.ending = True
        patience = self.spec.stop_seconds
        if at_most_seconds is not None:
            patience = min(patience, at_most_seconds)
        if self.running:
            self._signal(self.spec.stop_signal)
            self._signal(signal.SIGCONT)  # a paused process does not see the request
            if not self.wait(patience):
                self._signal(signal.SIGKILL)
                self.wait()

    def kill(self) -> None:
        """SIGKILL to the whole group, as a crash would do it."""
        self.ending = True
        self._signal(signal.SIGKILL)
        self.wait()

    def pause(self) -> None:
        """Freeze the process group (SIGSTOP): connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)
        await_frozen([self.pid])

    def resume(self) -> None:
        """Let a paused process group go on."""
        self._signal(signal.SIGCONT)

    def tail(self, lines: int = TAIL_LINES) -> str:
        """The last lines of its log."""
        return tail(self.spec.log, lines)

    def require_running(self) -> None:
        """Raise if the process has ended without having been asked to.

        Raises:
            ChildDiedError: with name, exit code and the last log lines.
        """
        if not self.ending:
            self.require_alive()

    def require_alive(self) -> None:
        """Raise if the process has ended, asked or not: nothing is to be awaited from it.

        Raises:
            ChildDiedError: with name, exit code and the last log lines.
        """
        if not self.running:
            raise ChildDiedError(self.obituary())

    def obituary(self) -> str:
        """Name, exit code and last log lines of a process that ended."""
        return f"{self.spec.name} ended with {describe_exit(self.exit_code)}; {log_excerpt(self.spec.log)}"

    def _signal(self, number: Signals) -> None:
        with self._signals:
            if self.running:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.pid, number)

    def _reap(self) -> None:
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        with self._signals:
            # The zombie still holds the group's number, so this reaches only its own descendants.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
            self._exited.set()
        guardian().forget(self.pid)
        if self._on_exit is not None:
            self._on_exit(self)


def start_process(spec: ProcessSpec, on_exit: Callable[[ChildProcess], None] | None = None) -> ChildProcess:
    """Start the child; on_exit is called from a thread of its own when it has ended, for whatever reason.

    Raises:
        StackError: the program, or the folder of its log, does not exist or can not be used.
    """
    watcher = guardian()
    try:
        # The log's folder is not made here: a process must not bring back the folder of a stack being stopped.
        with spec.log.open("ab") as log:
            process = subprocess.Popen(
                list(spec.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=watcher.environment({**os.environ, **spec.environment}),
                cwd=spec.folder,
                start_new_session=True,
                user=spec.user,
                group=None if spec.user is None else pwd.getpwnam(spec.user).pw_gid,
                extra_groups=None if spec.user is None else [],
            )
    except OSError as error:
        raise StackError(f"{spec.name} can not be started: {error}") from error
    watcher.watch(process.pid, spec.death_signal)
    return ChildProcess(spec, process, on_exit)


def await_frozen(pids: Sequence[int]) -> None:
    """Wait until every process that still exists has come to rest: SIGSTOP takes effect a moment later."""
    deadline = time.monotonic() + _FROZEN_SECONDS
    while any(state(pid) not in ("T", None) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.005)


def state(pid: int) -> str | None:
    """The kernel's letter for the state of a process ("T" = stopped); None if it has ended."""
    try:
        letter = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return None
    return None if letter in ("Z", "X") else letter


def describe_exit(code: int | None) -> str:
    """An exit code in words: "exit code 3" or "signal SIGKILL"."""
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log file, an empty text if there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def log_excerpt(log: Path, lines: int = TAIL_LINES) -> str:
    """What to show of a log beside an error."""
    text = tail(log, lines)
    return f"last log lines ({log}):\n{text}" if text else f"its log ({log}) is empty"
