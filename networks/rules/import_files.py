"""A table out of a file that somebody uploads: CSV or XLSX, whatever it turns out to hold.

Nothing of it is evaluated: of a formula the value is read that the spreadsheet program kept beside
it. Sizes are bytes; rows are numbered as the spreadsheet program shows them, from 1.
"""

import csv
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from io import BytesIO, StringIO
from itertools import islice
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

MAX_BYTES = 10 * 1024 * 1024
#: Of what an XLSX holds, unpacked: beyond it is no list of members.
MAX_UNPACKED = 100 * 1024 * 1024
#: People in one file: as many as one transaction takes in within a minute.
MAX_ROWS = 20_000
MAX_COLUMNS = 60
MAX_CELL = 500
#: Empty rows in a sheet after which nothing is expected to follow.
MAX_EMPTY = 5000

ZIP = b"PK\x03\x04"
#: What Excel makes of a workbook with a password, and of one in the format before 2007.
OLE = b"\xd0\xcf\x11\xe0"
ENCODINGS = ("utf-8-sig", "cp1252")
DELIMITERS = ";,\t"


class Fault(StrEnum):
    """Why a file can't be read."""

    EMPTY = "empty"
    TOO_BIG = "too_big"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    LOCKED_OR_OLD = "locked_or_old"
    NOT_A_TABLE = "not_a_table"


class Unreadable(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


#: What openpyxl raises over a workbook that is damaged, or only looks like one.
DAMAGED = (
    ArithmeticError,
    AttributeError,
    BadZipFile,
    EOFError,
    InvalidFileException,
    LookupError,
    NotImplementedError,
    OSError,
    ParseError,
    RuntimeError,
    struct.error,
    TypeError,
    ValueError,
    zlib.error,
)


@dataclass(frozen=True)
class Table:
    """``rows``: (number, a text for each heading), without the empty ones."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_table(content: bytes) -> Table:
    """The first sheet of the file. Raises Unreadable."""
    if len(content) > MAX_BYTES:
        raise Unreadable(Fault.TOO_BIG)
    if content.startswith(OLE):
        raise Unreadable(Fault.LOCKED_OR_OLD)
    if content.startswith(ZIP):
        return _table(_sheet(content))
    return _table(_lines(content))


def _table(lines: Iterable[list[str]]) -> Table:
    numbered = _filled(lines)
    _number, headings = next(numbered, (0, []))
    width = len(headings)
    if width > MAX_COLUMNS:
        raise Unreadable(Fault.TOO_MANY_COLUMNS)
    # One row more than there may be tells that there are too many.
    rows = [
        (number, tuple((cells + [""] * width)[:width]))
        for number, cells in islice(numbered, MAX_ROWS + 1)
    ]
    if len(rows) > MAX_ROWS:
        raise Unreadable(Fault.TOO_MANY_ROWS)
    if not rows:
        raise Unreadable(Fault.EMPTY)
    return Table(tuple(headings), tuple(rows))


def _filled(lines: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """The rows that say something, without the empty cells at their ends."""
    empty = 0
    for number, cells in enumerate(lines, start=1):
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            empty = 0
            yield number, cells
        elif (empty := empty + 1) > MAX_EMPTY:
            return


def tidy(text: str) -> str:
    """Without line breaks, doubled spaces and what can't be seen."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: MAX_CELL * 2])
    return " ".join(shown.split())[:MAX_CELL]


# CSV ----------------------------------------------------------------------------------------------


def _lines(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    if text.lower().startswith("sep="):
        # Excel's own way to name the delimiter. The line counts as a row, as it does there.
        first, _break, rest = text.partition("\n")
        text, delimiter = f"\n{rest}", first.strip()[4:5]
    else:
        delimiter = _delimiter(text)
    try:
        for cells in csv.reader(StringIO(text, newline=""), delimiter=delimiter or ";"):
            yield [tidy(cell) for cell in cells[: MAX_COLUMNS + 1]]
    except (csv.Error, TypeError) as error:
        raise Unreadable(Fault.NOT_A_TABLE) from error


def _decoded(content: bytes) -> str:
    encodings = ENCODINGS if content[:2] not in (b"\xff\xfe", b"\xfe\xff") else ("utf-16",)
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise Unreadable(Fault.NOT_A_TABLE)


def _delimiter(text: str) -> str:
    """The one that parts the headings: of a tie, the Danish Excel's."""
    headings = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=headings.count)


# XLSX ---------------------------------------------------------------------------------------------


def _sheet(content: bytes) -> Iterator[list[str]]:
    try:
        with ZipFile(BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED:
                raise Unreadable(Fault.TOO_BIG)
        workbook = load_workbook(BytesIO(content), read_only=True, data_only=True)
        # What a workbook says of its own size is not to be relied on.
        sheet = next(sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible")
        sheet.reset_dimensions()
        for cells in sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS + 1):
            yield [tidy(cell_text(cell)) for cell in cells]
    except (*DAMAGED, StopIteration) as error:
        raise Unreadable(Fault.NOT_A_TABLE) from error


def cell_text(value: Any) -> str:
    """A cell as somebody would write it: dates as YYYY-MM-DD, whole numbers without a point."""
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() | date():
            return value.strftime("%Y-%m-%d")
        case time():
            return value.isoformat()
    return str(value)
