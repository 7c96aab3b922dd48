"""The schema registry is a real one with Confluent's API."""

import json
from collections.abc import Mapping

import pytest
import requests

from local_stack.registry import EmbeddedRegistry

pytestmark = pytest.mark.registry

SUBJECT = "local-stack-value"
INVOICE = {"type": "record", "name": "Invoice", "fields": [{"name": "id", "type": "long"}]}
BROKEN = {"type": "record", "name": "Invoice", "fields": [{"name": "id", "type": "string"}]}


def register(url: str, subject: str, schema: Mapping[str, object]) -> requests.Response:
    return requests.post(
        f"{url}/subjects/{subject}/versions", json={"schema": json.dumps(schema)}, timeout=30
    )


def test_a_schema_gets_one_id_and_a_breaking_one_is_refused(schema_registry: str) -> None:
    requests.put(f"{schema_registry}/config", json={"compatibility": "FULL"}, timeout=30).raise_for_status()
    first = register(schema_registry, SUBJECT, INVOICE)
    assert first.ok
    assert register(schema_registry, SUBJECT, INVOICE).json() == first.json()
    assert register(schema_registry, SUBJECT, BROKEN).status_code == 409
    stored = requests.get(f"{schema_registry}/schemas/ids/{first.json()['id']}", timeout=30).json()
    assert json.loads(stored["schema"]) == INVOICE


def test_two_registries_side_by_side_share_nothing(schema_registry: str) -> None:
    other = EmbeddedRegistry()
    other.start()
    try:
        assert other.url != schema_registry
        assert register(other.url, "only-there-value", INVOICE).ok
        assert "only-there-value" not in requests.get(f"{schema_registry}/subjects", timeout=30).json()
    finally:
        other.stop()
