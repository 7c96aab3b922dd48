"""Jars by Maven, resolved once per checkout and version."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from local_stack.errors import StackError
from local_stack.paths import BUILD, LOCAL
from local_stack.tools import build_lock, maven

_MAVEN_SECONDS = 600.0
_STAMP = ".complete"


def kafka_jars() -> Path:
    """The folder with the jars that deploy/local/kafka/pom.xml names; resolved by the first who asks.

    Raises:
        MissingToolError: Maven is missing and can not be installed.
        StackError: Maven could not resolve them; the message has its last lines.
    """
    pom = LOCAL / "kafka" / "pom.xml"
    version = hashlib.sha256(pom.read_bytes()).hexdigest()
    folder = BUILD / "kafka" / "libs"
    with build_lock("kafka"):
        if not _is_complete(folder, version):
            fresh = folder.with_name(f"libs.{os.getpid()}")
            shutil.rmtree(fresh, ignore_errors=True)
            run_maven("-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={fresh}")
            (fresh / _STAMP).write_text(version)
            shutil.rmtree(folder, ignore_errors=True)
            fresh.rename(folder)
    return folder


def run_maven(*arguments: str) -> None:
    """Run Maven quietly.

    Raises:
        MissingToolError: Maven is missing and can not be installed.
        StackError: it failed; the message has its last lines.
    """
    answer = subprocess.run(
        [maven(), "-q", "-B", *arguments],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=_MAVEN_SECONDS,
    )
    if answer.returncode != 0:
        lines = (answer.stdout + answer.stderr).strip().splitlines()
        raise StackError("Maven could not fetch jars: " + " | ".join(lines[-5:]))


def _is_complete(folder: Path, version: str) -> bool:
    stamp = folder / _STAMP
    return stamp.is_file() and stamp.read_text() == version
