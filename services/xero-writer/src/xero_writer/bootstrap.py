"""Wires the xero-writer: every dependency is made here and handed down."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from invoice_events import names
from invoice_events.types import TenantSettings
from service_runtime.beats import Beats
from service_runtime.codecs import make_codec
from service_runtime.compacted import CompactedTable
from service_runtime.config import ConfigurationError, Environment, kafka_options
from service_runtime.database import Listener, make_engine, require_current_schema
from service_runtime.dead_letters import DeadLetters, max_dead_share
from service_runtime.deadline import make_session
from service_runtime.health import Health, HealthServer
from service_runtime.heap import keep_heap_small
from service_runtime.intake import Intake
from service_runtime.kafka import make_consumer, make_producer, require_topics
from service_runtime.leases import Lease, Leases
from service_runtime.lifecycle import Service
from service_runtime.logs import configure_logs
from service_runtime.outbox import Outbox, OutboxPublisher
from service_runtime.stuck import StuckWatch
from service_runtime.tenant_workers import TenantWorkers
from service_runtime.tenants import TenantsFile, XeroCredentials
from xero_writer.adapters.intake import CHANNEL, TOPICS, WorkIntake
from xero_writer.adapters.limits import Limits, MinuteLimit
from xero_writer.adapters.tokens import Tokens
from xero_writer.adapters.xero_client import XeroClient
from xero_writer.core.events import SERVICE
from xero_writer.core.timing import Timing
from xero_writer.worker.circuit import Circuit
from xero_writer.worker.health_events import HealthEvents
from xero_writer.worker.session import Session
from xero_writer.worker.worker import Worker

log = logging.getLogger(__name__)

PACKAGE, SCHEMA = "xero_writer", "xero_writer"
_INTAKE_BATCH = 100  # decoded, a mapped event is many times its bytes
_NEEDED_TOPICS = (
    *TOPICS,
    names.PROCESSING,
    names.SYNCED,
    names.ORDER_PROCESSING,
    names.ORDER_SYNCED,
    names.COMMAND_RESULTS,
    names.SETTINGS,
    names.REFERENCE,
    names.LOGS,
    names.HEALTH,
    names.SCHEMAS,
    f"{SERVICE}.dlq",
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything the environment says, checked."""

    kafka: dict[str, str]
    database_url: str
    tenants: TenantsFile
    api_url: str
    identity_url: str
    timing: Timing
    lease_seconds: float
    metrics_port: int
    dead_letter_share: float

    @classmethod
    def read(cls, env: Environment) -> Configuration:
        """Read and check the environment.

        Raises:
            ConfigurationError: the first thing that is missing or wrong.
        """
        timing = Timing(env.number("XERO_KEY_LIFETIME_SECONDS", 360, minimum=1, unit="seconds"))
        lease_seconds = env.number("LEASE_SECONDS", 120, minimum=1, unit="seconds")
        if lease_seconds < 2 * timing.deadline:
            raise ConfigurationError(
                f"LEASE_SECONDS is {lease_seconds:g}: wanted at least twice the call deadline, which is XERO_KEY_LIFETIME_SECONDS/6 = {timing.deadline:g}"
            )
        tenants = TenantsFile(
            Path(env.text("TENANTS_FILE", "the path of a YAML file with a list under tenants"))
        )
        for tenant in tenants.tenants.values():
            if tenant.xero is None:
                raise ConfigurationError(
                    f"TENANTS_FILE tenant {tenant.id}: xero is missing, wanted client_id and client_secret"
                )
        return cls(
            kafka=kafka_options(env),
            database_url=env.database_url(),
            tenants=tenants,
            api_url=env.url("XERO_API_URL", "https://api.xero.com"),
            identity_url=env.url("XERO_IDENTITY_URL", "https://identity.xero.com"),
            timing=timing,
            lease_seconds=lease_seconds,
            metrics_port=env.port("METRICS_PORT", 9100),
            dead_letter_share=max_dead_share(env),
        )


