"""Wires `dashboard serve`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import requests
from flask import Flask

from dashboard.api.connection import Connection
from dashboard.application import make_application
from dashboard.names import SERVICE
from dashboard.server.listeners import MOST_STREAMS
from dashboard.server.sessions import Sessions
from service_runtime.config import Environment
from service_runtime.health import Health, HealthServer
from service_runtime.logs import configure_logs
from service_web.gunicorn_server import GunicornServer, require_port

log = logging.getLogger(__name__)

_PROBE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class ServeConfig:
    """Configuration of `serve`, checked before anything is started."""

    status_api_url: str
    sessions: Sessions
    port: int
    metrics_port: int

    @classmethod
    def read(cls, env: Environment) -> ServeConfig:
        """From the environment.

        Raises:
            ConfigurationError: a variable is missing or wrong.
        """
        return cls(
            env.url("STATUS_API_URL"),
            Sessions.from_environment(env),
            env.port("DASHBOARD_PORT", 8050),
            env.port("METRICS_PORT", 9100),
        )


def serve(env: Environment) -> int:
    """Answer browsers until stopped; returns the exit code.

    Raises:
        ConfigurationError: a variable is missing or wrong, or a port is taken.
    """
    configure_logs(SERVICE, env)
    config = ServeConfig.read(env)
    require_port("DASHBOARD_PORT", config.port)
    return GunicornServer(config.port, partial(ServedPages.start, config), streams=MOST_STREAMS).serve()


@dataclass(slots=True)
class ServedPages:
    """The application and what runs beside it in the worker process."""

    application: Flask
    probes: HealthServer

    @classmethod
    def start(
        cls,
        config: ServeConfig,
        failed: Callable[[], None],  # noqa: ARG003  # nothing runs beside it that could fail
        ending: Callable[[], bool],
    ) -> ServedPages:
        """Make the pages; status-api need not answer yet."""
        health = Health()
        health.ready_when("status-api", FirstAnswer(config.status_api_url).missing)
        probes = HealthServer(health, config.metrics_port)
        probes.start()
        application = make_application(Connection(config.status_api_url), config.sessions, ending)
        log.info("%s serves, probes on port %d", SERVICE, probes.port)
        return cls(application, probes)

    def stop(self) -> None:
        """Close the probes."""
        self.probes.stop()


class FirstAnswer:
    """Readiness: status-api answered once.

    Later outages do not end it: people then get a page that says so and mends itself, not the bare error of a proxy that
    has nobody left to ask.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._came = False

    def missing(self) -> str | None:
        """What is missing, None once the answer came."""
        if self._came:
            return None
        try:
            requests.get(f"{self._url}/healthz", timeout=_PROBE_SECONDS).raise_for_status()
        except requests.RequestException as error:
            return f"status-api does not answer: {type(error).__name__}"
        self._came = True
        return None
