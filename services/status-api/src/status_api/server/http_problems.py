"""Problems of HTTP itself: of addresses, methods, sizes, media types and rates, whatever the operation."""

from __future__ import annotations

from http import HTTPStatus

from werkzeug.exceptions import HTTPException

from status_api.server.problems import Problem

OPENAPI_PATH = "/openapi.json"
MOST_ADDRESS = 8_000


def too_many_requests(seconds: int) -> Problem:
    """More requests in a minute than one caller may send."""
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too-many-requests",
        "Too many requests",
        f"Nothing was done. Try again in {seconds} seconds, and ask less often: If-None-Match saves most of an answer, the stream saves asking.",
        headers={"Retry-After": str(seconds)},
    )


def address_too_long() -> Problem:
    """A path and query longer than any that make sense."""
    return Problem(
        HTTPStatus.REQUEST_URI_TOO_LONG,
        "address-too-long",
        "The address is too long",
        f"Path and query together may have {MOST_ADDRESS:,} bytes.",
    )


def body_too_large(most: int) -> Problem:
    """A body larger than the operation takes."""
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body-too-large",
        "The body is too large",
        f"A body of this operation may have at most {most:,} bytes. Nothing was done.",
    )


def no_json() -> Problem:
    """A body of another media type, or a compressed one."""
    return Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "no-json",
        "The body has to be JSON",
        "Send it with Content-Type: application/json, in UTF-8 and without Content-Encoding.",
    )


def internal_error() -> Problem:
    """Something that we did not think of."""
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal-error",
        "This should not have happened",
        "The request failed on our side. The log has the reason under this request id.",
    )


def of_http(error: HTTPException, method: str, most_bytes: int) -> Problem:
    """What Flask itself refuses."""
    if error.code == HTTPStatus.NOT_FOUND:
        return Problem(
            HTTPStatus.NOT_FOUND,
            "not-found",
            "There is nothing here",
            f"There is nothing under this path: {OPENAPI_PATH} lists everything there is.",
        )
    if error.code == HTTPStatus.METHOD_NOT_ALLOWED:
        return Problem(
            HTTPStatus.METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "This path does not know the method",
            f"This path does not know {method[:20]}: {OPENAPI_PATH} lists what it knows.",
            headers={name: value for name, value in error.get_headers() if name == "Allow"},
        )
    if error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return body_too_large(most_bytes)
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "bad-request",
        "The request can not be read",
        "It broke off, or is no HTTP as we know it. Nothing was done.",
    )
