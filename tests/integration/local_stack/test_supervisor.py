"""The supervisor notices every death, forgets nothing, and ends all in reverse order."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from local_stack.errors import ChildDiedError, StackError
from local_stack.ports import free_port, is_free
from local_stack.process import ProcessSpec, state
from local_stack.supervisor import Child, HttpReady, PortFileReady, Supervisor, http_url

SLEEP = "import time; time.sleep(600)"
SERVER = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
LAST_WORDS = """
import os, signal, time
def end(*_):
    with open(os.environ["DIARY"], "a") as diary:
        diary.write(os.environ["NAME"] + "\\n")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
open(os.environ["PORT_FILE"], "w").write("1")
time.sleep(600)
"""

MakeSpec = Callable[..., ProcessSpec]
Eventually = Callable[[Callable[[], bool]], bool]


def test_a_death_is_reported_with_name_exit_code_and_last_log_lines(
    supervisor: Supervisor, python_child: MakeSpec
) -> None:
    code = "import sys; print('starting'); sys.stdin.read(); raise RuntimeError('the ledger is on fire')"
    supervisor.start(Child(process=python_child("healthy", SLEEP)))
    supervisor.start(Child(process=python_child("poller", code)))
    assert supervisor.wait_for_death(30)
    with pytest.raises(ChildDiedError, match="poller ended with exit code 1") as death:
        supervisor.check()
    assert "the ledger is on fire" in str(death.value)
    assert "healthy" not in str(death.value)


def test_a_child_killed_from_outside_is_reported_with_the_signal(
    supervisor: Supervisor, python_child: MakeSpec
) -> None:
    supervisor.start(Child(process=python_child("mapper", SLEEP)))
    os.kill(supervisor.process("mapper").pid, signal.SIGKILL)
    assert supervisor.wait_for_death(30)
    assert "mapper ended with signal SIGKILL" in supervisor.reports[0]


def test_the_callback_hears_of_a_death(python_child: MakeSpec) -> None:
    heard: list[str] = []
    told = threading.Event()

    def hear(report: str) -> None:
        heard.append(report)
        told.set()

    own = Supervisor(on_death=hear)
    own.start(Child(process=python_child("short", "print('bye')")))
    assert told.wait(30)
    assert "short ended with exit code 0" in heard[0]
    own.stop_all()


def test_a_child_that_dies_before_it_is_ready_is_not_waited_for(
    supervisor: Supervisor, python_child: MakeSpec
) -> None:
    ready = HttpReady(url=http_url(free_port(), "/readyz"))
    process = python_child("xero-writer", "raise SystemExit('XERO_API_URL is not set')")
    with pytest.raises(ChildDiedError, match=r"(?s)xero-writer ended with exit code 1.*XERO_API_URL"):
        supervisor.start(Child(process=process, ready=ready, ready_seconds=600))


def test_a_child_that_never_gets_ready_is_named_with_its_log(
    supervisor: Supervisor, python_child: MakeSpec
) -> None:
    ready = HttpReady(url=http_url(free_port(), "/readyz"))
    process = python_child("slow", "print('still thinking'); " + SLEEP)
    with pytest.raises(StackError, match=r"(?s)slow is not ready after 1 s.*still thinking"):
        supervisor.start(Child(process=process, ready=ready, ready_seconds=1))


def test_ready_means_that_readyz_answers(supervisor: Supervisor, python_child: MakeSpec) -> None:
    port = free_port()
    ready = HttpReady(url=http_url(port, "/readyz"))
    assert not ready.check()
    supervisor.start(Child(process=python_child("server", SERVER, {"PORT": str(port)}), ready=ready))
    assert ready.check()
    assert not HttpReady(url=http_url(port, "/elsewhere")).check()


def test_kill_and_restart_keep_name_environment_and_port(
    supervisor: Supervisor, python_child: MakeSpec
) -> None:
    port = free_port()
    ready = HttpReady(url=http_url(port, "/readyz"))
    supervisor.start(Child(process=python_child("server", SERVER, {"PORT": str(port)}), ready=ready))
    before = supervisor.process("server").pid
    supervisor.kill("server")
    assert is_free(port)
    supervisor.restart("server")
    assert ready.check()
    assert supervisor.process("server").pid != before
    supervisor.check()  # what we ended ourselves is no death


def test_a_restart_may_change_the_environment(
    supervisor: Supervisor, python_child: MakeSpec, eventually: Eventually
) -> None:
    code = "import os, time; print('level', os.environ['LOG_LEVEL']); time.sleep(600)"
    supervisor.start(Child(process=python_child("poller", code, {"LOG_LEVEL": "info"})))
    supervisor.restart("poller", environment={"LOG_LEVEL": "debug"})
    assert eventually(lambda: "level debug" in supervisor.process("poller").tail())


def test_a_stale_port_file_is_not_taken_for_readiness(
    supervisor: Supervisor, python_child: MakeSpec, tmp_path: Path
) -> None:
    ready = PortFileReady(file=tmp_path / "port")
    ready.file.write_text("4711")
    code = f"open({str(ready.file)!r}, 'w').write('4712'); {SLEEP}"
    supervisor.start(Child(process=python_child("simulator", code), ready=ready))
    assert ready.port() == 4712


def test_pause_freezes_and_resume_lets_go_on(
    supervisor: Supervisor, python_child: MakeSpec, eventually: Eventually
) -> None:
    supervisor.start(Child(process=python_child("poller", SLEEP)))
    pid = supervisor.process("poller").pid
    supervisor.pause("poller")
    assert state(pid) == "T"
    supervisor.resume("poller")
    assert eventually(lambda: state(pid) == "S")


def test_all_end_in_reverse_order_and_a_restarted_one_keeps_its_place(
    supervisor: Supervisor, python_child: MakeSpec, tmp_path: Path
) -> None:
    diary = tmp_path / "diary"
    for name in ("first", "second", "third"):
        ready = PortFileReady(file=tmp_path / f"{name}.port")
        environment = {"DIARY": str(diary), "NAME": name, "PORT_FILE": str(ready.file)}
        supervisor.start(Child(process=python_child(name, LAST_WORDS, environment), ready=ready))
    supervisor.restart("first")
    diary.unlink()
    supervisor.stop_all()
    assert diary.read_text().split() == ["third", "second", "first"]


def test_nothing_is_started_once_the_end_has_begun(supervisor: Supervisor, python_child: MakeSpec) -> None:
    supervisor.stop_all()
    with pytest.raises(StackError, match="late is not started: the stack is being stopped"):
        supervisor.start(Child(process=python_child("late", SLEEP)))


def test_the_end_is_bounded_however_many_are_deaf(
    supervisor: Supervisor, python_child: MakeSpec, eventually: Eventually
) -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(600)"
    )
    names = ["one", "two", "three"]
    for name in names:
        supervisor.start(Child(process=python_child(name, deaf, stop_seconds=600)))
    assert eventually(lambda: all("deaf" in supervisor.process(name).tail() for name in names))
    supervisor.stop_all(seconds=0.3)
    assert not any(supervisor.is_running(name) for name in names)


def test_two_children_can_not_share_a_name(supervisor: Supervisor, python_child: MakeSpec) -> None:
    supervisor.start(Child(process=python_child("poller", SLEEP)))
    with pytest.raises(StackError, match="poller runs already"):
        supervisor.start(Child(process=python_child("poller", SLEEP)))


def test_an_unknown_name_is_answered_with_the_known_ones(
    supervisor: Supervisor, python_child: MakeSpec
) -> None:
    supervisor.start(Child(process=python_child("poller", SLEEP)))
    with pytest.raises(StackError, match="there is no process 'poler'; there are: poller"):
        supervisor.kill("poler")


def test_a_migration_that_fails_is_reported_with_its_log(
    supervisor: Supervisor, python_child: MakeSpec
) -> None:
    with pytest.raises(ChildDiedError, match=r"(?s)migrate ended with exit code 1.*column is missing"):
        supervisor.run(python_child("migrate", "raise SystemExit('column is missing')"), 60)
    supervisor.run(python_child("migrate-well", "pass"), 60)
    assert "migrate-well" not in supervisor.names
