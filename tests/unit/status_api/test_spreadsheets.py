"""Files for spreadsheets: a reader gets the text, and nothing in it runs."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook  # type: ignore[import-untyped]  # it has no types

from status_api.core.spreadsheets import Cells, Column, Holds, csv_pieces, neutralised, original
from status_api.core.workbooks import workbook_pieces

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", *"\uff1d\uff0b\uff0d\uff20")
_PARTS = st.sampled_from([*"=+-@'\";,\t\r\n \uff1d\uff20|x1", "_x0041_", "<&>", "cmd", "\ufeff"])
_STORABLE = st.characters(codec="utf-8", exclude_characters="\0")
_TEXTS = st.one_of(st.lists(_PARTS, max_size=12).map("".join), st.text(_STORABLE, max_size=40))


def _csv_rows(data: bytes, separator: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=separator))


def _csv(columns: list[Column], *rows: Cells) -> bytes:
    return b"".join(csv_pieces(columns, rows))


def _xlsx(columns: list[Column], *rows: Cells, most_bytes: int = 1 << 30) -> Any:  # noqa: ANN401  # openpyxl has no types
    return load_workbook(io.BytesIO(b"".join(workbook_pieces("Invoices", columns, rows, most_bytes))))


def _unescaped(text: str) -> str:
    """As Excel reads ST_Xstring; openpyxl leaves that to its caller."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


@given(_TEXTS)
def test_a_text_in_csv_comes_back_and_never_begins_a_formula(text: str) -> None:
    (_, (cell, _)) = _csv_rows(_csv([Column("a"), Column("b")], [text, "end"]))
    assert original(cell) == text
    assert not cell.startswith(_DANGEROUS)
    assert not cell.lstrip(' \t\r\n"\ufeff').startswith(_DANGEROUS)


@given(st.lists(_PARTS, max_size=12).map("".join))
def test_no_formula_begins_where_another_separator_would_begin_a_cell(text: str) -> None:
    told = neutralised(text)
    for part in re.split(r"[;\t\r\n]", told):
        assert not part.strip(' "\ufeff').startswith(_DANGEROUS), (text, told)


def test_numbers_in_csv_stay_numbers() -> None:
    columns = [Column("id", Holds.WHOLE), Column("total", Holds.AMOUNT), Column("on", Holds.YES_NO)]
    data = _csv(columns, [9_223_372_036_854_775_807, "-12.5000", True], [None, None, False])
    assert _csv_rows(data)[1:] == [["9223372036854775807", "-12.5000", "true"], ["", "", "false"]]


def test_csv_is_known_as_utf_8() -> None:
    data = _csv([Column("company")], ["Überseehandel 北京"])
    assert data.startswith(b"\xef\xbb\xbfcompany\r\n")
    assert data.endswith("Überseehandel 北京\r\n".encode())


@given(_TEXTS)
def test_a_text_in_a_workbook_comes_back_and_is_no_formula(text: str) -> None:
    cell = _xlsx([Column("a")], [text]).active["A2"]
    assert cell.data_type == "s" or (text == "" and cell.value is None)
    assert _unescaped(cell.value or "") == text
    if text.startswith(_DANGEROUS[:4]):
        assert cell.quotePrefix, "it would become a formula once somebody edits the cell"


@given(
    st.integers(min_value=-(2**63), max_value=2**63 - 1),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=4),
)
def test_numbers_in_a_workbook_are_exact(number: int, amount: Decimal) -> None:
    sheet = _xlsx(
        [Column("id", Holds.WHOLE), Column("total", Holds.AMOUNT)], [number, format(amount, "f")]
    ).active
    assert int(sheet["A2"].value) == number
    assert (sheet["A2"].data_type == "n") == (abs(number) < 10**15)
    assert Decimal(str(sheet["B2"].value)) == amount
    if abs(amount) < 10**11:
        assert sheet["B2"].data_type == "n"


def test_dates_and_times_in_a_workbook_are_dates_and_times() -> None:
    columns = [Column("day", Holds.DATE), Column("at_utc", Holds.TIME), Column("paid", Holds.YES_NO)]
    sheet = _xlsx(
        columns, ["2026-05-04", "2026-05-04T10:11:12.500000Z", True], ["0001-01-01", None, False]
    ).active
    assert sheet["A2"].value == datetime(2026, 5, 4)  # noqa: DTZ001  # Excel's days have no zone
    assert sheet["A2"].number_format.replace("\\", "") == "yyyy-mm-dd"
    moment = sheet["B2"].value.replace(tzinfo=UTC)
    assert abs((moment - datetime(2026, 5, 4, 10, 11, 12, 500_000, UTC)).total_seconds()) < 0.001
    assert [sheet["C2"].value, sheet["C3"].value] == [True, False]
    assert [sheet["A3"].value, sheet["B3"].value] == ["0001-01-01", None]


def test_a_full_sheet_is_followed_by_another_and_no_row_is_lost() -> None:
    book = _xlsx([Column("id", Holds.WHOLE)], *([number] for number in range(5000)), most_bytes=100_000)
    assert book.sheetnames[:2] == ["Invoices", "Invoices 2"]
    found = [row[0] for sheet in book for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert found == list(range(5000))
    assert all(sheet["A1"].value == "id" for sheet in book)


def test_a_workbook_without_rows_opens() -> None:
    assert [[cell.value for cell in row] for row in _xlsx([Column("id"), Column("b")])["Invoices"]] == [
        ["id", "b"]
    ]


@pytest.mark.parametrize("text", ["x" * 40_000, "\U0001f600" * 20_000])
def test_a_text_that_no_cell_holds_is_cut_and_says_so(text: str) -> None:
    value = _xlsx([Column("a")], [text]).active["A2"].value
    assert len(value.encode("utf-16-le")) // 2 <= 32_767
    assert value.endswith("a cell holds no more)")
    assert text.startswith(value[:16_000])
