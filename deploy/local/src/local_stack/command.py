"""What a subcommand of `local-stack` is."""

import argparse
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


def _no_options(_: argparse.ArgumentParser) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Command:
    """One subcommand.

    Attributes:
        name: what is typed.
        help: one line for the list of commands.
        run: does it; the exit code.
        options: adds its options to the parser.
    """

    name: str
    help: str
    run: Callable[[argparse.Namespace], int]
    options: Callable[[argparse.ArgumentParser], None] = _no_options


class InterruptedBySignalError(BaseException):
    """SIGINT or SIGTERM: unwind everything. Not an Exception, so that nothing on the way takes it for a failure."""

    def __init__(self, number: int) -> None:
        super().__init__(f"interrupted by {signal.Signals(number).name}")
        self.exit_code = 128 + number


@contextmanager
def unwinding_on_signals() -> Iterator[None]:
    """Make SIGINT and SIGTERM raise in the main thread, once; while that unwinds, further ones are ignored.

    The unwinding is bounded, and should it be cut short by SIGKILL, the guard ends what is left.
    """

    def interrupt(number: int, _: FrameType | None) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise InterruptedBySignalError(number)

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
