"""Lists as files: complete, equal to what the API tells, of one moment, and without keeping anything."""

from __future__ import annotations

import csv
import io
import re
import resource
import tempfile
import zipfile
from dataclasses import replace
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]  # it has no types
from sqlalchemy import text
from werkzeug.test import TestResponse

from status_api.core.spreadsheets import original
from status_api.queries.snapshots import TakesTooLongError
from tests.integration.status_api.conftest import TOKEN, Client, ReadModel
from tests.integration.status_api.people_kit import Clock
from tests.integration.status_api.samples import event, example, of

pytestmark = pytest.mark.stack

_BASE = "/api/v1/tenants/acme"
_MOST_GROWTH = 8 * 1024 * 1024
"""Fifty thousand rows are some twenty megabytes of CSV, and several times that as Python's objects."""
_FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"status": ["Complete"]},
    {"status": ["Pending Sync", "Fault"], "sort": "id"},
    {"text": "nordlicht"},
    {"from": "2026-05-02", "to": "2026-05-03", "sort": "date"},
    {"cause": "CONTACT_NOT_FOUND"},
    {"sort": "-id"},
)


def _download(client: Client, path: str, **query: object) -> TestResponse:
    http = client.app.test_client()
    return http.get(
        f"{_BASE}/{path}", query_string=query, headers={"Authorization": f"Bearer {TOKEN}"}, buffered=False
    )


def _csv(client: Client, path: str, **query: object) -> list[dict[str, str]]:
    answer = _download(client, path, **query)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def _xlsx(client: Client, path: str, **query: object) -> list[dict[str, Any]]:
    answer = _download(client, path, **query)
    assert answer.status_code == 200
    rows = load_workbook(io.BytesIO(answer.data), read_only=True).active.iter_rows(values_only=True)
    names = next(rows)
    return [dict(zip_longest(names, row)) for row in rows]  # openpyxl leaves empty cells at the end out


