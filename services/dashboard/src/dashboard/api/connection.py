"""HTTP to status-api: one pool of connections, one token per person, refusals as exceptions.

Answers of status-api are JSON objects as its OpenAPI document describes them; they stay dictionaries here, since a page shows
what is there and adds nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests

from dashboard.api.measuring import MeasuringAdapter

Json = dict[str, Any]
Query = Mapping[str, str | int | Sequence[str] | None]

TIMEOUT = (3.05, 30.0)
"""Seconds to connect, and between two bytes of an answer."""
_POOL = 32
_UNAUTHORIZED = 401
_REFUSED_AT_LEAST = 400
_HEARTBEATS_SECONDS = 90.0
"""A stream says something more often than that; what is silent for longer is gone."""


class StatusApiError(Exception):
    """status-api did not do what was asked."""


class UnreachableError(StatusApiError):
    """It gave no answer, or none that is its own."""


class SessionEndedError(StatusApiError):
    """It does not take the person's token (any more)."""


@dataclass(eq=False)
class ProblemError(StatusApiError):
    """It refused, and says why (RFC 9457).

    Attributes:
        status: HTTP status.
        kind: the problem's stable name: the last part of its `type`.
        title, detail: in words, for people.
        request_id: finds the request in the service's log.
        body: the whole problem document.
    """

    status: int
    kind: str
    title: str
    detail: str
    request_id: str
    body: Json = field(repr=False)

    def __str__(self) -> str:
        return f"{self.status} {self.kind}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON answer and the headers that matter."""

    body: Json
    etag: str | None
    status: int


def below(*parts: str) -> str:
    """A path below /api/v1 from parts that may hold any characters."""
    return "/api/v1/" + "/".join(quote(part, safe="") for part in parts)


class Connection:
    """Where status-api is. One for the whole process."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._local = threading.local()

    @property
    def http(self) -> requests.Session:
        """A session of this thread: they are not made to be shared."""
        found: requests.Session | None = getattr(self._local, "http", None)
        if found is None:
            found = requests.Session()
            found.mount("http://", MeasuringAdapter(pool_maxsize=_POOL))
            found.mount("https://", MeasuringAdapter(pool_maxsize=_POOL))
            self._local.http = found
        return found

    def as_person(self, token: str | None, address: str | None = None) -> StatusApi:
        """Calls with a person's token, or without one to sign in; `address` is the person's own, for throttling."""
        return StatusApi(self, token, address)


class StatusApi:
    """Calls of one person."""

    def __init__(self, connection: Connection, token: str | None, address: str | None) -> None:
        self._connection = connection
        self._headers = {"Accept": "application/json"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        if address is not None:
            self._headers["X-Forwarded-For"] = address

    def get(self, path: str, query: Query | None = None) -> Json:
        """Read a resource.

        Raises:
            UnreachableError, SessionEndedError, ProblemError: as their classes say; likewise everywhere below.
        """
        return self.call("GET", path, query=query).body

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Any call with a JSON answer."""
        answer = self._send(method, path, query=query, body=body, headers=headers)
        if not answer.content:
            return Answer({}, answer.headers.get("ETag"), answer.status_code)
        return Answer(_json(answer), answer.headers.get("ETag"), answer.status_code)

    def open_file(self, path: str, query: Query | None = None) -> requests.Response:
        """A file that is sent while it is read; the caller closes it."""
        return self._send("GET", path, query=query, headers={"Accept": "*/*"}, stream=True)

    def open_stream(
        self, path: str, query: Query | None = None, headers: Mapping[str, str] | None = None
    ) -> Stream:
        """Server-sent events."""
        wanted = {"Accept": "text/event-stream", **(headers or {})}
        answer = self._send(
            "GET", path, query=query, headers=wanted, stream=True, timeout=(TIMEOUT[0], _HEARTBEATS_SECONDS)
        )
        return Stream(answer)

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> requests.Response:
        given = {name: value for name, value in (query or {}).items() if value not in (None, "")}
        try:
            answer = self._connection.http.request(
                method,
                self._connection.url + path,
                params=given,
                json=body,
                headers={**self._headers, **(headers or {})},
                timeout=timeout,
                stream=stream,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise UnreachableError(type(error).__name__) from error
        if answer.status_code < _REFUSED_AT_LEAST:
            return answer
        with answer:
            raise _refusal(answer)


class Stream:
    """Server-sent events as they come, until either side closes."""

    def __init__(self, answer: requests.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        """Piece by piece.

        Raises:
            UnreachableError: it broke off, or was ended here.
        """
        with self._answer:
            try:
                yield from self._answer.iter_content(chunk_size=None)
            except requests.RequestException as error:
                raise UnreachableError(type(error).__name__) from error

    def end(self) -> None:
        """End it, from any thread: one that waits for the next piece finds the end of the stream."""
        with suppress(RuntimeError, ValueError, OSError):  # it has ended by itself
            self._answer.raw.shutdown()

    def close(self) -> None:
        """Give its connection back, from the thread that read it."""
        self._answer.close()


def _refusal(answer: requests.Response) -> StatusApiError:
    try:
        body = answer.json()
        kind = str(body["type"]).rpartition("/")[2].rpartition(":")[2].rpartition("#")[2]
        problem = ProblemError(
            answer.status_code, kind, str(body["title"]), str(body["detail"]), str(body["request_id"]), body
        )
    except (requests.RequestException, KeyError, TypeError) as error:
        return UnreachableError(
            f"answer {answer.status_code} that is no problem document: {type(error).__name__}"
        )
    if answer.status_code == _UNAUTHORIZED and kind != "sign-in-refused":
        return SessionEndedError(problem.detail)
    return problem


def _json(answer: requests.Response) -> Json:
    try:
        body = answer.json()
    except requests.RequestException as error:
        raise UnreachableError("an answer that is no JSON") from error
    if not isinstance(body, dict):
        raise UnreachableError("an answer that is no JSON object")
    return body
