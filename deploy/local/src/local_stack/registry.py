"""A schema registry with Confluent's API, for tests of the wire format: Apicurio, fetched by Maven."""

import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

from local_stack.errors import StackError
from local_stack.folders import make_folder, remove_folder
from local_stack.jars import run_maven
from local_stack.paths import BUILD
from local_stack.ports import LOOPBACK, free_port
from local_stack.process import ProcessSpec
from local_stack.supervisor import Child, HttpReady, Supervisor, http_url
from local_stack.tools import build_lock, find_java, java

_API = "/apis/ccompat/v7"
_READY_SECONDS = 90.0


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release of Apicurio Registry.

    Attributes:
        java: the oldest Java it runs on.
        jar: what to run, below its unpacked archive.
    """

    version: str
    java: int
    jar: str


CURRENT = Release(version="3.3.3", java=21, jar="quarkus-run.jar")
# The last one that runs on Java 17, for machines that have nothing newer.
OLDER = Release(version="3.0.9", java=17, jar="apicurio-registry-app-3.0.9-runner.jar")


class EmbeddedRegistry:
    """A registry of the test's own, schemas in memory. start() and stop() bracket its life."""

    def __init__(self) -> None:
        self._supervisor = Supervisor()
        self._folder: Path | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Root of Confluent's API, for SCHEMA_REGISTRY_URL."""
        return http_url(self._port, _API)

    def start(self) -> None:
        """Start it and return when it answers.

        Raises:
            MissingToolError: Java or Maven is missing and can not be installed.
            StackError: it did not come up; the message has its last log lines.
        """
        release = suitable_release()
        program = find_java(release.java) or java(release.java)
        unpacked = unpack(release)
        self._folder = make_folder("registry")
        self._port = free_port()
        command = [
            str(program),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
        ]
        command += [f"-Dquarkus.http.host={LOOPBACK}", f"-Dquarkus.http.port={self._port}"]
        # Health and metrics have a port of their own, fixed and on every interface unless told otherwise.
        command += [f"-Dquarkus.management.host={LOOPBACK}", f"-Dquarkus.management.port={free_port()}"]
        process = ProcessSpec(
            name="schema registry",
            command=[*command, "-jar", str(unpacked / release.jar)],
            log=self._folder / "registry.log",
            folder=self._folder,
        )
        ready = HttpReady(url=f"{self.url}/subjects")
        try:
            self._supervisor.start(Child(process=process, ready=ready, ready_seconds=_READY_SECONDS))
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it; its schemas are gone."""
        self._supervisor.stop_all()
        if self._folder is not None:
            remove_folder(self._folder)


def suitable_release() -> Release:
    """The newest release that a Java of this machine can run."""
    return CURRENT if find_java(CURRENT.java) is not None else OLDER


def unpack(release: Release) -> Path:
    """The folder of an unpacked release below build/registry; fetched by the first who asks.

    Raises:
        MissingToolError: Maven is missing and can not be installed.
        StackError: Maven could not fetch it, or the archive is not what it should be.
    """
    folder = BUILD / "registry" / release.version
    with build_lock("registry"):
        if not (folder / release.jar).is_file():
            fresh = folder.with_name(f"{release.version}.new")
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(parents=True)
            artifact = f"io.apicurio:apicurio-registry-app:{release.version}:tar.gz:all"
            run_maven("dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={fresh}")
            _extract(next(fresh.glob("*.tar.gz")), fresh)
            if not (fresh / release.jar).is_file():
                raise StackError(f"the archive of Apicurio Registry {release.version} has no {release.jar}")
            shutil.rmtree(folder, ignore_errors=True)
            fresh.rename(folder)
    return folder


def _extract(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    archive.unlink()
