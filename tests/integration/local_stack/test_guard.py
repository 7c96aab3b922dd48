"""A parent that is killed, or that forgets to stop, leaves no process, port or folder."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local_stack.ports import is_free
from local_stack.process import state

Eventually = Callable[[Callable[[], bool]], bool]

CHILDREN = """
import json, os, subprocess, sys
from pathlib import Path
from local_stack.folders import make_folder
from local_stack.process import ProcessSpec, start_process
from local_stack.supervisor import Child, PortFileReady, Supervisor

folder = make_folder("guard-test")
server = '''
import os, socket, subprocess, sys, time
escaped = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"], start_new_session=True)
listener = socket.create_server(("127.0.0.1", 0))
port_file = os.environ["PORT_FILE"]
open(port_file + ".new", "w").write(str(listener.getsockname()[1]))
open(os.environ["PID_FILE"], "w").write(str(escaped.pid))
os.rename(port_file + ".new", port_file)
time.sleep(600)
'''
port = PortFileReady(file=folder / "port")
spec = ProcessSpec(
    name="server",
    command=[sys.executable, "-S", "-c", server],
    log=folder / "server.log",
    environment={"PORT_FILE": str(port.file), "PID_FILE": str(folder / "pid")},
)
supervisor = Supervisor()
supervisor.start(Child(process=spec, ready=port))
if "pause" in sys.argv:
    supervisor.pause("server")
escaped = int((folder / "pid").read_text())
print(json.dumps({"pids": [supervisor.process("server").pid, escaped], "ports": [port.port()],
                  "folders": [str(folder)]}), flush=True)
if "forget" not in sys.argv:
    sys.stdin.read()
"""
SERVERS = """
import json, sys
from local_stack.options import StackOptions
from local_stack.stack import Stack

stack = Stack(StackOptions(services=(), simulators=(), partitions=1))
stack.start()
stack.database_server.create_database("ledger")
broker, server = stack.broker, stack.database_server
if "pause" in sys.argv:
    broker.pause()
    server.pause()
print(json.dumps({"pids": [broker.process.pid, server.process.pid], "ports": [broker.port, server.port],
                  "folders": [str(stack.folder), str(broker.log.parent), str(server.log.parent)]}), flush=True)
sys.stdin.read()
"""


def run_parent(code: str, *arguments: str) -> tuple[subprocess.Popen[str], dict[str, list[object]]]:
    """Start the parent; what it says it has started."""
    parent = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    return parent, json.loads(parent.stdout.readline())


def nothing_left(started: dict[str, list[object]]) -> bool:
    return (
        all(state(int(str(pid))) is None for pid in started["pids"])
        and all(is_free(int(str(port))) for port in started["ports"])
        and not any(Path(str(folder)).exists() for folder in started["folders"])
    )


@pytest.mark.parametrize("how", ["run", "pause"])
def test_a_killed_parent_leaves_no_process_port_or_folder(how: str, eventually: Eventually) -> None:
    parent, started = run_parent(CHILDREN, how)
    assert not nothing_left(started)
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    assert eventually(lambda: nothing_left(started))


def test_a_parent_that_forgets_to_stop_leaves_nothing(eventually: Eventually) -> None:
    parent, started = run_parent(CHILDREN, "forget")
    parent.communicate()
    assert eventually(lambda: nothing_left(started))


@pytest.mark.stack
@pytest.mark.parametrize("how", ["run", "pause"])
def test_a_killed_parent_leaves_no_broker_and_no_database_server(how: str, eventually: Eventually) -> None:
    segments = Path("/proc/sysvipc/shm")
    before = segments.read_text().splitlines()
    parent, started = run_parent(SERVERS, how)
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    assert eventually(lambda: nothing_left(started))
    # Another server may have come meanwhile; ours, whose creator is the postmaster, must be gone.
    creators = {line.split()[4] for line in segments.read_text().splitlines()[1:] if line not in before}
    assert str(started["pids"][1]) not in creators
