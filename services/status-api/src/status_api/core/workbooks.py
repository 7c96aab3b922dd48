"""Rows as an Excel workbook (Office Open XML), made while it is sent.

Written by hand because what is wanted is small and what libraries do is not flat: they keep a sheet in a temporary file, which
for a million rows is larger than the volume that a container with a read-only root has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from xml.sax.saxutils import escape

from status_api.core.spreadsheets import PIECE_CHARACTERS, Cells, Column, Holds, may_become_formula
from status_api.core.zipping import zipped

MOST_ROWS = 1_048_576
_MOST_BYTES = 1024 * 1024 * 1024
_MOST_CHARACTERS = 32_767
_MOST_DIGITS = 15
"""Excel's numbers have no more: what is longer stays exact as text."""
_CUT = " … (cut here: a cell holds no more)"

_EPOCH = date(1899, 12, 30)
_FIRST_DAY = date(1900, 3, 1)
"""Before it, Excel's calendar has a day that never was."""

_HEADER = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

# Sheets are the default, so that the list can stand first although nobody knows yet how many there will be.
_CONTENT_TYPES = (
    f'{_HEADER}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="{_OFFICE}.worksheet+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_OFFICE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_OFFICE}.styles+xml"/></Types>'
)
_ROOT = (
    f'{_HEADER}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_PLAIN, _BOLD, _AMOUNT, _DATE, _TIME, _WHOLE, _QUOTED = range(7)
_STYLES = (
    f'{_HEADER}<styleSheet xmlns="{_MAIN}"><numFmts count="3"><numFmt numFmtId="164" formatCode="#,##0.00##"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="166" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="7">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="166" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="1" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)

# What XML can not hold is written as _x0007_, and so is the beginning of a text that only looks like that (ISO/IEC 29500, ST_Xstring).
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def workbook_pieces(
    title: str, columns: Sequence[Column], rows: Iterable[Cells], most_bytes: int = _MOST_BYTES
) -> Iterator[bytes]:
    """Rows as an .xlsx file.

    Args:
        title: of the sheet, at most 25 characters; further sheets are numbered.
        columns: in their order; each sheet begins with their names, which stay in sight.
        rows: any number; a sheet that is full is followed by the next one.
        most_bytes: of the XML of a sheet.
    """
    return zipped(_members(title, columns, iter(rows), most_bytes))


def _members(
    title: str, columns: Sequence[Column], rows: Iterator[Cells], most_bytes: int
) -> Iterator[tuple[str, Iterable[bytes]]]:
    yield "[Content_Types].xml", [_CONTENT_TYPES.encode()]
    yield "_rels/.rels", [_ROOT.encode()]
    yield "xl/styles.xml", [_STYLES.encode()]
    sheets = 0
    pending: list[Cells] = []  # the row that was looked at to see whether there is another sheet
    while True:
        sheets += 1
        yield f"xl/worksheets/sheet{sheets}.xml", _sheet(columns, rows, pending, most_bytes)
        if not pending:
            break
    yield "xl/workbook.xml", [_workbook(title, sheets).encode()]
    yield "xl/_rels/workbook.xml.rels", [_relations(sheets).encode()]


def _sheet(
    columns: Sequence[Column], rows: Iterator[Cells], pending: list[Cells], most_bytes: int
) -> Iterator[bytes]:
    """A sheet; leaves in `pending` the first row that found no place."""
    writers = [_WRITERS[column.holds] for column in columns]
    letters = [_letters(place) for place in range(len(columns))]
    widths = "".join(
        f'<col min="{place}" max="{place}" width="{_WIDTHS.get(column.holds, 12)}" customWidth="1"/>'
        for place, column in enumerate(columns, 1)
    )
    names = "".join(
        _text_cell(f"{letter}1", column.name, _BOLD) for letter, column in zip(letters, columns, strict=True)
    )
    head = (
        f'{_HEADER}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
        f' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>{widths}</cols><sheetData><row r="1">{names}</row>'
    )
    parts = [head]
    size, sent, number = len(head), 0, 1
    while True:
        cells = pending.pop() if pending else next(rows, None)
        if cells is None:
            break
        if number >= MOST_ROWS or sent + size >= most_bytes:
            pending.append(cells)
            break
        number += 1
        line = "".join(
            writer(f"{letter}{number}", cell)
            for writer, letter, cell in zip(writers, letters, cells, strict=True)
            if cell is not None
        )
        parts.append(f'<row r="{number}">{line}</row>')
        size += len(parts[-1])
        if size >= PIECE_CHARACTERS:
            piece = "".join(parts).encode()
            sent += len(piece)
            parts, size = [], 0
            yield piece
    yield ("".join(parts) + "</sheetData></worksheet>").encode()


def _workbook(title: str, sheets: int) -> str:
    names = "".join(
        f'<sheet name="{escape(title) if number == 1 else f"{escape(title)} {number}"}" sheetId="{number}" r:id="rId{number}"/>'
        for number in range(1, sheets + 1)
    )
    return f'{_HEADER}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{names}</sheets></workbook>'


def _relations(sheets: int) -> str:
    targets = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, sheets + 1)
    )
    return (
        f'{_HEADER}<Relationships xmlns="{_PACKAGE}/relationships">{targets}'
        f'<Relationship Id="rId{sheets + 1}" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>'
    )


