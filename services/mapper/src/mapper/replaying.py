"""What `mapper replay` hands dead letters to: the same handler as the running service's intake."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Event

from invoice_events import names
from invoice_events.identity import utc_now
from invoice_events.types import XeroReference
from mapper.adapters.batch import BatchMapper
from mapper.adapters.publisher import Publisher
from mapper.adapters.tenants import TenantRules, VersionedSettings, read_reference, read_settings
from mapper.bootstrap import TOPICS
from mapper.core.outcome import SERVICE
from service_runtime.codecs import make_codec
from service_runtime.compacted import CompactedTable
from service_runtime.config import Environment, kafka_options
from service_runtime.intake import Handle
from service_runtime.kafka import make_producer, require_topics
from service_runtime.replay import Graveyard

_CLIENT = f"{SERVICE}-replay"
_ACKNOWLEDGE_SECONDS = 60.0  # longer than the producer's delivery timeout, as in the running service


@contextmanager
def open_handler(env: Environment, graveyard: Graveyard) -> Iterator[Handle]:
    """The handler, after every tenant's settings and reference data have been read, which are followed meanwhile.

    Raises:
        ConfigurationError: a variable is wrong, no broker answers, or a topic is missing.
        KafkaException: the settings or reference data can not be read.
    """
    options = kafka_options(env)
    require_topics(options, TOPICS)
    producer = make_producer(options, _CLIENT)
    codec = make_codec(env, options, producer)
    settings = CompactedTable[VersionedSettings](
        options, names.SETTINGS, partial(read_settings, codec), _nobody_watches
    )
    reference = CompactedTable[XeroReference](
        options, names.REFERENCE, partial(read_reference, codec), _nobody_watches
    )
    ended = Event()
    with ThreadPoolExecutor(2) as pool:
        followers = [pool.submit(_until, ended, table) for table in (settings, reference)]
        try:
            complete = settings.wait_complete(ended) and reference.wait_complete(ended)
            if complete:
                publisher = Publisher(producer, _ACKNOWLEDGE_SECONDS, _nobody_watches)
                yield BatchMapper(
                    codec, TenantRules(settings, reference), publisher, graveyard, utc_now
                ).handle
        finally:
            ended.set()
        for follower in followers:
            follower.result()


def _until(ended: Event, table: CompactedTable[VersionedSettings] | CompactedTable[XeroReference]) -> None:
    """Follow a table until the replay has ended; if that fails, the replay ends."""
    try:
        table.run(ended)
    finally:
        ended.set()


def _nobody_watches() -> None:
    """A command that ends has no liveness probe."""
