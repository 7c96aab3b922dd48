"""Where Kafka and PostgreSQL come from: given from outside, containers, or child processes."""

import os

from local_stack.broker import Broker, ExternalBroker
from local_stack.database import DatabaseServer, ExternalPostgres, external_url
from local_stack.errors import StackError
from local_stack.kafka import EmbeddedKafka, KafkaOptions
from local_stack.kafka_cluster import KafkaCluster
from local_stack.postgres import EmbeddedPostgres, PostgresOptions

_KINDS = ("embedded", "containers")


def broker(options: KafkaOptions | None = None) -> Broker:
    """The broker that KAFKA_BOOTSTRAP_SERVERS names, else one as TEST_STACK says; not started yet.

    Args:
        options: of an embedded broker; several nodes are a cluster.

    Raises:
        StackError: TEST_STACK has an unknown value, or several nodes are wanted of containers.
    """
    bootstrap = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "").strip()
    if bootstrap:
        return ExternalBroker(bootstrap)
    nodes = 1 if options is None else options.nodes
    if _kind() == "containers":
        if nodes > 1:
            raise StackError("TEST_STACK=containers has brokers of one node only")
        from local_stack.containers import ContainerKafka  # noqa: PLC0415 - loads testcontainers, rarely wanted

        return ContainerKafka()
    return EmbeddedKafka(options) if options is None or nodes == 1 else KafkaCluster(options)


def database_server(options: PostgresOptions | None = None, *, keep_external: bool = False) -> DatabaseServer:
    """The server that DATABASE_URL names, else one as TEST_STACK says; not started yet.

    Args:
        options: of an embedded server.
        keep_external: databases made in somebody else's server stay there and are used again.

    Raises:
        StackError: TEST_STACK or DATABASE_URL has an unusable value, or a false clock is wanted of a container.
    """
    url = external_url()
    if url:
        return ExternalPostgres(url, keep=keep_external)
    if _kind() == "containers":
        if options is not None and options.false_clock:
            raise StackError("TEST_STACK=containers has servers with the machine's clock only")
        from local_stack.containers import ContainerPostgres  # noqa: PLC0415 - as above

        return ContainerPostgres()
    return EmbeddedPostgres(options)


def _kind() -> str:
    kind = os.environ.get("TEST_STACK", "").strip() or "embedded"
    if kind not in _KINDS:
        raise StackError(f"TEST_STACK must be one of {', '.join(_KINDS)}, not {kind!r}")
    return kind