def build(env: Environment) -> Service:
    """The service, ready to run.

    Raises:
        ConfigurationError: the environment, the database or Kafka is not as needed.
    """
    keep_heap_small()
    configure_logs(SERVICE, env)
    config = Configuration.read(env)
    engine = make_engine(config.database_url, SCHEMA, pool_size=20)
    require_current_schema(PACKAGE, engine, config.database_url, SCHEMA)
    require_topics(config.kafka, _NEEDED_TOPICS)
    producer = make_producer(config.kafka, SERVICE)
    codec = make_codec(env, config.kafka, producer)
    health = Health()
    publisher = OutboxPublisher(engine, producer, lambda: health.beat("outbox"))
    outbox = Outbox(codec, publisher.wake)
    settings: CompactedTable[TenantSettings] = CompactedTable(
        config.kafka,
        names.SETTINGS,
        lambda record: cast("TenantSettings", codec.decode(names.SETTINGS, record.value)),
        lambda: health.beat("settings"),
        lambda key, _: workers.wake(key),
    )
    session = make_session(pool_size=20)
    apps: dict[str, MinuteLimit] = {}
    beats = Beats()

    def make_worker(tenant_id: str, lease: Lease) -> Worker:
        def credentials() -> XeroCredentials | None:
            tenant = config.tenants.tenants.get(tenant_id)
            return tenant.xero if tenant else None

        known = credentials()
        if known is None:
            raise ConfigurationError(
                f"TENANTS_FILE tenant {tenant_id}: xero is missing, wanted client_id and client_secret"
            )
        events, woken = HealthEvents(), threading.Event()
        limits = Limits(tenant_id, config.timing, apps.setdefault(known.client_id, MinuteLimit()))
        client = XeroClient(
            session,
            config.api_url,
            tenant_id,
            Tokens(session, config.identity_url, known, config.timing.deadline),
            limits,
            config.timing.deadline,
        )
        client.organisation_id = known.organisation_id or ""
        context = Session(
            tenant_id=tenant_id,
            lease=lease,
            engine=engine,
            codec=codec,
            outbox=outbox,
            client=client,
            circuit=Circuit(
                tenant_id,
                lambda state, reason: events.changed(state, reason, tenant_id),
                config.timing,
            ),
            timing=config.timing,
            settings=lambda: settings.get(tenant_id),
            wake=woken.set,
        )
        return Worker(context, credentials, events, woken, beats)

    leases = Leases(engine, config.lease_seconds)
    workers = TenantWorkers(
        leases, lambda: _tenant_ids(config.tenants), make_worker, lambda: health.beat("workers")
    )
    dead_letters = DeadLetters(SERVICE, producer, config.dead_letter_share)
    consumer = make_consumer(config.kafka, SERVICE, SERVICE)
    intake = Intake(
        consumer,
        TOPICS,
        WorkIntake(engine, codec, outbox, dead_letters).handle,
        lambda: health.beat("intake", 120),
        batch_size=_INTAKE_BATCH,
    )
    stuck = StuckWatch(
        engine, lambda: list(config.tenants.tenants), lambda: health.beat("stuck"), silent=beats.silent
    )
    listener = Listener(config.database_url, CHANNEL, workers.wake)
    health.ready_when("settings", lambda: None if settings.is_complete() else "sync.settings is being read")
    server = HealthServer(health, config.metrics_port)
    server.start()

    service = Service(SERVICE)
    service.on_stop("health", server.stop)
    service.on_stop("database", engine.dispose)
    service.loop("outbox", publisher.run)
    service.loop("settings", settings.run)
    service.loop("intake", intake.run)
    service.loop("listener", listener.run)
    service.loop("stuck", stuck.run)
    service.loop(
        "workers", lambda stopping: workers.run(stopping) if settings.wait_complete(stopping) else None
    )
    return service


def _tenant_ids(file: TenantsFile) -> list[str]:
    """Tenants to serve now; the file is read again when it changed."""
    problem = file.refresh()
    if problem is not None:
        log.error("the changed tenants file is not used: %s", problem)
    return list(file.tenants)
