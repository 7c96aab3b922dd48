from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from service_runtime.deadline import make_session
from tests.unit.xero_writer.http_stub import Reply, Script, served
from xero_writer.adapters.answers import (
    BadQueryError,
    CallRefused,
    DownError,
    NotFoundError,
    NotProcessed,
    OutcomeUnknown,
    PostponedError,
    Readable,
    RefusedError,
    ThrottledError,
    UnreachableError,
    XeroError,
)
from xero_writer.adapters.limits import Limits
from xero_writer.adapters.xero_client import XeroClient
from xero_writer.core.body import Call

CALL = Call("PUT", "/Invoices?summarizeErrors=false&unitdp=4", b'{"Invoices":[]}')
EXPIRED = (
    b'{"Title":"Unauthorized","Status":401,"Detail":"TokenExpired: token expired at 01/23/2026 18:21:16"}'
)


class StubTokens:
    """Tokens one, two, three: each is given until it is dropped."""

    def __init__(self) -> None:
        self.count = 1
        self.error: XeroError | None = None

    def get(self) -> str:
        if self.error is not None:
            raise self.error
        return f"token-{self.count}"

    def drop(self, token: str) -> None:
        if token == f"token-{self.count}":
            self.count += 1


@pytest.fixture
def script() -> Iterator[Script]:
    with served() as made:
        yield made


@pytest.fixture
def tokens() -> StubTokens:
    return StubTokens()


@pytest.fixture
def client(script: Script, tokens: StubTokens) -> XeroClient:
    made = XeroClient(make_session(), script.url, "acme", tokens, Limits("acme"), 5.0)  # type: ignore[arg-type]
    made.organisation_id = "organisation-1"
    return made


def yes() -> bool:
    return True


def problem(detail: str) -> bytes:
    return json.dumps({"Type": None, "Title": "Problem", "Detail": detail}).encode()


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        (Reply(200, b'{"Invoices":[]}'), Readable),
        (Reply(201, b'{"Invoices":[]}'), Readable),
        (Reply(400, problem("A validation exception occurred")), CallRefused),
        (Reply(404, b'{"Message":"Not found"}'), CallRefused),
        (Reply(404, b"<html></html>"), OutcomeUnknown),
        (Reply(413, b""), CallRefused),
        (Reply(200, b"<html>"), OutcomeUnknown),
        (Reply(200, b"[1]"), OutcomeUnknown),
        (Reply(204, b""), OutcomeUnknown),
        (Reply(302, b"", {"Location": "/elsewhere"}), OutcomeUnknown),
        (Reply(408, b""), OutcomeUnknown),
        (Reply(500, problem("An error occurred in Xero")), OutcomeUnknown),
        (Reply(503, b"The Xero API is currently offline for maintenance"), OutcomeUnknown),
        (Reply(cut=True), OutcomeUnknown),
        (Reply(429, b"", {"Retry-After": "26", "X-Rate-Limit-Problem": "minute"}), NotProcessed),
        (Reply(401, problem("AuthenticationUnsuccessful")), NotProcessed),
        (Reply(401, problem("AuthorizationUnsuccessful")), NotProcessed),
        (Reply(403, problem("AuthenticationUnsuccessful")), NotProcessed),
    ],
)
def test_no_answer_to_a_write_means_more_than_it_says(
    script: Script, client: XeroClient, reply: Reply, meaning: type
) -> None:
    script.then(reply)
    assert type(client.write(CALL, "key", yes)) is meaning
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    ("reply", "again"),
    [
        (Reply(500, b""), False),
        (Reply(503, b"away"), False),
        (Reply(cut=True), True),
        (Reply(200, b"<html>"), True),
        (Reply(408, b""), True),
    ],
)
def test_a_key_is_used_again_only_where_xero_cached_no_error(
    script: Script,
    client: XeroClient,
    reply: Reply,
    again: bool,  # noqa: FBT001  # a parameter of the case
) -> None:
    script.then(reply)
    answer = client.write(CALL, "key", yes)
    assert isinstance(answer, OutcomeUnknown)
    assert answer.may_resend is again


