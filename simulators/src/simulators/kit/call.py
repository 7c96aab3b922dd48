"""One call to a simulator and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from simulators.kit import json_text

if TYPE_CHECKING:
    from datetime import datetime

    from werkzeug.datastructures import Headers, MultiDict

    from simulators.kit.faults import Fault


class DisconnectError(ConnectionError):
    """A planted fault: the connection is closed without an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as bytes, so that it can be stored and replayed exactly."""

    status: int
    body: bytes = b""
    content_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def json(
        cls, status: int, payload: object, *, content_type: str = "application/json; charset=utf-8"
    ) -> Answer:
        """An answer whose body is the JSON text of `payload` (Decimals keep their digits)."""
        return cls(status, json_text.dumps(payload).encode(), content_type)

    @classmethod
    def text(cls, status: int, body: str, *, content_type: str = "text/plain; charset=utf-8") -> Answer:
        """An answer with a text body."""
        return cls(status, body.encode(), content_type)

    def with_headers(self, headers: Mapping[str, str]) -> Answer:
        """The same answer with more headers; what it already carries stays."""
        present = {name.lower() for name, _ in self.headers}
        more = tuple((name, value) for name, value in headers.items() if name.lower() not in present)
        return replace(self, headers=self.headers + more)

    def parsed(self) -> Any:  # noqa: ANN401 - any JSON value
        """The body as JSON (Decimals); for tests and for looking at an answer."""
        return json_text.loads(self.body)


@dataclass(slots=True)
class Call:
    """One call under way. The simulator fills in `tenant`, `replayed` and whatever it keeps in `context`."""

    method: str
    path: str
    query: MultiDict[str, str]
    query_string: str
    headers: Headers
    body: bytes
    received: datetime
    tenant: str | None = None
    replayed: bool = False
    fault: Fault | None = None
    context: dict[str, Any] = field(default_factory=dict)

    def body_text(self) -> str:
        """The body as text; bytes that are not UTF-8 are shown as replacement characters."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """The body as JSON; fractions are Decimals.

        Raises:
            ValueError: it is not JSON.
        """
        return json_text.loads(self.body)
