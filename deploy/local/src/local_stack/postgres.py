"""Real PostgreSQL as a child process: own folder, free port, loopback only."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from local_stack.database import (
    await_database,
    create_database,
    drop_database,
    with_database,
)
from local_stack.errors import ChildDiedError, StackError
from local_stack.false_clock import FalseClock, libfaketime, no_trace_of, why_no_false_clock
from local_stack.folders import make_folder, remove_folder
from local_stack.guard import children
from local_stack.ports import LOOPBACK, free_port
from local_stack.postgres_binaries import postgres_binaries, runnable_by, server_user
from local_stack.process import (
    ChildProcess,
    ProcessSpec,
    await_frozen,
    log_excerpt,
    start_process,
    state,
)

__all__ = ["SETTINGS", "EmbeddedPostgres", "PostgresOptions", "why_no_false_clock"]

_INITDB_SECONDS = 120.0
_ROLE = "postgres"
_PORT_ATTEMPTS = 3
_PORT_TAKEN = "Address already in use"
_GONE_SECONDS = 10.0

# The data need not survive the machine, only the server: what the kernel has is there after a SIGKILL.
# synchronous_commit stays on, since without it a killed server forgets commits it has acknowledged.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "on",
    "max_wal_size": "256MB",
    # In the data folder, not in /dev/shm, where a kill would leave it.
    "dynamic_shared_memory_type": "mmap",
    "log_line_prefix": "%t [%p] %d ",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True, kw_only=True)
class PostgresOptions:
    """What may differ between servers.

    Attributes:
        binaries: folder with PostgreSQL's programs; None = the best there is.
        settings: laid over SETTINGS.
        false_clock: the server has a wall clock of its own, for step_clock(); see local_stack.false_clock.
        keep: leave the folder (data and log) behind.
    """

    binaries: Path | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    false_clock: bool = False
    keep: bool = False


class EmbeddedPostgres:
    """One server. start() and stop() bracket its life; the rest is for fault tests."""

    ours = True

    def __init__(self, options: PostgresOptions | None = None) -> None:
        self._options = options or PostgresOptions()
        self._folder: Path | None = None
        self._binaries: Path | None = None
        self._user: str | None = None
        self._process: ChildProcess | None = None
        self._clock: FalseClock | None = None
        self._port = 0
        self._paused: list[int] = []

    @property
    def url(self) -> str:
        """The URL of the server's maintenance database."""
        return f"postgresql://{_ROLE}@{LOOPBACK}:{self._port}/postgres"

    @property
    def port(self) -> int:
        """The server's TCP port."""
        return self._port

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self._home() / "postgres.log"

    @property
    def process(self) -> ChildProcess:
        """The server's process (postmaster).

        Raises:
            StackError: it was never started.
        """
        if self._process is None:
            raise StackError("PostgreSQL is not running: start() it first")
        return self._process

    def start(self) -> None:
        """Make an own data folder, start the server, return when it answers.

        Raises:
            MissingToolError: PostgreSQL, or libfaketime for a false clock, is missing and can not be installed.
            StackError: it did not come up; the message has its last log lines. Nothing is left behind.
        """
        binaries = self._options.binaries or postgres_binaries()
        self._user = server_user()
        self._folder = make_folder("postgres", keep=self._options.keep)
        try:
            if self._user is not None:
                shutil.chown(self._folder, self._user)
            self._binaries = runnable_by(self._user, binaries, self._folder)
            if self._options.false_clock:
                self._clock = FalseClock(libfaketime(), self._folder / "clock")
            self._initialise()
            for attempt in range(1, _PORT_ATTEMPTS + 1):
                self._port = free_port()
                try:
                    self._launch()
                except ChildDiedError as error:
                    # Somebody took the port between our look and the server's bind.
                    if _PORT_TAKEN not in str(error) or attempt == _PORT_ATTEMPTS:
                        raise
                else:
                    return
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Fast shutdown, then SIGKILL; the folder is removed unless it is to be kept."""
        if self._process is not None:
            self.resume()
            self._process.stop()
            self._remove_shared_memory()
            self._process = None
        if self._folder is not None and not self._options.keep:
            remove_folder(self._folder)

    def create_database(self, name: str) -> str:
        """Make an empty database of exactly this name; its URL."""
        create_database(self.url, name)
        return with_database(self.url, name)

    def drop_database(self, url: str) -> None:
        """Remove a database, ending connections to it."""
        drop_database(self.url, url)

    def require_running(self) -> None:
        """Raise ChildDiedError if it ended without having been asked to."""
        self.process.require_running()

    def pause(self) -> None:
        """Freeze the server and every session (SIGSTOP)."""
        self.process.pause()
        self._paused = self._sessions()
        self._signal(self._paused, signal.SIGSTOP)
        await_frozen(self._paused)

    def resume(self) -> None:
        """Let all of it go on (SIGCONT)."""
        self._signal(self._paused, signal.SIGCONT)
        self._paused = []
        self.process.resume()

    def kill(self) -> None:
        """SIGKILL to the server and every session; committed data stay for restart()."""
        self.process.pause()  # so that it starts no session while we count them
        sessions = self._sessions()
        self.process.kill()
        self._signal(sessions, signal.SIGKILL)
        self._paused = []
        deadline = time.monotonic() + _GONE_SECONDS
        while any(state(pid) for pid in sessions) and time.monotonic() < deadline:
            time.sleep(0.01)

    def restart(self) -> None:
        """Start again on the same data and port, after an orderly stop if it runs.

        Raises:
            StackError: it did not come up.
        """
        self.resume()
        self.process.stop()
        self._launch()

    def step_clock(self, seconds: float) -> None:
        """Set the server's wall clock so far ahead of the true time (behind it, if negative); 0 = true again.

        Every session sees it at once, `now()` in a transaction under way stays what it was. It holds over
        kill() and restart(). As on any machine, a clock set back delays PostgreSQL itself by as much: the timeout
        of a statement under way, and autovacuum and statistics of sessions that know the later time.

        Raises:
            StackError: the server was not started with a false clock.
        """
        if self._clock is None:
            raise StackError("only a server with PostgresOptions(false_clock=True) has a clock to be set")
        self._clock.set_offset(seconds)

    def _home(self) -> Path:
        if self._folder is None:
            raise StackError("PostgreSQL is not running: start() it first")
        return self._folder

    def _program(self, name: str) -> str:
        if self._binaries is None:
            raise StackError("PostgreSQL is not running: start() it first")
        return str(self._binaries / name)

    def _spec(self, name: str, command: list[str]) -> ProcessSpec:
        return ProcessSpec(
            name=name,
            command=command,
            log=self.log,
            folder=self._home(),
            user=self._user,
            stop_signal=signal.SIGINT,  # fast: does not wait for clients to leave
            death_signal=signal.SIGQUIT,  # at once, but it still gives its shared memory back
        )

    def _initialise(self) -> None:
        command = [self._program("initdb"), "-D", str(self._home() / "data"), "-U", _ROLE, "-A", "trust"]
        command += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        process = start_process(self._spec("initdb", command))
        if not process.wait(_INITDB_SECONDS):
            process.kill()
        if process.exit_code != 0:
            raise StackError(f"PostgreSQL's data folder could not be made; {log_excerpt(self.log)}")

    def _launch(self) -> None:
        settings = {**SETTINGS, "port": str(self._port), **self._options.settings}
        command = [self._program("postgres"), "-D", str(self._home() / "data")]
        command += [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        spec = self._spec("postgres", command)
        if self._clock is None:
            self._process = start_process(spec)
            await_database(self.url, self._process.require_alive)
        else:
            self._process = start_process(replace(spec, environment=self._clock.environment()))
            with no_trace_of(self._process.pid):
                await_database(self.url, self._process.require_alive)

    def _sessions(self) -> list[int]:
        # PostgreSQL gives every session a process group of its own, so the group of the server is not enough.
        return children(self.process.pid)

    @staticmethod
    def _signal(pids: list[int], number: signal.Signals) -> None:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _remove_shared_memory(self) -> None:
        """A killed server leaves its small System V segment; postmaster.pid, then left too, has its number."""
        pid_file = self._home() / "data" / "postmaster.pid"
        if pid_file.exists():
            for line in pid_file.read_text().splitlines():
                match line.split():
                    case [key, segment] if key.isdigit() and segment.isdigit():
                        subprocess.run(["ipcrm", "-m", segment], check=False, capture_output=True)
                    case _:
                        continue
