"""No query of the API reads a whole big table: every GET is asked of 50,000 documents, and the plan of each statement is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import Connection, Engine, event, text

from status_api.server.operations import JSON_TYPE, Operation
from status_api.server.routes import OPERATIONS
from tests.integration.status_api.conftest import Client, ReadModel, make_client

pytestmark = pytest.mark.stack

_BIG = frozenset({"document", "timeline", "log", "command_result"})
_DOCUMENTS = 50_000

_FILL = """
INSERT INTO document (tenant_id, kind, id, source_revision, source_at, source_event_id, source_attempt, source_number, source_date,
    source_total, source_currency, source_company_id, source_company_name, source_search, first_seen_revision, first_seen_at,
    synced_revision, synced_at, synced_event_id, synced_attempt, synced_outcome, synced_number, synced_currency, synced_total,
    synced_total_tax, synced_search, first_synced_revision, first_synced_at, fault_revision, fault_at, fault_event_id, fault_attempt,
    fault_code, fault_text, fault_strike, fault_final, fault_side, fault_service, fault_details, source_settings_version, source_line_count,
    source_is_voided, synced_xero_id, synced_xero_kind, synced_url, synced_xero_status, synced_sub_total, synced_contact_id, synced_contact_name)
SELECT CASE WHEN n % 10 = 0 THEN 'beta' ELSE 'acme' END, CASE WHEN n % 20 = 19 THEN 'purchase-order' ELSE 'invoice' END, n,
    1, at, 'd' || n, 1, '2026-' || n, at::date, n, 'NZD', n % 300, name, '2026-' || n || ' ' || lower(name), 1, at,
    CASE WHEN ended THEN 1 ELSE 0 END, CASE WHEN ended THEN at END, CASE WHEN ended THEN 's' || n END, 1, CASE WHEN ended THEN 'created' END,
    'INV:' || n, 'NZD', n, 1, CASE WHEN ended THEN 'inv:' || n END, CASE WHEN ended THEN 1 ELSE 0 END, CASE WHEN ended THEN at END,
    CASE WHEN ended THEN 0 ELSE 1 END, CASE WHEN ended THEN NULL ELSE at END, 'f' || n, 3, CASE WHEN ended THEN NULL ELSE
    (ARRAY['NO_LINES', 'CONTACT_NOT_FOUND', 'UNKNOWN'])[1 + n % 3] END, 'words', true, false, 'us', 'mapper', '[]', 1, 5, false, 'x' || n, CASE WHEN n % 20 = 19 THEN 'purchase_order' ELSE 'invoice' END,
    '', 'DRAFT', n - 1, 'c', name
FROM (SELECT n, timestamptz '2025-06-01 00:00+00' + n * interval '10 minutes' AS at, n % 50 <> 7 AS ended,
    (ARRAY['Alder', 'Birch', 'Cedar', 'Elm'])[1 + n % 4] || ' ' || n % 300 || ' Ltd' AS name FROM generate_series(1, :documents) n) made;
INSERT INTO timeline (event_id, tenant_id, kind, id, topic, revision, occurred_at, payload)
SELECT s.told || d.kind || d.id, d.tenant_id, d.kind, d.id, d.kind || '.' || s.told, 1, d.source_at,
    '{"phase": "writing", "text": "", "reason": "voided"}'
