"""A migrated database of status-api, and ways to fill and read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import Engine, text
from sqlalchemy import event as sqlalchemy_event
from werkzeug.datastructures import Headers

from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming
from service_runtime.database import make_engine, migrate
from service_runtime.health import Health
from service_runtime.outbox import Outbox
from service_runtime.tenants import Tenant
from status_api.core.fold import Batch
from status_api.materializer.store import store_batch
from status_api.names import APP_SCHEMA, PACKAGE, SEARCH_PATH
from status_api.server.application import make_application
from status_api.server.auth import Authenticator
from status_api.server.context import Api
from status_api.server.hashing import Hasher
from status_api.server.openapi import openapi
from status_api.server.routes import OPERATIONS
from status_api.stores.accounts import Accounts
from status_api.stores.commands import CommandStore
from status_api.stores.tenants import TenantStore

READ_TABLES = (
    "document",
    "timeline",
    "log",
    "command_result",
    "connection",
    "reference",
    "settings_seen",
    "tally_status",
    "tally_xero",
    "tally_synced",
    "tally_failed",
)
_PEOPLE_TABLES = ("person", "person_grant", "token", "invitation", "alert_wish", "sign_in_tries")
_ALERT_TABLES = ("alert_fault", "alert_circuit", "alert_waiting", "alert_position")
_APP_TABLES = (
    *_ALERT_TABLES,
    "outbox",
    "audit",
    "bulk_act",
    "command",
    "tenant_history",
    "tenant",
    *_PEOPLE_TABLES,
)


class ReadModel:
    """The read model of one database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def store(self, *records: tuple[str, dict[str, Any]]) -> None:
        """Fold events as one batch."""
        batch = Batch()
        for topic, event in records:
            batch.add(topic, event, None)
        with self.engine.begin() as connection:
            store_batch(connection, batch)

    def rows(self, sql: str, **values: object) -> list[dict[str, Any]]:
        """Rows of a query."""
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(sql), values).mappings()]

    def dump(self) -> dict[str, list[str]]:
        """Every row of every folded table, as PostgreSQL writes it."""
        return {
            table: sorted(row["line"] for row in self.rows(f"SELECT t::text AS line FROM {table} t"))  # noqa: S608  # tables of this file
            for table in READ_TABLES
        }

    def clear(self) -> None:
        """Forget everything that was folded, positions too."""
        self._truncate((*READ_TABLES, "position", "progress"))

    def clear_everything(self) -> None:
        """Forget everything."""
        self._truncate((*READ_TABLES, "position", "progress", *_APP_TABLES))

    def _truncate(self, tables: tuple[str, ...]) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {', '.join(tables)}"))


@pytest.fixture(scope="module")
def migrated_url(module_database_url: str) -> str:
    """URL of a migrated database, as SQLAlchemy wants it."""
    url = module_database_url.replace("postgresql://", "postgresql+psycopg2://")
    migrate(PACKAGE, url, APP_SCHEMA)
    return url


@pytest.fixture(scope="module")
def module_engine(migrated_url: str) -> Iterator[Engine]:
    """Connections as the service makes them."""
    engine = make_engine(migrated_url, SEARCH_PATH, pool_size=4)
    yield engine
    engine.dispose()


@pytest.fixture
def read_model(module_engine: Engine) -> ReadModel:
    """An empty read model (and empty app tables)."""
    model = ReadModel(module_engine)
    model.clear_everything()
    return model


@pytest.fixture
def statements(module_engine: Engine) -> Iterator[list[str]]:
    """SQL that is sent to the module's database from now on, in order."""
    sent: list[str] = []

    def note(*arguments: object) -> None:
        sent.append(str(arguments[2]))

    sqlalchemy_event.listen(module_engine, "before_cursor_execute", note)
    yield sent
    sqlalchemy_event.remove(module_engine, "before_cursor_execute", note)


TOKEN = "a-token-for-tests-only-0123456789"
NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
HASHER = Hasher()


