"""What an operation of the API is: declared once, served by the application and described in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from status_api.core.access import Actor, Role
from status_api.server.bodies import MOST_BYTES

if TYPE_CHECKING:
    from status_api.server.context import Api

JsonSchema = dict[str, Any]
JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A path part, query parameter or header.

    Attributes:
        name: as it is sent.
        where: path, query or header.
        schema: JSON Schema of its value; an array is sent by repeating the parameter.
        description: for the reader of the API.
        required: whether it must be there.
    """

    name: str
    where: Literal["path", "query", "header"]
    schema: JsonSchema
    description: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose parameters and body fit their declaration.

    Attributes:
        api: what handlers need.
        path: path parts by name.
        query: query parameters by name, as numbers, dates as text, lists; only those that were sent or have a default.
        headers: declared headers that were sent.
        body: parsed JSON body, None if the operation takes none.
        actor: who asks.
        request_id: of this request.
        traceparent: given by the caller, or new.
        address: where it came from, as far as our own proxies tell.
        again: who asks at this later moment, for answers that last; raises a Problem if they are nobody any more.
        gone: whether they have closed the connection.
    """

    api: Api
    path: Mapping[str, str]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any
    actor: Actor
    request_id: str
    traceparent: str
    again: Callable[[], Actor]
    gone: Callable[[], bool]
    address: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer.

    Attributes:
        body: JSON, or a `Streamed` of the operation's media type.
        status: HTTP status.
        headers: beside those that every answer has.
    """

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Request], Answer]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path.

    Attributes:
        method: HTTP method.
        path: template such as `/api/v1/tenants/{tenant_id}`.
        operation_id: stable name.
        summary: one line.
        answers: schema by success status.
        problems: statuses of problems beside 400, 401, 500 and 503, which every operation can answer.
        handler: what answers.
        parameters: everything but the body.
        body: JSON Schema of the body, None if there is none.
        open: answers without a token.
        needs: the least role at the tenant in the path, or, where there is none, at every tenant.
        own: about who asks: any token will do, whatever its roles.
        somewhere: needs its role at one tenant at least; the handler keeps to the tenants at which it is held.
        media: media type of its successful answers.
        most_bytes: of a body.
    """

    method: str
    path: str
    operation_id: str
    summary: str
    answers: dict[int, JsonSchema]
    handler: Handler
    problems: tuple[int, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    body: JsonSchema | None = None
    open: bool = False
    needs: Role = Role.VIEWER
    own: bool = False
    somewhere: bool = False
    media: str = JSON_TYPE
    most_bytes: int = MOST_BYTES

    @property
    def is_of_a_tenant(self) -> bool:
        """Whether a tenant stands in its path."""
        return "{tenant_id}" in self.path


def ref(name: str) -> JsonSchema:
    """Reference to a schema of the document's components."""
    return {"$ref": f"#/components/schemas/{name}"}


def page_of(name: str) -> JsonSchema:
    """A page of a list."""
    return {
        "type": "object",
        "required": ["items", "next_cursor", "as_of"],
        "additionalProperties": False,
        "properties": {
            "items": {"type": "array", "items": ref(name)},
            "next_cursor": {"type": ["string", "null"], "description": "null on the last page"},
            "as_of": ref("AsOf"),
        },
    }


TENANT = Parameter("tenant_id", "path", {"type": "string"}, "The tenant", required=True)
IF_MATCH = Parameter(
    "If-Match",
    "header",
    {"type": "string"},
    "ETag of the version that is changed; 428 without it",
)


def paging(default: int, most: int) -> tuple[Parameter, Parameter]:
    """`limit` and `cursor` of a list."""
    return (
        Parameter(
            "limit",
            "query",
            {"type": "integer", "minimum": 1, "maximum": most, "default": default},
            "How many at most",
        ),
        Parameter("cursor", "query", {"type": "string", "maxLength": 500}, "next_cursor of the page before"),
    )
