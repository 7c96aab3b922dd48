"""Folders of a stack: made in the temporary folder of the machine, removed even if this process is killed."""

import secrets
import shutil
import tempfile
from pathlib import Path

from local_stack.guardian import guardian


def make_folder(prefix: str, *, keep: bool = False) -> Path:
    """An own empty folder; with keep it outlives this process."""
    folder = Path(tempfile.gettempdir()) / f"{prefix}-{secrets.token_hex(6)}"
    if not keep:
        guardian().own_folder(folder)  # before it exists: a kill in between would leave it for ever
    folder.mkdir(mode=0o700)
    return folder


def remove_folder(folder: Path) -> None:
    """Remove the folder with everything in it; one that is gone already is fine."""
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        guardian().disown_folder(folder)
