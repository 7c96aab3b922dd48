"""Wires the poller: configuration in, a service that can be run out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event

from confluent_kafka import Producer
from sqlalchemy import Engine

from invoice_events import names
from invoice_events.identity import utc_now
from poller.adapters.autotask.client import CALL_SECONDS, AutotaskClient
from poller.adapters.autotask.errors import RefusedError
from poller.adapters.inbox import WORK_CHANNEL
from poller.adapters.intake import TOPICS, InboxFiller
from poller.adapters.tenants import (
    PublishedTenants,
    TenantRules,
    Tenants,
    read_health,
    read_reference_version,
    read_rules,
)
from poller.core.messages import SERVICE
from poller.core.xero_health import XeroHealth
from poller.work.connection import Connection
from poller.work.refused import KeptRefusals
from poller.work.steady_clock import steady_clock
from poller.work.store import Store
from poller.work.worker import PollerWorker, WorkerParts
from service_runtime.beats import Beats
from service_runtime.codecs import make_codec
from service_runtime.compacted import CompactedTable
from service_runtime.config import ConfigurationError, Environment, kafka_options
from service_runtime.database import Listener, make_engine, migrate, require_current_schema
from service_runtime.dead_letters import DeadLetters, max_dead_share
from service_runtime.deadline import make_session
from service_runtime.health import Health, HealthServer
from service_runtime.heap import keep_heap_small
from service_runtime.intake import Intake
from service_runtime.kafka import make_consumer, make_producer, require_topics
from service_runtime.leases import Lease, Leases
from service_runtime.lifecycle import Service
from service_runtime.logs import configure_logs, secrets_of_this_process
from service_runtime.outbox import Outbox, OutboxPublisher
from service_runtime.stuck import StuckWatch
from service_runtime.tenant_workers import TenantWorkers
from service_runtime.tenants import AutotaskCredentials, TenantsFile

log = logging.getLogger(__name__)

SCHEMA = "poller"
ALL_TOPICS = (
    names.DISCOVERED,
    names.SYNCED,
    names.FAULTED,
    names.SKIPPED,
    names.HELD,
    names.ORDER_DISCOVERED,
    names.ORDER_SYNCED,
    names.ORDER_FAULTED,
    names.ORDER_SKIPPED,
    names.ORDER_HELD,
    names.COMMANDS,
    names.COMMAND_RESULTS,
    names.SETTINGS,
    names.REFERENCE,
    names.LOGS,
    names.HEALTH,
    names.SCHEMAS,
    f"{SERVICE}.dlq",
)
"""Every topic the poller reads or writes."""

_AUTOTASK = "https://webservices.autotask.net/atservicesrest"
_TENANTS_FILE_SECONDS = 2.0
_FLUSH_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class PollerConfig:
    """What the environment says.

    Attributes:
        database_url: as SQLAlchemy wants it.
        tenants_file: where the tenants file is.
        zone_root: where zone discovery is asked.
        lease_seconds: length of a lease.
        poll_interval: seconds between two cycles of a tenant.
        metrics_port: of the probes.
        max_dead_share: largest share of records in the dead letters.
    """

    database_url: str
    tenants_file: Path
    zone_root: str
    lease_seconds: float
    poll_interval: float
    metrics_port: int
    max_dead_share: float

    @property
    def call_seconds(self) -> float:
        """Total time of one call to Autotask: a lease lasts at least twice as long."""
        return min(CALL_SECONDS, self.lease_seconds / 2)


def read_config(env: Environment) -> PollerConfig:
    """The configuration.

    Raises:
        ConfigurationError: a variable is missing or wrong.
    """
    return PollerConfig(
        database_url=env.database_url(),
        tenants_file=Path(env.text("TENANTS_FILE", "the path of the tenants file")),
        zone_root=env.url("AUTOTASK_ZONE_URL", _AUTOTASK),
        lease_seconds=env.number("LEASE_SECONDS", 2 * CALL_SECONDS, minimum=1, unit="seconds"),
        poll_interval=env.number("POLL_INTERVAL_SECONDS", 300, minimum=0.1, unit="seconds"),
        metrics_port=env.port("METRICS_PORT", 9100),
        max_dead_share=max_dead_share(env),
    )


def migrate_database(env: Environment) -> None:
    """Bring the poller's database schema to this release.

    Raises:
        ConfigurationError: DATABASE_URL is missing or wrong.
    """
    configure_logs(SERVICE, env)
    migrate("poller", env.database_url(), SCHEMA)


@dataclass(frozen=True, slots=True)
class PollerService:
    """The service, ready to run, and the port of its probes."""

    service: Service
    metrics_port: int

    def run(self) -> int:
        """Run until stopped; the exit code."""
        return self.service.run()


def bootstrap(env: Environment) -> PollerService:
    """Read the configuration, connect, and put the parts together.

    Raises:
        ConfigurationError: a variable or the tenants file is missing or wrong, the database schema is older than this
            release, no broker or database answers, or a topic is missing.
    """
    keep_heap_small()
    configure_logs(SERVICE, env)
    config, options = read_config(env), kafka_options(env)
    file = TenantsFile(config.tenants_file)
    _require_credentials(file)
    engine = make_engine(config.database_url, SCHEMA)
    require_current_schema("poller", engine, config.database_url, SCHEMA)
    require_topics(options, ALL_TOPICS)
    producer = make_producer(options, SERVICE)
    codec = make_codec(env, options, producer)
    health = Health()

    publisher = OutboxPublisher(engine, producer, partial(health.beat, "outbox"))
    outbox = Outbox(codec, publisher.wake)
    settings = CompactedTable[TenantRules](
        options,
        names.SETTINGS,
        partial(read_rules, codec),
        partial(health.beat, "settings"),
        changed=lambda tenant_id, _: workers.wake(tenant_id),
    )
    reference = CompactedTable[int](
        options,
        names.REFERENCE,
        partial(read_reference_version, codec),
        partial(health.beat, "reference"),
        changed=lambda tenant_id, _: workers.wake(tenant_id),
    )
    connections = CompactedTable[XeroHealth](
        options, names.HEALTH, partial(read_health, codec), partial(health.beat, "connections")
    )
    tenants = PublishedTenants(file, settings, reference, connections)
    beats = Beats()
    workers = TenantWorkers(
        Leases(engine, config.lease_seconds),
        lambda: [tenant.id for tenant in file.tenants.values() if tenant.autotask],
        partial(make_worker, config, engine, outbox, tenants, beats=beats),
        partial(health.beat, "workers"),
    )
    intake = Intake(
        make_consumer(options, SERVICE, SERVICE),
        TOPICS,
        InboxFiller(engine, codec, DeadLetters(SERVICE, producer, config.max_dead_share), utc_now).handle,
        partial(health.beat, "intake"),
    )
    stuck = StuckWatch(
        engine,
        lambda: [tenant.id for tenant in file.tenants.values() if tenant.autotask],
        partial(health.beat, "stuck"),
        silent=beats.silent,
    )
    listener = Listener(config.database_url, WORK_CHANNEL, workers.wake)

    health.ready_when("settings", lambda: None if settings.is_complete() else "sync.settings is being read")
    health.ready_when(
        "reference", lambda: None if reference.is_complete() else "xero.reference is being read"
    )
    health.ready_when("intake", lambda: None if intake.assigned.is_set() else "no partitions assigned yet")
    probes = HealthServer(health, config.metrics_port)
    probes.start()
    service = Service(SERVICE)
    service.loop("settings", settings.run)
    service.loop("reference", reference.run)
    service.loop("connections", connections.run)
    service.loop("intake", intake.run)
    service.loop("outbox", publisher.run)
    service.loop("workers", workers.run)
    service.loop("notifications", listener.run)
    service.loop("stuck", stuck.run)
    service.loop("tenants-file", partial(_follow_file, file, workers.wake))
    service.on_stop("database", engine.dispose)
    service.on_stop("probes", probes.stop)
    service.on_stop("producer", partial(_flush, producer))
    return PollerService(service, probes.port)


def make_worker(
    config: PollerConfig,
    engine: Engine,
    outbox: Outbox,
    tenants: Tenants,
    tenant_id: str,
    lease: Lease,
    *,
    beats: Beats,
) -> PollerWorker:
    """The worker of one tenant, with an HTTP session of its own."""

    def credentials() -> AutotaskCredentials:
        found = tenants.credentials(tenant_id)
        if found is None:
            raise RefusedError("the tenant has left the tenants file")
        return found

    session = make_session(pool_size=1)
    client = AutotaskClient(
        tenant_id, config.zone_root, session, credentials, call_seconds=config.call_seconds
    )
    store = Store(lease, engine, outbox, utc_now)
    connection = Connection(
        tenant_id, client, partial(tenants.credentials, tenant_id), steady_clock(), KeptRefusals(store)
    )
    return PollerWorker(WorkerParts(store, connection, tenants, config.poll_interval, beats=beats))


def _follow_file(file: TenantsFile, wake: Callable[[str], None], stopping: Event) -> None:
    """Read the tenants file again when it changes; a change that is wrong is told and the last good state kept."""
    while not stopping.wait(_TENANTS_FILE_SECONDS):
        before = file.tenants
        problem = file.refresh()
        if problem is not None:
            log.error("the changed tenants file is not taken over: %s", problem)
        elif file.tenants is not before:
            _hide_secrets(file)
            wake("")


def _require_credentials(file: TenantsFile) -> None:
    for index, tenant in enumerate(file.tenants.values()):
        if tenant.autotask is None:
            raise ConfigurationError(
                f"TENANTS_FILE tenants[{index}].autotask: missing, wanted username, secret and integration_code"
            )
    _hide_secrets(file)


def _hide_secrets(file: TenantsFile) -> None:
    for tenant in file.tenants.values():
        if tenant.autotask is not None:
            secrets_of_this_process.hide(tenant.autotask.secret, tenant.autotask.integration_code)


def _flush(producer: Producer) -> None:
    """Whatever was not acknowledged is still in the outbox and is published again."""
    left = producer.flush(_FLUSH_SECONDS)
    if left:
        log.warning("%d events were not acknowledged before the end; they stay in the outbox", left)
