"""The error answers of Xero that concern a whole call."""

from __future__ import annotations

import uuid

from simulators.kit.call import Answer


class XeroError(Exception):
    """Ends a call with an answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer


def exception(number: int, kind: str, message: str, status: int = 400) -> Answer:
    """The usual error body without elements."""
    return Answer.json(status, {"ErrorNumber": number, "Type": kind, "Message": message})


def validation(elements: list[dict[str, object]]) -> Answer:
    """400 for a call with invalid elements (those elements, echoed with their ValidationErrors)."""
    return Answer.json(
        400,
        {
            "ErrorNumber": 10,
            "Type": "ValidationException",
            "Message": "A validation exception occurred",
            "Elements": elements,
        },
    )


def unreadable(message: str) -> XeroError:
    """The body is no JSON, or a value is of the wrong kind: nothing of the call is processed."""
    return XeroError(exception(14, "PostDataInvalidException", message))


def not_convertible(value: object, type_name: str, path: str) -> XeroError:
    """A value that can not become what the member wants; names value, type and path as Xero does."""
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    return unreadable(f"Error converting value {shown} to type '{type_name}'. Path '{path}'.")


def no_data(collection: str) -> XeroError:
    """The body lacks the object that the endpoint wants."""
    return XeroError(
        exception(
            17,
            "NoDataProcessedException",
            f"No data has been processed for this endpoint. This endpoint is expecting {collection} data to be specifed in the request body.",
        )
    )


def bad_query(message: str) -> XeroError:
    """A filter or an order that Xero (or this stand-in) does not understand."""
    return XeroError(exception(16, "QueryParseException", message))


def unknown_error() -> XeroError:
    """What Xero answers when something breaks inside, for example on a ContactID that is no guid."""
    return XeroError(
        exception(
            500,
            "UnknownErrorException",
            "An error occurred in Xero. Check the API Status page http://status.developer.xero.com for current service status.",
            500,
        )
    )


def not_implemented() -> XeroError:
    """A method or endpoint that does not exist (or that this stand-in does not play)."""
    return XeroError(
        exception(20, "ApiMethodNotImplementedException", "The Api Method called is not implemented", 501)
    )


def not_found() -> XeroError:
    """404 is HTML, not JSON."""
    return XeroError(
        Answer.text(
            404,
            "<html><head><title>Resource Not Found</title></head><body>"
            "<p>The resource you're looking for cannot be found</p></body></html>",
            content_type="text/html; charset=utf-8",
        )
    )


def refused_access(status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> Answer:
    """The 401 and 403 shape."""
    body = {"Type": None, "Title": title, "Status": status, "Detail": detail, "Instance": str(uuid.uuid4())}
    return Answer.json(status, body).with_headers(headers or {})
