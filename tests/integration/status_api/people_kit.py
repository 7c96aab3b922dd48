"""People for tests: made through the interface, with a clock that can be moved."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from status_api.stores.accounts import Accounts
from tests.integration.status_api.conftest import NOW, TOKEN, Answered, Client, ReadModel, make_client

PASSWORD = "correct horse <battery> % & staple 🐎"
ROLES = ("viewer", "operator", "admin")


@dataclass
class Clock:
    """Time that stands still until it is moved."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Town:
    """The interface, its clock, and ways to do what people do."""

    client: Client
    clock: Clock = field(default_factory=Clock)

    @classmethod
    def on(cls, read_model: ReadModel) -> Town:
        """Over an empty database with the tenants acme and beta."""
        clock = Clock()
        api = make_client(read_model).api
        accounts = Accounts.on(read_model.engine, clock)
        return cls(Client(replace(api, accounts=accounts, now=clock), read_model), clock)

    def call(
        self, method: str, path: str, body: object = None, token: str | None = TOKEN, **headers: str
    ) -> Answered:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.call(method, f"/api/v1{path}", body, token=token, headers=sent)

    def did(self, method: str, path: str, body: object = None, token: str | None = TOKEN) -> Any:  # noqa: ANN401  # JSON
        """A call that succeeds."""
        answer = self.call(method, path, body, token)
        assert answer.status_code < 300, answer.text
        return answer.json

    def invite(
        self, email: str, *grants: tuple[str | None, str], token: str = TOKEN, **more: object
    ) -> dict[str, Any]:
        body = {"email": email, "name": email.partition("@")[0], "grants": grants_body(*grants), **more}
        person: dict[str, Any] = self.did("POST", "/people", body, token)
        return person

    def join(self, email: str, *grants: tuple[str | None, str], password: str = PASSWORD) -> str:
        """A new person with a password. Returns the token of the session."""
        invited = self.invite(email, *grants)
        body = {"invitation": invited["invitation"]["token"], "password": password}
        session: str = self.did("POST", "/invitations/accepted", body, None)["token"]
        return session

    def sign_in(self, email: str, password: str = PASSWORD) -> Answered:
        return self.call("POST", "/sessions", {"email": email, "password": password}, None)

    def session(self, email: str, password: str = PASSWORD) -> str:
        answer = self.sign_in(email, password)
        assert answer.status_code == 201, answer.text
        token: str = answer.json["token"]
        return token

    def machine(self, email: str, *grants: tuple[str | None, str], **narrowed: object) -> str:
        """Token of a machine with these grants."""
        person = self.invite(email, *grants, machine=True)
        body = {
            "person_id": person["person_id"],
            "name": "test",
            "expires_at": (self.clock() + timedelta(days=30)).isoformat(),
            **narrowed,
        }
        token: str = self.did("POST", "/tokens", body)["token"]
        return token

    def person_id(self, email: str) -> str:
        found = [item["person_id"] for item in self.did("GET", "/people")["items"] if item["email"] == email]
        assert len(found) == 1, email
        return str(found[0])

    def slug(self, answer: Answered) -> str:
        return str(answer.json["type"]).rpartition(":")[2]

    def audit(self, **where: str) -> list[tuple[str, str, str | None]]:
        items = self.client.items("/audit", **where)
        return [(item["actor"], item["action"], item["tenant_id"]) for item in items]


def grants_body(*grants: tuple[str | None, str]) -> list[dict[str, str | None]]:
    return [{"tenant_id": tenant, "role": role} for tenant, role in grants]
