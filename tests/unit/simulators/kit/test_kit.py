"""The kit around a simulator that does next to nothing."""

from __future__ import annotations

import json
import re
import socket
import time
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import requests

from simulators.kit import json_text
from simulators.kit.app import SimulatorApp
from simulators.kit.call import Answer, Call
from simulators.kit.clock import Clock
from simulators.kit.documents import BadDocumentError, UnknownTenantError, as_object, check_members
from simulators.kit.faults import ALL_KINDS
from simulators.kit.record import without_secrets
from simulators.kit.server import start
from simulators.kit.simulator import ControlRoute, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.kit.server import RunningServer


class CountingSimulator(Simulator):
    name = "counting"
    fault_kinds = ALL_KINDS - {"partial"}

    def __init__(self) -> None:
        self.clock = Clock()
        self.worked = 0
        self.settled: list[int] = []
        self.inside = 0

    @contextmanager
    def admit(self, call: Call) -> Iterator[Answer | None]:
        call.tenant = call.headers.get("tenant")
        self.inside += 1
        try:
            yield Answer(401) if call.tenant is None else None
        finally:
            self.inside -= 1

    def work(self, call: Call) -> Answer:
        assert call.tenant is not None
        self.worked += 1
        return Answer.json(200, {"worked": self.worked, "amount": Decimal("600.60")})

    def settle(self, call: Call, answer: Answer) -> None:
        assert call.tenant is not None
        self.settled.append(answer.status)

    def tenants(self) -> list[str]:
        return ["acme"]

    def load_tenant(self, document: object) -> str:
        members = as_object(document, "tenant")
        check_members(members, "tenant", required=("tenant",))
        return str(members["tenant"])

    def books(self, tenant: str) -> object:
        if tenant != "acme":
            raise UnknownTenantError(tenant)
        return {"worked": self.worked}

    def control_routes(self) -> list[ControlRoute]:
        return [
            ControlRoute("POST", re.compile("echo/(?P<what>.+)"), lambda groups, document: [groups, document])
        ]


class Driver:
    def __init__(self, simulator: CountingSimulator, server: RunningServer) -> None:
        self.simulator = simulator
        self.server = server
        self.root = f"http://127.0.0.1:{server.port}"
        self.session = requests.Session()

    def call(self, path: str = "/things", method: str = "POST", body: object = None) -> requests.Response:
        return self.session.request(
            method, self.root + path, json=body, headers={"tenant": "acme"}, timeout=10
        )

    def control(self, method: str, path: str, document: object = None) -> requests.Response:
        return requests.request(method, f"{self.root}/_control/{path}", json=document, timeout=10)

    def plant(self, action: dict[str, object], **members: object) -> int:
        answer = self.control("POST", "faults", {"action": action, **members})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["id"])


@pytest.fixture
def driver() -> Iterator[Driver]:
    simulator = CountingSimulator()
    server = start(SimulatorApp(simulator))
    try:
        yield Driver(simulator, server)
    finally:
        server.stop()


def test_money_never_becomes_a_float_on_its_way_through_json() -> None:
    text = '{"a":0.10,"b":[12345678901234567890.12,3,-1.5E+2],"c":"\\u00e9\\"","d":{},"e":[],"f":[true,null]}'
    value = json_text.loads(text)
    assert value["a"] == Decimal("0.10")
    assert json_text.dumps(value) == text.replace("-1.5E+2", "-150")
    assert json.loads(json_text.dumps(value)) == json.loads(text)
    with pytest.raises(TypeError):
        json_text.dumps({"a": 0.1})
    with pytest.raises(ValueError, match="NaN"):
        json_text.loads("[NaN]")


def test_connections_are_kept_alive_and_two_answers_never_mix(driver: Driver) -> None:
    first = driver.call(body={"long": "x" * 100_000})
    assert first.text == '{"worked":1,"amount":600.60}'
    assert first.headers.get("Connection") is None
    assert driver.call().json()["worked"] == 2


def test_cut_before_does_no_work_and_cut_after_does_it(driver: Driver) -> None:
    driver.plant({"kind": "cut"}, when="before", times=1)
    with pytest.raises(requests.ConnectionError):
        driver.call()
    assert driver.simulator.worked == 0
    assert driver.simulator.settled == []
    driver.plant({"kind": "cut"}, when="after", times=1)
    with pytest.raises(requests.ConnectionError):
        driver.call()
    assert driver.simulator.worked == 1
    assert driver.simulator.settled == [200]
    assert driver.simulator.inside == 0
    statuses = [entry["status"] for entry in driver.control("GET", "calls").json()["calls"]]
    assert statuses == [None, None]


def test_status_after_does_the_work_and_is_what_the_service_remembers(driver: Driver) -> None:
    driver.plant(
        {"kind": "status", "status": 503, "body": {"x": 1}, "headers": {"Retry-After": "7"}},
        when="after",
        times=1,
    )
    answer = driver.call()
    assert (answer.status_code, answer.json(), answer.headers["Retry-After"]) == (503, {"x": 1}, "7")
    assert driver.simulator.worked == 1
    assert driver.simulator.settled == [503]


def test_status_before_does_no_work_and_can_be_empty(driver: Driver) -> None:
    driver.plant({"kind": "status", "status": 429}, times=1)
    answer = driver.call()
    assert (answer.status_code, answer.content, answer.headers.get("Content-Type")) == (429, b"", None)
    assert driver.simulator.worked == 0


