"""The WSGI application: one view per operation, every error a problem."""

from __future__ import annotations

import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, request
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from invoice_events.identity import new_traceparent, trace_id_of
from service_runtime import metrics
from service_runtime.registry import SchemaRegistryError
from status_api.core.access import NOBODY
from status_api.server.auth import Authenticator, require_role
from status_api.server.context import Api
from status_api.server.failures import failure
from status_api.server.openapi import openapi
from status_api.server.operations import Operation, Request
from status_api.server.parameters import read_body, read_query, require_path
from status_api.server.problems import PROBLEM_TYPE, Problem, bad_body, unavailable

log = logging.getLogger(__name__)

_MAX_BODY_BYTES = 1024 * 1024
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_OPENAPI_PATH = "/openapi.json"


def make_application(api: Api, authenticator: Authenticator, operations: Sequence[Operation]) -> Flask:
    """The application for a route table."""
    app = Flask("status_api")
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it; members keep the order they are told in
    app.before_request(_begin)
    app.after_request(_end)
    app.register_error_handler(Exception, _refused)
    for operation in operations:
        app.add_url_rule(
            re.sub(r"\{(\w+)\}", r"<\1>", operation.path),
            endpoint=operation.operation_id,
            view_func=_view(operation, api, authenticator),
            methods=[operation.method],
            provide_automatic_options=False,
        )
    document = json.dumps(openapi(operations), ensure_ascii=False)
    app.add_url_rule(
        _OPENAPI_PATH, "openapi", lambda: Response(document, mimetype="application/json"), methods=["GET"]
    )
    return app


def _view(operation: Operation, api: Api, authenticator: Authenticator) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        actor = NOBODY if operation.open else authenticator.actor(request.headers.get("Authorization"))
        require_path(operation, path)
        require_role(operation, actor, path)
        asked = Request(
            api=api,
            path=path,
            query=read_query(operation, dict(request.args.lists())),
            headers={name: value for name, value in request.headers.items() if name == "If-Match"},
            body=read_body(operation, _json()) if operation.body is not None else None,
            actor=actor,
            request_id=g.request_id,
            traceparent=g.traceparent,
        )
        answer = operation.handler(asked)
        response = Response(
            json.dumps(answer.body, ensure_ascii=False), answer.status, mimetype="application/json"
        )
        response.headers.update(answer.headers)
        return response

    return view


def _json() -> object:
    if request.mimetype != "application/json":
        raise bad_body([{"place": "body", "detail": "send JSON with Content-Type: application/json"}])
    try:
        body: object = json.loads(request.get_data())
    except ValueError as error:
        raise bad_body([{"place": "body", "detail": f"this is no JSON: {error}"}]) from error
    return body


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
    trace = request.headers.get("traceparent", "")
    g.traceparent = trace if _TRACEPARENT.fullmatch(trace) else new_traceparent()
    g.began = time.monotonic()


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    route = request.url_rule.rule if request.url_rule else "none"
    seconds = time.monotonic() - g.began
    metrics.http_seconds.labels(request.method, route, str(response.status_code)).observe(seconds)
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
    problem = _problem_of(error)
    body: dict[str, Any] = problem.body(request.path, g.request_id)
    response = Response(json.dumps(body, ensure_ascii=False), int(problem.status), mimetype=PROBLEM_TYPE)
    response.headers.update(problem.headers)
    return response


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return _http_problem(error)
    if isinstance(error, OperationalError | PoolTimeoutError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        log.warning("the database failed: %s", type(error).__name__, extra={"request_id": g.request_id})
        return unavailable("The database does not answer. Try again in a few seconds.")
    if isinstance(error, SchemaRegistryError):
        log.warning("%s", error, extra={"request_id": g.request_id})
        return unavailable("The schema registry does not answer, so this can not be published. Try again.")
    log.error("a request failed: %s", failure(error), extra={"request_id": g.request_id})
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal-error",
        "This should not have happened",
        "The request failed on our side. The log has the reason under this request id.",
    )


def _http_problem(error: HTTPException) -> Problem:
    """Flask's own refusals: no such path, method or size."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    details = {
        HTTPStatus.NOT_FOUND: f"There is nothing under this path: {_OPENAPI_PATH} lists everything there is.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"This path does not know {request.method}: {_OPENAPI_PATH} lists what it knows.",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: f"A body may have at most {_MAX_BODY_BYTES} bytes.",
    }
    headers = {
        name: value for name, value in error.get_headers() if name not in {"Content-Type", "Content-Length"}
    }
    slug = status.phrase.lower().replace(" ", "-")
    return Problem(
        status, slug, status.phrase, details.get(status, error.description or status.phrase), headers=headers
    )
