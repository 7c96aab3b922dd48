"""Readers of the stream of changes, as the interface answers them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self

from werkzeug.test import TestResponse

from status_api.server.event_streams import Streams
from status_api.server.feed import ChangeReader
from status_api.stores.changes import ChangeNumbers
from tests.integration.status_api.conftest import TOKEN, Client, ReadModel
from tests.integration.status_api.people_kit import Town


@dataclass(frozen=True)
class Told:
    """An event, or a sign of life (`kind` is empty)."""

    kind: str
    number: int
    data: dict[str, Any]


def parse(text: str) -> Iterator[Told]:
    """Frames of a piece: each piece holds whole ones."""
    for block in text.split("\n\n")[:-1]:
        fields: dict[str, str] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(": ")
            fields[name] = value
        yield Told(fields.get("event", ""), int(fields["id"]), json.loads(fields.get("data", "{}")))


class Reader:
    """Reads one stream as far as it is asked to."""

    def __init__(self, client: Client, token: str, last: int | None = None, query: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"}
        if last is not None:
            headers["Last-Event-ID"] = str(last)
        self.answer: TestResponse = client.app.test_client().get(
            f"/api/v1/stream{query}", headers=headers, buffered=False
        )
        self._pieces = iter(self.answer.iter_encoded())
        self.number = -1 if last is None else last

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.answer.close()

    def piece(self) -> list[Told] | None:
        """What is said next, None at the end."""
        piece = next(self._pieces, None)
        if piece is None:
            return None
        found = list(parse(piece.decode()))
        for one in found:
            assert one.number >= self.number or one.kind == "reset", "numbers never go back"
            self.number = one.number
        return found

    def until(self, number: int) -> list[Told]:
        """Events, up to the one or the sign of life that has reached this number."""
        found: list[Told] = []
        while self.number < number:
            said = self.piece()
            assert said is not None, "the stream ended"
            found += [one for one in said if one.kind]
        return found


@dataclass
class Square:
    """The town with a stream: its changes are numbered and read when a test says so."""

    town: Town
    streams: Streams
    numbers: ChangeNumbers
    reader: ChangeReader
    model: ReadModel = field(init=False)

    def __post_init__(self) -> None:
        self.model = self.town.client.read_model

    @classmethod
    def on(cls, read_model: ReadModel, streams: Streams | None = None, **limits: Any) -> Square:  # noqa: ANN401  # of the numbering
        """`limits`: of the numbering."""
        shared = streams or Streams(heartbeat_seconds=0.05)
        town = Town.on(read_model)
        town.client = Client(replace(town.client.api, streams=shared), read_model)
        numbers = ChangeNumbers(read_model.engine, **limits)
        square = cls(town, shared, numbers, ChangeReader(read_model.engine, shared.feed, numbers))
        square.look()
        return square

    def look(self) -> int:
        """Number what waits and carry it on. Returns the newest number."""
        self.reader.look()
        start = self.streams.feed.start
        assert start is not None
        return start.number

    def open(self, token: str = TOKEN, last: int | None = None, query: str = "") -> Reader:
        return Reader(self.town.client, token, last, query)
