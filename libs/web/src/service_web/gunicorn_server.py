"""gunicorn, set up in code: one worker process with threads, so that threads beside it run once."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any, Protocol

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from service_runtime.config import ConfigurationError
from service_web.failures import failure

_THREADS_BESIDE_STREAMS = 8
_GRACE_SECONDS = 20


def require_port(variable: str, port: int) -> None:
    """Gunicorn would try for seconds and end with a trace.

    Raises:
        ConfigurationError: somebody else has the port; it names the variable.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError as error:
            raise ConfigurationError(
                f"{variable} {port} can not be used ({error.strerror}): wanted a free port"
            ) from error


class Served(Protocol):
    """What a worker process runs."""

    application: Flask

    def stop(self) -> None:
        """End what runs beside the application."""


class _ServiceLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's own lines go the way of every other log line."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401  # gunicorn's configuration has no type
        super().setup(cfg)
        for logger in (self.error_log, self.access_log):
            logger.handlers.clear()
            logger.propagate = True

    def exception(self, msg: str, *args: object, **_: object) -> None:
        """What failed outside the application: the path without its query, which holds what people search for."""
        told = msg % tuple(str(arg).partition("?")[0] for arg in args)
        error = sys.exc_info()[1]
        self.error_log.error("%s: %s", told, failure(error) if error else "no error")


class GunicornServer(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Serves until a signal ends it."""

    def __init__(
        self, port: int, make: Callable[[Callable[[], None], Callable[[], bool]], Served], *, streams: int
    ) -> None:
        """
        Args:
            port: where to listen, on every interface.
            streams: how many answers without an end there may be; each keeps a thread of its own, so that the others
                are always left for everything else.
            make: called in the worker process, with what to call when the service has to stop, and with what tells
                whether it was told to.
        """  # noqa: D205, D212  # the signature needs its arguments explained, nothing else
        self._port = port
        self._make = make
        self._threads = _THREADS_BESIDE_STREAMS + streams
        self._served: Served | None = None
        self._worker: Any = None
        self._failed = multiprocessing.get_context("fork").Value("b", 0)
        super().__init__()

    def load_config(self) -> None:
        """Settings instead of a file and a command line."""
        settings: dict[str, object] = {
            "bind": f"0.0.0.0:{self._port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": self._threads,
            "graceful_timeout": _GRACE_SECONDS,
            "keepalive": 5,
            "limit_request_line": 8190,  # a little more than the application takes, which tells it as a problem
            "control_socket_disable": True,
            "logger_class": _ServiceLogger,
            "loglevel": logging.getLevelName(logging.getLogger().getEffectiveLevel()).lower(),
            "post_worker_init": self._keep_worker,
            "worker_exit": self._stop_worker,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """In the worker process: connections and threads must not be made before the fork."""
        self._served = self._make(self._fail, self._is_ending)
        return self._served.application

    def serve(self) -> int:
        """Serve. Returns the exit code: 0 after a signal, 1 after a failure."""
        try:
            self.run()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
            return 1 if code or self._failed.value else 0
        return 1

    def _fail(self) -> None:
        self._failed.value = 1
        os.kill(os.getppid(), signal.SIGTERM)

    def _keep_worker(self, worker: object) -> None:
        self._worker = worker

    def _is_ending(self) -> bool:
        """Whether a signal has told the worker to finish what it does: answers without an end have to end then."""
        return self._worker is not None and not self._worker.alive

    def _stop_worker(self, arbiter: object, worker: object) -> None:  # noqa: ARG002  # gunicorn's signature
        if self._served is not None:
            self._served.stop()
