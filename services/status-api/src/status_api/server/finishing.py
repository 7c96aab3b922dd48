"""What every answer gets at the end: headers that keep browsers from guessing, a validator, 304 instead of what is known, gzip."""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from flask_compress import Compress

from status_api.server.operations import JSON_TYPE

AS_OF = "X-As-Of"
_SMALLEST = 1_000
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def make_compressor(app: Flask) -> Compress:
    """Compress with gzip alone: the windows of the other algorithms take memory for each request, and every client knows gzip."""
    app.config |= {
        "COMPRESS_REGISTER": False,
        "COMPRESS_MIMETYPES": [JSON_TYPE],
        "COMPRESS_ALGORITHM": ["gzip"],
        "COMPRESS_LEVEL": 5,
        "COMPRESS_MIN_SIZE": _SMALLEST,
        "COMPRESS_STREAMS": False,
        "COMPRESS_EVALUATE_CONDITIONAL_REQUEST": False,
    }
    return Compress(app)


def json_response(body: Any, status: int, media: str) -> Response:  # noqa: ANN401  # any JSON
    """An answer in JSON. What was read gets a validator, and the time that it is from stands in a header too.

    The validator leaves `as_of` out: it moves with every event of any tenant, and a list that did not change would never be the same.
    It is weak for that reason. Who gets 304 finds the newer time in X-As-Of.
    """
    if request.method not in {"GET", "HEAD"} or status != HTTPStatus.OK or not isinstance(body, dict):
        return Response(json.dumps(body, ensure_ascii=False), status, mimetype=media)
    text = json.dumps({name: value for name, value in body.items() if name != "as_of"}, ensure_ascii=False)
    tag = hashlib.sha256(text.encode()).hexdigest()[:32]
    if "as_of" in body:
        lead = "{" if text == "{}" else f"{text[:-1]}, "
        text = f'{lead}"as_of": {json.dumps(body["as_of"])}}}'
    response = Response(text, status, mimetype=media)
    response.set_etag(tag, weak=True)
    if body.get("as_of") is not None:
        response.headers[AS_OF] = str(body["as_of"])
    return response


def finish(response: Response, compressor: Compress) -> Response:
    """Headers, 304, gzip.

    Answers to writes are never compressed: some hold a secret that is shown once beside what the caller sent, and the length of a
    compressed answer tells how much the two have in common (BREACH). What has a strong validator is not either: another encoding
    would be another representation, and If-Match would have to know them all.
    """
    response.headers.update(_FIXED)
    reads = request.method in {"GET", "HEAD"}
    tag, is_weak = response.get_etag()
    if not (reads and tag and response.status_code == HTTPStatus.OK):
        response.headers["Cache-Control"] = "no-store"
        return response
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Authorization"
    if tag in request.if_none_match or request.if_none_match.contains_weak(tag):
        response.set_data(b"")
        response.status_code = HTTPStatus.NOT_MODIFIED
        for name in ("Content-Type", "Content-Length"):
            response.headers.pop(name, None)
        return response
    return compressor.after_request(response) if is_weak else response
