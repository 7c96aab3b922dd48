"""Command line of status-api: `serve`, `materialize`, `notify`, `migrate`, `replay`, `positions`, `rebuild`, `create-admin`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence

from service_runtime.config import Environment
from service_runtime.database import migrate
from service_runtime.lifecycle import run_command
from service_runtime.logs import configure_logs
from status_api.names import APP_SCHEMA, PACKAGE, SERVICE

log = logging.getLogger(__name__)


def _migrate(env: Environment) -> int:
    from status_api.read_schema import make_read_schema_again  # noqa: PLC0415  # each role loads what it needs: it halves its memory

    configure_logs(SERVICE, env)
    if make_read_schema_again(env.database_url()):
        log.warning("the schema read was missing and was made again, empty: it is filled from Kafka")
    migrate(PACKAGE, env.database_url(), APP_SCHEMA)
    return 0


def _serve(env: Environment) -> int:
    from status_api.server.bootstrap import serve  # noqa: PLC0415  # as above

    return serve(env)


def _materialize(env: Environment) -> int:
    from status_api.materializer.bootstrap import materialize  # noqa: PLC0415  # as above

    return materialize(env)


def _notify(env: Environment) -> int:
    from status_api.notify.bootstrap import notify  # noqa: PLC0415  # as above

    return notify(env)


def _replay(arguments: Sequence[str]) -> int:
    from service_runtime.by_hand import replay_of  # noqa: PLC0415  # as above
    from status_api.materializer.replaying import open_handler  # noqa: PLC0415  # as above

    return replay_of(SERVICE, open_handler)(arguments)


def _create_admin(arguments: Sequence[str]) -> int:
    from status_api.create_admin import create_admin  # noqa: PLC0415  # as above

    return create_admin(arguments)


def _positions(arguments: Sequence[str]) -> int:
    from status_api.materializer.keeping import positions  # noqa: PLC0415  # as above

    return positions(arguments)


def _rebuild(arguments: Sequence[str]) -> int:
    from status_api.rebuild.command import rebuild  # noqa: PLC0415  # as above

    return rebuild(arguments)


def _without_arguments(name: str, command: Callable[[Environment], int]) -> Callable[[Sequence[str]], int]:
    def run(arguments: Sequence[str]) -> int:
        if arguments:
            sys.stderr.write(f"{SERVICE}: {name} takes no arguments, got {' '.join(arguments)}\n")
            return 2
        return command(Environment())

    return run


def main() -> int:
    """Run the command named on the command line; returns the exit code."""
    commands = {"serve": _serve, "materialize": _materialize, "notify": _notify, "migrate": _migrate}
    return run_command(
        SERVICE,
        {name: _without_arguments(name, command) for name, command in commands.items()}
        | {"replay": _replay, "positions": _positions, "rebuild": _rebuild, "create-admin": _create_admin},
        sys.argv[1:],
    )
