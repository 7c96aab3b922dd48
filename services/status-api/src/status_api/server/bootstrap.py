"""Wires `status-api serve`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from confluent_kafka import KafkaException
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from invoice_events.identity import utc_now
from service_runtime.codecs import make_codec_unpublished
from service_runtime.config import Environment, kafka_options
from service_runtime.database import make_engine, require_current_schema
from service_runtime.health import Health, HealthServer
from service_runtime.kafka import make_producer
from service_runtime.logs import configure_logs
from service_runtime.outbox import Outbox, OutboxPublisher
from service_runtime.registry import SchemaRegistryError
from service_runtime.stuck import StuckWatch
from service_runtime.tenants import TenantsFile
from service_web.gunicorn_server import GunicornServer, require_port
from status_api.core.throttling import Network
from status_api.names import APP_SCHEMA, PACKAGE, SEARCH_PATH, SERVICE
from status_api.server.addresses import trusted_proxies
from status_api.server.application import make_application
from status_api.server.auth import Authenticator
from status_api.server.context import Api
from status_api.server.event_streams import MOST_STREAMS, Streams
from status_api.server.feed import ChangeReader
from status_api.server.hashing import Hasher
from status_api.server.rates import Rates
from status_api.server.routes import OPERATIONS
from status_api.server.seeding import Seeding
from status_api.server.workers import BackgroundLoops
from status_api.stores.accounts import Accounts
from status_api.stores.changes import ChangeNumbers
from status_api.stores.commands import CommandStore
from status_api.stores.expiry import Expiry
from status_api.stores.forgetting import Forgetting
from status_api.stores.tenants import TenantStore

log = logging.getLogger(__name__)

_CONNECTIONS = 10
_RETRY_SECONDS = 5.0
_PATIENCE_SECONDS = 120.0  # of the liveness probe: the publisher may wait for Kafka that long


@dataclass(frozen=True, slots=True)
class ServeConfig:
    """Configuration of `serve`, checked before anything is started."""

    env: Environment
    database_url: str
    kafka: dict[str, str]
    tenants_file: Path
    authenticator: Authenticator
    port: int
    metrics_port: int
    trusted_proxies: tuple[Network, ...]
    rates: Rates

    @classmethod
    def read(cls, env: Environment) -> ServeConfig:
        """From the environment.

        Raises:
            ConfigurationError: a variable or the tenants file is missing or wrong.
        """
        path = Path(env.text("TENANTS_FILE", "the path of a YAML file with a list under tenants"))
        TenantsFile(path)
        if env.optional("SCHEMA_REGISTRY_URL") is not None:
            env.url("SCHEMA_REGISTRY_URL")
        return cls(
            env,
            env.database_url(),
            kafka_options(env),
            path,
            Authenticator.from_environment(env),
            env.port("STATUS_API_PORT", 8080),
            env.port("METRICS_PORT", 9100),
            trusted_proxies(env),
            Rates.from_environment(env),
        )


def serve(env: Environment) -> int:
    """Answer requests until stopped; returns the exit code.

    Raises:
        ConfigurationError: a variable or file is missing or wrong, or the database is not there or not migrated.
    """
    configure_logs(SERVICE, env)
    config = ServeConfig.read(env)
    engine = make_engine(config.database_url, SEARCH_PATH, pool_size=1)
    require_current_schema(PACKAGE, engine, config.database_url, APP_SCHEMA)
    engine.dispose()
    require_port("STATUS_API_PORT", config.port)
    return GunicornServer(config.port, partial(ServedApi.start, config), streams=MOST_STREAMS).serve()


@dataclass(slots=True)
class ServedApi:
    """The application and what runs beside it in the worker process."""

    application: Flask
    loops: BackgroundLoops
    closers: list[Callable[[], None]] = field(default_factory=list)

    @classmethod
    def start(cls, config: ServeConfig, failed: Callable[[], None], ending: Callable[[], bool]) -> ServedApi:
        """Connect and start the threads. Kafka may be away: reading goes on without it, commands wait in the outbox."""
        health = Health()
        engine = make_engine(config.database_url, SEARCH_PATH, pool_size=_CONNECTIONS)
        producer = make_producer(config.kafka, SERVICE)
        codec, publish_schemas = make_codec_unpublished(config.env, config.kafka, producer)
        publisher = OutboxPublisher(engine, producer, partial(health.beat, "outbox", _PATIENCE_SECONDS))
        outbox = Outbox(codec, publisher.wake)
        tenants = TenantStore(engine, outbox, utc_now)
        seeding = Seeding(
            TenantsFile(config.tenants_file), tenants, partial(health.beat, "tenants", _PATIENCE_SECONDS)
        )
        seeding.seed()
        health.ready_when("database", partial(_database_away, engine))
        probes = HealthServer(health, config.metrics_port)
        probes.start()
        loops = BackgroundLoops(failed)
        loops.start("outbox", partial(_publish, publish_schemas, publisher, health))
        loops.start("tenants", seeding.run)
        loops.start("expiry", Expiry(engine).run)
        stuck = StuckWatch(engine, None, partial(health.beat, "stuck", _PATIENCE_SECONDS))
        loops.start("stuck", stuck.run)
        loops.start("forgetting", Forgetting(engine, utc_now).run)
        streams = Streams()
        loops.start("changes", ChangeReader(engine, streams.feed, ChangeNumbers(engine), ending).run)
        accounts = Accounts.on(engine, utc_now)
        config.authenticator.finding(accounts.tokens.actor_of)
        commands = CommandStore(engine, outbox, utc_now)
        proxies = config.trusted_proxies
        api = Api(
            engine,
            tenants,
            commands,
            health,
            utc_now,
            accounts,
            Hasher(),
            trusted_proxies=proxies,
            rates=config.rates,
            streams=streams,
        )
        application = make_application(api, config.authenticator, OPERATIONS)
        log.info("%s serves, probes on port %d", SERVICE, probes.port)
        return cls(application, loops, [probes.stop, engine.dispose])

    def stop(self) -> None:
        """End the threads, then close what they used."""
        self.loops.stop()
        for close in self.closers:
            close()


def _database_away(engine: Engine) -> str | None:
    """What keeps this replica from answering. Kafka is not asked: reading goes on without it."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except (DBAPIError, PoolTimeoutError):
        return "the database does not answer"
    return None


def _publish(
    publish_schemas: Callable[[], None],
    publisher: OutboxPublisher,
    health: Health,
    stopping: threading.Event,
) -> None:
    """Make the schemas known, as soon as that is possible, then publish what is in the outbox."""
    while not stopping.is_set():
        health.beat("outbox", _PATIENCE_SECONDS)
        try:
            publish_schemas()
        except (KafkaException, SchemaRegistryError) as error:
            log.warning("schemas can not be published, trying again: %s", error)
            stopping.wait(_RETRY_SECONDS)
        else:
            publisher.run(stopping)
