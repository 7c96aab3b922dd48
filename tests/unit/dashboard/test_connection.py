"""Whatever status-api answers becomes one of three things: a refusal with its words, the end of a session, or nobody there."""

from __future__ import annotations

import pytest

from dashboard.api.connection import (
    Connection,
    ProblemError,
    SessionEndedError,
    StatusApiError,
    UnreachableError,
    below,
)
from dashboard.server.failing import told
from tests.unit.dashboard.stand_in import StandIn

PATH = "/api/v1/me"


def called(status_api: StandIn) -> StatusApiError:
    with pytest.raises(StatusApiError) as refused:
        Connection(status_api.url).as_person("token").get(PATH)
    return refused.value


def test_a_refusal_keeps_its_words(status_api: StandIn) -> None:
    status_api.refuse("GET", PATH, 409, "confirmation-needed")
    found = called(status_api)
    assert isinstance(found, ProblemError)
    assert (found.status, found.kind) == (409, "confirmation-needed")
    title, words = told(found)
    assert title == "Title of confirmation-needed"
    assert words == "Detail of confirmation-needed (request request-1)"


def test_a_token_that_is_not_taken_any_more_is_the_end_of_the_session(status_api: StandIn) -> None:
    status_api.refuse("GET", PATH, 401, "token-refused")
    assert isinstance(called(status_api), SessionEndedError)


def test_a_wrong_password_is_not_the_end_of_a_session(status_api: StandIn) -> None:
    status_api.refuse("GET", PATH, 401, "sign-in-refused")
    assert isinstance(called(status_api), ProblemError)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<h1>Bad gateway</h1>", 502),
        (b"", 500),
        ({"type": "urn:x"}, 500),
        ([1], 500),
        (b"not json", 200),
        ([1, 2], 200),
        (b"null", 200),
    ],
)
def test_an_answer_that_is_not_the_services_own_is_none(
    status_api: StandIn, body: object, status: int
) -> None:
    status_api.tell("GET", PATH, body, status)
    assert isinstance(called(status_api), UnreachableError)


def test_nobody_there_is_told_without_an_address(unused_tcp_port: int) -> None:
    with pytest.raises(UnreachableError) as refused:
        Connection(f"http://127.0.0.1:{unused_tcp_port}").as_person("token").get(PATH)
    title, words = told(refused.value)
    assert title == "The service does not answer"
    assert "127.0.0.1" not in str(refused.value) + words


@pytest.fixture
def unused_tcp_port() -> int:
    return 9  # discard: nobody answers there


def test_a_redirect_is_not_followed_with_the_token(status_api: StandIn) -> None:
    status_api.tell("GET", PATH, b"", 302, Location=f"{status_api.url}/api/v1/elsewhere")
    Connection(status_api.url).as_person("token").call("GET", PATH)
    assert [asked.path for asked in status_api.asked] == [PATH]


def test_a_part_of_a_path_stays_one_part() -> None:
    assert below("tenants", "a/../b?c=d#e", "é") == "/api/v1/tenants/a%2F..%2Fb%3Fc%3Dd%23e/%C3%A9"


def test_what_has_no_value_is_not_asked_for_and_a_list_is_repeated(status_api: StandIn) -> None:
    status_api.tell("GET", PATH, {})
    Connection(status_api.url).as_person("token").get(
        PATH, {"text": "", "cause": None, "status": ["Fault", "Complete"], "limit": 5}
    )
    assert status_api.asked[0].path == f"{PATH}?status=Fault&status=Complete&limit=5"


def test_the_tag_of_what_was_read_is_kept(status_api: StandIn) -> None:
    status_api.tell("GET", PATH, {"a": 1}, 200, ETag='"7"')
    answer = Connection(status_api.url).as_person("token").call("GET", PATH)
    assert (answer.body, answer.etag, answer.status) == ({"a": 1}, '"7"', 200)


def test_an_error_of_ours_is_told_without_its_text() -> None:
    title, words = told(ValueError("secret of a customer"))
    assert "secret" not in title + words
