"""Starts processes one after the other, watches them, and ends them in reverse order."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import requests

from local_stack.errors import ChildDiedError, StackError
from local_stack.ports import LOOPBACK
from local_stack.process import ChildProcess, ProcessSpec, log_excerpt, start_process

_PROBE_PAUSE_SECONDS = 0.05
_PROBE_SECONDS = 2.0
_HTTP_OK = 200
STOP_ALL_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class HttpReady:
    """Ready when this URL answers 200."""

    url: str

    def check(self) -> bool:
        """Whether it does now."""
        try:
            return requests.get(self.url, timeout=_PROBE_SECONDS).status_code == _HTTP_OK
        except requests.RequestException:
            return False


@dataclass(frozen=True, kw_only=True)
class PortFileReady:
    """Ready when the process has written the number of its port into this file."""

    file: Path

    def check(self) -> bool:
        """Whether it has."""
        return self.port() is not None

    def port(self) -> int | None:
        """The port, None while there is none."""
        try:
            text = self.file.read_text().strip()
        except FileNotFoundError:
            return None
        return int(text) if text.isdigit() else None


@dataclass(frozen=True, kw_only=True)
class Child:
    """A process to run and how to know that it is ready; None = as soon as it has started."""

    process: ProcessSpec
    ready: HttpReady | PortFileReady | None = None
    ready_seconds: float = 60.0


@dataclass(eq=False)
class _Entry:
    child: Child
    process: ChildProcess
    expected_end: bool = field(default=False)


class Supervisor:
    """The running children by name. Every method may be called from any thread.

    Args:
        on_death: called once, from a thread of its own, with the report of a process that ended unexpectedly.
    """

    def __init__(self, on_death: Callable[[str], None] | None = None) -> None:
        self._entries: dict[str, _Entry] = {}
        self._lock = threading.RLock()
        self._on_death = on_death
        self._reports: list[str] = []
        self._died = threading.Event()
        self._closed = False

    @property
    def names(self) -> list[str]:
        """Every child in the order of starting, dead ones included."""
        with self._lock:
            return list(self._entries)

    @property
    def reports(self) -> list[str]:
        """One text per process that ended unexpectedly: name, exit code, last log lines."""
        with self._lock:
            return list(self._reports)

    def start(self, child: Child, *, wait: bool = True) -> None:
        """Start a child; with wait, return when it is ready.

        Raises:
            ChildDiedError: it ended before it was ready.
            StackError: the name is taken, or it was not ready in time.
        """
        name = child.process.name
        with self._lock:
            if self._closed:
                raise StackError(f"{name} is not started: the stack is being stopped")
            if name in self._entries and self._entries[name].process.running:
                raise StackError(f"{name} runs already")
            if isinstance(child.ready, PortFileReady):
                child.ready.file.unlink(missing_ok=True)  # of an earlier life
            self._entries.pop(name, None)
            process = start_process(child.process, self._ended)
            self._entries[name] = _Entry(child, process)
        if wait:
            self.await_ready(name)

    def run(self, spec: ProcessSpec, seconds: float) -> None:
        """Run a process to its end.

        Raises:
            ChildDiedError: it failed, or was stopped meanwhile.
            StackError: it took longer.
        """
        child = Child(process=spec)
        with self._lock:
            self.start(child, wait=False)
            entry = self._expect_end(spec.name)
        if not entry.process.wait(seconds):
            entry.process.kill()
            raise StackError(f"{spec.name} takes longer than {seconds:.0f} s; {log_excerpt(spec.log)}")
        if entry.process.exit_code != 0:
            raise ChildDiedError(entry.process.obituary())
        with self._lock:
            self._entries.pop(spec.name, None)

    def await_ready(self, name: str) -> None:
        """Wait until a child is ready.

        Raises:
            ChildDiedError: it ended before.
            StackError: it was not ready in time; the message has its last log lines.
        """
        entry = self._entry(name)
        child = entry.child
        deadline = time.monotonic() + child.ready_seconds
        while child.ready is not None and not child.ready.check():
            entry.process.require_alive()
            if time.monotonic() > deadline:
                raise StackError(
                    f"{name} is not ready after {child.ready_seconds:.0f} s; {log_excerpt(child.process.log)}"
                )
            # Returns early if it ends meanwhile.
            entry.process.wait(_PROBE_PAUSE_SECONDS)

    def process(self, name: str) -> ChildProcess:
        """The process of this name.

        Raises:
            StackError: there is none.
        """
        return self._entry(name).process

    def is_running(self, name: str) -> bool:
        """Whether the child of this name has not ended."""
        return self._entry(name).process.running

    def kill(self, name: str) -> None:
        """SIGKILL, as a crash; it counts as expected."""
        entry = self._expect_end(name)
        entry.process.kill()

    def stop(self, name: str) -> None:
        """An orderly end of one child; it counts as expected."""
        entry = self._expect_end(name)
        entry.process.stop()

    def restart(self, name: str, *, environment: Mapping[str, str] | None = None, wait: bool = True) -> None:
        """Start a child again, after an orderly stop if it runs.

        Args:
            name: of the child.
            environment: variables to change for this and later lives.
            wait: return only when it is ready.

        Raises:
            ChildDiedError: it ended before it was ready.
            StackError: there is none of this name, or it was not ready in time.
        """
        entry = self._expect_end(name)
        entry.process.stop()
        spec = entry.child.process
        child = replace(
            entry.child, process=replace(spec, environment={**spec.environment, **(environment or {})})
        )
        with self._lock:
            order = list(self._entries)
            self.start(child, wait=False)
            self._entries = {
                key: self._entries[key] for key in order
            }  # it keeps its place in the stopping order
        if wait:
            self.await_ready(name)

    def pause(self, name: str) -> None:
        """Freeze a child (SIGSTOP)."""
        self._entry(name).process.pause()

    def resume(self, name: str) -> None:
        """Let a frozen child go on."""
        self._entry(name).process.resume()

    def check(self) -> None:
        """Raise if a child ended unexpectedly.

        Raises:
            ChildDiedError: with the reports of all that did.
        """
        reports = self.reports
        if reports:
            raise ChildDiedError("\n\n".join(reports))

    def wait_for_death(self, seconds: float | None = None) -> bool:
        """Wait until a child ends unexpectedly; False if none did in that time."""
        return self._died.wait(seconds)

    def stop_all(self, seconds: float = STOP_ALL_SECONDS) -> None:
        """End every child in reverse order of starting; nothing can be started afterwards.

        Args:
            seconds: what all of them have together before SIGKILL.
        """
        deadline = time.monotonic() + seconds
        with self._lock:
            self._closed = True
            entries = list(reversed(self._entries.values()))
            for entry in entries:
                entry.expected_end = True
        for entry in entries:
            entry.process.stop(max(0.0, deadline - time.monotonic()))

    def _entry(self, name: str) -> _Entry:
        with self._lock:
            if name not in self._entries:
                known = ", ".join(self._entries) or "none"
                raise StackError(f"there is no process {name!r}; there are: {known}")
            return self._entries[name]

    def _expect_end(self, name: str) -> _Entry:
        with self._lock:
            entry = self._entry(name)
            entry.expected_end = True
            return entry

    def _ended(self, process: ChildProcess) -> None:
        with self._lock:  # also waits for start() to have made the entry
            entry = next((one for one in self._entries.values() if one.process is process), None)
            if entry is None or entry.expected_end or process.ending:
                return
            report = process.obituary()
            self._reports.append(report)
        self._died.set()
        if self._on_death is not None:
            self._on_death(report)


def http_url(port: int, path: str = "") -> str:
    """The URL of a server on loopback."""
    return f"http://{LOOPBACK}:{port}{path}"
