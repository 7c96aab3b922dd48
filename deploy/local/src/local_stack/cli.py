"""The command `local-stack`."""

import argparse
import sys
from collections.abc import Sequence

from local_stack.command import Command, InterruptedBySignalError
from local_stack.demo.run import DEMO
from local_stack.errors import StackError
from local_stack.preflight import PREFLIGHT
from local_stack.up import DOWN, UP

# The registry: a subcommand is a module with a Command, named here.
COMMANDS: tuple[Command, ...] = (DEMO, UP, DOWN, PREFLIGHT)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand; the exit code. What is wrong is one message on standard error."""
    parser = argparse.ArgumentParser(prog="local-stack", description="The embedded stack of demo and tests.")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.options(subparsers.add_parser(command.name, help=command.help, description=command.help))
    options = parser.parse_args(arguments)
    chosen = next(command for command in COMMANDS if command.name == options.command)
    try:
        return chosen.run(options)
    except StackError as error:
        print(f"local-stack {chosen.name}: {error}", file=sys.stderr)
        return 1
    except InterruptedBySignalError as interruption:
        print(f"local-stack {chosen.name}: {interruption}", file=sys.stderr)
        return interruption.exit_code
