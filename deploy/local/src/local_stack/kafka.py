"""Real Apache Kafka as a child process: KRaft, one node, small heap, own folder, free ports."""

from dataclasses import dataclass, field
from pathlib import Path

from local_stack.broker import READY_SECONDS, await_broker
from local_stack.errors import ChildDiedError, StackError
from local_stack.folders import make_folder, remove_folder
from local_stack.jars import kafka_jars
from local_stack.paths import LOCAL
from local_stack.ports import LOOPBACK, free_port
from local_stack.process import ChildProcess, ProcessSpec, log_excerpt, start_process
from local_stack.tools import java

JAVA_AT_LEAST = 17
_CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qk"  # any will do: a cluster of one meets no other
_FORMAT_SECONDS = 120.0
_PORT_ATTEMPTS = 3
_PORT_TAKEN = "Address already in use"

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
controller.listener.names=CONTROLLER
listeners=CLIENT://{host}:{client},INTERNAL://{host}:{internal},CONTROLLER://{host}:{controller}
advertised.listeners=CLIENT://{advertised},INTERNAL://{host}:{internal}
listener.security.protocol.map=CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
log.dirs={data}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
num.network.threads=2
num.io.threads=4
background.threads=2
group.coordinator.threads=1
log.cleaner.threads=1
# The default, 128 MiB of heap for deduplication alone, is more than this broker has.
log.cleaner.dedupe.buffer.size=8388608
log.cleaner.io.buffer.size=131072
# A killed broker may register again when its old session has ended; the default, 9 s, only makes tests wait.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""


@dataclass(frozen=True, kw_only=True)
class KafkaOptions:
    """What may differ between brokers.

    Attributes:
        heap_mib: upper bound of the Java heap.
        advertised: address that clients are told to use, e.g. that of a fault proxy; default: the real one.
        properties: broker properties added to, or laid over, ours.
        keep: leave the folder (data and log) behind.
    """

    heap_mib: int = 256
    advertised: str | None = None
    properties: dict[str, str] = field(default_factory=dict)
    keep: bool = False


class EmbeddedKafka:
    """One broker. start() and stop() bracket its life; the rest is for fault tests."""

    ours = True

    def __init__(self, options: KafkaOptions | None = None) -> None:
        self._options = options or KafkaOptions()
        self._folder: Path | None = None
        self._process: ChildProcess | None = None
        self._port = 0

    @property
    def bootstrap(self) -> str:
        """The address clients start from (of the proxy, if one is advertised)."""
        return self._options.advertised or f"{LOOPBACK}:{self._port}"

    @property
    def port(self) -> int:
        """The port the broker itself listens on for clients."""
        return self._port

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

    def start(self) -> None:
        """Format an own folder, start the broker, return when it answers.

        Raises:
            MissingToolError: Java or Maven is missing and can not be installed.
            StackError: it did not come up; the message has its last log lines. Nothing is left behind.
        """
        libs = kafka_jars()
        self._folder = make_folder("kafka", keep=self._options.keep)
        try:
            for attempt in range(1, _PORT_ATTEMPTS + 1):
                self._write_properties()
                if attempt == 1:
                    self._format(libs)
                try:
                    self._launch(libs)
                except ChildDiedError as error:
                    # Somebody took one of the ports between our look and the broker's bind.
                    if _PORT_TAKEN not in str(error) or attempt == _PORT_ATTEMPTS:
                        raise
                else:
                    return
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """SIGTERM, then SIGKILL; the folder is removed unless it is to be kept."""
        if self._process is not None:
            self._process.stop()
            self._process = None
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
        self._launch(kafka_jars())

    def _home(self) -> Path:
        if self._folder is None:
            raise StackError("Kafka is not running: start() it first")
        return self._folder

    def _write_properties(self) -> None:
        self._port = free_port()
        text = _PROPERTIES.format(
            host=LOOPBACK,
            client=self._port,
            internal=free_port(),
            controller=free_port(),
            advertised=self.bootstrap,
            data=self._home() / "data",
        )
        extra = "".join(f"{key}={value}\n" for key, value in self._options.properties.items())
        (self._home() / "server.properties").write_text(text + extra)

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

    def _format(self, libs: Path) -> None:
        properties = str(self._home() / "server.properties")
        command = self._java(libs, "kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", properties)
        process = start_process(ProcessSpec(name="kafka format", command=command, log=self.log))
        if not process.wait(_FORMAT_SECONDS):
            process.kill()
        if process.exit_code != 0:
            raise StackError(f"Kafka's folder could not be formatted; {log_excerpt(self.log)}")

    def _launch(self, libs: Path) -> None:
        command = self._java(libs, "kafka.Kafka", str(self._home() / "server.properties"))
        self._process = start_process(
            ProcessSpec(name="kafka", command=command, log=self.log, folder=self._home())
        )
        await_broker(f"{LOOPBACK}:{self._port}", self._process.require_alive, READY_SECONDS)