FROM document d CROSS JOIN (VALUES ('processing'), ('skipped')) s (told);
INSERT INTO log (event_id, tenant_id, kind, id, revision, service, level, occurred_at, message, fields)
SELECT s.told || d.kind || d.id, d.tenant_id, d.kind, d.id, 1, 'poller', 'info', d.source_at, s.told || ' in Xero as number ' || d.id, '{}'
FROM document d CROSS JOIN (VALUES ('created'), ('stamped')) s (told);
INSERT INTO command (command_id, tenant_id, kind, document_kind, document_id, actor, issued_at, shows_pending)
SELECT 'command-' || n, 'acme', 'resync', 'invoice', n, 'somebody', now(), true FROM generate_series(1001, 1009) n;
INSERT INTO command_result (event_id, command_id, tenant_id, service, occurred_at, state)
SELECT 'result-' || n, 'old-' || n, 'acme', 'poller', now(), 'done' FROM generate_series(1, 20000) n
"""

# Beside every GET as it is without parameters: what narrows, orders and pages it.
_ASKED: dict[str, list[dict[str, Any]]] = {
    "listInvoices": [
        *({"sort": sort} for sort in ("changed", "-date", "date", "-id", "id")),
        {"status": "Fault"},
        {"status": "Pending Sync"},
        {"status": ["Complete", "Skipped"]},
        {"cause": "NO_LINES"},
        {"from": "2025-07-01", "to": "2025-07-02", "sort": "date"},
        *({"text": words} for words in ("48213", "alder 17", "zq", "48", "x", "nosuch", "é", "%", "inv:777")),
        {"text": "alder", "status": "Fault", "sort": "-date"},
    ],
    "listPurchaseOrders": [{"status": "Fault"}, {"text": "3999"}],
    "getLogs": [
        {"invoice": "42"},
        {"text": "number 4242"},
        {"text": "no such words"},
        {"text": "in Xero"},
        {"from": "2025-07-01T00:00:00Z", "before": "2025-07-02T00:00:00Z"},
        {"level": "error"},
    ],
    "getInvoiceTimeline": [{"logs": "true"}],
    "getInvoiceLogs": [{"text": "stamped"}],
    "getAnalytics": [{"per": "day"}, {"kind": "purchase-order"}, {"per": "month", "from": "2025-06-01"}],
    "getFaults": [{"kind": "invoice"}],
    "listCommands": [{"document": "invoice/1001"}, {"state": "waiting"}],
}
_PATH = {"tenant_id": "acme", "invoice_id": "42", "purchase_order_id": "59", "command_id": "command-1001"}
# What reads everything is meant to: a file of all documents is not made quicker by an index.
_WALKED = tuple(one for one in OPERATIONS if one.method == "GET" and one.media == JSON_TYPE)


@pytest.fixture(scope="module")
def filled(module_engine: Engine) -> Client:
    model = ReadModel(module_engine)
    model.clear_everything()
    client = make_client(model)
    with module_engine.begin() as connection:
        for statement in _FILL.split(";\n"):
            connection.execute(text(statement), {"documents": _DOCUMENTS})
    with module_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return client


class Plans:
    """Plans of the statements that are sent."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sent: list[tuple[str, Any]] = []

    def note(self, *arguments: Any) -> None:  # noqa: ANN401  # as SQLAlchemy calls it
        statement, parameters = arguments[2], arguments[3]
        if re.match(r"\s*(SELECT|WITH)\b", statement):
            self._sent.append((statement, parameters))

    def whole_tables(self) -> list[str]:
        """Which big tables are read from end to end, with the statement; statements that were looked at are forgotten."""
        sent, self._sent = self._sent, []
        found = []
        with self._engine.connect() as connection:
            for statement, parameters in sent:
                tables = set(_scanned(_plan(connection, statement, parameters))) & _BIG
                found += [f"{table}: {statement}" for table in sorted(tables)]
        self._sent = []
        return found


def _plan(connection: Connection, statement: str, parameters: Any) -> dict[str, Any]:  # noqa: ANN401  # as the driver takes them
    told = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    plan: dict[str, Any] = told[0]["Plan"]
    return plan


def _scanned(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from _scanned(part)


@pytest.fixture
def plans(filled: Client) -> Iterator[Plans]:
    noted = Plans(filled.read_model.engine)
    event.listen(filled.read_model.engine, "before_cursor_execute", noted.note)
    yield noted
    event.remove(filled.read_model.engine, "before_cursor_execute", noted.note)


@pytest.mark.parametrize("operation", _WALKED, ids=lambda operation: operation.operation_id)
def test_no_query_reads_a_whole_big_table(filled: Client, plans: Plans, operation: Operation) -> None:
    path = re.sub(r"\{(\w+)\}", lambda part: _PATH.get(part[1], "none"), operation.path)
    limited = any(parameter.name == "limit" for parameter in operation.parameters)
    for query in [{}, *_ASKED.get(operation.operation_id, [])]:
        answer = filled.call("GET", f"{path}?{urlencode(query, doseq=True)}")
        assert answer.status_code in {200, 404, 406, 403}, answer.text
        if limited and answer.status_code == 200 and answer.json["next_cursor"]:
            more = query | {"limit": 3, "cursor": ""}
            first = filled.call("GET", f"{path}?{urlencode(query | {'limit': 3}, doseq=True)}").json
            more["cursor"] = first["next_cursor"]
            assert filled.call("GET", f"{path}?{urlencode(more, doseq=True)}").status_code == 200
        assert plans.whole_tables() == [], query


def test_every_list_that_is_asked_in_more_ways_is_there() -> None:
    assert set(_ASKED) <= {operation.operation_id for operation in _WALKED}


def test_a_whole_table_would_be_noticed(filled: Client, plans: Plans) -> None:
    filled.read_model.rows("SELECT count(*) FROM document WHERE fault_text = 'words'")
    assert [found.partition(":")[0] for found in plans.whole_tables()] == ["document"]