def test_an_answer_that_never_ends_is_unknown_when_its_deadline_comes(
    script: Script, tokens: StubTokens
) -> None:
    client = XeroClient(make_session(), script.url, "acme", tokens, Limits("acme"), 0.3)  # type: ignore[arg-type]
    script.then(Reply(hold=60))
    answer = client.write(CALL, "key", yes)
    assert isinstance(answer, OutcomeUnknown)
    assert answer.may_resend


def test_a_write_carries_the_exact_bytes_the_key_and_the_organisation(
    script: Script, client: XeroClient
) -> None:
    script.then(Reply(200, b'{"Invoices":[{"Total":115.10}]}'))
    answer = client.write(CALL, "key-1", yes)
    assert isinstance(answer, Readable)
    assert answer.body["Invoices"][0]["Total"] == Decimal("115.10")
    [asked] = script.asked
    assert (asked.method, asked.path) == ("PUT", "/api.xro/2.0/Invoices?summarizeErrors=false&unitdp=4")
    assert asked.body == CALL.body
    assert asked.headers["idempotency-key"] == "key-1"
    assert asked.headers["xero-tenant-id"] == "organisation-1"
    assert asked.headers["authorization"] == "Bearer token-1"
    assert asked.headers["accept"] == "application/json"


def test_nothing_is_sent_once_the_last_question_was_answered_with_no(
    script: Script, client: XeroClient
) -> None:
    script.then(Reply())
    answer = client.write(CALL, "key", lambda: False)
    assert isinstance(answer, NotProcessed)
    assert answer.why == "too_late"
    assert script.asked == []


def test_the_token_is_fetched_before_the_last_question_and_not_after_it(
    script: Script, client: XeroClient, tokens: StubTokens
) -> None:
    order: list[str] = []
    real = tokens.get

    def get() -> str:
        order.append("token")
        return real()

    def ask() -> bool:
        order.append("question")
        return True

    tokens.get = get  # type: ignore[method-assign]
    script.then(Reply(200, b'{"Invoices":[]}'))
    client.write(CALL, "key", ask)
    assert order == ["token", "question"]


def test_an_expired_token_is_renewed_once_asked_about_again_and_no_loop(
    script: Script, client: XeroClient
) -> None:
    asked: list[int] = []

    def about_to_send() -> bool:
        asked.append(1)
        return True

    script.then(Reply(401, EXPIRED), Reply(200, b'{"Invoices":[]}'))
    assert isinstance(client.write(CALL, "key", about_to_send), Readable)
    assert [one.headers["authorization"] for one in script.asked] == ["Bearer token-1", "Bearer token-2"]
    assert len(asked) == 2
    script.then(Reply(401, EXPIRED))
    answer = client.write(CALL, "key", about_to_send)
    assert isinstance(answer, NotProcessed)
    assert answer.why == "down"
    assert len(script.asked) == 4


@pytest.mark.parametrize(
    ("error", "why"), [(RefusedError("invalid_client"), "refused"), (DownError("away"), "down")]
)
def test_a_token_that_is_not_to_be_had_never_makes_an_outcome_unknown(
    script: Script, client: XeroClient, tokens: StubTokens, error: XeroError, why: str
) -> None:
    tokens.error = error
    answer = client.write(CALL, "key", yes)
    assert isinstance(answer, NotProcessed)
    assert answer.why == why
    assert script.asked == []


def test_a_port_that_nobody_listens_on_never_makes_an_outcome_unknown(tokens: StubTokens) -> None:
    with served() as gone:
        url = gone.url
    client = XeroClient(make_session(), url, "acme", tokens, Limits("acme"), 5.0)  # type: ignore[arg-type]
    answer = client.write(CALL, "key", yes)
    assert isinstance(answer, NotProcessed)
    assert answer.why == "down"
    with pytest.raises(UnreachableError):
        client.read("Organisation")


