"""What every Kafka broker of the stack can do, wherever it comes from, and one that was given from outside."""

import time
from collections.abc import Callable, Collection
from typing import Protocol

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from local_stack.errors import NotOursError, StackError

READY_SECONDS = 120.0  # of patience: three nodes and a busy machine took 60
_PROBE_SECONDS = 1.0
_PROBE_PAUSE_SECONDS = 0.05


class Broker(Protocol):
    """A Kafka broker, of one node or several; what is done to it is done to all of them.

    Attributes:
        ours: whether it may be paused, killed and restarted.
    """

    ours: bool

    @property
    def bootstrap(self) -> str:
        """Address for `bootstrap.servers`."""

    def start(self) -> None:
        """Start it and return when it answers."""

    def stop(self) -> None:
        """End it and remove its data; may be called at any time, more than once."""

    def require_running(self) -> None:
        """Raise ChildDiedError if it ended without having been asked to."""

    def pause(self) -> None:
        """Freeze it: connections stay open, nothing answers."""

    def resume(self) -> None:
        """Let it go on after pause()."""

    def kill(self) -> None:
        """End it as a crash would; its data stay."""

    def restart(self) -> None:
        """Start it again on the same data and address, ending it first if it runs."""


class ExternalBroker:
    """The broker that KAFKA_BOOTSTRAP_SERVERS names; used as it is."""

    ours = False

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    @property
    def bootstrap(self) -> str:
        """Address for `bootstrap.servers`."""
        return self._bootstrap

    def start(self) -> None:
        """Wait until it answers.

        Raises:
            StackError: it does not.
        """
        await_broker(self._bootstrap, lambda: None)

    def stop(self) -> None:
        """Nothing: somebody else runs it."""

    def require_running(self) -> None:
        """Nothing: somebody else watches it."""

    def pause(self) -> None:
        """Refused."""
        raise NotOursError("KAFKA_BOOTSTRAP_SERVERS names a broker of somebody else: it is not paused")

    def resume(self) -> None:
        """Refused."""
        raise NotOursError("KAFKA_BOOTSTRAP_SERVERS names a broker of somebody else: it is not resumed")

    def kill(self) -> None:
        """Refused."""
        raise NotOursError("KAFKA_BOOTSTRAP_SERVERS names a broker of somebody else: it is not killed")

    def restart(self) -> None:
        """Refused."""
        raise NotOursError("KAFKA_BOOTSTRAP_SERVERS names a broker of somebody else: it is not restarted")


def await_broker(
    bootstrap: str,
    require_alive: Callable[[], None],
    seconds: float = READY_SECONDS,
    nodes: Collection[int] = (),
) -> None:
    """Wait until the broker answers a metadata request; an open port alone says nothing.

    Args:
        bootstrap: its address.
        require_alive: raises if its process has ended, so that nobody waits for the dead.
        seconds: patience.
        nodes: ids of nodes that must be alive in that answer; none named = any.

    Raises:
        StackError: it did not answer in time, or what require_alive raises.
    """
    # log_level 0: "connection refused" while it starts is no news.
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0, "reconnect.backoff.max.ms": 200})
    deadline = time.monotonic() + seconds
    while True:
        require_alive()
        try:
            alive = set(admin.list_topics(timeout=_PROBE_SECONDS).brokers)
            complaint: object = f"of the nodes {sorted(nodes)} it knows {sorted(alive)}"
        except KafkaException as error:
            alive, complaint = set(), error
        if alive and alive.issuperset(nodes):
            return
        if time.monotonic() > deadline:
            raise StackError(f"Kafka at {bootstrap} does not answer after {seconds:.0f} s: {complaint}")
        time.sleep(_PROBE_PAUSE_SECONDS)
