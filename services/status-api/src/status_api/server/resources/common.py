"""What several resources need."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from invoice_events.names import Document, Kind
from invoice_events.plain import to_plain
from status_api.core.fold import MAX_ID
from status_api.queries import tenants as queries
from status_api.server.operations import Request
from status_api.server.problems import bad_parameter, unknown_document, unknown_tenant, version_needed
from status_api.stores.audit import Who
from status_api.stores.tenants import StoredTenant, UnknownTenantError

_WIDEST_OFFSET = timedelta(hours=16)  # of PostgreSQL; Python takes up to 24
_ETAG = re.compile(r'"?([0-9]{1,18})"?')


def tenant_of(request: Request) -> StoredTenant:
    """The tenant in the path.

    Raises:
        Problem: there is none; nothing about another tenant is told.
    """
    tenant_id = request.path["tenant_id"]
    try:
        return request.api.tenants.get(tenant_id)
    except UnknownTenantError as error:
        raise unknown_tenant(tenant_id) from error


def who(request: Request) -> Who:
    """Who acts."""
    return Who(request.actor.name, request.request_id, request.traceparent, request.actor.token_id)


def etag(version: int) -> dict[str, str]:
    """Header of an answer that can be changed by its version."""
    return {"ETag": f'"{version}"'}


def expected_version(request: Request) -> int:
    """The version that If-Match names.

    Raises:
        Problem: it is missing, or no version.
    """
    header = request.headers.get("If-Match")
    if header is None:
        raise version_needed()
    found = _ETAG.fullmatch(header.strip())
    if found is None:
        raise bad_parameter("If-Match", f'{header!r} is no ETag of this API, wanted one such as "7"')
    return int(found[1])


def as_of(connection: Connection) -> str | None:
    """How old the answer is."""
    told: str | None = to_plain(queries.as_of(connection))
    return told


def time_of(name: str, value: str) -> datetime:
    """A time parameter with its offset, in UTC.

    Raises:
        Problem: it is no time, one without an offset, or one that PostgreSQL does not take.
    """
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise bad_parameter(name, f"{value!r} is no time, wanted one such as 2026-05-04T10:00:00Z") from error
    offset = moment.utcoffset()
    if offset is None:
        raise bad_parameter(name, f"{value!r} has no offset, wanted one such as 2026-05-04T10:00:00Z")
    if abs(offset) >= _WIDEST_OFFSET:
        raise bad_parameter(name, f"{value!r} has an offset that no place has")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise bad_parameter(name, f"{value!r} is out of reach") from error


def date_of(request: Request, name: str) -> date | None:
    """A date parameter; its declaration has checked that it is one."""
    value = request.query.get(name)
    return None if value is None else date.fromisoformat(value)


def require_time(name: str, value: str) -> None:
    """Cursors are opaque, not trusted: what is no date or time must not reach the database.

    Raises:
        Problem: it is neither.
    """
    try:
        date.fromisoformat(value[:10])
        if len(value) > len("2026-05-04"):
            time_of(name, value)
    except ValueError as error:
        raise bad_parameter(name, "this is no cursor: take next_cursor as it was given") from error


def document_named(kind: Kind, text: str) -> Document:
    """The document of an Autotask id that a row can have.

    Raises:
        Problem: it is larger than any.
    """
    number = int(text)
    if number > MAX_ID:
        raise unknown_document(kind, text)
    return Document(kind, number)
