"""Files for download: exports and support bundles, handed on while status-api sends them."""

from __future__ import annotations

from collections.abc import Iterator

import requests
from flask import Blueprint, Response, redirect, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from dashboard.api.connection import ProblemError, SessionEndedError, UnreachableError, below
from dashboard.core.addresses import href
from dashboard.names import FILES, SIGN_IN
from dashboard.server.current import status_api
from service_web.clients import give_up_if_stalled

_FILES = (
    "invoices.csv",
    "invoices.xlsx",
    "purchase-orders.csv",
    "purchase-orders.xlsx",
    "logs.csv",
    "audit.csv",
)
_BUNDLES = ("invoices", "purchase-orders")
_HANDED_ON = ("Content-Type", "Content-Disposition", "X-As-Of")
_PIECE = 65_536


def file_routes() -> Blueprint:
    """The routes; parameters are status-api's own."""
    routes = Blueprint("files", __name__)

    @routes.get(f"{FILES}/<tenant>/<name>")
    def export(tenant: str, name: str) -> AnyResponse:
        if name not in _FILES:
            raise NotFound
        return _file("tenants", tenant, name)

    @routes.get(f"{FILES}/<tenant>/<kind>/<number>/bundle")
    def bundle(tenant: str, kind: str, number: str) -> AnyResponse:
        if kind not in _BUNDLES:
            raise NotFound
        return _file("tenants", tenant, kind, number, "bundle")

    return routes


def _file(*parts: str) -> AnyResponse:
    try:
        answer = status_api().open_file(below(*parts), dict(request.args.lists()))
    except SessionEndedError:
        return redirect(href(SIGN_IN.strip("/")))
    except ProblemError as problem:
        return Response(f"{problem.title}: {problem.detail}", problem.status, mimetype="text/plain")
    except UnreachableError:
        return Response("The file can not be made now: try again in a minute.", 503, mimetype="text/plain")
    give_up_if_stalled(request.environ)
    handed_on = Response(_pieces(answer), answer.status_code)
    handed_on.call_on_close(answer.close)  # also if nobody was left to take the first piece
    for header in _HANDED_ON:
        if header in answer.headers:
            handed_on.headers[header] = answer.headers[header]
    return handed_on


def _pieces(answer: requests.Response) -> Iterator[bytes]:
    """The file; if it breaks off, so does ours: a browser then tells that the download failed."""
    with answer:
        yield from answer.iter_content(chunk_size=_PIECE)
