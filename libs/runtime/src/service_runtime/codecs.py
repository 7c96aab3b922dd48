"""The codec a service uses: which framing it writes, and where it finds schemas of other writers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from confluent_kafka import Producer

from invoice_events.codec import Codec, SingleObjectFraming
from invoice_events.schemas import EventSchema, all_schemas
from service_runtime.config import Environment
from service_runtime.registry import SchemaRegistry
from service_runtime.schema_topic import SchemaTopic, publish_schemas


class BothSources:
    """Fingerprints from `sync.schemas`, ids from the registry: a suite can move from one framing to the other."""

    def __init__(self, topic: SchemaTopic, registry: SchemaRegistry) -> None:
        self._topic = topic
        self._registry = registry

    def by_fingerprint(self, fingerprint: bytes) -> EventSchema | None:
        """From the topic."""
        return self._topic.by_fingerprint(fingerprint)

    def by_registry_id(self, registry_id: int) -> EventSchema | None:
        """From the registry."""
        return self._registry.by_registry_id(registry_id)


def make_codec(env: Environment, options: dict[str, str], producer: Producer) -> Codec:
    """Codec by configuration: the registry's framing if SCHEMA_REGISTRY_URL is set, else single-object encoding.

    Every schema of this release is made known before the first event can be written.

    Raises:
        ConfigurationError: SCHEMA_REGISTRY_URL is no address.
        KafkaException, SchemaRegistryError: the schemas could not be published.
    """
    codec, publish = make_codec_unpublished(env, options, producer)
    publish()
    return codec


def make_codec_unpublished(
    env: Environment, options: dict[str, str], producer: Producer
) -> tuple[Codec, Callable[[], None]]:
    """As `make_codec`, for a service that has to start while Kafka or the registry is away.

    Returns:
        The codec, and what makes every schema of this release known: to be called before the first event is published.
        It raises KafkaException, SchemaRegistryError or a connection error while that can not be done.

    Raises:
        ConfigurationError: SCHEMA_REGISTRY_URL is no address.
    """
    topic = SchemaTopic(options)
    if env.optional("SCHEMA_REGISTRY_URL") is None:
        return Codec(SingleObjectFraming(), topic), partial(publish_schemas, producer)
    registry = SchemaRegistry(env.url("SCHEMA_REGISTRY_URL"))

    def register() -> None:
        for name, schema in all_schemas().items():
            registry.prefix(name, schema)

    return Codec(registry, BothSources(topic, registry)), register