def test_a_limit_tells_how_long_to_wait(script: Script, client: XeroClient) -> None:
    script.then(Reply(429, b"", {"Retry-After": "26", "X-Rate-Limit-Problem": "minute"}))
    answer = client.write(CALL, "key", yes)
    assert isinstance(answer, NotProcessed)
    assert (answer.why, answer.wait) == ("throttled", 26.0)
    assert 20 < client.limits.wait() <= 26


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(429, b"", {"Retry-After": "26"}), ThrottledError),
        (Reply(401, problem("AuthenticationUnsuccessful")), RefusedError),
        (Reply(403, problem("no")), RefusedError),
        (Reply(404, b"<p>The resource you're looking for cannot be found</p>"), NotFoundError),
        (Reply(404, b'{"Message":"Not found"}'), NotFoundError),
        (Reply(404, b"<html>"), DownError),
        (Reply(404, b""), DownError),
        (Reply(400, problem("QueryParseException")), BadQueryError),
        (Reply(500, b""), DownError),
        (Reply(503, b"away"), DownError),
        (Reply(200, b"<html>"), DownError),
        (Reply(302, b"", {"Location": "/x"}), DownError),
        (Reply(401, EXPIRED), DownError),
        (Reply(cut=True), DownError),
    ],
)
def test_no_failed_read_is_taken_for_an_empty_list(
    script: Script, client: XeroClient, reply: Reply, error: type[XeroError]
) -> None:
    script.then(reply)
    with pytest.raises(error) as raised:
        list(client.pages("Invoices", {}))
    assert type(raised.value) is error


def page(count: int, first: int = 0, **pagination: int) -> Reply:
    body: dict[str, Any] = {"Invoices": [{"InvoiceID": str(first + index)} for index in range(count)]}
    if pagination:
        body["pagination"] = pagination
    return Reply(200, json.dumps(body).encode())


def test_every_page_is_read_and_none_is_asked_for_in_vain(script: Script, client: XeroClient) -> None:
    script.then(page(1000, 0, pageCount=3), page(1000, 1000, pageCount=3), page(5, 2000, pageCount=3))
    assert len(list(client.pages("Invoices", {"unitdp": "4"}))) == 2005
    assert [asked.path for asked in script.asked] == [
        f"/api.xro/2.0/Invoices?unitdp=4&page={number}&pageSize=1000" for number in (1, 2, 3)
    ]


def test_a_server_that_gives_smaller_pages_than_asked_for_hides_nothing(
    script: Script, client: XeroClient
) -> None:
    script.then(page(100), page(100, 100), page(7, 200))
    assert len(list(client.pages("Invoices", {}))) == 207


def test_pages_of_which_nothing_is_kept_are_not_taken_for_one_page_told_twice(
    script: Script, client: XeroClient
) -> None:
    script.then(page(1000, 0, pageCount=3), page(1000, 1000, pageCount=3), page(1, 2000, pageCount=3))
    last = {"InvoiceID": "2000"}
    kept = [one for one in client.pages_as("Invoices", {}, lambda one: one == last) if one]
    assert kept == [True]
    assert len(script.asked) == 3


def test_a_server_that_heeds_no_page_is_not_asked_for_ever(script: Script, client: XeroClient) -> None:
    script.then(page(150))
    assert len(list(client.pages("Invoices", {}))) == 150
    assert len(script.asked) == 2


