"""A zip archive as a stream of bytes: nothing of it is kept, neither on disk nor in memory."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from zipfile import ZIP_DEFLATED, ZipFile

PIECE_BYTES = 64 * 1024
_LEVEL = 1
"""XML and JSON shrink to a tenth at every level; the lowest takes a third of the time of the usual one."""


class _Passing(io.RawIOBase):
    """What was written and not taken yet. It can not seek, so that the archive puts sizes behind its members."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # zipfile gives bytes
        self._parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def take(self) -> bytes:
        """Everything written since the last time."""
        taken = b"".join(self._parts)
        self._parts.clear()
        self.size = 0
        return taken


def zipped(members: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """An archive of members, each a name and its content in pieces, in their order.

    A member must stay below 2 GiB: the form of archive that all spreadsheets open has no room for more.

    Raises:
        RuntimeError: a member is larger.
    """
    passing = _Passing()
    with ZipFile(passing, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name, pieces in members:
            with archive.open(name, "w") as member:
                for piece in pieces:
                    member.write(piece)
                    if passing.size >= PIECE_BYTES:
                        yield passing.take()
    yield passing.take()
