"""What happens to processes: killed, frozen, taken out of their group and put back, replaced by another release."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from local_stack.errors import StackError
from tests.faults.kinds import Step
from tests.faults.rig import Rig

ADDED_FIELD = {"name": "added_by_the_next_release", "type": ["null", "string"], "default": None}
"""What the schemas of the next release have more: an optional field, as evolution allows it."""
_PACKAGE = "invoice_schemas"


def next_release(folder: Path) -> Path:
    """Make the schemas of a release that is to come. Returns the folder for PYTHONPATH in which they are found first."""
    home = folder / "next-release"
    package = home / _PACKAGE
    with resources.as_file(resources.files(_PACKAGE)) as here:
        shutil.copytree(here, package, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build"))
    for file in package.glob("*.avsc"):
        schema = json.loads(file.read_text("utf-8"))
        schema["fields"].append(ADDED_FIELD)
        file.write_text(json.dumps(schema), "utf-8")
    return home


class ProcessFaults:
    """Disturbs processes and brings them back. Each returns how many it hit."""

    def __init__(self, rig: Rig, folder: Path) -> None:
        """`folder`: for the next release."""
        self._rig = rig
        self._next = next_release(folder)
        self._ahead: set[str] = set()  # services that run the next release
        self._lock = threading.Lock()
        self._idle = threading.Event()  # never set: waiting for it is letting a fault last

    def kill(self, step: Step) -> int:
        """SIGKILL; started again after a while."""
        supervisor = self._rig.suite.stack.supervisor
        with self._rig.keeper.held_down(step.processes):
            alive = [name for name in step.processes if supervisor.is_running(name)]
            for name in alive:
                supervisor.kill(name)
            self._idle.wait(step.seconds)
            for name in step.processes:
                supervisor.restart(name, wait=False)
        return len(alive)

    def pause(self, step: Step) -> int:
        """SIGSTOP, then SIGCONT."""
        supervisor = self._rig.suite.stack.supervisor
        frozen = []
        with self._rig.keeper.held_down(step.processes):
            for name in step.processes:
                try:
                    supervisor.pause(name)
                except StackError:  # it ended by itself a moment ago
                    continue
                frozen.append(name)
            self._idle.wait(step.seconds)
            for name in frozen:
                supervisor.resume(name)
        return len(frozen)

    def rebalance(self, step: Step) -> int:
        """One replica leaves its group in order, and comes back."""
        supervisor = self._rig.suite.stack.supervisor
        with self._rig.keeper.held_down(step.processes):
            left = [name for name in step.processes if supervisor.is_running(name)]
            for name in left:
                supervisor.stop(name)
            self._idle.wait(step.seconds)
            for name in step.processes:
                supervisor.restart(name, wait=False)
        return len(left)

    def roll(self, step: Step) -> int:
        """The replicas one after the other onto the next release, or back to this one: both have to understand each other."""
        with self._lock:
            forwards = step.target not in self._ahead
            self._ahead ^= {step.target}
        given = os.environ.get("PYTHONPATH", "")
        path = os.pathsep.join(filter(None, (str(self._next), given))) if forwards else given
        return sum(self._replace([name], path) for name in step.processes)

    def _replace(self, names: Sequence[str], path: str) -> int:
        supervisor = self._rig.suite.stack.supervisor
        replaced = 0
        with self._rig.keeper.held_down(names):
            for name in names:
                try:
                    supervisor.restart(name, environment={"PYTHONPATH": path})
                except (
                    StackError
                ):  # another fault of the round keeps it from getting ready: the keeper goes on
                    continue
                replaced += 1
        return replaced
