"""Wires the mapper: configuration in, a service that can be run out."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from functools import partial
from threading import Event

from invoice_events import names
from invoice_events.identity import utc_now
from invoice_events.types import XeroReference
from mapper.adapters.batch import DISCOVERED, BatchMapper
from mapper.adapters.publisher import Publisher
from mapper.adapters.tenants import TenantRules, VersionedSettings, read_reference, read_settings
from mapper.core.outcome import SERVICE
from service_runtime.codecs import make_codec
from service_runtime.compacted import CompactedTable
from service_runtime.config import Environment, kafka_options
from service_runtime.dead_letters import DeadLetters, max_dead_share
from service_runtime.health import Health, HealthServer
from service_runtime.intake import Intake
from service_runtime.kafka import make_consumer, make_producer, require_topics
from service_runtime.lifecycle import Service
from service_runtime.logs import configure_logs

TOPICS = (
    *DISCOVERED,
    names.MAPPED,
    names.ORDER_MAPPED,
    names.FAULTED,
    names.ORDER_FAULTED,
    names.SKIPPED,
    names.ORDER_SKIPPED,
    names.LOGS,
    names.SETTINGS,
    names.REFERENCE,
    names.SCHEMAS,
    f"{SERVICE}.dlq",
)
"""Every topic the mapper reads or writes."""

_QUEUE_KBYTES = "16384"  # read ahead at most 16 MiB: a backlog of large invoices must not fill the memory
_FLUSH_SECONDS = 30.0
_COLLECT_AFTER = 50_000  # objects
_ACKNOWLEDGE_SECONDS = 60.0
"""Then the batch is tried again. Longer than the producer's delivery timeout: what is tried again must not be in its queue."""


@dataclass(frozen=True, slots=True)
class MapperService:
    """The service, ready to run, and the port of its probes."""

    service: Service
    metrics_port: int

    def run(self) -> int:
        """Run until stopped; the exit code."""
        return self.service.run()


def bootstrap(env: Environment) -> MapperService:
    """Read the configuration, connect, and put the parts together.

    Raises:
        ConfigurationError: a variable is missing or wrong, no broker answers, or a topic is missing.
    """
    configure_logs(SERVICE, env)
    options = kafka_options(env)
    port = env.port("METRICS_PORT", 9100)
    dead_share = max_dead_share(env)
    require_topics(options, TOPICS)
    producer = make_producer(options, SERVICE)
    codec = make_codec(env, options, producer)
    health = Health()
    settings = CompactedTable[VersionedSettings](
        options, names.SETTINGS, partial(read_settings, codec), partial(health.beat, "settings")
    )
    reference = CompactedTable[XeroReference](
        options, names.REFERENCE, partial(read_reference, codec), partial(health.beat, "reference")
    )
    batch_mapper = BatchMapper(
        codec,
        TenantRules(settings, reference),
        Publisher(producer, _ACKNOWLEDGE_SECONDS, partial(health.beat, "intake")),
        DeadLetters(SERVICE, producer, dead_share),
        utc_now,
    )
    intake = Intake(
        make_consumer(options | {"queued.max.messages.kbytes": _QUEUE_KBYTES}, SERVICE, SERVICE),
        list(DISCOVERED),
        batch_mapper.handle,
        partial(health.beat, "intake"),
    )

    def map_documents(stopping: Event) -> None:
        """Both tables are read completely before the first event is taken."""
        if settings.wait_complete(stopping) and reference.wait_complete(stopping):
            intake.run(stopping)

    health.ready_when("settings", lambda: None if settings.is_complete() else "sync.settings is being read")
    health.ready_when(
        "reference", lambda: None if reference.is_complete() else "xero.reference is being read"
    )
    health.ready_when("intake", lambda: None if intake.assigned.is_set() else "no partitions assigned yet")
    _calm_collector()
    probes = HealthServer(health, port)
    probes.start()
    service = Service(SERVICE)
    service.loop("settings", settings.run)
    service.loop("reference", reference.run)
    service.loop("intake", map_documents)
    service.on_stop("probes", probes.stop)
    service.on_stop("producer", lambda: _flush(producer.flush(_FLUSH_SECONDS)))
    return MapperService(service, probes.port)


def _calm_collector() -> None:
    """Look for reference cycles rarely.

    Events are trees of dicts that die by their reference counts; a batch of them makes the collector walk hundreds of thousands
    of objects again and again and find nothing, for a tenth of the whole time. It stays on, for the cycles of exceptions.
    """
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 20)


def _flush(left: int) -> None:
    """Nothing is committed before it is acknowledged, so what is left here will be mapped again."""
    if left:
        raise TimeoutError(f"{left} events were not acknowledged before the end; they will be produced again")
