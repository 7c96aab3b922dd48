"""What happens to servers: broker and database restarted, the leader of a partition lost, the database's clock moved."""

from __future__ import annotations

import threading

from local_stack.errors import StackError
from local_stack.kafka import EmbeddedKafka
from local_stack.kafka_cluster import KafkaCluster
from local_stack.postgres import EmbeddedPostgres
from tests.faults.kinds import PLACES, Fault, Step
from tests.faults.rig import Rig

FARTHEST_CLOCK = 60.0
"""Seconds between the database's clock and the true time, at most. Lookups of what changed in Xero overlap by two minutes."""


class ServerFaults:
    """Disturbs servers and brings them back. Each returns how many it hit."""

    def __init__(self, rig: Rig) -> None:
        self._stack = rig.suite.stack
        self._clock = 0.0
        self._latest = 0.0
        self._idle = threading.Event()  # never set: waiting for it is letting a fault last

    def restart(self, step: Step) -> int:
        """The whole broker, or the database: killed or stopped, then started on its data."""
        server = self._stack.broker if step.fault is Fault.BROKER_RESTART else self._stack.database_server
        if step.hard:
            server.kill()
        server.restart()
        return 1

    def lose_leader(self, step: Step) -> int:
        """The node that leads a partition of what this step writes or reads is killed, or freezes; later it is back."""
        node = self._leader(step)
        if node is None:
            return 0
        if step.fault is Fault.LEADER_FROZEN:
            node.pause()
            self._idle.wait(step.seconds)
            node.resume()
        else:
            node.kill()
            self._idle.wait(step.seconds)
            node.restart()
        return 1

    def move_clock(self, step: Step) -> int:
        """A step of the database's clock, which stays."""
        wanted = step.seconds if step.fault is Fault.CLOCK_FORWARDS else -step.seconds
        moved = max(-FARTHEST_CLOCK, min(FARTHEST_CLOCK, self._clock + wanted))
        if moved == self._clock:
            return 0
        self._set_clock(moved)
        return 1

    def clock_not_behind(self) -> None:
        """Where a memory of times was lost, the clock goes on from the latest one: losing both at once is another story."""
        if self._clock < self._latest:
            self._set_clock(self._latest)

    def _set_clock(self, seconds: float) -> None:
        server = self._stack.database_server
        if not isinstance(server, EmbeddedPostgres):
            raise StackError("only a database of our own can be given another clock")
        server.step_clock(seconds)
        self._clock, self._latest = seconds, max(self._latest, seconds)

    def _leader(self, step: Step) -> EmbeddedKafka | None:
        cluster = self._stack.broker
        if not isinstance(cluster, KafkaCluster):
            raise StackError("a broker of one node has no other one to lead")
        try:
            return cluster.leader(PLACES[step.stage].topic, step.partition)
        except StackError:  # there is none at this moment
            return None
