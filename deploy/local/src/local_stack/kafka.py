"""Real Apache Kafka as a child process: KRaft, small heap, own folder, free ports. Alone, or a node of a cluster."""

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local_stack.broker import READY_SECONDS, await_broker
from local_stack.errors import ChildDiedError, StackError
from local_stack.folders import make_folder, remove_folder
from local_stack.jars import kafka_jars
from local_stack.kafka_properties import Seat, server_properties, take_seats
from local_stack.paths import LOCAL
from local_stack.ports import LOOPBACK
from local_stack.process import ChildProcess, ProcessSpec, log_excerpt, start_process, state
from local_stack.tools import java

JAVA_AT_LEAST = 17
PORT_ATTEMPTS = 3
_CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qk"  # any will do: a node knows the others by their ports
_FORMAT_SECONDS = 120.0
_PORT_TAKEN = "Address already in use"


@dataclass(frozen=True, kw_only=True)
class KafkaOptions:
    """What may differ between brokers.

    Attributes:
        nodes: one is an EmbeddedKafka, more are a KafkaCluster.
        heap_mib: upper bound of each node's Java heap.
        advertised: the address per node that clients are told to use, e.g. that of a fault proxy; default: the
            real ones.
        properties: broker properties added to, or laid over, ours.
        keep: leave the folders (data and log) behind.
    """

    nodes: int = 1
    heap_mib: int = 256
    advertised: Sequence[str] = ()
    properties: dict[str, str] = field(default_factory=dict)
    keep: bool = False

    def __post_init__(self) -> None:
        """Refuse what can not work before anything is started.

        Raises:
            StackError: no node, or not one advertised address per node.
        """
        if self.nodes < 1:
            raise StackError(f"a broker has at least one node, not {self.nodes}")
        if isinstance(self.advertised, str) or len(self.advertised) not in (0, self.nodes):
            raise StackError(f"{self.nodes} advertised addresses are wanted, one per node, or none")


