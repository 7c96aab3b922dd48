"""Several Kafka nodes as one broker: started together, each of them to be killed, frozen and restarted alone."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # documented, but not in its __all__
    AdminClient,
    ClusterMetadata,
)

from local_stack.errors import ChildDiedError, StackError
from local_stack.jars import kafka_jars
from local_stack.kafka import PORT_ATTEMPTS, EmbeddedKafka, KafkaOptions, port_was_taken
from local_stack.kafka_properties import take_seats

_VIEW_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 0.1
_LEAVE_SECONDS = 5.0

Found = TypeVar("Found")


class KafkaCluster:
    """Combined brokers and controllers, each with a copy of everything; one may be missing."""

    ours = True

    def __init__(self, options: KafkaOptions) -> None:
        self._options = options
        self._nodes = tuple(EmbeddedKafka(options, number) for number in range(1, options.nodes + 1))

    @property
    def nodes(self) -> Sequence[EmbeddedKafka]:
        """Every node by its number; node 1 comes first."""
        return self._nodes

    @property
    def bootstrap(self) -> str:
        """The addresses clients start from, separated by commas."""
        return ",".join(node.bootstrap for node in self._nodes)

    def start(self) -> None:
        """Start every node, return when each answers and knows the others.

        Raises:
            MissingToolError: Java or Maven is missing and can not be installed.
            StackError: one did not come up; the message has its last log lines. Nothing is left behind.
        """
        libs = kafka_jars()
        try:
            seats = take_seats(len(self._nodes))
            with ThreadPoolExecutor(max_workers=len(seats)) as pool:
                list(pool.map(lambda node, seat: node.prepare(seat, libs), self._nodes, seats))
            for attempt in range(1, PORT_ATTEMPTS + 1):
                try:
                    self._launch()
                except ChildDiedError as error:
                    if not port_was_taken(error) or attempt == PORT_ATTEMPTS:
                        raise
                    self.kill()
                    for node, seat in zip(self._nodes, take_seats(len(self._nodes)), strict=True):
                        node.sit_down(seat)  # the quorum's addresses are known to all: all of them move
                else:
                    return
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every node; folders are removed unless they are to be kept.

        Without ceremony: the last nodes of a cluster wait long for a controller that lets them go.
        """
        for node in self._nodes:
            node.stop(at_once=True)

    def require_running(self) -> None:
        """Raise ChildDiedError if a node ended without having been asked to."""
        for node in self._nodes:
            node.require_running()

    def pause(self) -> None:
        """Freeze every node (SIGSTOP)."""
        for node in self._nodes:
            node.pause()

    def resume(self) -> None:
        """Let every node go on (SIGCONT)."""
        for node in self._nodes:
            node.resume()

    def kill(self) -> None:
        """SIGKILL to every node; the data stay for restart()."""
        for node in self._nodes:
            node.kill()

    def restart(self) -> None:
        """Start every node again on its data and ports, after a stop of those that run.

        Raises:
            StackError: one did not come up.
        """
        with ThreadPoolExecutor(max_workers=len(self._nodes)) as pool:
            list(pool.map(lambda node: node.process.stop(_LEAVE_SECONDS), self._nodes))
        self._launch()

    def leader(self, topic: str, partition: int) -> EmbeddedKafka:
        """The node that leads the partition, as most of the nodes that are neither dead nor frozen see it.

        Most: one that was just let go on still believes what it knew before. After the loss of a leader, some
        seconds pass in which it is still the answer.

        Raises:
            StackError: there is no such partition, or it has no leader at present.
        """
        seen: Counter[int] = Counter()
        for view in self._views(topic):
            known = view.topics[topic].partitions
            if partition in known:
                seen[known[partition].leader] += 1
        number = seen.most_common(1)[0][0] if seen else 0
        if number < 1:
            raise StackError(f"partition {partition} of {topic} has no leader")
        return self._nodes[number - 1]

    def await_leader(
        self, topic: str, partition: int, *, other_than: EmbeddedKafka, seconds: float = 60.0
    ) -> EmbeddedKafka:
        """Wait until another node leads the partition.

        Raises:
            StackError: none does in time.
        """

        def other() -> EmbeddedKafka | None:
            try:
                found = self.leader(topic, partition)
            except StackError:
                return None  # nobody leads it yet
            return None if found is other_than else found

        return _eventually(other, seconds, f"partition {partition} of {topic} has no other leader")

    def await_in_sync(self, seconds: float = 60.0) -> None:
        """Wait until every partition has all its copies in sync, in the eyes of every node: one more may be lost.

        Raises:
            StackError: a node is dead or frozen, or they are not in sync in time.
        """
        _eventually(lambda: self._in_sync() or None, seconds, "not every copy is in sync")

    def _in_sync(self) -> bool:
        views = self._views()
        return len(views) == len(self._nodes) and all(
            len(view.brokers) == len(self._nodes)
            and all(
                set(partition.isrs) == set(partition.replicas)
                for topic in view.topics.values()
                for partition in topic.partitions.values()
            )
            for view in views
        )

    def _views(self, topic: str | None = None) -> list[ClusterMetadata]:
        """What each active node says about the cluster; those that do not answer are left out."""
        views = []
        for node in self._nodes:
            if node.active:
                admin = AdminClient({"bootstrap.servers": node.internal, "log_level": 0})
                try:
                    views.append(
                        admin.list_topics(timeout=_VIEW_SECONDS)
                        if topic is None
                        else admin.list_topics(topic, timeout=_VIEW_SECONDS)
                    )
                except KafkaException:
                    continue  # it is just starting or ending
        return views

    def _launch(self) -> None:
        for node in self._nodes:
            node.launch()
        numbers = [node.number for node in self._nodes]
        for node in self._nodes:
            node.await_ready(beside=numbers)


def _eventually(look: Callable[[], Found | None], seconds: float, complaint: str) -> Found:
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise StackError(f"{complaint} after {seconds:.0f} s")
        time.sleep(_LOOK_AGAIN_SECONDS)
