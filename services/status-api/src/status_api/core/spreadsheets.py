"""Tables for spreadsheets: what a column holds, and rows as CSV that no program takes for formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

PIECE_CHARACTERS = 64 * 1024
Cells = Sequence[Any]
"""Values of a row in the order of its columns, as the API tells them: money, dates and times as text, None for nothing."""


class Holds(Enum):
    """What the cells of a column are."""

    TEXT = auto()
    WHOLE = auto()
    AMOUNT = auto()
    DATE = auto()
    TIME = auto()
    YES_NO = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        name: in the first line; times say there that they are UTC.
        holds: what its cells are; everything but text is written by us and can not be a formula.
    """

    name: str
    holds: Holds = Holds.TEXT


_FORMULA = "=+\\-@\uff1d\uff0b\uff0d\uff20"
"""The last four are the wide forms, which some programs take for the narrow ones."""
_BLANK = '\\s"\\ufeff'
# A cell can also begin within our text: a program that separates by semicolons or tabs does not heed quotes that do not stand at
# the beginning of what it takes for a cell, and then a line break ends its row.
_CELL = f"(?:^|[;\\t\\r\\n])[{_BLANK}]*"
_RISK = re.compile(f"{_CELL}(?=[{_FORMULA}'])")
_NEUTRAL = re.compile(f"({_CELL})'(?=[{_FORMULA}'])")
_HARMLESS = re.compile(r"(?:[\w(][^;\t\r\n]*)?")
"""Nearly every text, at a tenth of the time."""
_AT_BEGINNING = re.compile(f"[{_BLANK}]*[{_FORMULA}']")
_UNSEEN = ("\t", "\r", "\n")
"""Some programs drop these at the beginning of a cell, and look at what follows."""


def may_become_formula(text: str) -> bool:
    """Whether a spreadsheet takes a text for a formula, once somebody enters it by hand."""
    return _AT_BEGINNING.match(text) is not None


def neutralised(text: str) -> str:
    """The text with an apostrophe before whatever could begin a formula, and before an apostrophe that stands there itself.

    Spreadsheets run what begins with = + - @ (also in their wide forms, also behind blanks), so a customer's name could. Numbers
    never come this way: a negative amount stays one.
    """
    if _HARMLESS.fullmatch(text):
        return text
    safe = _RISK.sub(r"\g<0>'", text)
    return f"'{safe}" if safe.startswith(_UNSEEN) else safe


def original(text: str) -> str:
    """The text that `neutralised` was given."""
    if text.startswith("'") and text[1:].startswith(_UNSEEN):
        text = text[1:]
    return _NEUTRAL.sub(r"\g<1>", text)


def csv_pieces(columns: Sequence[Column], rows: Iterable[Cells]) -> Iterator[bytes]:
    """Rows as CSV (RFC 4180) in UTF-8.

    It begins with a byte order mark, without which Excel reads UTF-8 as something else; Python calls that `utf-8-sig`.
    """
    texts = [place for place, column in enumerate(columns) if column.holds is Holds.TEXT]
    page = io.StringIO()
    write = csv.writer(page).writerow
    page.write("\ufeff")
    write([column.name for column in columns])
    for cells in rows:
        told = ["" if cell is None else cell for cell in cells]
        for place in texts:
            if told[place]:
                told[place] = neutralised(told[place])
        write([_YES_NO.get(cell, cell) if isinstance(cell, bool) else cell for cell in told])
        if page.tell() >= PIECE_CHARACTERS:
            yield page.getvalue().encode()
            page.seek(0)
            page.truncate()
    yield page.getvalue().encode()


_YES_NO = {True: "true", False: "false"}
