"""Wires `status-api materialize`."""

from __future__ import annotations

from functools import partial

from invoice_events import names
from service_runtime.codecs import make_codec
from service_runtime.config import Environment, kafka_options
from service_runtime.database import make_engine, require_current_schema
from service_runtime.dead_letters import DeadLetters, max_dead_share
from service_runtime.health import Health, HealthServer
from service_runtime.intake import Intake
from service_runtime.kafka import make_consumer, make_producer, require_topics
from service_runtime.lifecycle import Service
from service_runtime.logs import configure_logs
from status_api.materializer.handler import Materializer
from status_api.materializer.positions import Positions
from status_api.materializer.progress import Progress
from status_api.materializer.retention import Retention
from status_api.names import APP_SCHEMA, DEAD_LETTERS, FOLDED_TOPICS, PACKAGE, SEARCH_PATH, SERVICE
from status_api.stores.changes import ChangeNumbers

_ROLE = f"{SERVICE}-materialize"
_BATCH = 1000
_QUEUE_KBYTES = "8192"  # read ahead at most 8 MiB: a replay of large invoices must not fill the memory
_PATIENCE_SECONDS = (
    120.0  # of the liveness probe: a batch may wait for the database as long as a statement may take
)
_RETENTION_PATIENCE_SECONDS = 7200.0  # it works every hour
_FLUSH_SECONDS = 10.0


def materialize(env: Environment) -> int:
    """Fold every topic into the read model until stopped; returns the exit code.

    Raises:
        ConfigurationError: a variable is missing or wrong, the database or the broker does not answer, or something is missing there.
    """
    configure_logs(SERVICE, env)
    options = kafka_options(env)
    url = env.database_url()
    metrics_port = env.port("METRICS_PORT", 9100)
    dead_share = max_dead_share(env)
    engine = make_engine(url, SEARCH_PATH, pool_size=3)
    require_current_schema(PACKAGE, engine, url, APP_SCHEMA)
    require_topics(options, [*FOLDED_TOPICS, names.SCHEMAS, DEAD_LETTERS])

    health = Health()
    producer = make_producer(options, _ROLE)
    codec = make_codec(env, options, producer)
    positions = Positions(engine)
    materializer = Materializer(engine, codec, positions, DeadLetters(SERVICE, producer, dead_share))
    intake = Intake(
        make_consumer(options | {"queued.max.messages.kbytes": _QUEUE_KBYTES}, SERVICE, _ROLE),
        FOLDED_TOPICS,
        materializer.handle,
        partial(health.beat, "intake", _PATIENCE_SECONDS),
        offsets=positions,
        batch_size=_BATCH,
    )
    progress = Progress(engine, options, FOLDED_TOPICS, partial(health.beat, "progress", _PATIENCE_SECONDS))
    retention = Retention(engine, partial(health.beat, "retention", _RETENTION_PATIENCE_SECONDS))
    health.ready_when("intake", lambda: None if intake.assigned.is_set() else "no partitions assigned yet")
    probes = HealthServer(health, metrics_port)
    probes.start()

    service = Service(_ROLE)
    service.loop("intake", intake.run)
    service.loop("progress", progress.run)
    service.loop("retention", retention.run)
    service.loop("changes", ChangeNumbers(engine).run)
    service.on_stop("engine", engine.dispose)
    service.on_stop("probes", probes.stop)
    service.on_stop("producer", lambda: _flush(producer.flush(_FLUSH_SECONDS)))
    return service.run()


def _flush(left: int) -> None:
    """Dead letters are acknowledged before their batch is stored, so what is left here will be buried again."""
    if left:
        raise TimeoutError(f"{left} dead letters were not acknowledged before the end")
