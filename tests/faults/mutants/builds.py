"""Mutated builds: copies of packages with a few texts replaced, which a process imports instead of the installed ones."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
_SOURCES = "src"


class MutationError(Exception):
    """A mutant that does not fit the code any more: it would run as the true build and be called caught, or not, for nothing."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """A text of one file, which has to stand there exactly once, and what stands there instead.

    Attributes:
        file: below the repository's root, such as `services/poller/src/poller/work/stamps.py`.
    """

    file: str
    old: str
    new: str

    @property
    def package(self) -> Path:
        """The folder of the package that the file belongs to, below the repository's root."""
        parts = Path(self.file).parts
        return Path(*parts[: parts.index(_SOURCES) + 2])

    def applied(self, text: str) -> str:
        """The text of the file with the replacement in it.

        Raises:
            MutationError: the old text does not stand there exactly once.
        """
        found = text.count(self.old)
        if found != 1:
            raise MutationError(f"{self.file} holds {found} times, wanted once: {self.old.strip()!r}")
        return text.replace(self.old, self.new)


def build(replacements: Sequence[Replacement], folder: Path, root: Path = ROOT) -> None:
    """Copy every package that is touched into a folder, with the replacements in it.

    Raises:
        MutationError: a replacement does not apply exactly once, or what it makes is no Python.
    """
    for package in sorted({replacement.package for replacement in replacements}):
        shutil.copytree(root / package, folder / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    for replacement in replacements:
        file = folder / Path(replacement.file).relative_to(replacement.package.parent)
        mutated = replacement.applied(file.read_text("utf-8"))
        try:
            compile(mutated, replacement.file, "exec")
        except SyntaxError as error:
            raise MutationError(f"{replacement.file} can not be compiled any more: {error}") from error
        file.write_text(mutated, "utf-8")


def variables_for(folder: Path) -> Mapping[str, str]:
    """What a process has to be told to import a build: PYTHONPATH comes before everything that is installed."""
    inherited = os.environ.get("PYTHONPATH", "")
    return {"PYTHONPATH": os.pathsep.join(filter(None, (str(folder), inherited)))}
