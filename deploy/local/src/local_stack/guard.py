"""Ends what a dead parent left behind: its processes, then its folders. Runs as a program of its own.

The kernel's parent-death signal is not used: it fires when the *thread* that started the child ends, and it is
lost when the child changes its user, as PostgreSQL's does. This program watches the parent itself through a
pidfd, so SIGKILL, a crash and a forgotten stop() all end the same way.

Usage: python -I -S guard.py PARENT_PID TOKEN, orders as JSON lines on standard input:
  {"watch": PID, "signal": N}    end this process group with signal N when the parent is gone
  {"forget": PID}
  {"folder": PATH}               remove this folder afterwards
  {"forget_folder": PATH}
  {"command": ["docker", ...]}   run this at the end
  {"forget_command": ["docker", ...]}
"""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TOKEN_VARIABLE = "LOCAL_STACK_TOKEN"  # noqa: S105 - the name of a variable, no secret
GRACE_SECONDS = 3.0
COMMAND_SECONDS = 30.0


class Estate:
    """What is left to end when the parent is gone."""

    def __init__(self) -> None:
        self.processes: dict[int, tuple[str, int]] = {}  # pid -> (start time, signal)
        self.folders: set[str] = set()
        self.commands: list[list[str]] = []

    def take(self, order: dict[str, Any]) -> None:
        """Change the estate by one order."""
        match order:
            case {"watch": int(pid), "signal": int(number)}:
                started = start_time(pid)
                if started is not None:
                    self.processes[pid] = (started, number)
            case {"forget": int(pid)}:
                self.processes.pop(pid, None)
            case {"folder": str(path)}:
                self.folders.add(path)
            case {"forget_folder": str(path)}:
                self.folders.discard(path)
            case {"command": list(command)}:
                self.commands.append(command)
            case {"forget_command": list(command)} if command in self.commands:
                self.commands.remove(command)
            case _:
                pass  # an order that no longer applies

    def end(self, token: str) -> None:
        """End processes (politely where a signal other than SIGKILL was asked for), then folders."""
        for pid, (started, number) in self.processes.items():
            if start_time(pid) == started:
                signal_group(pid, number)
                # A paused process takes no other signal but SIGKILL, and a server waits for its sessions.
                signal_group(pid, signal.SIGCONT)
                for child in children(pid):
                    signal_group(child, signal.SIGCONT)
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and any(
            start_time(pid) == started for pid, (started, _) in self.processes.items()
        ):
            time.sleep(0.02)
        for pid, (started, _) in self.processes.items():
            if start_time(pid) == started:
                signal_group(pid, signal.SIGKILL)
        for pid in bearers(token):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for command in self.commands:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(command, timeout=COMMAND_SECONDS, check=False, capture_output=True)
        for folder in self.folders:
            remove(folder)


def start_time(pid: int) -> str | None:
    """When the process started, in kernel ticks; None if it has ended. Tells a reused pid from the old one."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in ("Z", "X") else fields[19]


def children(pid: int) -> list[int]:
    """The children of a process."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def signal_group(pid: int, number: int) -> None:
    """Send a signal to the group led by pid; a group that is gone needs none."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)


def bearers(token: str) -> list[int]:
    """Processes that carry the token in their environment: grandchildren, and children not announced in time."""
    wanted = f"{TOKEN_VARIABLE}={token}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
    return found


def remove(folder: str) -> None:
    """Remove a folder; dying processes may still write into it for a moment."""
    deadline = time.monotonic() + GRACE_SECONDS
    while Path(folder).exists() and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)
        if Path(folder).exists():
            time.sleep(0.05)


def main(parent: int, token: str) -> None:
    """Take orders until the parent is gone, then end its estate."""
    estate = Estate()
    try:
        parent_fd = os.pidfd_open(parent)
    except ProcessLookupError:
        parent_fd = -1
    alive = parent_fd >= 0 and os.getppid() == parent
    buffer = b""
    os.set_blocking(0, False)
    open_input = True
    while True:
        if alive:
            ready, _, _ = select.select([parent_fd, *([0] if open_input else [])], [], [])
            alive = parent_fd not in ready
        # What the parent wrote before it died is still in the pipe: read it all before acting.
        while open_input:
            try:
                chunk = os.read(0, 65_536)
            except BlockingIOError:
                break
            open_input = bool(chunk)
            buffer += chunk
        *lines, buffer = buffer.split(b"\n")
        for line in lines:
            estate.take(json.loads(line))
        if not alive:
            estate.end(token)
            return


if __name__ == "__main__":
    # Ctrl-C in a terminal reaches the whole session; the guard outlives it to do its work.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    main(int(sys.argv[1]), sys.argv[2])
