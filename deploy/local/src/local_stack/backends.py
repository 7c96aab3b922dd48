"""Where Kafka and PostgreSQL come from: given from outside, containers, or child processes."""

import os

from local_stack.broker import Broker, ExternalBroker
from local_stack.database import DatabaseServer, ExternalPostgres, external_url
from local_stack.errors import StackError
from local_stack.kafka import EmbeddedKafka, KafkaOptions
from local_stack.postgres import EmbeddedPostgres, PostgresOptions

_KINDS = ("embedded", "containers")


def broker(options: KafkaOptions | None = None) -> Broker:
    """The broker that KAFKA_BOOTSTRAP_SERVERS names, else one as TEST_STACK says; not started yet.

    Raises:
        StackError: TEST_STACK has an unknown value.
    """
    bootstrap = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "").strip()
    if bootstrap:
        return ExternalBroker(bootstrap)
    if _kind() == "containers":
        from local_stack.containers import ContainerKafka  # noqa: PLC0415 - loads testcontainers, rarely wanted

        return ContainerKafka()
    return EmbeddedKafka(options)


def database_server(options: PostgresOptions | None = None, *, keep_external: bool = False) -> DatabaseServer:
    """The server that DATABASE_URL names, else one as TEST_STACK says; not started yet.

    Args:
        options: of an embedded server.
        keep_external: databases made in somebody else's server stay there and are used again.

    Raises:
        StackError: TEST_STACK or DATABASE_URL has an unusable value.
    """
    url = external_url()
    if url:
        return ExternalPostgres(url, keep=keep_external)
    if _kind() == "containers":
        from local_stack.containers import ContainerPostgres  # noqa: PLC0415 - as above

        return ContainerPostgres()
    return EmbeddedPostgres(options)


def _kind() -> str:
    kind = os.environ.get("TEST_STACK", "").strip() or "embedded"
    if kind not in _KINDS:
        raise StackError(f"TEST_STACK must be one of {', '.join(_KINDS)}, not {kind!r}")
    return kind
