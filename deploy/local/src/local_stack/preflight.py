"""What this machine has for demo and tests, what it lacks, and what to type."""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from local_stack import false_clock
from local_stack.command import Command
from local_stack.errors import MissingToolError
from local_stack.kafka import JAVA_AT_LEAST
from local_stack.postgres_binaries import candidates, version
from local_stack.tools import can_install, find_java, java_version, obtain

_PYTHON_AT_LEAST = (3, 11)


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """Something a machine has or lacks.

    Attributes:
        find: what is there, in words; None if nothing is.
        packages: Debian packages that bring it.
        needed_for: what can not run without it.
        needed: whether demo and tests are impossible without it; else those parts are left out.
        small: so little that --install brings it as it brings what is needed.
        for_tests: too much to bring for a demo, but --install --tests does.
    """

    name: str
    find: Callable[[], str | None]
    packages: Sequence[str]
    needed_for: str
    needed: bool = False
    small: bool = False
    for_tests: bool = False

    def is_brought(self, *, tests: bool) -> bool:
        """Whether --install fetches it, for a demo or for tests."""
        return self.needed or self.small or (tests and self.for_tests)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What became of a requirement: present (as what), or missing (what to type)."""

    requirement: Requirement
    present: str | None

    @property
    def line(self) -> str:
        """One line for a person."""
        wanted = self.requirement
        if self.present is not None:
            return f"ok       {wanted.name}: {self.present}"
        advice = f"sudo apt-get install -y {' '.join(wanted.packages)}"
        effect = "needed for" if wanted.needed else "left out without it:"
        return f"missing  {wanted.name}: {effect} {wanted.needed_for}. Type: {advice}"


def requirements() -> list[Requirement]:
    """Everything that is looked for, most necessary first."""
    return [
        Requirement(
            name="Python 3.11 or newer",
            find=_python,
            packages=["python3"],
            needed_for="everything",
            needed=True,
        ),
        Requirement(
            name=f"Java {JAVA_AT_LEAST} or newer",
            find=_java,
            packages=["default-jre-headless"],
            needed_for="Kafka",
            needed=True,
        ),
        Requirement(
            name="Maven",
            find=lambda: shutil.which("mvn"),
            packages=["maven"],
            needed_for="fetching Kafka and the schema registry",
            needed=True,
        ),
        Requirement(
            name="PostgreSQL",
            find=_postgres,
            packages=["postgresql"],
            needed_for="every service with a database",
            needed=True,
        ),
        Requirement(
            name=false_clock.NAME,
            find=_libfaketime,
            packages=[false_clock.PACKAGE],
            needed_for="tests that set the database's clock forwards and backwards",
            small=True,
        ),
        Requirement(
            name="Chromium",
            find=find_chromium,
            packages=["chromium"],
            needed_for="browser tests",
            for_tests=True,
        ),
        Requirement(
            name="promtool",
            find=lambda: shutil.which("promtool"),
            packages=["prometheus"],
            needed_for="tests of the alert rules",
        ),
        Requirement(
            name="container engine",
            find=_engine,
            packages=["docker.io"],
            needed_for="tests with TEST_STACK=containers",
        ),
    ]


def examine(wanted: Requirement, *, install: bool, tests: bool = False) -> Finding:
    """Look for it; with install, fetch what is needed, or small, or what tests want, where that takes no password."""
    present = wanted.find()
    if present is None and install and wanted.is_brought(tests=tests) and can_install():
        try:
            present = obtain(wanted.name, wanted.find, *wanted.packages)
        except MissingToolError:
            present = None  # the finding says what to type
    return Finding(requirement=wanted, present=present)


def run_preflight(options: argparse.Namespace) -> int:
    """Print one line per requirement; 1 if something is missing that everything needs."""
    findings = [examine(wanted, install=options.install, tests=options.tests) for wanted in requirements()]
    for finding in findings:
        print(finding.line, flush=True)
    return int(any(finding.present is None and finding.requirement.needed for finding in findings))


def find_chromium() -> str | None:
    """The installed Chromium, by whichever name its package has."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def _python() -> str | None:
    if sys.version_info < _PYTHON_AT_LEAST:
        return None
    return f"{sys.version_info.major}.{sys.version_info.minor} at {sys.executable}"


def _java() -> str | None:
    program = find_java(JAVA_AT_LEAST)
    return None if program is None else f"{java_version(program)} at {program}"


def _postgres() -> str | None:
    folder = next(candidates(), None)
    return None if folder is None else f"{version(folder)} in {folder}"


def _libfaketime() -> str | None:
    library = false_clock.find_libfaketime()
    return None if library is None else str(library)


def _engine() -> str | None:
    client = shutil.which("docker")
    if client is None:
        return None
    answer = subprocess.run(
        [client, "info", "--format", "{{.ServerVersion}}"], capture_output=True, text=True, check=False
    )
    server = answer.stdout.strip()
    return f"{server} answers {Path(client)}" if answer.returncode == 0 and server else None


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--install", action="store_true", help="install what is needed or small, if that takes no password"
    )
    parser.add_argument("--tests", action="store_true", help="with --install: also what only tests need")


PREFLIGHT = Command(
    name="preflight",
    help="what this machine has for demo and tests, and what it lacks",
    run=run_preflight,
    options=_options,
)
