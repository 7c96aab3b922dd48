"""The codec a service uses: which framing it writes, and where it finds schemas of other writers."""

from __future__ import annotations

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
    topic = SchemaTopic(options)
    if env.optional("SCHEMA_REGISTRY_URL") is None:
        publish_schemas(producer)
        return Codec(SingleObjectFraming(), topic)
    registry = SchemaRegistry(env.url("SCHEMA_REGISTRY_URL"))
    for name, schema in all_schemas().items():
        registry.prefix(name, schema)
    return Codec(registry, BothSources(topic, registry))
