"""Errors as RFC 9457 problem details, each kind with a stable slug."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from invoice_events.names import Kind

PROBLEM_TYPE = "application/problem+json"
_PREFIX = "urn:invoice-sync:problem:"


class Problem(Exception):  # noqa: N818  # RFC 9457 calls it a problem, and every answer says so
    """An answer other than success.

    Attributes:
        status: HTTP status.
        slug: stable name of the kind of problem; `type` is made of it.
        title: short, the same for every occurrence.
        detail: this occurrence, and what to do.
        more: further members, such as the list of what is wrong with a settings document.
        headers: of the answer.
    """

    def __init__(
        self,
        status: HTTPStatus,
        slug: str,
        title: str,
        detail: str,
        *,
        more: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.title = title
        self.detail = detail
        self.more = more or {}
        self.headers = headers or {}

    def body(self, instance: str, request_id: str) -> dict[str, Any]:
        """The problem as JSON members."""
        return {
            "type": f"{_PREFIX}{self.slug}",
            "title": self.title,
            "status": int(self.status),
            "detail": self.detail,
            "instance": instance,
            "request_id": request_id,
            **self.more,
        }


def unauthorized(detail: str) -> Problem:
    """No token, or none that we know."""
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "unauthorized",
        "A bearer token is needed",
        detail,
        headers={"WWW-Authenticate": 'Bearer realm="status-api"'},
    )


def forbidden(role: str, where: str) -> Problem:
    """Known, but without the role that this takes."""
    return Problem(
        HTTPStatus.FORBIDDEN,
        "forbidden",
        "Your role does not allow this",
        f"This takes the role {role} at {where}: ask somebody with the role admin there.",
    )


def unknown_tenant(tenant_id: str) -> Problem:
    """No such tenant."""
    return Problem(
        HTTPStatus.NOT_FOUND,
        "unknown-tenant",
        "No such tenant",
        f"{tenant_id} is no tenant of this installation: GET /api/v1/tenants lists them; a new one is added to TENANTS_FILE.",
    )


_WHY_UNKNOWN: dict[Kind, str] = {
    "invoice": "Check that it is the Autotask id (not the invoice number: search for that with ?text=), that the tenant is active,"
    " and that the invoice lies inside the days_back window. An invoice with a Web Service Date is ignored: clear it in Autotask"
    " under Contracts > Invoice History > 3-dot icon next to the Batch ID > Clear Web Service Date > Yes; the next cycle finds it.",
    "purchase-order": "Check that it is the Autotask id (not the order number: search for that with ?text=), that the tenant is"
    " active, that purchase_orders.enabled is on in its settings, and that the order has reached purchase_orders.trigger_status."
    " An order that was made more than days_back days before purchase orders were switched on is ignored.",
}


def unknown_document(kind: Kind, document_id: str) -> Problem:
    """No such document, with what can be done about it."""
    return Problem(
        HTTPStatus.NOT_FOUND,
        f"unknown-{kind}",
        f"This {_spoken(kind)} is not known here",
        f"{_spoken(kind).capitalize()} {document_id} was never found in Autotask for this tenant. {_WHY_UNKNOWN[kind]}",
    )


def nothing_to_recreate(kind: Kind, document_id: str) -> Problem:
    """Somebody wants a document made anew that was never there."""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "nothing-to-recreate",
        "There is nothing to make anew",
        f"{_spoken(kind).capitalize()} {document_id} was never found in Autotask for this tenant, so no document of it in Xero can"
        f" have been deleted or voided. {_WHY_UNKNOWN[kind]}",
    )


def not_read_yet(kind: Kind, document_id: str) -> Problem:
    """The document is known, but what Autotask says of it was not received."""
    return Problem(
        HTTPStatus.NOT_FOUND,
        "no-data-yet",
        "Not received yet",
        f"What Autotask says of {_spoken(kind)} {document_id} has not been received yet: it comes with the next try.",
    )


def _spoken(kind: Kind) -> str:
    return kind.replace("-", " ")


def unknown_command(command_id: str) -> Problem:
    """No such command."""
    return Problem(
        HTTPStatus.NOT_FOUND,
        "unknown-command",
        "No such command",
        f"{command_id} is no command of this tenant: GET the tenant's commands for a list.",
    )


def unknown_bulk_act(bulk_id: str) -> Problem:
    """No such bulk act."""
    return Problem(
        HTTPStatus.NOT_FOUND,
        "unknown-bulk-act",
        "No such bulk act",
        f"{bulk_id} is no bulk act of this tenant: the answer that it was given with has its id.",
    )


_LIFTS = {"skip": "unskip", "diagnose": "release"}


def on_hold(hold: str) -> Problem:
    """A person has laid a hold over the document, so that nothing happens to it."""
    return Problem(
        HTTPStatus.CONFLICT,
        "on-hold",
        "The document is on hold",
        f"A hold lies over it ({hold}), so it is left alone: {_LIFTS[hold]} lifts it.",
    )


def idempotency_key_reused() -> Problem:
    """A key that belongs to another request."""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        "This Idempotency-Key belongs to another request",
        "The key came with another body in the last 24 hours. Nothing was done: choose a new key for each new wish.",
    )


def no_data_yet(what: str) -> Problem:
    """The tenant exists, but this part of it was not received yet."""
    return Problem(
        HTTPStatus.NOT_FOUND,
        "no-data-yet",
        "Not received yet",
        f"{what} of this tenant has not been received yet: it comes once the tenant's connection to Xero works.",
    )


def bad_parameter(name: str, detail: str) -> Problem:
    """A query parameter, path part or header that can not be read."""
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "bad-parameter",
        "A parameter is wrong",
        f"{name}: {detail}",
        more={"parameter": name},
    )


def bad_body(problems: list[dict[str, str]]) -> Problem:
    """A body that is no JSON, or not of the declared shape."""
    first = problems[0]
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "bad-body",
        "The body is wrong",
        f"{first['place']}: {first['detail']}",
        more={"problems": problems},
    )


def invalid_settings(problems: list[dict[str, str]]) -> Problem:
    """Settings that their schema refuses."""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-settings",
        "These settings can not be used",
        "; ".join(f"{problem['place']}: {problem['detail']}" for problem in problems),
        more={"problems": problems},
    )


def version_needed() -> Problem:
    """A write without If-Match."""
    return Problem(
        HTTPStatus.PRECONDITION_REQUIRED,
        "version-needed",
        "The version that is changed has to be named",
        "Send If-Match with the ETag of the version that you read, so that nobody's change is overwritten unseen.",
    )


def version_stale(current: int) -> Problem:
    """Somebody else changed it in between."""
    return Problem(
        HTTPStatus.PRECONDITION_FAILED,
        "version-stale",
        "It was changed in between",
        f"The current version is {current}. Read it again, and repeat the change on it.",
        more={"current_version": current},
        headers={"ETag": f'"{current}"'},
    )


def unavailable(detail: str) -> Problem:
    """Something that this answer needs is away."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "unavailable",
        "Temporarily not available",
        detail,
        headers={"Retry-After": "5"},
    )


def too_many_long_answers() -> Problem:
    """As many long answers as one process makes at the same time are being made."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "too-many-exports",
        "Too many exports at the same time",
        "Other exports or support bundles are being made. Try again once one of them is done.",
        headers={"Retry-After": "15"},
    )


def too_many_streams() -> Problem:
    """As many streams of changes are open as one process keeps open, or as one person may have."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "too-many-streams",
        "Too many streams at the same time",
        "As many streams of changes are open as there may be, of everybody or of you. Read in intervals, and try again later.",
        headers={"Retry-After": "30"},
    )


def too_many_rows(most: int) -> Problem:
    """An export that would be larger than any is."""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "too-many-rows",
        "Too many rows for one export",
        f"More than {most:,} rows fit. Narrow them down, for example by from and to, and take them in several exports.",
    )
