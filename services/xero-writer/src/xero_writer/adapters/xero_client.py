"""Calls to Xero's Accounting API for one organisation. Says what an answer means; decides nothing."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

import requests
import simplejson

from invoice_events.catalogue import Trouble, fault
from invoice_events.classification import UNKNOWN
from service_runtime import metrics
from service_runtime.deadline import deadline
from xero_writer.adapters.answers import (
    BadQueryError,
    CallRefused,
    DownError,
    NotFoundError,
    NotProcessed,
    OutcomeUnknown,
    PostponedError,
    Readable,
    RefusedError,
    ThrottledError,
    UnreachableError,
    WriteAnswer,
    XeroError,
)
from xero_writer.adapters.broken_calls import never_connected, root_of
from xero_writer.adapters.limits import Limits
from xero_writer.adapters.pages import read_page
from xero_writer.adapters.tokens import Tokens
from xero_writer.adapters.xero_clock import XeroClock
from xero_writer.core.body import Call
from xero_writer.core.failures import failure_of, refusal_of_call
from xero_writer.core.values import Json, sound, text

_PAGE = 1000
_OVERLAP = timedelta(minutes=2)
_LONGEST_REST = 60.0  # the minute limit is waited out within a list, longer ones are not
_OK, _REDIRECT, _CLIENT_ERROR, _SERVER_ERROR = 200, 300, 400, 500
_UNAUTHORISED, _NOT_FOUND, _TIMED_OUT, _THROTTLED = 401, 404, 408, 429
_MAY_BE_UNSOUND = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_ONE_PAGE_AT_A_TIME = threading.Lock()
"""Held while a page of up to a thousand elements is objects, several times its bytes. Nobody waits for a tenant's call by it, and
the interpreter reads one page at a time anyhow."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Request:
    """One HTTP call: verb, path below the API's root, query, bytes and key of a write, age limit of a read."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes | None = None
    key: str | None = None
    modified_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Sent:
    """A write that was answered, and the token it was sent with."""

    answer: requests.Response
    token: str


class XeroClient:
    """One organisation's API. Safe for several threads.

    Attributes:
        organisation_id: Xero's tenant id; empty while it is not known, which a custom connection allows.
        clock: Xero's.
        rest: waits so many seconds, or none, between two of many reads, so that a long list does not run into the limits.
            True: its worker ends, nobody is to read on.
    """

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
        self.clock = XeroClock()
        self.organisation_id = ""
        self.rest: Callable[[float], bool] = threading.Event().wait

    def connections(self) -> list[Json]:
        """Organisations that the credentials give access to.

        Raises:
            XeroError: no answer that says so.
        """
        answer = self._get(_Request("GET", "/connections", {}))
        loaded = _loaded(answer)
        if answer.status_code != _OK or not isinstance(loaded, list):
            raise self._read_error(answer)
        self.clock.hear(answer.headers, loaded)
        return [one for one in loaded if isinstance(one, dict)]

    def forget_token(self) -> None:
        """The next call signs in anew."""
        self._tokens.forget()

    def probe(self) -> None:
        """Ask for something cheap: does Xero answer us at all?

        Raises:
            XeroError: it does not; which kind says why.
        """
        if self.organisation_id:
            self.read("Organisation")
        else:
            self.connections()

    def read(
        self, path: str, query: dict[str, str] | None = None, modified_since: datetime | None = None
    ) -> Json:
        """One GET below `/api.xro/2.0`; 401 TokenExpired is refreshed and tried once more.

        Raises:
            XeroError: no readable answer; which kind says why.
        """
        return self._readable(self._answer(path, query or {}, modified_since))

    def _answer(self, path: str, query: dict[str, str], modified_since: datetime | None) -> requests.Response:
        return self._get(_Request("GET", f"/api.xro/2.0/{path}", query, modified_since=modified_since))

    def _readable(self, answer: requests.Response) -> Json:
        body = _loaded(answer)
        if answer.status_code != _OK or not isinstance(body, dict):
            raise self._read_error(answer)
        self.clock.hear(answer.headers, body)
        return body

    def document(self, path: str, key: str, query: dict[str, str]) -> Json:
        """One document by its id or number, with its lines.

        Raises:
            NotFoundError: there is none.
            XeroError: it can not be read.
        """
        found = self.read(f"{path}/{quote(key, safe='')}", query).get(path) or []
        if len(found) != 1 or not isinstance(found[0], dict):
            raise DownError(f"Xero answers {len(found)} documents for one id")
        document: Json = found[0]
        return document

    def pages(
        self, path: str, query: dict[str, str], modified_since: datetime | None = None
    ) -> Iterator[Json]:
        """Every element of a list, page by page; lists without `page` would lack line items.

        `modified_since`: by Xero's clock. Two minutes more are read.

        Raises:
            XeroError: a page could not be read.
        """
        yield from self.pages_as(path, query, _whole, modified_since)

    def pages_as(
        self,
        path: str,
        query: dict[str, str],
        kept: Callable[[Json], T],
        modified_since: datetime | None = None,
    ) -> Iterator[T]:
        """What is kept of every element of a list. As `pages`, but no more than one page is in memory, whatever the tenants read.

        Raises:
            XeroError: a page could not be read.
        """
        number, before = 1, None
        since = modified_since - _OVERLAP if modified_since else None
        while True:
            answer = self._answer(path, query | {"page": str(number), "pageSize": str(_PAGE)}, since)
            with _ONE_PAGE_AT_A_TIME:
                found, ends, is_last = read_page(self._readable(answer), path, number, kept)
            del answer
            if ends == before:
                return  # a server that does not heed `page`
            yield from found
            if is_last:
                return
            number, before = number + 1, ends
            self.rest_for_limits()

    def rest_for_limits(self) -> None:
        """Between two of many reads: wait until the next call is admitted, if that is soon.

        Raises:
            ThrottledError: it is not.
            PostponedError: the worker ends.
        """
        wait = self.limits.wait()
        if wait > _LONGEST_REST:
            raise ThrottledError(wait, "current")
        if self.rest(wait):
            raise PostponedError("what was being read is broken off, the worker ends")

    def write(self, call: Call, key: str, about_to_send: Callable[[], bool]) -> WriteAnswer:
        """Send one write. An expired token is renewed and the call sent once more.

        `about_to_send` is asked last, with the token at hand, before each sending; False = it must not be sent any more.
        """
        parts = urlsplit(call.path)
        request = _Request(
            call.method, f"/api.xro/2.0{parts.path}", dict(parse_qsl(parts.query)), call.body, key
        )
        for _ in range(2):
            sent = self._send_once(request, about_to_send)
            if not isinstance(sent, _Sent):
                return sent
            if not self._token_expired(sent.answer, sent.token):
                return self._meaning(sent.answer)
        return NotProcessed("down", "Xero calls a token expired that it gave a moment ago")

    def _send_once(self, request: _Request, about_to_send: Callable[[], bool]) -> _Sent | WriteAnswer:
        try:
            token = self._tokens.get()
        except RefusedError as error:
            return NotProcessed("refused", str(error))
        except DownError as error:
            return NotProcessed("down", str(error))
        if not about_to_send():
            return NotProcessed("too_late", "the time to send it was over")
        try:
            return _Sent(self._send(request, token), token)
        except UnreachableError as error:
            return NotProcessed("down", str(error))
        except DownError as error:
            return OutcomeUnknown(str(error), may_resend=True)

    def _meaning(self, answer: requests.Response) -> WriteAnswer:
        status, body = answer.status_code, _loaded(answer)
        words, trouble = _detail(body, status), _trouble(answer, body)
        if trouble == "throttled":
            wait, problem = self.limits.throttled(answer.headers)
            return NotProcessed("throttled", f"Xero's {problem} limit is reached", wait)
        if trouble == "refused":
            return NotProcessed("refused", f"Xero refuses us (HTTP {status}): {words}")
        code = refusal_of_call(status, answer.headers, body)
        if status >= _SERVER_ERROR or (trouble == "down" and _CLIENT_ERROR <= status != _TIMED_OUT):
            # done or not, and replayed for this key; or something before Xero answered
            return OutcomeUnknown(f"HTTP Error {status}. {words}", may_resend=False, code=code)
        if _OK <= status < _REDIRECT and isinstance(body, dict):
            self.clock.hear(answer.headers, body)
            return Readable(body)
        if status >= _CLIENT_ERROR and status != _TIMED_OUT:
            return CallRefused(body if isinstance(body, dict) else None, words, code)
        return OutcomeUnknown(f"Xero's answer could not be read (HTTP {status})", may_resend=True)

    def _get(self, request: _Request) -> requests.Response:
        for _ in range(2):
            token = self._tokens.get()
            answer = self._send(request, token)
            if not self._token_expired(answer, token):
                return answer
        raise DownError("Xero calls a token expired that it gave a moment ago")

    def _send(self, request: _Request, token: str) -> requests.Response:
        """Send one call; every status is an answer.

        Raises:
            UnreachableError: no connection could be opened.
            DownError: there is no complete answer.
        """
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
                    self._api_url + request.path,
                    params=request.query,
                    data=request.body,
                    headers=headers,
                    timeout=self._deadline,
                    allow_redirects=False,  # a write is never sent anywhere else
                )
            status = str(answer.status_code)
        except requests.ConnectionError as error:
            if never_connected(error):
                raise UnreachableError("Error connecting to Xero: no connection") from error
            raise DownError(f"Error connecting to Xero: {root_of(error)}") from error
        except requests.Timeout as error:
            raise DownError("Timeout Expired: no complete answer from Xero in time") from error
        except requests.RequestException as error:
            raise DownError(f"Error connecting to Xero: {root_of(error)}") from error
        finally:
            metrics.outside_seconds.labels("xero").observe(time.monotonic() - began)
            metrics.outside_calls.labels("xero", self._tenant_id, _operation(request), status).inc()
        self.limits.seen(answer.headers)
        if answer.status_code != _THROTTLED:
            self.limits.admitted()
        return answer

    def _token_expired(self, answer: requests.Response, token: str) -> bool:
        if answer.status_code != _UNAUTHORISED:
            return False
        if failure_of(_UNAUTHORISED, answer.headers, _loaded(answer)) != "TOKEN_EXPIRED":
            return False
        self._tokens.drop(token)
        return True

    def _read_error(self, answer: requests.Response) -> XeroError:
        status, body = answer.status_code, _loaded(answer)
        words, code = _detail(body, status), failure_of(status, answer.headers, body) or UNKNOWN
        trouble = fault(code).connection
        if trouble == "throttled":
            return ThrottledError(*self.limits.throttled(answer.headers))
        if trouble == "refused":
            return RefusedError(f"Xero refuses us (HTTP {status}): {words}")
        if status >= _SERVER_ERROR or status < _CLIENT_ERROR or trouble == "down":
            return DownError(f"HTTP Error {status}. {words}")  # a success that can not be read is none
        if status == _NOT_FOUND:
            return NotFoundError(f"Xero has no such document: {words}", code)
        return BadQueryError(f"Xero answers HTTP {status}: {words}", code)


def _whole(element: Json) -> Json:
    return element


def _operation(request: _Request) -> str:
    """What is done, for the metric: verb and collection, without ids."""
    return f"{request.method} {request.path.removeprefix('/api.xro/2.0').split('/')[1]}"


def _loaded(answer: requests.Response) -> object:
    """The body as JSON with exact numbers, its text if it is none (429 has no body, 404 is HTML).

    JSON can spell characters that UTF-8 has not: what holds one could be recorded nowhere, so it is made sound here.
    """
    try:
        loaded: object = simplejson.loads(answer.content, use_decimal=True)
    except ValueError:
        return answer.content.decode(errors="replace")
    return sound(loaded) if _MAY_BE_UNSOUND.search(answer.content) else loaded


def _trouble(answer: requests.Response, body: object) -> Trouble | None:
    """What the connection becomes by an answer, None if it is about documents. What a 2xx means, its elements say."""
    if _OK <= answer.status_code < _REDIRECT:
        return None
    code = failure_of(answer.status_code, answer.headers, body)
    return None if code is None else fault(code).connection


def _detail(body: object, status: int) -> str:
    """Xero's words about a whole call."""
    if isinstance(body, dict):
        for name in ("Detail", "detail", "Message", "Title", "title"):
            if text(body.get(name)):
                return text(body.get(name))
    return {503: "The service is unavailable."}.get(status, f"HTTP {status}")
