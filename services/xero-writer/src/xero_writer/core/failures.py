"""Which entry of the fault catalogue a whole answer of Xero is, from everything it shows: status, number, type, words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus

from invoice_events.catalogue import fault
from invoice_events.classification import classify
from invoice_events.evidence import Evidence
from xero_writer.core.answers import Refused, error_texts, verdict_of
from xero_writer.core.contact_answers import contact_errors, refusal_of
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.refusals import NUMBER_TAKEN, code_of
from xero_writer.core.values import Json, text

PROVIDER_ERROR = "PROVIDER_ERROR"
_SCOPE = "insufficient_scope"
_SCOPE_SPELLINGS = (_SCOPE, "insufficent_scope")


def failure_of(status: int, headers: Mapping[str, str], body: object) -> str | None:
    """Catalogue code of an answer.

    Args:
        status: of HTTP.
        headers: as `requests` gives them, names in any case.
        body: the JSON that was read, or the text of what is none.

    Returns:
        The code of the first thing that is wrong; None if the answer is a success and refuses no element.
    """
    found = evidence_of(status, headers, body)
    good = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES and found.readable
    return None if good and not found.texts else classify("xero", found)


def refusal_of_call(status: int, headers: Mapping[str, str], body: object) -> str:
    """Catalogue code of a document whose call was refused or failed as a whole, while Xero answered others.

    Never that of an outage. A taken number goes before other mistakes, as in `code_of`.
    """
    found = evidence_of(status, headers, body)
    if status < HTTPStatus.INTERNAL_SERVER_ERROR and code_of(found.texts) == NUMBER_TAKEN:
        return NUMBER_TAKEN
    code = classify("xero", found)
    return code if fault(code).connection is None else PROVIDER_ERROR


def evidence_of(status: int, headers: Mapping[str, str], body: object) -> Evidence:
    """What an answer shows. Words are those about elements if there are any, else those about the whole call.

    Bodies are read tolerantly: the members of 401 and 403 occur in lower case too, the identity server names an `error`,
    and a list (of connections) has no words. Of what is no JSON only the page with which Xero itself says that there is no
    such document is read: what a gateway's page says is about something else.
    """
    readable = isinstance(body, (dict, list))
    answer: Json = body if isinstance(body, dict) else {}
    texts = list(dict.fromkeys(_element_texts(answer))) or _call_texts(status, answer)
    if isinstance(body, str) and status == HTTPStatus.NOT_FOUND:
        texts = [body]
    challenge = {name.lower(): value for name, value in headers.items()}.get("www-authenticate", "")
    if any(spelling in challenge for spelling in _SCOPE_SPELLINGS):
        texts.append(_SCOPE)
    number = answer.get("ErrorNumber")
    return Evidence(
        status,
        number if isinstance(number, int) else None,
        text(answer.get("Type")) or text(answer.get("error")),
        tuple(texts),
        readable,
    )


def _element_texts(answer: Json) -> Iterator[str]:
    for element in _objects(answer.get("Elements")):
        yield from contact_errors(element)
    for kind, endpoint in ENDPOINTS.items():
        for element in _objects(answer.get(endpoint.path)):
            verdict = verdict_of(kind, element)
            if isinstance(verdict, Refused):
                yield from error_texts(element) or verdict.texts
    for element in _objects(answer.get("Contacts")):
        refused = refusal_of(element)
        if refused is not None:
            yield from refused.texts


def _call_texts(status: int, answer: Json) -> list[str]:
    """Words about the whole call. A success has none, whatever its members are called."""
    if status < HTTPStatus.BAD_REQUEST:
        return []
    names = ("Detail", "detail", "Message", "Title", "title", "error_description")
    return [words for name in names if (words := text(answer.get(name)))]


def _objects(elements: object) -> list[Json]:
    return [one for one in elements if isinstance(one, dict)] if isinstance(elements, list) else []
