"""Children end when they should, with everything they started, and never silently."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from local_stack.errors import ChildDiedError, StackError
from local_stack.process import ProcessSpec, start_process, state

SLEEP = "import time; time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(600)"
PARENT = (
    "import subprocess, sys, time;"
    "child = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(600)']);"
    "print(child.pid); time.sleep(600)"
)

MakeSpec = Callable[..., ProcessSpec]
Eventually = Callable[[Callable[[], bool]], bool]


def test_a_child_that_ignores_sigterm_is_not_left_behind(
    python_child: MakeSpec, eventually: Eventually
) -> None:
    child = start_process(python_child("deaf", DEAF, stop_seconds=0.2))
    assert eventually(lambda: "deaf" in child.tail())
    child.stop()
    assert child.exit_code == -signal.SIGKILL
    assert state(child.pid) is None


def test_a_grandchild_is_not_left_behind(
    python_child: MakeSpec, eventually: Eventually, gone: Callable[[int], bool]
) -> None:
    child = start_process(python_child("parent", PARENT))
    assert eventually(lambda: child.tail().isdigit())
    child.stop()
    assert gone(int(child.tail()))


def test_a_grandchild_of_a_child_that_died_by_itself_is_not_left_behind(
    python_child: MakeSpec, eventually: Eventually, gone: Callable[[int], bool]
) -> None:
    child = start_process(python_child("parent", PARENT))
    assert eventually(lambda: child.tail().isdigit())
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait(30)
    assert gone(int(child.tail()))


def test_a_paused_child_stops_like_any_other(python_child: MakeSpec) -> None:
    child = start_process(python_child("sleeper", SLEEP))
    child.pause()
    assert state(child.pid) == "T"
    child.stop()
    assert child.exit_code == -signal.SIGTERM


def test_a_child_outlives_the_thread_that_started_it(python_child: MakeSpec) -> None:
    started = []
    thread = threading.Thread(target=lambda: started.append(start_process(python_child("sleeper", SLEEP))))
    thread.start()
    thread.join()
    child = started[0]
    assert not child.wait(0.5)
    child.stop()


def test_an_exit_nobody_asked_for_is_told_with_code_and_last_words(python_child: MakeSpec) -> None:
    code = "print('\\n'.join(f'line {n}' for n in range(100))); print('no disk left'); raise SystemExit(7)"
    child = start_process(python_child("victim", code))
    assert child.wait(30)
    with pytest.raises(ChildDiedError, match=r"victim ended with exit code 7") as death:
        child.require_running()
    assert "no disk left" in str(death.value)
    assert "line 99" in str(death.value)
    assert "line 10\n" not in str(death.value)


def test_an_end_we_asked_for_is_no_death_but_nothing_is_awaited_from_it(python_child: MakeSpec) -> None:
    child = start_process(python_child("sleeper", SLEEP))
    child.kill()
    child.require_running()
    with pytest.raises(ChildDiedError, match="sleeper ended with signal SIGKILL"):
        child.require_alive()


def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    spec = ProcessSpec(name="ghost", command=["/no/such/program"], log=tmp_path / "ghost.log")
    with pytest.raises(StackError, match=r"ghost can not be started: .*/no/such/program"):
        start_process(spec)


def test_a_process_does_not_bring_back_the_folder_of_a_stopped_stack(tmp_path: Path) -> None:
    spec = ProcessSpec(name="late", command=["/bin/true"], log=tmp_path / "gone" / "late.log")
    with pytest.raises(StackError, match="late can not be started"):
        start_process(spec)
    assert not (tmp_path / "gone").exists()