class EmbeddedKafka:
    """One node. start() and stop() bracket its life; the rest is for fault tests.

    Args:
        options: what may differ.
        number: which node of a cluster it is, from 1; a cluster calls prepare(), launch() and await_ready()
            instead of start().
    """

    ours = True

    def __init__(self, options: KafkaOptions | None = None, number: int = 1) -> None:
        self._options = options or KafkaOptions()
        self._number = number
        self._lock = threading.Lock()  # what starts meanwhile must be seen by stop()
        self._folder: Path | None = None
        self._process: ChildProcess | None = None
        self._seat: Seat | None = None
        self._ended = False

    @property
    def number(self) -> int:
        """Its node id."""
        return self._number

    @property
    def bootstrap(self) -> str:
        """The address clients start from (of the proxy, if one is advertised)."""
        if self._options.advertised:
            return self._options.advertised[self._number - 1]
        return f"{LOOPBACK}:{self.port}"

    @property
    def internal(self) -> str:
        """The address that is never behind a proxy: metadata from there names real addresses."""
        return f"{LOOPBACK}:{0 if self._seat is None else self._seat.internal}"

    @property
    def port(self) -> int:
        """The port the broker itself listens on for clients."""
        return 0 if self._seat is None else self._seat.client

    @property
    def log(self) -> Path:
        """The broker's log file."""
        return self._home() / "kafka.log"

    @property
    def process(self) -> ChildProcess:
        """The broker's process.

        Raises:
            StackError: it was never started.
        """
        if self._process is None:
            raise StackError("Kafka is not running: start() it first")
        return self._process

    @property
    def active(self) -> bool:
        """Whether its process runs and is not frozen."""
        return (
            self._process is not None
            and self._process.running
            and state(self._process.pid) not in ("T", None)
        )

    def start(self) -> None:
        """Format an own folder, start the broker, return when it answers.

        Raises:
            MissingToolError: Java or Maven is missing and can not be installed.
            StackError: it did not come up, or is one of several nodes; the message has its last log lines.
                Nothing is left behind.
        """
        if self._options.nodes != 1:
            raise StackError("several nodes are started together, by KafkaCluster")
        libs = kafka_jars()
        try:
            self.prepare(take_seats(1)[0], libs)
            for attempt in range(1, PORT_ATTEMPTS + 1):
                try:
                    self.launch()
                    self.await_ready()
                except ChildDiedError as error:
                    if not port_was_taken(error) or attempt == PORT_ATTEMPTS:
                        raise
                    self.sit_down(take_seats(1)[0])
                else:
                    return
        except BaseException:
            self.stop()
            raise

    def prepare(self, seat: Seat, libs: Path) -> None:
        """Make and format an own folder.

        Raises:
            StackError: Kafka refuses to; the message has its last log lines.
        """
        self._ended = False
        self._folder = make_folder("kafka", keep=self._options.keep)
        self.sit_down(seat)
        properties = str(self._home() / "server.properties")
        command = self._java(libs, "kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", properties)
        process = self._start(ProcessSpec(name="kafka format", command=command, log=self.log))
        if not process.wait(_FORMAT_SECONDS):
            process.kill()
        if process.exit_code != 0:
            raise StackError(f"Kafka's folder could not be formatted; {log_excerpt(process.spec.log)}")

    def sit_down(self, seat: Seat) -> None:
        """Use these ports from the next launch on."""
        self._seat = seat
        text = server_properties(
            seat,
            advertised=self.bootstrap,
            data=self._home() / "data",
            extra=self._options.properties,
        )
        (self._home() / "server.properties").write_text(text)

    def launch(self) -> None:
        """Start the process on the folder; await_ready() tells when it answers.

        Raises:
            StackError: it can not be started.
        """
        command = self._java(kafka_jars(), "kafka.Kafka", str(self._home() / "server.properties"))
        name = "kafka" if self._options.nodes == 1 else f"kafka-{self._number}"
        self._start(ProcessSpec(name=name, command=command, log=self.log, folder=self._home()))

    def await_ready(self, beside: Collection[int] = ()) -> None:
        """Wait until it answers and knows itself, and the nodes beside it, to be alive.

        Raises:
            StackError: it has ended or does not answer.
        """
        own = f"{LOOPBACK}:{self.port}"
        await_broker(own, self.process.require_alive, READY_SECONDS, {self._number, *beside})

    def stop(self, *, at_once: bool = False) -> None:
        """SIGTERM, then SIGKILL; the folder is removed unless it is to be kept.

        Args:
            at_once: SIGKILL only.
        """
        with self._lock:
            self._ended = True
            process, self._process = self._process, None
        if process is not None and at_once:
            process.kill()
        elif process is not None:
            process.stop()
        if self._folder is not None and not self._options.keep:
            remove_folder(self._folder)

    def require_running(self) -> None:
        """Raise ChildDiedError if it ended without having been asked to."""
        self.process.require_running()

    def pause(self) -> None:
        """Freeze the broker (SIGSTOP)."""
        self.process.pause()

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        self.process.resume()

    def kill(self) -> None:
        """SIGKILL; the data stay for restart()."""
        self.process.kill()

    def restart(self) -> None:
        """Start again on the same data and ports, after an orderly stop if it runs.

        Raises:
            StackError: it did not come up.
        """
        self.process.stop()
        self.launch()
        self.await_ready()

    def _home(self) -> Path:
        if self._folder is None:
            raise StackError("Kafka is not running: start() it first")
        return self._folder

    def _start(self, spec: ProcessSpec) -> ChildProcess:
        with self._lock:
            if self._ended:
                raise StackError("Kafka was stopped while it was being started")
            self._process = start_process(spec)
            return self._process

    def _java(self, libs: Path, *arguments: str) -> list[str]:
        return [
            str(java(JAVA_AT_LEAST)),
            "-Xms64m",
            f"-Xmx{self._options.heap_mib}m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xss512k",
            "-XX:-UsePerfData",  # no file in /tmp/hsperfdata that a kill would leave behind
            f"-Dlog4j2.configurationFile={LOCAL / 'kafka' / 'log4j2.properties'}",
            "-cp",
            f"{libs}/*",
            *arguments,
        ]


def port_was_taken(error: ChildDiedError) -> bool:
    """Whether somebody took one of the ports between our look and the broker's bind."""
    return _PORT_TAKEN in str(error)