def _everything(client: Client, path: str, **query: object) -> list[dict[str, Any]]:
    """Every item of a list, page by page."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, object] = {}
    while True:
        answer = client.get(f"/tenants/acme/{path}", limit=3, **query, **cursor)
        items += answer.json["items"]
        if answer.json["next_cursor"] is None:
            return items
        cursor = {"cursor": answer.json["next_cursor"]}


def _invoices(read_model: ReadModel) -> None:
    """Invoices of every status and outcome, two currencies, a credit note, one voided, and texts that want to be formulas."""
    records: list[tuple[str, dict[str, Any]]] = []
    for number in range(1, 21):
        base = example("invoice.discovered")
        name = [
            '=HYPERLINK("http://evil.example","x")',
            "Nordlicht GmbH",
            "+64 Ltd; =1+1",
            "O'Neill\nand -Co",
        ]
        records.append(
            of(
                f"invoice/{number}", "discovered", minute=number,
                invoice=base["invoice"] | {"id": number, "number": f"-N{number}", "date": base["invoice"]["date"].replace(2026, 5, 1 + number % 5)},
                company=base["company"] | {"name": name[number % 4]},
            )
        )  # fmt: skip
        if number % 3 == 0:
            kind = "credit_note" if number % 2 else "invoice"
            currency = "EUR" if number == 12 else "NZD"
            outcome = "voided" if number == 18 else "created"
            records.append(
                of(f"invoice/{number}", "synced", minute=30 + number, xero_kind=kind, currency=currency,
                   outcome=outcome, total=Decimal("100.1000") + number, total_tax=Decimal("13.0500"))
            )  # fmt: skip
        elif number % 3 == 1:
            records.append(
                of(f"invoice/{number}", "faulted", minute=30 + number, code="CONTACT_NOT_FOUND", final=number % 2 == 0,
                   text="@SUM(A1) can't be found")
            )  # fmt: skip
    big = 9_223_372_036_854_775_000
    records.append(of(f"invoice/{big}", "discovered", minute=90))
    read_model.store(*records)


@pytest.mark.parametrize("query", _FILTERS, ids=str)
def test_a_file_has_every_row_of_the_list_in_its_order(
    client: Client, read_model: ReadModel, query: dict[str, Any]
) -> None:
    _invoices(read_model)
    items = _everything(client, "invoices", **query)
    assert items
    rows = _csv(client, "invoices.csv", **query)
    assert [row["id"] for row in rows] == [str(item["id"]) for item in items]
    for row, item in zip(rows, items, strict=True):
        assert original(row["company"]) == item["company"]["name"]
        assert original(row["number"]) == item["number"]
        assert row["total"] == item["total"]
        assert row["status"] == item["status"]
        assert row["changed_at_utc"] == item["changed_at"]
        assert row["xero_total"] == (item["xero"]["total"] if item["xero"] else "")
        assert original(row["cause_text"]) == (item["cause"]["text"] if item["cause"] else "")
    sheet = _xlsx(client, "invoices.xlsx", **query)
    assert [int(row["id"]) for row in sheet] == [item["id"] for item in items]
    assert [row["company"] for row in sheet] == [item["company"]["name"] for item in items]
    assert [Decimal(str(row["total"])) for row in sheet] == [Decimal(item["total"]) for item in items]


@pytest.mark.parametrize("read", [_csv, _xlsx])
def test_the_totals_of_a_file_are_those_of_the_overview(
    client: Client,
    read_model: ReadModel,
    read: Any,  # noqa: ANN401  # either reader
) -> None:
    _invoices(read_model)
    ending = "csv" if read is _csv else "xlsx"
    sums: dict[str, list[Decimal]] = {}
    for row in read(client, f"invoices.{ending}"):
        if row["stands_total"] not in {"", None}:
            of_currency = sums.setdefault(row["xero_currency"], [Decimal(), Decimal(), Decimal()])
            added = (Decimal(1), Decimal(str(row["stands_total"])), Decimal(str(row["stands_tax"])))
            sums[row["xero_currency"]] = [a + b for a, b in zip(of_currency, added, strict=True)]
    overview = client.get("/tenants/acme/overview").json
    assert len(overview["totals"]) == 2
    assert sums == {
        total["currency"]: [Decimal(total["documents"]), Decimal(total["total"]), Decimal(total["total_tax"])]
        for total in overview["totals"]
    }
    counts: dict[str, int] = {}
    for row in read(client, f"invoices.{ending}"):
        counts[row["status"]] = counts.get(row["status"], 0) + 1
    assert counts == {status: number for status, number in overview["counts"].items() if number}


def test_purchase_orders_have_files_too(client: Client, read_model: ReadModel) -> None:
    read_model.store(*(of(f"purchase-order/{number}", "discovered") for number in range(1, 4)))
    (first, *_), items = (
        _csv(client, "purchase-orders.csv", sort="id"),
        _everything(client, "purchase-orders", sort="id"),
    )
    assert (first["vendor"], first["autotask_status"]) == (
        items[0]["vendor"]["name"],
        items[0]["autotask_status"]["name"],
    )
    assert [row["id"] for row in _xlsx(client, "purchase-orders.xlsx", sort="id")] == [1, 2, 3]


def test_logs_come_as_the_list_tells_them(client: Client, read_model: ReadModel) -> None:
    lines = [
        ("sync.logs", event("sync.logs", "invoice/7", number, minute=number, message=f"=line {number}", level=level))
        for number, level in enumerate(["info", "warning", "error", "error"], 1)
    ]  # fmt: skip
    read_model.store(*lines)
    rows = _csv(client, "logs.csv", level="error", invoice=7)
    items = _everything(client, "logs", level="error", invoice=7)
    assert [original(row["message"]) for row in rows] == [item["message"] for item in items]
    assert [row["occurred_at_utc"] for row in rows] == [item["occurred_at"] for item in items]
    assert len(rows) == 2


def test_the_audit_has_a_file(client: Client) -> None:
    client.call("POST", f"{_BASE}/commands", {"kind": "sync-now"})
    (row,) = (row for row in _csv(client, "audit.csv") if row["action"] == "sync-now")
    assert (row["actor"], row["subject"]) == ("admin-token", "tenant")
    assert _csv(client, "audit.csv", before="2020-01-01T00:00:00Z") == []


def test_a_file_says_what_it_is(client: Client, read_model: ReadModel) -> None:
    _invoices(read_model)
    answer = _download(client, "invoices.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment; filename=acme-invoices-2026-05-20T1200Z.csv"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-As-Of"] == "never"
    assert "Content-Length" not in answer.headers
    answer.close()


def test_parameters_that_the_list_refuses_are_refused(client: Client) -> None:
    assert client.call("GET", f"{_BASE}/invoices.csv?limit=3").json["parameter"] == "limit"
    assert client.call("GET", f"{_BASE}/invoices.csv?status=Done").status_code == 400
    assert client.call("GET", f"{_BASE}/logs.csv?from=yesterday").json["parameter"] == "from"
    assert client.call("GET", "/api/v1/tenants/nobody/invoices.csv").status_code == 404


def test_what_is_too_large_is_refused_before_anything_is_sent(client: Client, read_model: ReadModel) -> None:
    _invoices(read_model)
    limits = client.api.long_answers
    limits.most_rows = 20
    refused = client.call("GET", f"{_BASE}/invoices.csv")
    assert (refused.status_code, refused.json["type"]) == (422, "urn:invoice-sync:problem:too-many-rows")
    limits.most_rows = 21
    assert len(_csv(client, "invoices.csv")) == 21
    assert _transactions(read_model) == 0


def test_what_takes_too_long_is_cut_off_and_keeps_nothing(client: Client, read_model: ReadModel) -> None:
    _many(read_model, 5_000)
    clock = Clock()
    answer = _download(Client(replace(client.api, now=clock), read_model), "invoices.csv")
    assert answer.status_code == 200
    clock.move(minutes=11)
    with pytest.raises(TakesTooLongError):
        _ = answer.data
    assert _transactions(read_model) == 0


def _transactions(read_model: ReadModel) -> int:
    """Transactions of this database that are open beside the one that asks."""
    (row,) = read_model.rows(
        "SELECT count(*) AS open FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'"
    )
    return int(row["open"])


def _many(read_model: ReadModel, most: int, first: int = 2) -> None:
    """Rows for measuring: copies of a folded one, with ids from `first` to `most`."""
    read_model.store(of("invoice/1", "discovered"), of("invoice/1", "synced"))
    columns = [
        row["name"]
        for row in read_model.rows(
            "SELECT attname AS name FROM pg_attribute WHERE attrelid = 'document'::regclass AND attnum > 0"
            " AND NOT attisdropped AND attgenerated = '' AND attname <> 'id'"
        )
    ]
    told = ", ".join(columns)
    copies = text(
        f"INSERT INTO document (id, {told})"  # noqa: S608  # PostgreSQL's own names
        f" SELECT n, {told} FROM document, generate_series(:first, :most) n WHERE id = 1"
    )
    with read_model.engine.begin() as connection:
        connection.execute(copies, {"first": first, "most": most})


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_whoever_goes_away_ends_the_query_and_frees_the_place(
    client: Client, read_model: ReadModel, ending: str
) -> None:
    _many(read_model, 5_000)
    for _ in range(3):  # more than there are places
        answer = _download(client, f"invoices.{ending}")
        assert answer.status_code == 200
        assert len(next(answer.response)) > 0  # type: ignore[call-overload]  # an iterator, since nothing was buffered
        assert _transactions(read_model) == 1
        answer.close()
        assert _transactions(read_model) == 0


def test_a_question_for_the_head_alone_keeps_nothing(client: Client, read_model: ReadModel) -> None:
    _many(read_model, 5_000)
    http = client.app.test_client()
    for _ in range(3):
        # Buffered: the answer is closed at its end, as a server does.
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = http.head(f"{_BASE}/invoices.csv", headers=headers, buffered=True)
        assert (answer.status_code, answer.data) == (200, b"")
    assert _transactions(read_model) == 0


def test_no_more_than_two_are_made_at_the_same_time(client: Client, read_model: ReadModel) -> None:
    _many(read_model, 5_000)
    held = [_download(client, "invoices.csv"), _download(client, "invoices.xlsx")]
    refused = client.call("GET", f"{_BASE}/logs.csv")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "15")
    assert refused.json["type"] == "urn:invoice-sync:problem:too-many-exports"
    held.pop().close()
    assert _csv(client, "logs.csv") == []
    held.pop().close()


def test_a_file_is_of_one_moment_whatever_is_folded_meanwhile(client: Client, read_model: ReadModel) -> None:
    _many(read_model, 5_000)
    answer = _download(client, "invoices.csv", sort="id")
    pieces = (bytes(piece) for piece in answer.response if isinstance(piece, bytes))
    data = [next(pieces)]
    read_model.store(
        *(of(f"invoice/{number}", "faulted", 2, minute=99, final=True) for number in range(4_000, 5_100))
    )
    with read_model.engine.begin() as connection:
        connection.execute(text("DELETE FROM document WHERE id BETWEEN 3000 AND 3500"))
    data += pieces
    rows = list(csv.DictReader(io.StringIO(b"".join(data).decode("utf-8-sig"), newline="")))
    assert [int(row["id"]) for row in rows] == list(range(1, 5_001))
    assert {row["status"] for row in rows} == {"Complete"}
    answer.close()


def _resident() -> int:
    """Bytes of memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_fifty_thousand_rows_are_whole_and_take_no_more_memory_than_five_thousand(
    client: Client, read_model: ReadModel
) -> None:
    _many(read_model, 5_000)
    _measured(client, "csv")
    _measured(client, "xlsx")  # what is needed once: code, statements, buffers
    _many(read_model, 50_000, 5_001)
    lines, grown = _measured(client, "csv")
    assert [int(line.partition(b",")[0]) for line in lines.splitlines()[1:]] == list(range(1, 50_001))
    assert grown < _MOST_GROWTH
    book, grown = _measured(client, "xlsx")
    archive = zipfile.ZipFile(io.BytesIO(book))
    assert archive.testzip() is None
    ids = re.findall(rb'<c r="A(\d+)" s="5"><v>(\d+)</v>', archive.read("xl/worksheets/sheet1.xml"))
    assert [(int(row) - 1, int(number)) for row, number in ids] == [(n, n) for n in range(1, 50_001)]
    assert grown < _MOST_GROWTH


def _measured(client: Client, ending: str) -> tuple[bytes, int]:
    """A file, and by how much memory grew at most while it was made; the file itself is on disk meanwhile."""
    with tempfile.TemporaryFile() as taken:
        before = most = _resident()
        answer = _download(client, f"invoices.{ending}", sort="id")
        for piece in answer.response:
            assert isinstance(piece, bytes)
            taken.write(piece)
            most = max(most, _resident())
        answer.close()
        taken.seek(0)
        return taken.read(), most - before
