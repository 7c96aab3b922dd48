"""The refusals of Autotask: nearly all are a 500 with a list of texts."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

THREADS_EXCEEDED = (
    "Thread Threshold Exceeded — The Autotask API thread threshold of {limit} threads has been exceeded."
)
ACCOUNT_LOCKED = "The user account has been locked. Please see your Autotask Administrator for details."
INTEGRATION_CODE_INVALID = "IntegrationCode is invalid."
ZONE_UNKNOWN = "Zone information could not be determined"
TOO_MANY_ORS = "Invalid query syntax. Queries are limited to 500 or fewer 'OR' conditions."
CONVERSION_FAILED = "Conversion failed when converting varchar '{value}' to data type {type}"
QUOTA_EXCEEDED = "The API request threshold of {limit} requests in {minutes} minutes has been exceeded."


class ApiError(Exception):
    """An answer other than 200: its status and JSON body (no body at all if ``body`` is None)."""

    def __init__(self, status: int, body: Mapping[str, object] | None) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


class RefusalError(ApiError):
    """Bad filter, bad field, bad value: Autotask answers 500 with ``{"errors": [text]}``, not 400."""

    def __init__(self, *texts: str, status: int = HTTPStatus.INTERNAL_SERVER_ERROR) -> None:
        super().__init__(status, {"errors": list(texts)})
        self.texts = texts


class NoRouteError(ApiError):
    """No such path: ``{"Message": text}``, as the web framework under Autotask says it."""

    def __init__(self, path: str) -> None:
        super().__init__(
            HTTPStatus.NOT_FOUND,
            {"Message": f"No HTTP resource was found that matches the request URI '{path}'."},
        )


class WrongMethodError(ApiError):
    """The path exists for other methods only: 405 with ``Message``, not ``errors``."""

    def __init__(self, method: str) -> None:
        super().__init__(
            HTTPStatus.METHOD_NOT_ALLOWED,
            {"Message": f"The requested resource does not support http method '{method}'."},
        )
