"""Who calls: three headers on every request, and a lock after too many wrong secrets."""

from __future__ import annotations

import hmac
from http import HTTPStatus
from typing import TYPE_CHECKING

from simulators.autotask.errors import ACCOUNT_LOCKED, INTEGRATION_CODE_INVALID, ApiError, RefusalError

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

    from simulators.autotask.database import Database


def sign_in(database: Database | None, headers: Headers, zone: int) -> Database:
    """Check the credentials of a call; ``database`` is that of its UserName, or None.

    Raises:
        RefusalError: The account is locked, or the integration code is wrong (500, after the login succeeded).
        ApiError: 401 without a body: unknown user, wrong secret, or the database lives in another zone.
    """
    if database is None:
        raise ApiError(HTTPStatus.UNAUTHORIZED, None)
    with database.lock:
        if database.locked:
            raise RefusalError(ACCOUNT_LOCKED, status=database.switches.locked_status)
        if database.switches.zone != zone:
            raise ApiError(HTTPStatus.UNAUTHORIZED, None)
        given = headers.get("Secret", "").encode()
        if not hmac.compare_digest(given, database.secret.encode()):
            database.failed_logins += 1
            database.locked = database.failed_logins >= database.switches.failures_to_lock
            raise ApiError(HTTPStatus.UNAUTHORIZED, None)
        database.failed_logins = 0
    if headers.get("ApiIntegrationCode", "") != database.integration_code:
        raise RefusalError(INTEGRATION_CODE_INVALID)
    return database
