"""Tiny child processes, and eyes for what is left of them."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from local_stack.process import ProcessSpec, state
from local_stack.supervisor import Supervisor

# Stand-ins with the command lines of the real services and simulators: they answer and tell what they were given.
SERVICE = """
import http.server, json, os, sys, threading
if sys.argv[1] == "migrate":
    print("migrating", os.environ["DATABASE_URL"])
    sys.exit(int(os.environ.get("MIGRATE_EXIT", "0")))
if sys.argv[1] == "create-admin":
    print("making", sys.argv, sys.stdin.readline(), os.environ["DATABASE_URL"])
    sys.exit(0)
if os.environ.get("DIE"):
    sys.exit("no such thing as luck")
names = ("KAFKA_BOOTSTRAP_SERVERS DATABASE_URL TENANTS_FILE AUTOTASK_ZONE_URL XERO_API_URL XERO_IDENTITY_URL "
         "METRICS_PORT STATUS_API_PORT STATUS_API_ADMIN_TOKEN LEASE_SECONDS LOG_LEVEL KAFKA_IMAGE "
         "DASHBOARD_PORT STATUS_API_URL DASHBOARD_SESSION_KEY").split()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            os._exit(9)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({name: os.environ.get(name) for name in names} | {"role": sys.argv[1]}).encode())
    def log_message(self, *_): pass
def serve(port):
    http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
port = os.environ.get("STATUS_API_PORT") or os.environ.get("DASHBOARD_PORT")
if port:
    threading.Thread(target=serve, args=[port], daemon=True).start()
serve(os.environ["METRICS_PORT"])
"""
SIMULATOR = """
import argparse, http.server, os
parser = argparse.ArgumentParser()
parser.add_argument("--host"); parser.add_argument("--port", type=int); parser.add_argument("--port-file")
parser.add_argument("--load", action="append", default=[])
options = parser.parse_args()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(" ".join(options.load).encode())
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer((options.host, options.port), Handler)
open(options.port_file + ".new", "w").write(str(server.server_port))
os.rename(options.port_file + ".new", options.port_file)
server.serve_forever()
"""
BOOKS = """
import argparse, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--out", type=pathlib.Path); parser.add_argument("--invoices"); parser.add_argument("--seed")
options = parser.parse_args()
for name in ("autotask", "xero", "tenants", "fates"):
    (options.out / f"{name}.json").write_text("{}")
"""

MakeSpec = Callable[..., ProcessSpec]


@pytest.fixture
def python_child(tmp_path: Path) -> MakeSpec:
    """Make the spec of a child that runs a piece of Python."""

    def make(
        name: str, code: str, environment: Mapping[str, str] | None = None, stop_seconds: float = 20.0
    ) -> ProcessSpec:
        return ProcessSpec(
            name=name,
            command=[sys.executable, "-u", "-S", "-c", code],
            log=tmp_path / f"{name}.log",
            environment=environment or {},
            stop_seconds=stop_seconds,
        )

    return make


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """A supervisor whose children are gone after the test."""
    own = Supervisor()
    yield own
    own.stop_all()


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], bool]:
    """Wait for a condition; False if it does not come true in half a minute."""

    def wait(condition: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + 30
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    return wait


@pytest.fixture
def gone(eventually: Callable[[Callable[[], bool]], bool]) -> Callable[[int], bool]:
    """Whether a process has ended, or does so in half a minute."""
    return lambda pid: eventually(lambda: state(pid) is None)


@pytest.fixture
def stand_ins(tmp_path: Path) -> Mapping[str, str]:
    """Environment under which `python -m poller` and its like are the stand-ins."""
    for package in ("poller", "mapper", "xero_writer", "status_api", "dashboard"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
        (tmp_path / package / "__main__.py").write_text(SERVICE)
    for side in ("autotask", "xero", "books"):
        (tmp_path / "simulators" / side).mkdir(parents=True)
        (tmp_path / "simulators" / "__init__.py").touch()
        (tmp_path / "simulators" / side / "__init__.py").touch()
        (tmp_path / "simulators" / side / "__main__.py").write_text(BOOKS if side == "books" else SIMULATOR)
    return {"PYTHONPATH": str(tmp_path)}


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An own temporary folder for the stack, to see what it leaves in it."""
    own = Path(tempfile.mkdtemp())  # not below tmp_path: PostgreSQL's user must be able to enter it
    own.chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(own))
    yield own
    shutil.rmtree(own)
