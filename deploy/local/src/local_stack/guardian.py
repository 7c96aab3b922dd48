"""The parent's side of guard.py: one guard per Python process, told of every child and folder."""

import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from signal import SIGKILL, Signals

from local_stack import guard


class Guardian:
    """Keeps the guard informed; starts it with the first order, and again should it have been killed."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._owner = os.getpid()
        self._process: subprocess.Popen[bytes] | None = None
        self._token = secrets.token_hex(16)
        self._standing: dict[str, dict[str, object]] = {}

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """The variables plus the mark by which the guard knows our descendants."""
        return {**variables, guard.TOKEN_VARIABLE: self._token}

    def watch(self, pid: int, ending: Signals = SIGKILL) -> None:
        """End the process group led by pid with this signal when this process dies."""
        self._add(f"process {pid}", {"watch": pid, "signal": int(ending)})

    def forget(self, pid: int) -> None:
        """The process has ended."""
        self._drop(f"process {pid}", {"forget": pid})

    def own_folder(self, folder: Path) -> None:
        """Remove the folder when this process dies."""
        self._add(f"folder {folder}", {"folder": str(folder)})

    def disown_folder(self, folder: Path) -> None:
        """The folder is gone, or is to be kept."""
        self._drop(f"folder {folder}", {"forget_folder": str(folder)})

    def at_death(self, command: Sequence[str]) -> None:
        """Run the command when this process dies without having taken it back."""
        self._add(f"command {list(command)}", {"command": list(command)})

    def not_at_death(self, command: Sequence[str]) -> None:
        """The command is no longer needed."""
        self._drop(f"command {list(command)}", {"forget_command": list(command)})

    def _add(self, key: str, order: dict[str, object]) -> None:
        with self._lock:
            self._standing[key] = order
            self._send(order)

    def _drop(self, key: str, order: dict[str, object]) -> None:
        with self._lock:
            if self._standing.pop(key, None) is not None:
                self._send(order)

    def _send(self, order: dict[str, object]) -> None:
        if self._process is None or self._process.poll() is not None:
            self._start()
            for standing in self._standing.values():
                self._write(standing)
        else:
            self._write(order)

    def _write(self, order: dict[str, object]) -> None:
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("the guard was not started")
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()

    def _start(self) -> None:
        # An empty environment: the guard of an inner process must not carry the token of an outer one.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", guard.__file__, str(self._owner), self._token],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", os.defpath)},
            start_new_session=True,
            cwd="/",
        )


_current: list[Guardian] = []
_current_lock = threading.Lock()


def guardian() -> Guardian:
    """The one guardian of this process."""
    with _current_lock:
        if not _current:
            _current.append(Guardian())
        return _current[0]