@dataclass(frozen=True)
class Answered:
    """An answer, its JSON read."""

    status_code: int
    headers: Headers
    mimetype: str
    text: str
    json: Any


class Client:
    """Calls the application and holds every answer against the OpenAPI document that describes it."""

    def __init__(self, api: Api, read_model: ReadModel) -> None:
        self.api = api
        self.read_model = read_model
        self.app = make_application(api, Authenticator(TOKEN, api.accounts.tokens.actor_of), OPERATIONS)
        self._http = self.app.test_client()
        self.document = openapi(OPERATIONS)

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: dict[str, str] | None = None,
        token: str | None = TOKEN,
    ) -> Answered:
        """One request, with the token unless told otherwise."""
        sent = dict(headers or {})
        if token is not None:
            sent.setdefault("Authorization", f"Bearer {token}")
        raw = self._http.open(path, method=method, json=body, headers=sent)
        answer = Answered(
            raw.status_code, raw.headers, raw.mimetype or "", raw.text, raw.get_json(force=True, silent=True)
        )
        self._check(method, path, answer)
        return answer

    def get(self, path: str, **query: object) -> Answered:
        """A GET below /api/v1."""
        text_of_query = urlencode(query, doseq=True)
        return self.call("GET", f"/api/v1{path}" + (f"?{text_of_query}" if text_of_query else ""))

    def items(self, path: str, **query: object) -> list[dict[str, Any]]:
        """The items of a list."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json["items"]
        return found

    def _check(self, method: str, path: str, answer: Answered) -> None:
        assert answer.headers["X-Request-Id"]
        if answer.status_code >= 400 and answer.mimetype == "application/problem+json":
            assert answer.json["request_id"] == answer.headers["X-Request-Id"]
            assert answer.json["status"] == answer.status_code
        template = self._template(path.partition("?")[0])
        operation = self.document["paths"].get(template, {}).get(method.lower())
        if operation is None:
            assert answer.status_code in {404, 405} or path == "/openapi.json"
            return
        declared = operation["responses"].get(str(answer.status_code))
        assert declared, f"{method} {template} answered {answer.status_code}, which it does not declare"
        if answer.status_code == 304:
            assert (answer.text, "content" in declared) == ("", False)
            return
        schema = declared["content"][answer.mimetype]["schema"]
        Draft202012Validator(
            {**schema, "components": self.document["components"]},
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        ).validate(answer.json)

    def _template(self, path: str) -> str:
        for template in self.document["paths"]:
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
                return str(template)
        return path


def make_client(read_model: ReadModel) -> Client:
    """The API over an empty database with the tenants `acme` (active) and `beta` (paused)."""
    outbox = Outbox(Codec(SingleObjectFraming(), NoForeignSchemas()), lambda: None)
    tenants = TenantStore(read_model.engine, outbox, lambda: NOW)
    tenants.first_seen(
        Tenant("acme", "Acme Managed IT", None, None, {"time_zone": "Pacific/Auckland"}, "active")
    )
    tenants.first_seen(Tenant("beta", "Beta", None, None, {}, "paused"))
    commands = CommandStore(read_model.engine, outbox, lambda: datetime.now(UTC))
    accounts = Accounts.on(read_model.engine, lambda: NOW)
    return Client(
        Api(read_model.engine, tenants, commands, Health(), lambda: NOW, accounts, HASHER), read_model
    )


@pytest.fixture
def client(read_model: ReadModel) -> Client:
    """As `make_client`, over the module's database."""
    return make_client(read_model)


def outbox_events(read_model: ReadModel, topic: str) -> list[dict[str, Any]]:
    """Events that wait to be published to a topic, oldest first."""
    codec = Codec(SingleObjectFraming(), NoForeignSchemas())
    rows = read_model.rows("SELECT payload FROM outbox WHERE topic = :topic ORDER BY id", topic=topic)
    return [codec.decode(topic, bytes(row["payload"])) for row in rows]