def _letters(place: int) -> str:
    """A to Z, then AA and so on."""
    higher, last = divmod(place, 26)
    return (_letters(higher - 1) if higher else "") + chr(ord("A") + last)


def _text_cell(at: str, text: str, style: int = _PLAIN) -> str:
    if len(text) > _MOST_CHARACTERS // 2:
        text = _cut(text)
    if style == _PLAIN and may_become_formula(text):
        style = _QUOTED  # it is text already; this keeps it one when somebody edits the cell
    styled = f' s="{style}"' if style else ""
    if _UNWRITABLE.search(text):
        text = _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return f'<c r="{at}"{styled} t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _cut(text: str) -> str:
    """A text that fits a cell; Excel counts UTF-16 units."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _MOST_CHARACTERS:
        return text
    kept = units[: 2 * (_MOST_CHARACTERS - len(_CUT))]
    return kept.decode("utf-16-le", "ignore") + _CUT


def _number_cell(at: str, digits: str, style: int) -> str:
    return f'<c r="{at}" s="{style}"><v>{digits}</v></c>'


def _whole(at: str, number: int) -> str:
    digits = str(number)
    if len(digits.lstrip("-")) > _MOST_DIGITS:
        return _text_cell(at, digits)
    return _number_cell(at, digits, _WHOLE)


def _amount(at: str, amount: str) -> str:
    shortest = amount.rstrip("0").rstrip(".") if "." in amount else amount
    if len(shortest.lstrip("-").replace(".", "").lstrip("0")) > _MOST_DIGITS:
        return _text_cell(at, amount)
    return _number_cell(at, shortest, _AMOUNT)


@lru_cache(maxsize=4096)
def _days(day: str) -> int | None:
    """Excel's number of a day, None if it has none."""
    parsed = date.fromisoformat(day)
    return (parsed - _EPOCH).days if parsed >= _FIRST_DAY else None


def _date(at: str, day: str) -> str:
    days = _days(day)
    return _text_cell(at, day) if days is None else _number_cell(at, str(days), _DATE)


def _time(at: str, time: str) -> str:
    moment = datetime.fromisoformat(time).astimezone(UTC)
    days = _days(moment.date().isoformat())
    if days is None:
        return _text_cell(at, time)
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1_000_000
    return _number_cell(at, f"{days + seconds / 86400:.9f}", _TIME)


def _yes_no(at: str, yes: bool) -> str:  # noqa: FBT001  # a cell's value
    return f'<c r="{at}" t="b"><v>{int(yes)}</v></c>'


_WRITERS: dict[Holds, Callable[..., str]] = {
    Holds.TEXT: _text_cell,
    Holds.WHOLE: _whole,
    Holds.AMOUNT: _amount,
    Holds.DATE: _date,
    Holds.TIME: _time,
    Holds.YES_NO: _yes_no,
}
_WIDTHS = {Holds.TEXT: 24, Holds.TIME: 20}
