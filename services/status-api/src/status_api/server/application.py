"""The WSGI application: one view per operation, every error a problem."""

from __future__ import annotations

import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask import Flask, Response, g, request
from flask_compress import Compress
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from invoice_events.identity import new_traceparent, trace_id_of
from service_runtime import metrics
from service_runtime.registry import SchemaRegistryError
from service_web.clients import give_up_if_stalled, has_hung_up
from service_web.failures import failure
from status_api.core.access import NOBODY, Actor
from status_api.core.throttling import client_address
from status_api.server.auth import Authenticator, require_role
from status_api.server.bodies import LARGE_BYTES, BadJsonError, read_json
from status_api.server.context import Api
from status_api.server.finishing import finish, json_response, make_compressor
from status_api.server.http_problems import (
    MOST_ADDRESS,
    OPENAPI_PATH,
    address_too_long,
    internal_error,
    no_json,
    of_http,
)
from status_api.server.openapi import openapi
from status_api.server.operations import JSON_TYPE, Answer, Operation, Request
from status_api.server.parameters import read_body, read_query, require_path
from status_api.server.problems import PROBLEM_TYPE, Problem, bad_body, unavailable
from status_api.server.streaming import Streamed

log = logging.getLogger(__name__)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_READ_HEADERS = frozenset({"If-Match", "Idempotency-Key", "Last-Event-ID"})


def make_application(api: Api, authenticator: Authenticator, operations: Sequence[Operation]) -> Flask:
    """The application for a route table."""
    app = Flask("status_api")
    app.config["MAX_CONTENT_LENGTH"] = LARGE_BYTES
    app.url_map.merge_slashes = False  # a path is what it is: no redirects to others
    app.before_request(_begin)
    app.after_request(partial(_end, make_compressor(app)))
    app.register_error_handler(Exception, _refused)
    for operation in operations:
        app.add_url_rule(
            re.sub(r"\{(\w+)\}", r"<\1>", operation.path),
            endpoint=operation.operation_id,
            view_func=_view(operation, api, authenticator),
            methods=[operation.method],
            provide_automatic_options=False,
        )
    document = openapi(operations)
    app.add_url_rule(
        OPENAPI_PATH,
        "openapi",
        lambda: json_response(document, 200, JSON_TYPE),
        methods=["GET"],
        provide_automatic_options=False,
    )
    return app


def _view(operation: Operation, api: Api, authenticator: Authenticator) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        address = _address(api)
        actor = _actor(operation, api, authenticator, address)
        require_path(operation, path)
        require_role(operation, actor, path)
        asked = Request(
            api=api,
            path=path,
            query=read_query(operation, dict(request.args.lists())),
            headers={name: request.headers[name] for name in _READ_HEADERS if name in request.headers},
            body=read_body(operation, _json(operation)) if operation.body is not None else None,
            actor=actor,
            request_id=g.request_id,
            traceparent=g.traceparent,
            again=partial(authenticator.actor, request.headers.get("Authorization")),
            gone=partial(has_hung_up, request.environ),
            address=address,
        )
        answer = operation.handler(asked)
        if isinstance(answer.body, Streamed):
            response = _streamed(answer, answer.body, operation)
        else:
            response = json_response(answer.body, answer.status, operation.media)
        response.headers.update(answer.headers)
        return response

    return view


def _streamed(answer: Answer, body: Streamed, operation: Operation) -> Response:
    """An answer that is sent while it is made; whatever ends it closes the body."""
    give_up_if_stalled(request.environ)
    response = Response(body, answer.status, mimetype=operation.media)
    response.call_on_close(body.close)
    return response


def _address(api: Api) -> str:
    """Who sent the request, as far as our own proxies tell."""
    forwarded = ",".join(request.headers.getlist("X-Forwarded-For"))
    return client_address(request.remote_addr, forwarded, api.trusted_proxies)


def _actor(operation: Operation, api: Api, authenticator: Authenticator, address: str) -> Actor:
    """Who asks, counted.

    Raises:
        Problem: it is nobody whom we know, or they ask too often.
    """
    if operation.open:
        if (
            operation.method != "GET"
        ):  # what only reads is asked for by probes and programs, and costs nothing
            api.rates.count_stranger(address)
        return NOBODY
    try:
        actor = authenticator.actor(request.headers.get("Authorization"))
    except Problem:
        api.rates.count_stranger(address)
        raise
    api.rates.count(actor)
    return actor


def _json(operation: Operation) -> object:
    """The body.

    Raises:
        Problem: it is too large, or no JSON that we take.
    """
    g.most_bytes = request.max_content_length = operation.most_bytes
    if request.mimetype != JSON_TYPE or request.headers.get("Content-Encoding", "identity") != "identity":
        raise no_json()
    try:
        return read_json(request.get_data())
    except BadJsonError as error:
        raise bad_body([{"place": error.place, "detail": str(error)}]) from error


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
    trace = request.headers.get("traceparent", "")
    g.traceparent = trace if _TRACEPARENT.fullmatch(trace) else new_traceparent()
    g.began = time.monotonic()
    if len(request.environ.get("RAW_URI", "") or request.full_path) > MOST_ADDRESS:
        raise address_too_long()


def _end(compressor: Compress, response: Response) -> Response:
    response = finish(response, compressor)
    response.headers["X-Request-Id"] = g.request_id
    route = request.url_rule.rule if request.url_rule else "none"
    seconds = time.monotonic() - g.began
    method = request.method if request.method in _METHODS else "other"  # anybody may send any word
    metrics.http_seconds.labels(method, route, str(response.status_code)).observe(seconds)
    log.info(
        "%s %s %d",
        request.method,
        route,
        response.status_code,
        extra={
            "tenant": (request.view_args or {}).get("tenant_id"),
            "request_id": g.request_id,
            "trace_id": trace_id_of(g.traceparent),
            "milliseconds": round(seconds * 1000),
        },
    )
    return response


def _refused(error: Exception) -> Response:
    if isinstance(error, MethodNotAllowed) and request.method == "OPTIONS":
        return Response(
            status=204, headers={"Allow": ", ".join(sorted({*(error.valid_methods or ()), "OPTIONS"}))}
        )
    problem = _problem_of(error)
    body: dict[str, Any] = problem.body(request.path, g.request_id)
    response = Response(json.dumps(body, ensure_ascii=False), int(problem.status), mimetype=PROBLEM_TYPE)
    response.headers.update(problem.headers)
    return response


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return of_http(error, request.method, g.get("most_bytes", LARGE_BYTES))
    if isinstance(error, OperationalError | PoolTimeoutError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        log.warning("the database failed: %s", type(error).__name__, extra={"request_id": g.request_id})
        return unavailable("The database does not answer. Try again in a few seconds.")
    if isinstance(error, SchemaRegistryError):
        log.warning("%s", error, extra={"request_id": g.request_id})
        return unavailable("The schema registry does not answer, so this can not be published. Try again.")
    log.error("a request failed: %s", failure(error), extra={"request_id": g.request_id})
    return internal_error()
