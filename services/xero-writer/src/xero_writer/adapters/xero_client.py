"""Calls to Xero's Accounting API for one organisation. Says what an answer means; decides nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import requests
import simplejson
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from service_runtime import metrics
from service_runtime.deadline import deadline
from xero_writer.adapters.answers import (
    BadQueryError,
    CallRefused,
    DownError,
    NotProcessed,
    OutcomeUnknown,
    Readable,
    RefusedError,
    ThrottledError,
    UnreachableError,
    WriteAnswer,
    XeroError,
)
from xero_writer.adapters.limits import Limits
from xero_writer.adapters.tokens import Tokens
from xero_writer.core.values import Json, text

_PAGE = 1000
_OVERLAP = timedelta(minutes=2)
_UNAUTHORISED, _FORBIDDEN, _NOT_FOUND, _THROTTLED = 401, 403, 404, 429


@dataclass(frozen=True, slots=True)
class Request:
    """One call: verb, path below `/api.xro/2.0`, query, bytes and key of a write, age limit of a read."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes | None = None
    key: str | None = None
    modified_since: datetime | None = None


class XeroClient:
    """One organisation's API. Safe for several threads."""

    def __init__(
        self,
        session: requests.Session,
        api_url: str,
        tenant_id: str,
        tokens: Tokens,
        limits: Limits,
        call_deadline: float,
    ) -> None:
        self._session = session
        self._api_url = api_url
        self._tenant_id = tenant_id
        self._tokens = tokens
        self._deadline = call_deadline
        self.limits = limits
        self.organisation_id = ""

    def connections(self) -> list[Json]:
        """Organisations that the credentials give access to.

        Raises:
            XeroError: no answer that says so.
        """
        answer = self._send(Request("GET", "/connections", {}), f"{self._api_url}/connections")
        loaded = self._loaded(answer)
        if answer.status_code != 200 or not isinstance(loaded, list):  # noqa: PLR2004  # OK
            raise self._read_error(answer)
        return [one for one in loaded if isinstance(one, dict)]

    def read(
        self, path: str, query: dict[str, str] | None = None, modified_since: datetime | None = None
    ) -> Json:
        """One GET; 401 TokenExpired is refreshed and tried once more.

        Raises:
            XeroError: no readable answer; which kind says why.
        """
        request = Request("GET", f"/{path}", query or {}, modified_since=modified_since)
        answer = self._send(request, f"{self._api_url}/api.xro/2.0/{path}")
        if self._token_expired(answer):
            answer = self._send(request, f"{self._api_url}/api.xro/2.0/{path}")
        body = self._loaded(answer)
        if answer.status_code != 200 or not isinstance(body, dict):  # noqa: PLR2004  # OK
            raise self._read_error(answer)
        return body

    def pages(
        self, path: str, query: dict[str, str], modified_since: datetime | None = None
    ) -> Iterator[Json]:
        """Every element of a list, page by page; lists without `page` would lack line items.

        Raises:
            XeroError: a page could not be read.
        """
        number = 1
        since = modified_since - _OVERLAP if modified_since else None
        while True:
            body = self.read(path, query | {"page": str(number), "pageSize": str(_PAGE)}, since)
            elements = body.get(path) or []
            yield from (element for element in elements if isinstance(element, dict))
            last = (body.get("pagination") or {}).get("pageCount")
            if len(elements) < _PAGE or (isinstance(last, int) and number >= last):
                return
            number += 1

    @staticmethod
    def request_of(method: str, path: str, body: bytes, key: str) -> Request:
        """The request of an intent; its path carries the query, as it was committed."""
        parts = urlsplit(path)
        return Request(method, parts.path, dict(parse_qsl(parts.query)), body, key)

    def write(self, request: Request, about_to_send: Callable[[], bool]) -> WriteAnswer:
        """Send one write. `about_to_send` is asked last, after the token is there; False = it must not be sent any more."""
        try:
            self._tokens.get()
            if not about_to_send():
                return OutcomeUnknown("the time to send it was over", may_resend=False, never_sent=True)
        except RefusedError as error:
            return NotProcessed(None, str(error), throttled=False)
        except XeroError as error:
            return OutcomeUnknown(str(error), may_resend=True, never_sent=True)
        try:
            answer = self._send(request, f"{self._api_url}/api.xro/2.0{request.path}")
        except DownError as error:
            return OutcomeUnknown(str(error), may_resend=True, never_sent=isinstance(error, UnreachableError))
        return self._meaning(answer)

    def _meaning(self, answer: requests.Response) -> WriteAnswer:
        status = answer.status_code
        body = self._loaded(answer)
        if 200 <= status < 300:  # noqa: PLR2004  # success
            return (
                Readable(body)
                if isinstance(body, dict)
                else OutcomeUnknown("Xero's answer could not be read", may_resend=True)
            )
        if status >= 500:  # noqa: PLR2004  # server errors: done or not, and replayed for this key
            return OutcomeUnknown(f"HTTP Error {status}. {self._detail(body, status)}", may_resend=False)
        return self._not_processed(answer, body) or CallRefused(
            status, body if isinstance(body, dict) else None, self._detail(body, status)
        )

    def _not_processed(self, answer: requests.Response, body: object) -> NotProcessed | None:
        """401, 403 and 429: Xero did not look at the request."""
        if answer.status_code == _THROTTLED:
            wait, problem = self.limits.throttled(answer.headers)
            return NotProcessed(wait, f"Xero's {problem} limit is reached", throttled=True)
        if self._token_expired(answer):
            return NotProcessed(0.0, "the access token has expired", throttled=False)
        if answer.status_code in {_UNAUTHORISED, _FORBIDDEN}:
            return NotProcessed(
                None, f"Xero refuses us: {self._detail(body, answer.status_code)}", throttled=False
            )
        return None

    def _send(self, request: Request, url: str) -> requests.Response:
        """Raises DownError if there is no answer; every status is an answer."""
        token = self._tokens.get()
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if self.organisation_id:
            headers["xero-tenant-id"] = self.organisation_id
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        if request.key is not None:
            headers["Idempotency-Key"] = request.key
        if request.modified_since is not None:
            headers["If-Modified-Since"] = request.modified_since.strftime("%Y-%m-%dT%H:%M:%S")
        began = time.monotonic()
        status = "none"
        try:
            with deadline(self._deadline):
                answer = self._session.request(
                    request.method,
                    url,
                    params=request.query,
                    data=request.body,
                    headers=headers,
                    timeout=self._deadline,
                )
            status = str(answer.status_code)
        except requests.ConnectionError as error:
            if _never_connected(error):
                raise UnreachableError("Error connecting to Xero: no connection") from error
            raise DownError(f"Error connecting to Xero: {type(error).__name__}") from error
        except requests.RequestException as error:
            raise DownError(f"Error connecting to Xero: {type(error).__name__}") from error
        finally:
            metrics.outside_seconds.labels("xero").observe(time.monotonic() - began)
            metrics.outside_calls.labels(
                "xero", self._tenant_id, f"{request.method} {request.path.split('/')[1]}", status
            ).inc()
        self.limits.seen(answer.headers)
        return answer

    def _token_expired(self, answer: requests.Response) -> bool:
        if answer.status_code != _UNAUTHORISED or not text((self._object(answer)).get("Detail")).startswith(
            "TokenExpired"
        ):
            return False
        self._tokens.drop(str(answer.request.headers.get("Authorization", "")).removeprefix("Bearer "))
        return True

    def _read_error(self, answer: requests.Response) -> XeroError:
        status = answer.status_code
        if status == _THROTTLED:
            return ThrottledError(*self.limits.throttled(answer.headers))
        if status in {_UNAUTHORISED, _FORBIDDEN}:
            return RefusedError(f"Xero refuses us: {self._detail(self._object(answer), status)}")
        if status >= 500 or status < 300:  # noqa: PLR2004  # a server's error, or a success that can not be read
            return DownError(f"HTTP Error {status}. {self._detail(self._object(answer), status)}")
        return BadQueryError(f"Xero answers HTTP {status}: {self._detail(self._object(answer), status)}")

    def _object(self, answer: requests.Response) -> Json:
        loaded = self._loaded(answer)
        return loaded if isinstance(loaded, dict) else {}

    @staticmethod
    def _loaded(answer: requests.Response) -> object:
        """The body as JSON with exact numbers, None if it is none (429 has no body, 404 is HTML)."""
        try:
            loaded: object = simplejson.loads(answer.content, use_decimal=True)
        except ValueError:
            return None
        return loaded

    @staticmethod
    def _detail(body: object, status: int) -> str:
        if isinstance(body, dict):
            for name in ("Detail", "detail", "Message", "Title", "title"):
                if text(body.get(name)):
                    return text(body.get(name))
        return {503: "The service is unavailable."}.get(status, f"HTTP {status}")


def _never_connected(error: requests.ConnectionError) -> bool:
    """Whether the connection was not even opened, so that no byte of the request can have arrived."""
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", cause), NewConnectionError | ConnectTimeoutError)
