"""Confluent's framing: schema ids from a registry that speaks Confluent's HTTP API.

Two requests are all that is needed (register a schema, read one by id), so they are made here, with a deadline each.
"""

from __future__ import annotations

import json
import struct
import threading
from typing import Any
from urllib.parse import quote

import requests
from fastavro.schema import SchemaParseException

from invoice_events.codec import CONFLUENT_MAGIC
from invoice_events.schemas import EventSchema, read_schema
from service_runtime.deadline import deadline, make_session
from service_runtime.intake import TransientError

_TIMEOUT_SECONDS = 5.0  # an answer that never comes must not hold a service
_CONTENT_TYPE = "application/vnd.schemaregistry.v1+json"
_OK = 200
_NOT_FOUND = 404
_WORDS = 300


class SchemaRegistryError(TransientError):
    """The registry refused a schema, failed or did not answer. While a batch is handled it means: try again.

    Attributes:
        status: HTTP status, None without an answer.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class SchemaRegistry:
    """Framing and source of foreign schemas in one: registers what this release writes, reads what others wrote.

    Subjects are named `{topic}-value`. Ids never change their meaning, so both directions are remembered.
    """

    def __init__(self, url: str) -> None:
        """`url`: root of the API; a user and password in it are sent as basic authentication."""
        self._url = url.rstrip("/")
        self._session = make_session()
        self._session.headers.update({"Accept": _CONTENT_TYPE, "Content-Type": _CONTENT_TYPE})
        self._ids: dict[tuple[str, bytes], int] = {}
        self._lock = threading.Lock()

    def prefix(self, topic: str, schema: EventSchema) -> bytes:
        """`00` and the id of the schema, registered if it was not.

        Raises:
            SchemaRegistryError: the registry refuses the schema (not compatible) or does not answer.
        """
        with self._lock:
            registry_id = self._ids.get((topic, schema.fingerprint))
            if registry_id is None:
                registry_id = self._ids[topic, schema.fingerprint] = self._register(f"{topic}-value", schema)
        return CONFLUENT_MAGIC + struct.pack(">I", registry_id)

    def by_fingerprint(self, fingerprint: bytes) -> EventSchema | None:  # noqa: ARG002  # by protocol
        """A registry knows ids, not fingerprints."""
        return None

    def by_registry_id(self, registry_id: int) -> EventSchema | None:
        """The schema with this id, or None if the registry does not know it or it is no Avro schema.

        Raises:
            SchemaRegistryError: the registry does not answer; that is no answer, the caller tries again.
        """
        status, answer = self._call("GET", f"/schemas/ids/{registry_id}")
        if status == _NOT_FOUND:
            return None
        if status != _OK or not isinstance(answer.get("schema"), str):
            raise _refusal(f"schema {registry_id}", status, answer)
        if answer.get("schemaType", "AVRO") != "AVRO":
            return None
        try:
            return read_schema(answer["schema"])
        except (ValueError, TypeError, KeyError, AttributeError, SchemaParseException):
            return None  # somebody registered what is no record: no event of ours was written with it

    def _register(self, subject: str, schema: EventSchema) -> int:
        body = json.dumps({"schema": schema.text, "schemaType": "AVRO"})
        status, answer = self._call("POST", f"/subjects/{quote(subject, safe='')}/versions", body)
        registry_id = answer.get("id")
        if status != _OK or not isinstance(registry_id, int):
            raise _refusal(f"registering {subject}", status, answer)
        return registry_id

    def _call(self, method: str, path: str, body: str | None = None) -> tuple[int, dict[str, Any]]:
        try:
            with deadline(_TIMEOUT_SECONDS):
                response = self._session.request(
                    method, self._url + path, data=body, timeout=_TIMEOUT_SECONDS
                )
        except requests.RequestException as error:
            # The text of the error holds the address, which may hold a password.
            raise SchemaRegistryError(
                f"the schema registry does not answer ({type(error).__name__})"
            ) from None
        try:
            answer = response.json()
        except requests.JSONDecodeError:
            answer = None
        return response.status_code, answer if isinstance(answer, dict) else {}


def _refusal(what: str, status: int, answer: dict[str, Any]) -> SchemaRegistryError:
    words = str(answer.get("message", "no words"))[:_WORDS]
    return SchemaRegistryError(f"the schema registry answered {what} with {status}: {words}", status)
