"""Who reads and writes which topic, as far as Kafka has to allow it: the ACLs are made from this.

The code has this in several places (what a service subscribes to, the tables it follows, what it requires at start); a
test holds all of them against it.
"""

from __future__ import annotations

from dataclasses import dataclass

from invoice_events import names

_DOCUMENTS = names.DOCUMENT_TOPICS


@dataclass(frozen=True, kw_only=True)
class Client:
    """One Kafka client: a Deployment of the suite.

    Attributes:
        name: of the Deployment.
        service: the service it belongs to, which names its dead letters.
        reads: topics.
        writes: topics.
        group: the consumer group in which it keeps positions or shares partitions; None = none.
        tables: whether it reads compacted topics completely, in groups of one that keep nothing.
    """

    name: str
    service: str
    reads: frozenset[str]
    writes: frozenset[str]
    group: str | None
    tables: bool


def _both(*invoice_topics: str) -> set[str]:
    """Invoice topics and the same of purchase orders."""
    return {f"{kind}.{names.stage_of(topic)}" for topic in invoice_topics for kind in names.KINDS}


CLIENTS = (
    Client(
        name="poller",
        service="poller",
        reads=frozenset(
            _both(names.SYNCED, names.FAULTED, names.SKIPPED)
            | {names.COMMANDS, names.SETTINGS, names.REFERENCE, names.HEALTH, names.SCHEMAS, "poller.dlq"}
        ),
        writes=frozenset(
            _both(names.DISCOVERED, names.FAULTED, names.SKIPPED, names.HELD)
            | {names.COMMAND_RESULTS, names.LOGS, names.HEALTH, names.SCHEMAS, "poller.dlq"}
        ),
        group="poller",
        tables=True,
    ),
    Client(
        name="mapper",
        service="mapper",
        reads=frozenset(
            _both(names.DISCOVERED) | {names.SETTINGS, names.REFERENCE, names.SCHEMAS, "mapper.dlq"}
        ),
        writes=frozenset(
            _both(names.MAPPED, names.FAULTED, names.SKIPPED) | {names.LOGS, names.SCHEMAS, "mapper.dlq"}
        ),
        group="mapper",
        tables=True,
    ),
    Client(
        name="xero-writer",
        service="xero-writer",
        reads=frozenset(
            _both(names.MAPPED, names.HELD, names.SKIPPED, names.FAULTED)
            | {names.COMMANDS, names.SETTINGS, names.SCHEMAS, "xero-writer.dlq"}
        ),
        writes=frozenset(
            _both(names.PROCESSING, names.SYNCED, names.FAULTED)
            | {names.COMMAND_RESULTS, names.REFERENCE, names.LOGS, names.HEALTH, names.SCHEMAS}
            | {"xero-writer.dlq"}
        ),
        group="xero-writer",
        tables=True,
    ),
    Client(
        name="status-api-serve",
        service="status-api",
        reads=frozenset({names.SCHEMAS}),
        writes=frozenset({names.COMMANDS, names.SETTINGS, names.SCHEMAS}),
        group=None,
        tables=False,
    ),
    Client(
        name="status-api-materialize",
        service="status-api",
        reads=frozenset({*names.EVENT_TOPICS, names.SCHEMAS, "status-api.dlq"}),
        writes=frozenset({names.SCHEMAS, "status-api.dlq"}),
        group="status-api",
        tables=False,
    ),
    Client(
        name="status-api-notify",
        service="status-api",
        reads=frozenset({"poller.dlq", "status-api.dlq"}),
        writes=frozenset(),
        group="status-api-notify",
        tables=False,
    ),
)

SCHEMA_GROUPS = "schemas-"
"""Groups of those who read sync.schemas to its end begin so."""
TABLE_GROUPS = "table-"
"""Groups of those who follow a compacted topic begin so."""
