"""`local-stack up` and `local-stack down`: the whole suite left running."""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from local_stack.books import make_books
from local_stack.command import Command, InterruptedBySignalError, unwinding_on_signals
from local_stack.errors import StackError
from local_stack.first_admin import make_first_admin
from local_stack.folders import make_folder, remove_folder
from local_stack.options import StackOptions, external_targets
from local_stack.services import SERVICES
from local_stack.stack import Stack
from local_stack.state_file import DEFAULT, RunningStack, read_state, sole_owner, write_state

_DOWN_SECONDS = 120.0
_PAUSE_SECONDS = 0.1


def run_up(options: argparse.Namespace) -> int:
    """Start the stack, in the background unless told otherwise."""
    external_targets()  # wrong variables are refused here, before anything runs in the background
    return _foreground(options) if options.foreground else _background(options)


def run_down(options: argparse.Namespace) -> int:
    """End the stack that `up` left running; nothing running is fine."""
    state = read_state(options.state)
    if state is None:
        print("no stack is up")
        return 0
    os.kill(state.pid, signal.SIGTERM)
    deadline = time.monotonic() + _DOWN_SECONDS
    while state.alive:
        if time.monotonic() > deadline:
            raise StackError(
                f"the stack (process {state.pid}) does not end; kill it, its guard removes the rest"
            )
        time.sleep(_PAUSE_SECONDS)
    print("the stack is down")
    return 0


def _foreground(options: argparse.Namespace) -> int:
    with sole_owner(options.state), unwinding_on_signals():
        try:
            with _stack_options(options) as stack_options, Stack(stack_options) as stack:
                write_state(
                    options.state,
                    folder=stack.folder,
                    token=stack.status_api_token,
                    addresses=stack.addresses(),
                    sign_in=asdict(make_first_admin(stack.database_url("status-api"))),
                )
                print(f"the stack is up; logs: {stack.logs}", flush=True)
                stack.watch()
        except InterruptedBySignalError:
            print("the stack is down", flush=True)
    return 0


@contextmanager
def _stack_options(options: argparse.Namespace) -> Iterator[StackOptions]:
    external = external_targets()
    if external is not None:
        tenants, targets = external
        yield StackOptions(
            services=tuple(SERVICES),
            simulators=(),
            targets=targets,
            tenants=tenants,
            keep=options.keep,
            say=_say,
        )
        return
    folder = make_folder("invoice-sync-books", keep=options.keep)
    try:
        books = make_books(folder, invoices=options.invoices, seed=options.seed)
        yield StackOptions(
            services=tuple(SERVICES),
            autotask_load=[books.autotask],
            xero_load=[books.xero],
            tenants=books.tenants,
            keep=options.keep,
            say=_say,
        )
    finally:
        if not options.keep:
            remove_folder(folder)


def _background(options: argparse.Namespace) -> int:
    if read_state(options.state) is not None:
        raise StackError("a stack of this checkout is up already. Type: make down")
    log = options.state.with_suffix(".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "local_stack", "up", "--foreground", "--state", str(options.state)]
    command += ["--invoices", str(options.invoices), "--seed", str(options.seed)]
    command += ["--keep"] if options.keep else []
    with log.open("w") as output:
        owner = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    with unwinding_on_signals():
        try:
            state = _await_owner(owner, options.state, log)
        except InterruptedBySignalError:
            owner.terminate()
            owner.wait()
            raise
    _print_addresses(state, log)
    return 0


def _await_owner(owner: "subprocess.Popen[bytes]", file: Path, log: Path) -> RunningStack:
    """Wait until the stack is up, showing what its owner says meanwhile."""
    shown = 0
    while True:
        ended = owner.poll() is not None  # before reading: what it said last is then in the log
        lines = log.read_text(errors="replace").splitlines()
        for line in lines[shown:]:
            print(line, flush=True)
        shown = len(lines)
        if ended:
            raise StackError(f"the stack did not come up; what it said is also in {log}")
        state = read_state(file)
        if state is not None:
            return state
        time.sleep(_PAUSE_SECONDS)


def _print_addresses(state: RunningStack, log: Path) -> None:
    width = max(len(name) for name in state.addresses)
    for name, address in state.addresses.items():
        print(f"  {name:<{width}}  {address}")
    print(f"  {'bearer token':<{width}}  {state.token}")
    sign_in = state.sign_in
    print(f"sign in at {state.addresses['dashboard-serve']} as {sign_in['email']} with {sign_in['password']}")
    print(f"what happens to it is told in {log}; to end it: make down")


def _say(line: str) -> None:
    print(line, flush=True)


def _state_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", type=Path, default=DEFAULT, help="where the running stack is noted")


def _up_options(parser: argparse.ArgumentParser) -> None:
    _state_option(parser)
    parser.add_argument("--foreground", action="store_true", help="stay until Ctrl-C")
    parser.add_argument("--invoices", type=int, default=300, help="made-up invoices (without TENANTS_FILE)")
    parser.add_argument("--seed", type=int, default=1, help="of the made-up invoices")
    parser.add_argument("--keep", action="store_true", help="leave data and logs behind at the end")


UP = Command(name="up", help="start everything and leave it running", run=run_up, options=_up_options)
DOWN = Command(name="down", help="end what `up` left running", run=run_down, options=_state_option)