def test_garbage_spoils_the_answer_but_not_what_the_service_remembers(driver: Driver) -> None:
    driver.plant({"kind": "garbage"}, when="after", times=1)
    answer = driver.call()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
    driver.plant({"kind": "garbage", "truncate": 9}, when="after", times=1)
    assert driver.call().text == '{"worked"'
    assert driver.simulator.settled == [200, 200]


def test_a_fault_hits_only_the_calls_it_matches_and_only_so_often(driver: Driver) -> None:
    match = {"method": "POST", "path": "/things/[0-9]+", "tenant": "acme", "body_contains": "INV:48213"}
    driver.plant({"kind": "status", "status": 500}, match=match, skip=1, times=1)
    body = {"number": "INV:48213"}
    misses = [
        driver.call("/things/12x", body=body),
        driver.call("/things/12"),
        driver.call("/things/12", "PUT", body),
    ]
    assert [answer.status_code for answer in misses] == [200, 200, 200]
    assert [driver.call("/things/12", body=body).status_code for _ in range(3)] == [200, 500, 200]
    listed = driver.control("GET", "faults").json()["faults"]
    assert [(fault["seen"], fault["fired"]) for fault in listed] == [(2, 1)]


def test_a_refused_call_uses_up_no_fault(driver: Driver) -> None:
    driver.plant({"kind": "status", "status": 500}, times=1)
    assert requests.post(f"{driver.root}/things", timeout=10).status_code == 401
    assert driver.call().status_code == 500


def test_a_hanging_call_ends_when_the_server_stops(driver: Driver) -> None:
    fault = driver.plant({"kind": "hang", "seconds": 600})
    with socket.create_connection(("127.0.0.1", driver.server.port), timeout=10) as client:
        client.sendall(b"POST /things HTTP/1.1\r\nHost: x\r\ntenant: acme\r\nContent-Length: 0\r\n\r\n")
        while driver.control("GET", "faults").json()["faults"][0]["fired"] == 0:
            time.sleep(0.01)
        driver.server.stop()
        assert client.recv(100) == b""
    assert fault == 1
    assert driver.simulator.worked == 0


def test_refused_connections_come_back_on_the_same_port(driver: Driver) -> None:
    driver.call()
    assert driver.control("POST", "refuse", {"seconds": 0.4}).status_code == 200
    with pytest.raises(requests.ConnectionError):
        driver.call()  # the connection that was kept alive is gone too
    refused = 0
    while True:
        try:
            socket.create_connection(("127.0.0.1", driver.server.port), timeout=10).close()
            break
        except ConnectionRefusedError:
            refused += 1
    assert refused > 0
    assert driver.call().status_code == 200


def test_the_call_log_can_be_read_on_and_holds_no_credentials(driver: Driver) -> None:
    driver.call(
        "/things?page=2&access_token=t",
        body={"number": "A", "ClientSecret": "s", "deep": [{"password": "p"}]},
    )
    driver.call()
    calls = driver.control("GET", "calls?since=0").json()["calls"]
    assert [call["seq"] for call in calls] == [1, 2]
    assert calls[0]["query"] == {"page": "2", "access_token": "(removed)"}
    assert calls[0]["request_body"] == {
        "number": "A",
        "ClientSecret": "(removed)",
        "deep": [{"password": "(removed)"}],
    }
    assert [call["seq"] for call in driver.control("GET", "calls?since=1").json()["calls"]] == [2]
    driver.control("DELETE", "calls")
    driver.call()
    assert [call["seq"] for call in driver.control("GET", "calls?since=0").json()["calls"]] == [3]


def test_secrets_are_found_whatever_their_spelling() -> None:
    assert without_secrets({"client_secret": 1, "accessToken": 2, "IntegrationCode": 3, "title": 4}) == {
        "client_secret": "(removed)",
        "accessToken": "(removed)",
        "IntegrationCode": "(removed)",
        "title": 4,
    }


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ({"action": {"kind": "explode"}}, "cut"),
        ({"action": {"kind": "partial", "elements": 2}}, "partial"),
        ({"action": {"kind": "hang"}}, "seconds"),
        ({"action": {"kind": "cut", "seconds": 1}}, "seconds"),
        ({"action": {"kind": "cut"}, "when": "during"}, "when"),
        ({"action": {"kind": "cut"}, "match": {"path": "("}}, "match.path"),
        ({"action": {"kind": "cut"}, "often": 2}, "often"),
        ([], "object"),
    ],
)
def test_a_wrong_fault_is_refused_by_name(driver: Driver, document: object, named: str) -> None:
    answer = driver.control("POST", "faults", document)
    assert answer.status_code == 400
    assert named in answer.json()["error"]


def test_control_routes_answer_errors_as_json(driver: Driver) -> None:
    assert driver.control("GET", "books/nobody").status_code == 404
    assert driver.control("GET", "nothing").status_code == 404
    assert driver.control("POST", "tenants", {"tenant": "a", "extra": 1}).status_code == 400
    assert driver.control("POST", "echo/x", {"a": 1}).json() == [{"what": "x"}, {"a": 1}]
    assert driver.control("GET", "health").json()["tenants"] == ["acme"]


def test_the_clock_moves_only_by_its_offset(driver: Driver) -> None:
    before = driver.simulator.clock.now()
    driver.control("POST", "clock", {"offset_seconds": 3600})
    assert (driver.simulator.clock.now() - before).total_seconds() >= 3600


def test_unknown_members_of_a_document_are_named() -> None:
    with pytest.raises(BadDocumentError, match="colour, size"):
        check_members({"size": 1, "colour": 2}, "thing", required=(), optional=("shape",))
