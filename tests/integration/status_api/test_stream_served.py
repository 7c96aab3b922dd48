"""Streams of a process that serves: they take no thread from other requests, fit into its memory, and end when it stops."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from status_api.server.event_streams import MOST_STREAMS
from tests.integration.status_api.conftest import ReadModel
from tests.integration.status_api.stream_kit import Told, parse
from tests.integration.status_api.test_serving import Served, free_port, process

pytestmark = pytest.mark.stack
_OF_A_PERSON = 4
_BOUND_KIB = 150 * 1024


@pytest.fixture
def url(migrated_url: str) -> str:
    return migrated_url.replace("postgresql+psycopg2://", "postgresql://")


def _machine(serve: Served, number: int) -> str:
    api = f"{serve.url}/api/v1"
    grants = [{"tenant_id": "acme", "role": "operator"}]
    body = {"email": f"m{number}@example.com", "name": "m", "machine": True, "grants": grants}
    person = serve.session.post(f"{api}/people", json=body).json()["person_id"]
    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made = serve.session.post(
        f"{api}/tokens", json={"person_id": person, "name": "t", "expires_at": soon}
    ).json()
    return str(made["token"])


def _open(serve: Served, token: str, last: int | None = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    if last is not None:
        headers["Last-Event-ID"] = str(last)
    return requests.get(f"{serve.url}/api/v1/stream", headers=headers, stream=True, timeout=60)


def _said(answer: requests.Response) -> Iterator[Told]:
    rest = ""
    for piece in answer.iter_content(None):
        whole, end, rest = (rest + piece.decode()).rpartition("\n\n")
        yield from parse(whole + end)


def _until_command(said: Iterator[Told]) -> Told:
    return next(one for one in said if one.data.get("subject") == "command")


def _memory_kib(serve: Served) -> int:
    """The largest of the processes that serve: of the one that was started, and of the worker that it forked."""
    pid = serve.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    statuses = [Path(f"/proc/{each}/status").read_text() for each in (pid, *children)]
    return max(int(status.partition("VmHWM:")[2].split()[0]) for status in statuses)


def test_as_many_streams_as_there_may_be_leave_room_for_every_other_request_and_end_when_told(
    tmp_path: Path, url: str, read_model: ReadModel
) -> None:
    with ExitStack() as opened:
        with process("serve", tmp_path, url, f"127.0.0.1:{free_port()}") as serve:
            tokens = [_machine(serve, number) for number in range(MOST_STREAMS // _OF_A_PERSON)]
            answers = [
                opened.enter_context(_open(serve, token)) for token in tokens for _ in range(_OF_A_PERSON)
            ]
            streams = [_said(answer) for answer in answers]
            assert [answer.status_code for answer in answers] == [200] * MOST_STREAMS
            assert all(next(stream).kind == "" for stream in streams), "each has begun"
            refused = _open(serve, _machine(serve, 100))
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
            api = f"{serve.url}/api/v1/tenants/acme"
            for _ in range(20):
                assert serve.session.get(f"{api}/overview").status_code == 200
            given = serve.session.post(f"{api}/commands", json={"kind": "sync-now"}).json()["command_id"]
            heard = [_until_command(stream) for stream in streams]
            assert {one.data["id"] for one in heard} == {given}
            assert _memory_kib(serve) < _BOUND_KIB
            print(f"{MOST_STREAMS} streams: {_memory_kib(serve) / 1024:.0f} MiB")  # noqa: T201  # a figure for whoever looks
        for stream in streams:
            assert not [one for one in stream if one.kind], "it ends as an answer ends, and is not cut"


def test_who_hangs_up_makes_room_and_who_comes_back_after_a_restart_misses_nothing(
    tmp_path: Path, url: str, read_model: ReadModel
) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    with process("serve", tmp_path, url, nowhere) as serve:
        token = _machine(serve, 1)
        with _open(serve, token) as answer:
            number = next(_said(answer)).number
        for _ in range(3 * _OF_A_PERSON):
            with _open(serve, token) as answer:
                assert answer.status_code in {200, 503}
        api = f"{serve.url}/api/v1/tenants/acme/commands"
        given = serve.session.post(api, json={"kind": "sync-now"}).json()["command_id"]
    with process("serve", tmp_path, url, nowhere) as serve, _open(serve, token, number) as answer:
        assert _until_command(_said(answer)).data["id"] == given
