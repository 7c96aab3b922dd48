"""What a Kafka node is told about itself and its cluster: its ports, the quorum, the server.properties."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local_stack.ports import LOOPBACK, free_port

_MOST_COPIES = 3

_TEMPLATE = """\
process.roles=broker,controller
node.id={number}
controller.quorum.voters={voters}
controller.listener.names=CONTROLLER
listeners=CLIENT://{host}:{client},INTERNAL://{host}:{internal},CONTROLLER://{host}:{controller}
advertised.listeners=CLIENT://{advertised},INTERNAL://{host}:{internal}
listener.security.protocol.map=CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
log.dirs={data}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
default.replication.factor={copies}
min.insync.replicas={in_sync}
offsets.topic.replication.factor={copies}
offsets.topic.num.partitions=1
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr={in_sync}
transaction.state.log.num.partitions=1
num.network.threads=2
num.io.threads=4
background.threads=2
group.coordinator.threads=1
log.cleaner.threads=1
# The default, 128 MiB of heap for deduplication alone, is more than this broker has.
log.cleaner.dedupe.buffer.size=8388608
log.cleaner.io.buffer.size=131072
# A killed broker may register again, and another becomes leader, when its old session has ended; the default, 9 s,
# only makes tests wait.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A node's place in its cluster; every port is one of loopback.

    Attributes:
        number: its node id, from 1.
        client: the port for clients.
        internal: the port for the other nodes; never advertised through a proxy.
        controller: the port of the quorum.
        voters: the whole quorum, as `controller.quorum.voters` wants it.
        nodes: how many the cluster has.
    """

    number: int
    client: int
    internal: int
    controller: int
    voters: str
    nodes: int


def take_seats(nodes: int) -> list[Seat]:
    """Free ports for a cluster of so many nodes.

    Raises:
        OSError: no ports are free.
    """
    controllers = [free_port() for _ in range(nodes)]
    voters = ",".join(f"{number}@{LOOPBACK}:{port}" for number, port in enumerate(controllers, start=1))
    return [
        Seat(
            number=number,
            client=free_port(),
            internal=free_port(),
            controller=port,
            voters=voters,
            nodes=nodes,
        )
        for number, port in enumerate(controllers, start=1)
    ]


def server_properties(seat: Seat, *, advertised: str, data: Path, extra: Mapping[str, str]) -> str:
    """The node's server.properties.

    Internal topics get as many copies as ours: one per node, at most three, of which one may be missing.

    Args:
        seat: its place.
        advertised: the address clients are told.
        data: its log folder.
        extra: laid over ours (Kafka takes the last value of a key).
    """
    copies = min(_MOST_COPIES, seat.nodes)
    text = _TEMPLATE.format(
        number=seat.number,
        voters=seat.voters,
        host=LOOPBACK,
        client=seat.client,
        internal=seat.internal,
        controller=seat.controller,
        advertised=advertised,
        data=data,
        copies=copies,
        in_sync=max(1, copies - 1),
    )
    return text + "".join(f"{key}={value}\n" for key, value in extra.items())