def test_no_list_is_read_on_while_the_worker_ends(script: Script, client: XeroClient) -> None:
    client.rest = lambda _: True
    script.then(page(1000, 0, pageCount=3), page(1000, 1000, pageCount=3), page(5, 2000, pageCount=3))
    with pytest.raises(PostponedError):
        list(client.pages("Invoices", {}))
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    ("told", "heard"),
    [
        (r"Cont\ud800oso", "Cont?oso"),
        (r"\uDFFF", "?"),
        (r"Con\u0000toso", "Contoso"),
        (r"\ud83d\ude00 caf\u00e9", "\U0001f600 caf\u00e9"),
        ("caf\u00e9", "caf\u00e9"),
    ],
)
def test_no_text_of_xeros_is_one_that_no_event_or_row_can_hold(
    script: Script, client: XeroClient, told: str, heard: str
) -> None:
    body = f'{{"Invoices":[{{"Contact":{{"Name":"{told}"}},"Warnings":[{{"Message":"{told}"}}]}}]}}'
    script.then(Reply(200, body.encode()), Reply(200, body.encode()))
    expected = {"Contact": {"Name": heard}, "Warnings": [{"Message": heard}]}
    assert client.read("Invoices") == {"Invoices": [expected]}
    answer = client.write(CALL, "key", yes)
    assert isinstance(answer, Readable)
    assert answer.body == {"Invoices": [expected]}


def test_a_list_of_changes_overlaps_so_that_clocks_may_differ(script: Script, client: XeroClient) -> None:
    script.then(page(0))
    list(client.pages("Invoices", {}, datetime(2026, 11, 20, 9, 0, 59, 900_000, tzinfo=UTC)))
    assert script.asked[0].headers["if-modified-since"] == "2026-11-20T08:58:59"


def test_a_number_with_slashes_is_no_other_path(script: Script, client: XeroClient) -> None:
    script.then(Reply(200, b'{"CreditNotes":[{"CreditNoteNumber":"A/1?x#y"}]}'))
    client.document("CreditNotes", "A/1?x#y", {"unitdp": "4"})
    assert script.asked[0].path == "/api.xro/2.0/CreditNotes/A%2F1%3Fx%23y?unitdp=4"


@pytest.mark.parametrize("body", [b'{"Invoices":[]}', b'{"Invoices":[{},{}]}', b"{}"])
def test_one_document_is_one_and_not_none_or_two(script: Script, client: XeroClient, body: bytes) -> None:
    script.then(Reply(200, body))
    with pytest.raises(DownError):
        client.document("Invoices", "id", {})


def test_the_probe_of_an_unknown_organisation_asks_for_the_connections(
    script: Script, client: XeroClient
) -> None:
    client.organisation_id = ""
    script.then(Reply(200, b"[]"))
    client.probe()
    assert script.asked[0].path == "/connections"
    assert "xero-tenant-id" not in script.asked[0].headers


def test_the_remaining_calls_are_read_from_every_answer_a_refusal_included(
    script: Script, client: XeroClient
) -> None:
    reads: list[Callable[[], object]] = [
        lambda: client.write(CALL, "key", yes),
        lambda: client.read("Organisation"),
    ]
    for left, read in zip((7, 6), reads, strict=True):
        script.then(
            Reply(200, b'{"Invoices":[]}', {"X-MinLimit-Remaining": str(left), "X-DayLimit-Remaining": "900"})
        )
        read()
        assert client.limits.left().minute == left
    assert all(first != second for first, second in pairwise(script.asked))


def test_a_long_list_rests_for_a_minute_limit_and_never_for_a_days(
    script: Script, client: XeroClient
) -> None:
    rests: list[float] = []

    def rest(seconds: float) -> bool:
        rests.extend([seconds] if seconds else [])
        return False

    client.rest = rest
    few = {"X-MinLimit-Remaining": "1"}
    full = page(1000, 0, pageCount=2)
    script.then(Reply(200, full.body, few), page(1, 1000, pageCount=2))
    assert len(list(client.pages("Invoices", {}))) == 1001
    assert len(rests) == 1
    client.limits.throttled({"Retry-After": "18000", "X-Rate-Limit-Problem": "day"})
    script.then(full)
    with pytest.raises(ThrottledError):
        list(client.pages("Invoices", {}))
    assert len(rests) == 1
