"""Kafka and PostgreSQL in containers, behind the same interface as the child processes (TEST_STACK=containers).

The images are built by deploy/local/images/build.sh; KAFKA_IMAGE and POSTGRES_IMAGE name others of the same make.
"""

import os
import secrets
from typing import TYPE_CHECKING, Any

from local_stack.broker import await_broker
from local_stack.database import await_database, create_database, drop_database, with_database
from local_stack.errors import ChildDiedError, StackError
from local_stack.guardian import guardian
from local_stack.ports import LOOPBACK, free_port
from local_stack.postgres import SETTINGS

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

KAFKA_IMAGE = "local/kafka:4.1.0"
POSTGRES_IMAGE = "local/postgres:15"
_KAFKA_PORT = 9092
_POSTGRES_PORT = 5432
_TAIL_LINES = 20
# Of a container, not of the server: it must listen where the engine forwards to.
_ONLY_OUTSIDE_CONTAINERS = ("listen_addresses", "unix_socket_directories")


class ServerContainer:
    """One container that is started, paused, killed and removed; nothing of it survives this process."""

    def __init__(self, image: str) -> None:
        self._image = image
        self._container: DockerContainer | None = None
        self._removal: list[str] = []

    def launch(self, container: "DockerContainer") -> None:
        """Create and start it.

        Raises:
            StackError: no engine answers, or it does not know the image.
        """
        # Imported late as testcontainers is; the package has neither types nor stubs among our requirements.
        from docker.errors import DockerException  # type: ignore[import-untyped]  # noqa: PLC0415

        try:
            container.start()
        except DockerException as error:
            container.stop()  # created, perhaps, but not started
            raise StackError(
                f"no container of {self._image}: {error}. Is the engine running, and was "
                "deploy/local/images/build.sh run?"
            ) from error
        self._container = container
        self._removal = ["docker", "rm", "-f", "-v", str(self.wrapped().id)]
        guardian().at_death(self._removal)

    def wrapped(self) -> Any:  # noqa: ANN401 - the engine's client has no published types
        """The engine's own object.

        Raises:
            StackError: it was never started.
        """
        if self._container is None:
            raise StackError(f"the container of {self._image} is not running: start() it first")
        return self._container.get_wrapped_container()

    def require_running(self) -> None:
        """Raise if it has ended.

        Raises:
            ChildDiedError: with exit code and its last lines.
        """
        container = self.wrapped()
        container.reload()
        if container.status not in ("running", "paused", "created"):
            code = container.attrs["State"]["ExitCode"]
            lines = container.logs(tail=_TAIL_LINES).decode(errors="replace")
            raise ChildDiedError(
                f"container of {self._image} ended with exit code {code}; last lines:\n{lines}"
            )

    def stop(self) -> None:
        """Remove it with its data."""
        if self._container is not None:
            self._container.stop(force=True, delete_volume=True)
            self._container = None
            guardian().not_at_death(self._removal)

    def pause(self) -> None:
        """Freeze it."""
        self.wrapped().pause()

    def resume(self) -> None:
        """Let it go on."""
        self.wrapped().unpause()

    def kill(self) -> None:
        """SIGKILL; its data stay."""
        self.wrapped().kill()
        self.wrapped().wait()

    def relaunch(self) -> None:
        """Start it again on the same data, after an orderly stop if it runs."""
        self.wrapped().restart()


class ContainerKafka:
    """A broker in a container."""

    ours = True

    def __init__(self) -> None:
        self._image = os.environ.get("KAFKA_IMAGE", KAFKA_IMAGE)
        self._server = ServerContainer(self._image)
        self._port = 0

    @property
    def bootstrap(self) -> str:
        """The address that clients start from."""
        return f"{LOOPBACK}:{self._port}"

    def start(self) -> None:
        """Start it and return when it answers.

        Raises:
            StackError: it did not come up.
        """
        self._port = free_port()
        container = new_container(self._image)
        container.with_env("KAFKA_ADVERTISED_LISTENERS", f"CLIENT://{self.bootstrap}")
        publish(container, _KAFKA_PORT, self._port)
        try:
            self._server.launch(container)
            self._await()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Remove it with its data."""
        self._server.stop()

    def require_running(self) -> None:
        """Raise ChildDiedError if it ended without having been asked to."""
        self._server.require_running()

    def pause(self) -> None:
        """Freeze it."""
        self._server.pause()

    def resume(self) -> None:
        """Let it go on."""
        self._server.resume()

    def kill(self) -> None:
        """SIGKILL; its data stay."""
        self._server.kill()

    def restart(self) -> None:
        """Start it again on the same data and address."""
        self._server.relaunch()
        self._await()

    def _await(self) -> None:
        await_broker(self.bootstrap, self._server.require_running)


class ContainerPostgres:
    """A PostgreSQL server in a container."""

    ours = True

    def __init__(self) -> None:
        self._image = os.environ.get("POSTGRES_IMAGE", POSTGRES_IMAGE)
        self._server = ServerContainer(self._image)
        self._password = secrets.token_hex(8)
        self._port = 0

    @property
    def url(self) -> str:
        """The URL of the server's maintenance database."""
        return f"postgresql://postgres:{self._password}@{LOOPBACK}:{self._port}/postgres"

    def start(self) -> None:
        """Start it and return when it answers.

        Raises:
            StackError: it did not come up.
        """
        self._port = free_port()
        container = new_container(self._image)
        container.with_env("POSTGRES_PASSWORD", self._password)
        settings = {key: value for key, value in SETTINGS.items() if key not in _ONLY_OUTSIDE_CONTAINERS}
        container.with_command([part for key, value in settings.items() for part in ("-c", f"{key}={value}")])
        publish(container, _POSTGRES_PORT, self._port)
        try:
            self._server.launch(container)
            self._await()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Remove it with its data."""
        self._server.stop()

    def create_database(self, name: str) -> str:
        """Make an empty database of exactly this name; its URL."""
        create_database(self.url, name)
        return with_database(self.url, name)

    def drop_database(self, url: str) -> None:
        """Remove a database, ending connections to it."""
        drop_database(self.url, url)

    def require_running(self) -> None:
        """Raise ChildDiedError if it ended without having been asked to."""
        self._server.require_running()

    def pause(self) -> None:
        """Freeze it."""
        self._server.pause()

    def resume(self) -> None:
        """Let it go on."""
        self._server.resume()

    def kill(self) -> None:
        """SIGKILL; committed data stay."""
        self._server.kill()

    def restart(self) -> None:
        """Start it again on the same data and address."""
        self._server.relaunch()
        self._await()

    def _await(self) -> None:
        await_database(self.url, self._server.require_running)


def new_container(image: str) -> "DockerContainer":
    """A container of the image, not created yet.

    The library reads its settings once, at import: no reaper container (the guard removes what a killed run
    leaves), and servers are reached through ports of loopback, also where the library takes the machine itself for
    a container.
    """
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    os.environ.setdefault("TESTCONTAINERS_CONNECTION_MODE", "docker_host")
    os.environ.setdefault("TESTCONTAINERS_HOST_OVERRIDE", LOOPBACK)
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - after the settings

    return DockerContainer(image)


def publish(container: "DockerContainer", inside: int, outside: int) -> None:
    """Reach the container's port through this port of loopback.

    The library's own method binds all interfaces; the engine's client, to which the value goes, takes an address too.
    """
    container.ports[str(inside)] = (LOOPBACK, outside)  # type: ignore[assignment]  # the library declares int only
